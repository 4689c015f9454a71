"""Maps: every dot its colour, thumbnails that do not hide each other, several maps alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from plots.looking import plain
from reidkit.errors import ReidkitError
from reidkit.plots import plot_map, plot_maps
from reidkit.plots.embedding import spread_out
from reidkit.plots.style import GREY, PALE, palette


def points(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 2)) * 5


def legend(figure: Figure, panel: int = 0) -> list[str]:
    return [text.get_text() for text in figure.axes[panel].get_legend().get_texts()]


def dots(figure: Figure) -> dict[tuple[float, float], str]:
    """Colour of each dot by its place."""
    found = {}
    for collection in figure.axes[0].collections:
        for place, colour in zip(collection.get_offsets(), collection.get_facecolors(), strict=True):
            found[tuple(place)] = to_hex(colour).upper()
    return found


def test_every_dot_has_the_colour_of_its_category() -> None:
    xy, labels = points(6), np.array([0, 0, 2, 2, 2, -1])
    figure = plot_map(xy, colour_by=labels, name="pseudo-label")
    colours = palette(labels.tolist())
    assert dots(figure) == {tuple(p): colours[c] for p, c in zip(xy, labels, strict=True)}
    assert colours[-1] == PALE
    assert legend(figure) == ["2 (3)", "0 (2)", "outliers (1)"]
    assert figure.axes[0].get_legend().get_title().get_text() == "pseudo-label (crops)"


def test_unknown_people_are_grey_and_small_categories_are_counted() -> None:
    pids = pd.Series([1, 1, 1, 2, 2, 3, 4, pd.NA], dtype="Int64")
    figure = plot_map(points(8), colour_by=pids, entries=2)
    assert legend(figure) == ["1 (3)", "2 (2)", "2 more (2)", "unknown (1)"]
    assert list(dots(figure).values()).count(GREY) == 1


def test_a_map_with_crops_is_kept_as_a_photograph() -> None:
    assert plot_map(points(6), crops=plain(6)).photo
    assert plot_maps({"a": points(6), "b": points(6)}, crops=plain(6)).photo
    assert not plot_map(points(6)).photo


def test_numbers_get_a_colour_bar() -> None:
    figure = plot_map(points(9), colour_by=np.linspace(0, 1, 9), name="margin")
    assert figure.axes[1].get_ylabel() == "margin"
    assert figure.axes[0].get_legend() is None


@given(st.integers(1, 60), st.integers(1, 12), st.floats(0.1, 3), st.integers(0, 5))
def test_thumbnails_never_touch_and_fill_what_room_there_is(n, count, width, seed) -> None:
    xy = points(n, seed)
    chosen = spread_out(xy, count, width)
    assert 1 <= len(chosen) <= min(n, count)
    apart = np.abs(xy[chosen][:, None] - xy[chosen][None])
    clear = (apart[..., 0] > width) | (apart[..., 1] > 2 * width)
    assert clear[~np.eye(len(chosen), dtype=bool)].all()
    if len(chosen) < count:  # then no further one would have fitted
        gap = np.abs(xy[:, None] - xy[chosen][None]) / (width, 2 * width)
        assert (gap.max(axis=2).min(axis=1) <= 1.1).all()


def test_thumbnails_are_the_crops_at_their_points() -> None:
    xy = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.1, 0.0]])
    figure = plot_map(xy, crops=plain(4), thumbnails=4)
    shown = {
        (image.get_extent()[0] + image.get_extent()[1]) / 2: image.get_array()[50, 25, 0]
        for image in figure.axes[0].get_images()
        if image.get_extent()[2] < 1
    }
    assert len(figure.axes[0].get_images()) == 3  # the fourth would hide the second
    assert shown[0.0] == 10
    assert shown.get(10.0, shown.get(10.1)) in (20, 40)


def test_a_map_with_crops_is_kept_as_a_photograph_and_one_of_dots_is_not() -> None:
    assert plot_map(points(20), crops=plain(20))._repr_jpeg_() is not None
    assert plot_map(points(20))._repr_jpeg_() is None


def test_maps_of_several_epochs_share_axes_and_colours() -> None:
    layouts = {"epoch 0": points(20), "epoch 1": 3 * points(20, 1)}
    people = pd.Series([1, 2] * 10, dtype="Int64")
    figure = plot_maps(layouts, colour_by=dict.fromkeys(layouts, people), title="Two epochs")
    first, second = figure.axes
    assert first.get_xlim() == second.get_xlim()
    assert first.get_ylim() == second.get_ylim()
    assert [ax.get_title(loc="left") for ax in (first, second)] == list(layouts)
    shades = [{to_hex(c) for s in ax.collections for c in s.get_facecolors()} for ax in figure.axes]
    assert shades[0] == shades[1]
    figure.draw_without_rendering()
    box = first.get_window_extent()
    assert box.width == pytest.approx(box.height)  # square, so both axes have one scale
    assert figure._suptitle.get_window_extent().y0 > first._left_title.get_window_extent().y1


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ReidkitError, match=r"expected one \(x, y\) a crop"):
        plot_map(np.zeros((3, 3)))
    with pytest.raises(ReidkitError, match="2 values to colour 3 crops"):
        plot_map(np.zeros((3, 2)), colour_by=[1, 2])
