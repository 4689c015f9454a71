"""Toy pictures: which arrows are drawn, where the diamonds stand, how the centroid moves."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from reidkit.errors import ReidkitError
from reidkit.plots import plot_centroid_steps, plot_centroids, plot_memory_pulls, plot_neighbour_lists
from reidkit.plots.style import GREY, INK, NEG, POS, palette


def at(*degrees: float) -> np.ndarray:
    """Points of the unit circle at these angles."""
    turn = np.radians(degrees)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def arrows(figure: Figure) -> dict[tuple[float, float], str]:
    """Colour of each arrow by the angles of its start and its end, in degrees."""
    found = {}
    for note in figure.axes[0].texts:
        if getattr(note, "arrow_patch", None) is not None:
            ends = [round(np.degrees(np.arctan2(y, x))) for x, y in (note.xyann, note.xy)]
            found[tuple(ends)] = to_hex(note.arrow_patch.get_edgecolor()).upper()
    return found


def test_mutual_ties_are_one_bold_line_and_others_a_grey_arrow_from_who_names_to_who_is_named() -> None:
    # 0 and 1 name each other; 2 names 1, who does not name her back. Each names herself as well.
    figure = plot_neighbour_lists(at(0, 20, 60), np.array([[0, 1], [1, 0], [2, 1]]), names="abc")
    assert arrows(figure) == {(0, 20): INK, (60, 20): GREY}
    assert figure.axes[0].get_title(loc="left") == "1 of 2 ties are mutual"
    assert [t.get_text() for t in figure.axes[0].texts if t.get_text()] == ["a", "b", "c"]


def test_arrows_bow_towards_the_middle_of_the_circle_whatever_their_direction() -> None:
    neighbours = np.array([[0, 2], [1, 0], [2, 1]])  # 0 -> 2 and 1 -> 0 and 2 -> 1
    figure = plot_neighbour_lists(at(0, 40, 80), neighbours, names="abc")
    for note in figure.axes[0].texts:
        if getattr(note, "arrow_patch", None) is not None:
            start, end = np.array(note.xyann), np.array(note.xy)
            control = note.arrow_patch.get_connectionstyle()(start, end, shrinkA=0, shrinkB=0).vertices[1]
            assert np.linalg.norm(control) < np.linalg.norm((start + end) / 2)


def test_samples_wear_the_colour_of_their_centroid() -> None:
    figure = plot_centroids(at(10, 100), np.array([1, 0]), at(90, 0), names=["x", "y"])
    colours = palette(range(2))
    drawn = [(line.get_marker(), line.get_color()) for line in figure.axes[0].get_lines()]
    assert drawn[1:] == [("D", colours[0]), ("D", colours[1]), ("o", colours[1]), ("o", colours[0])]


def test_the_unrolled_circle_shows_angles_in_order() -> None:
    figure = plot_centroid_steps(at(170, -170), at(90, 160, -175))
    centroid, samples = figure.axes[0].get_lines()
    np.testing.assert_allclose(centroid.get_ydata(), [90, 160, 185])  # no jump at 180°
    np.testing.assert_allclose(samples.get_ydata(), [170, 190])
    assert figure.axes[0].get_title(loc="left") == "The centroid ends 5° from the last sample"


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ReidkitError, match="2 samples make 3 steps, not 2"):
        plot_centroid_steps(at(0, 1), at(0, 1))
    with pytest.raises(ReidkitError, match="unit rows in the plane"):
        plot_neighbour_lists(np.ones((2, 2)), np.array([[0], [1]]), names="ab")
    with pytest.raises(ReidkitError, match="unit rows in the plane"):
        plot_centroids(np.eye(3), np.zeros(3), at(0), names="abc")


def test_strong_pulls_are_thick_and_pushes_dashed() -> None:
    roles = ["own", "positive", "negative"]
    figure = plot_memory_pulls(at(0)[0], at(30, 60, 90), np.array([1.0, 2.0, -4.0]), roles=roles, names="abc")
    lines = [line for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 2]
    angles = [round(np.degrees(np.arctan2(line.get_ydata()[1], line.get_xdata()[1]))) for line in lines]
    assert angles == [30, 60, 90]
    assert [line.get_color() for line in lines] == [INK, POS, NEG]
    assert [line.is_dashed() for line in lines] == [False, False, True]
    own, positive, negative = (line.get_linewidth() for line in lines)
    assert own < positive < negative
    assert figure.axes[0].get_title(loc="left") == "c pushes most"
    assert [text.get_text() for text in figure.axes[0].texts] == ["a", "b", "c"]


def test_pulls_need_roles_that_are_known() -> None:
    with pytest.raises(ReidkitError, match="friend"):
        plot_memory_pulls(at(0)[0], at(30), np.ones(1), roles=["friend"], names="a")
