"""A live figure follows its controls, shows its errors, and leaves a picture behind."""

from __future__ import annotations

import base64
import threading
from io import BytesIO

import numpy as np
import pytest
from ipywidgets import FloatSlider, IntSlider
from PIL import Image

from reidkit.explore import Live
from reidkit.plots import canvas


class Grey:
    """A drawing of one grey value."""

    def __init__(self, value: float) -> None:
        self.value = int(value)

    def png(self) -> bytes:
        buffer = BytesIO()
        Image.new("L", (4, 4), self.value).save(buffer, format="png")
        return buffer.getvalue()


def grey(png: bytes) -> int:
    return int(np.asarray(Image.open(BytesIO(png)))[0, 0])


def test_the_picture_follows_every_control() -> None:
    live = Live(lambda a, b: Grey(a + b), a=IntSlider(1), b=FloatSlider(2.0))
    assert grey(live.picture.value) == 3
    live.controls["a"].set_state({"value": 40})  # as the front end would
    live.controls["b"].value = 7.0
    assert grey(live.picture.value) == 47


def test_a_failing_draw_is_seen_and_the_last_picture_stays() -> None:
    def draw(a: int) -> Grey:
        if a == 2:
            raise KeyError("no such bin")
        return Grey(a)

    live = Live(draw, a=IntSlider(1))
    live.controls["a"].value = 2
    assert "no such bin" in live.trouble.value
    assert grey(live.picture.value) == 1
    live.controls["a"].value = 3
    assert live.trouble.value == ""
    assert grey(live.picture.value) == 3


def test_a_draw_that_fails_at_once_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        Live(lambda a: Grey(1 // a), a=IntSlider(0))


def test_without_a_kernel_the_picture_is_left() -> None:
    live = Live(Grey, value=IntSlider(9))
    bundle = live._repr_mimebundle_()
    assert grey(base64.b64decode(bundle["image/png"])) == 9
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == live.widget.model_id


def test_figures_are_redrawn_off_the_main_thread() -> None:
    """JupyterLab runs callbacks in a thread of their own."""

    def draw(height: float):
        figure, axes = canvas(size=(2, 1))
        axes[0, 0].bar([0], [height])
        return figure

    live = Live(draw, height=FloatSlider(1.0))
    before = live.picture.value
    mover = threading.Thread(target=live.controls["height"].set_state, args=({"value": 5.0},))
    mover.start()
    mover.join()
    assert live.trouble.value == ""
    assert live.picture.value != before
