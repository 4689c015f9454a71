"""Suspects as rows: both groups in their places, and a verdict only where somebody knows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from plots.looking import cells, frame_colour, plain, rgb, symbols
from reidkit.errors import ReidkitError
from reidkit.labels.doctor import COLUMNS, precision
from reidkit.plots import plot_suspects
from reidkit.plots.suspects import _GROUPS

LABEL = 236
SUSPECTS = pd.DataFrame(
    [
        ("merge", 3.0, (4,), np.array([0, 1, 2]), np.array([3, 4]), "they are apart"),
        ("merge", 2.0, (5,), np.array([5]), np.array([6]), "these too"),
        ("outlier", 1.0, (4,), np.array([7]), np.array([0, 1, 2]), "it is near"),
    ],
    columns=COLUMNS,
)
PIDS = pd.Series([1, 1, 2, 3, 3, 4, 4, 1, 9], dtype="Int64")


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_both_groups_stand_beside_the_reason() -> None:
    figure = plot_suspects(plain(9), SUSPECTS, per_group=3)
    assert cells(figure, 3, 7, label=LABEL).tolist() == [
        [10, 20, 30, 255, 40, 50, 255],
        [60, 255, 255, 255, 70, 255, 255],
        [80, 255, 255, 255, 10, 20, 30],
    ]
    assert [frame_colour(figure, 0, column, label=LABEL) for column in (0, 4)] == [rgb(c) for c in _GROUPS]
    assert {"merge: cluster 4\nthey are apart", "two\npeople?", "one\nperson?"} <= set(texts(figure))
    assert symbols(figure) == []
    assert not any("person " in text for text in texts(figure))
    assert figure.axes[0].get_title(loc="left") == "3 suspects, found without identities"


def test_a_long_group_is_thinned_and_counted() -> None:
    long = SUSPECTS.iloc[:1].assign(crops=[np.arange(9)])
    figure = plot_suspects(plain(9), long, per_group=3)
    assert cells(figure, 1, 3, label=LABEL).tolist() == [[10, 50, 90]]
    assert [text for text in texts(figure) if text.startswith("+")] == ["+6"]


def test_the_first_of_each_kind() -> None:
    figure = plot_suspects(plain(9), SUSPECTS, each=1)
    assert [text.split(":")[0] for text in texts(figure) if ": " in text] == ["merge", "outlier"]
    assert figure.axes[0].get_title(loc="left").startswith("2 of 3 suspects")
    assert len(cells(plot_suspects(plain(9), SUSPECTS, each=None), 3, 1, label=LABEL)) == 3


def test_verdicts_are_those_of_precision() -> None:
    figure = plot_suspects(plain(9), SUSPECTS, pids=PIDS)
    assert symbols(figure) == ["✓", "✗", "✓"]
    judged = precision(SUSPECTS, PIDS)
    assert judged["right"].sum() == symbols(figure).count("✓")
    assert {"person 1", "person 2", "person 4"} <= set(texts(figure))
    assert figure.axes[0].get_title(loc="left") == (
        "2 of these 3 suspects are right (drawn with true identities)"
    )


def test_who_is_unknown_is_not_judged() -> None:
    nobody = pd.Series([pd.NA] * 5 + [4, 4, -1, 0], dtype="Int64")
    figure = plot_suspects(plain(9), SUSPECTS, pids=nobody)
    assert symbols(figure) == ["✗"]
    assert "unknown" in texts(figure)


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(ReidkitError, match="suspects nothing"):
        plot_suspects(plain(9), SUSPECTS.iloc[:0])
    with pytest.raises(ReidkitError, match="pids: 2 values for 9"):
        plot_suspects(plain(9), SUSPECTS, pids=[1, 2])
