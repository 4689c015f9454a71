"""Stripes: where they are cut, how long the bars are, what the title claims."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from plots.looking import plain
from reidkit.errors import ReidkitError
from reidkit.plots import plot_stripes

DISTANCES = np.array([[0.5, 1.0, 1.5, 0.0], [2.0, 0.2, 0.1, 0.4]])


def draw() -> Figure:
    return plot_stripes(plain(1), plain(3)[1:], DISTANCES, names=["A", "B", "C"])


def test_every_crop_is_cut_into_as_many_stripes_as_there_are_distances() -> None:
    parts = [image.get_array() for image in draw().axes[0].get_images()]
    assert [len(part) for part in parts] == [24] * 12
    assert [part[0, 0, 0] for part in parts] == [10] * 4 + [20] * 4 + [30] * 4


def test_bars_are_as_long_as_the_distances_and_say_them() -> None:
    ax = draw().axes[0]
    widths = np.array([bar.get_width() for bar in ax.patches]).reshape(2, 2, 4)  # crop, pale or dark, stripe
    assert np.ptp(widths[:, 0]) == 0
    np.testing.assert_allclose(widths[:, 1] / widths[:, 0], DISTANCES / 2)
    said = [text.get_text() for text in ax.texts]
    assert said == ["A", "B", "C", "0.50", "1.00", "1.50", "0.00", "2.00", "0.20", "0.10", "0.40"]
    assert ax.get_title(loc="left") == "Farthest from A: stripe 3 of B, stripe 1 of C"


def test_the_bars_of_a_crop_stand_left_of_it() -> None:
    ax = draw().axes[0]
    lefts = [image.get_extent()[0] for image in ax.get_images()][::4]
    bars = [bar.get_x() for bar in ax.patches][::8]
    assert lefts[0] < bars[0] < lefts[1] < bars[1] < lefts[2]


@pytest.mark.parametrize(
    ("crops", "distances", "names"),
    [(2, DISTANCES, "ABC"), (1, DISTANCES[:1], "ABC"), (1, DISTANCES[0], "ABC"), (1, DISTANCES, "AB")],
)
def test_what_does_not_fit_together_is_refused(crops: int, distances: np.ndarray, names: str) -> None:
    with pytest.raises(ReidkitError, match="crops"):
        plot_stripes(plain(crops), plain(2), distances, names=names)
