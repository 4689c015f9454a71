"""A figure that is drawn anew whenever a control is moved."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from typing import Any, Protocol

import ipywidgets as widgets

from reidkit.explore.guard import guarded


class Drawing(Protocol):
    """What is shown: :mod:`reidkit.plots` draws figures that know how to become a PNG file."""

    def png(self) -> bytes: ...


class Live:
    """A figure and its controls: alive where a kernel runs, a plain picture where none does.

    A notebook that is read on the web, or opened before it is run, has no kernel and so no widgets.
    It then shows the picture as it last was.

    Args:
        draw: called with the value of each control, by the control's name; returns the figure.
        controls: ipywidgets with a value, as ``threshold=FloatSlider(...)``.

    Attributes:
        controls: the widgets, by name.
        picture: the widget that holds the PNG.
        trouble: the widget that holds the traceback when ``draw`` fails. An error in a callback would
            otherwise vanish: the notebook has no cell to print it under.
    """

    def __init__(self, draw: Callable[..., Drawing], **controls: widgets.ValueWidget) -> None:
        self._draw, self.controls = draw, controls
        self.picture = widgets.Image(value=self._png(), format="png")
        self.trouble = widgets.HTML()
        # Boxes shrink and stretch what they hold; a picture must keep its shape.
        self.picture.layout = widgets.Layout(flex="0 0 auto", align_self="flex-start")
        self.widget = widgets.VBox([*controls.values(), self.picture, self.trouble])
        redraw = guarded(self._tell)(self._redraw)
        for control in controls.values():
            control.observe(redraw, names="value")

    def _png(self) -> bytes:
        return self._draw(**{name: control.value for name, control in self.controls.items()}).png()

    def _redraw(self, _change: object) -> None:
        self.picture.value = self._png()

    def _tell(self, trouble: str) -> None:
        self.trouble.value = f"<pre>{html.escape(trouble)}</pre>" if trouble else ""

    def _repr_mimebundle_(self, **asked: Any) -> dict[str, Any]:
        still = {"image/png": base64.b64encode(self.picture.value).decode()}
        return self.widget._repr_mimebundle_(**asked) | still
