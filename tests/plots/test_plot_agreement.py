"""The picture of an agreement: what adds is blue, what lowers is vermillion, and the quarters are counted."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from plots.looking import plain
from reidkit.plots.agreement import _MAP, plot_agreement
from reidkit.plots.style import NEG, POS

MAP = np.array([[0.5, 0.1], [-0.2, 0.0], [0.1, 0.1], [0.1, -0.1]])


def test_each_map_lies_over_its_crop_with_one_scale_for_both() -> None:
    figure = plot_agreement(plain(2), (MAP, 2 * MAP), names=("query", "match"))
    assert figure.get_suptitle().startswith("Similarity 0.60: ")
    assert [ax.get_title(loc="left") for ax in figure.axes[::2]] == ["query", "match"]
    overlays = [ax.get_images()[1] for ax in figure.axes[1::2]]
    for overlay, values in zip(overlays, (MAP, 2 * MAP), strict=True):
        np.testing.assert_allclose(overlay.get_array(), values)
        assert overlay.get_clim() == (-1, 1)
        assert overlay.get_extent() == [-0.5, 47.5, 95.5, -0.5]


def test_quarters_of_the_height_are_summed() -> None:
    figure = plot_agreement(plain(2), (MAP, np.full((8, 4), 0.01)), distances={"global": 0.5, "upper": 1.25})
    said = [[text.get_text() for text in ax.texts] for ax in figure.axes[1::2]]
    assert said == [["+0.60", "-0.20", "+0.20", "+0.00"], ["+0.08"] * 4]
    assert figure.get_supxlabel() == "distance: global 0.50, upper 1.25"


def test_a_map_of_two_rows_has_two_parts_and_nothing_at_all_can_be_drawn() -> None:
    figure = plot_agreement(plain(2), (np.zeros((2, 1)), np.zeros((6, 1))))
    assert [len(ax.texts) for ax in figure.axes[1::2]] == [2, 4]


@pytest.mark.parametrize(("value", "colour"), [(0.0, NEG), (1.0, POS)])
def test_the_ends_of_the_scale_are_the_colours_of_pos_and_neg(value: float, colour: str) -> None:
    assert to_hex(_MAP(value)[:3]) == colour.lower()
    assert _MAP(0.5)[3] < 0.01
