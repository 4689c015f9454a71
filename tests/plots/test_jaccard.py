"""Jaccard distances: bars that add up, and exactly 1 apart from almost 1."""

from __future__ import annotations

import numpy as np
import pytest

from reidkit.errors import ReidkitError
from reidkit.plots import NEG, POS, plot_jaccard_pairs


def test_bars_are_shares_and_exactly_one_stands_apart() -> None:
    distances = np.array([0.02, 0.52, 1.0, 1.0, 0.98, 1.0, 1.0, 1.0], dtype=np.float32)
    same = np.array([True] * 4 + [False] * 4)
    figure = plot_jaccard_pairs(distances, same)
    pos, neg = ([bar.get_height() for bar in bars] for bars in figure.axes[0].containers)
    assert np.flatnonzero(pos).tolist() == [0, 10, 20]
    np.testing.assert_allclose(np.array(pos)[[0, 10, 20]], [0.25, 0.25, 0.5])
    np.testing.assert_allclose(np.array(neg)[[19, 20]], [0.25, 0.75])
    assert figure.axes[0].get_title(loc="left") == "50% of Pos and 75% of Neg share no neighbour at all"


def test_pos_is_blue_and_neg_vermillion() -> None:
    figure = plot_jaccard_pairs(np.array([0.1, 0.9]), np.array([True, False]))
    assert [handle[0].get_facecolor()[:3] for handle in figure.axes[0].containers] == [
        tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)) for colour in (POS, NEG)
    ]


@pytest.mark.parametrize("same", [[True, True], [False, False], [True]])
def test_one_kind_of_pairs_is_refused(same: list[bool]) -> None:
    with pytest.raises(ReidkitError, match="both kinds"):
        plot_jaccard_pairs(np.array([0.1, 0.9]), np.array(same))
