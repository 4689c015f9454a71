"""The shared look: fixed colours, no global state left behind, no torch."""

from __future__ import annotations

import subprocess
import sys
import threading
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from PIL import Image

from reidkit.plots import montage
from reidkit.plots.style import NEG, POS, RC, Picture, canvas, palette, style


def test_the_style_ends_with_the_block_even_when_drawing_fails() -> None:
    before = dict(mpl.rcParams)
    with style():
        assert mpl.rcParams["font.size"] == RC["font.size"]
    assert dict(mpl.rcParams) == before
    with pytest.raises(KeyError), style():
        _ = {}["nothing"]
    assert dict(mpl.rcParams) == before


def test_threads_that_style_at_the_same_time_leave_nothing_behind() -> None:
    before = dict(mpl.rcParams)

    def draw() -> None:
        for _ in range(6):
            figure, axes = canvas(size=(2, 1))
            axes[0, 0].plot([1, 2])
            assert figure.png().startswith(b"\x89PNG")

    threads = [threading.Thread(target=draw) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(mpl.rcParams) == before


def test_a_notebook_shows_a_figure_once_as_png(tmp_path) -> None:
    figure, _ = canvas(2, 3, size=(4, 2))
    assert isinstance(figure, Picture)
    assert plt.get_fignums() == []  # unknown to pyplot: it cannot be shown a second time
    (tmp_path / "figure.png").write_bytes(figure._repr_png_())
    assert Image.open(tmp_path / "figure.png").size == (440, 220)  # 4 × 2 inches at 110 dpi


def test_a_drawing_is_packed_and_looks_the_same() -> None:
    figure, axes = canvas(size=(4, 2))
    axes[0, 0].fill_between([0, 1], [1, 2], color=POS)
    axes[0, 0].plot([0, 1], [2, 1], color=NEG, lw=6)
    plain = BytesIO()
    with style():
        figure.savefig(plain, format="png", dpi=110)
    before, after = (
        np.asarray(Image.open(BytesIO(png)).convert("RGB"), int) for png in (plain.getvalue(), figure.png())
    )
    assert len(figure.png()) < 0.6 * len(plain.getvalue())
    assert np.quantile(np.abs(before - after), 0.999) <= 12  # the soft edges may be off by a little
    assert np.abs(before - after).mean() < 0.5


def test_a_drawing_with_photographs_keeps_all_its_colours() -> None:
    figure, axes = canvas(size=(4, 2))
    noise = np.random.default_rng(0).integers(0, 256, (220, 440, 3), dtype=np.uint8)
    axes[0, 0].imshow(noise, interpolation="none")
    colours = Image.open(BytesIO(figure.png())).convert("RGB").getcolors(10**6)
    assert len(colours) > 16384


def test_a_notebook_keeps_a_page_of_crops_as_jpeg() -> None:
    figure = montage(np.zeros((3, 96, 48, 3), dtype=np.uint8))
    assert figure._repr_png_() is None
    assert Image.open(BytesIO(figure._repr_jpeg_())).format == "JPEG"
    assert canvas(size=(2, 1))[0]._repr_jpeg_() is None


@given(st.sets(st.integers(-1, 10_000), min_size=1, max_size=60))
def test_every_category_has_its_own_colour_and_outliers_are_pale(values: set[int]) -> None:
    colours = palette(values)
    assert set(colours) == values
    assert len(set(colours.values())) == len(values)
    assert all(to_rgb(colour) for colour in colours.values())
    if -1 in values:
        assert min(to_rgb(colours[-1])) > 0.8


def test_the_same_values_have_the_same_colours_in_any_order() -> None:
    assert palette([5, 3, 3, 9]) == palette([9, 5, 3])


# What people without green (or red) cones see of linear RGB: Machado, Oliveira, Fernandes (2009).
NO_GREEN = [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
NO_RED = [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]


@pytest.mark.parametrize("sight", [NO_GREEN, NO_RED], ids=["deuteranopia", "protanopia"])
def test_the_colour_blind_tell_pos_from_neg(sight: list[list[float]]) -> None:
    pos, neg = (np.array(sight) @ np.power(to_rgb(colour), 2.2) for colour in (POS, NEG))
    assert np.linalg.norm(pos - neg) > 0.3
    red, green = (np.array(sight) @ np.power(to_rgb(c), 2.2) for c in ("#c03020", "#608020"))
    assert np.linalg.norm(red - green) < 0.3  # a red and a green which they would mix up


@pytest.mark.parametrize("module", ["reidkit.plots", "reidkit.report", "reidkit.projection"])
def test_pictures_need_no_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
