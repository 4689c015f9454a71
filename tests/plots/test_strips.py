"""Clusters as strips: which are drawn, and which members are called wrong."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plots.looking import cells, frame_colour, plain, rgb, symbols
from reidkit.errors import ReidkitError
from reidkit.plots import cluster_strips
from reidkit.plots.strips import wrong_members
from reidkit.plots.style import NEG, PALE, POS

LABELS = np.array([0, 0, 0, 1, 1, 1, 1, -1])
PIDS = pd.Series([5, 5, 6, 8, 8, 8, pd.NA, 9], dtype="Int64")


@given(st.lists(st.integers(-1, 4), min_size=1, max_size=30))
def test_wrong_is_whoever_is_not_the_most_frequent_known_person(people: list[int]) -> None:
    wrong = wrong_members(np.array(people))
    known = Counter(p for p in people if p >= 0)
    right = sum(known.values()) - wrong.sum()
    assert right == (max(known.values()) if known else 0)
    assert not any(w for w, p in zip(wrong, people, strict=True) if p < 0)


def test_the_most_mixed_cluster_comes_first_and_its_wrong_members_lead() -> None:
    figure = cluster_strips(plain(8), LABELS, pids=PIDS)
    assert cells(figure, 2, 4, label=104).tolist() == [[30, 10, 20, 255], [40, 50, 60, 70]]
    assert symbols(figure) == ["✗", "✓", "✓", "✓", "✓", "✓"]  # the unknown one has no mark
    assert frame_colour(figure, 0, 0, label=104) == rgb(NEG)
    assert frame_colour(figure, 0, 1, label=104) == rgb(POS)
    assert frame_colour(figure, 1, 3, label=104) == rgb(PALE)
    said = [t.get_text() for t in figure.axes[0].texts]
    assert "cluster 0\n3 crops\n1 wrong" in said
    assert figure.axes[0].get_title(loc="left").startswith("1 of 2 clusters mix people")


def test_without_truth_the_largest_comes_first_and_nothing_is_marked() -> None:
    figure = cluster_strips(plain(8), LABELS)
    assert cells(figure, 2, 2, label=104).tolist() == [[40, 50], [10, 20]]
    assert symbols(figure) == []
    assert "identities unknown" in figure.axes[0].get_title(loc="left")


def test_asked_for_clusters_and_a_limit() -> None:
    figure = cluster_strips(plain(8), LABELS, clusters=[1], per_cluster=2)
    assert cells(figure, 1, 2, label=104).tolist() == [[40, 50]]
    assert "cluster 1\n4 crops" in [t.get_text() for t in figure.axes[0].texts]


def test_only_outliers_or_wrong_lengths_are_refused() -> None:
    with pytest.raises(ReidkitError, match="all are outliers"):
        cluster_strips(plain(2), np.array([-1, -1]))
    with pytest.raises(ReidkitError, match="2 crops but 3 labels"):
        cluster_strips(plain(2), np.array([0, 0, 0]))


def test_a_long_mixed_row_shows_many_people_and_some_right_ones() -> None:
    people = pd.Series([1] * 6 + [2] * 5 + [3] * 2, dtype="Int64")  # 6 right, 7 wrong
    figure = cluster_strips(plain(13), np.zeros(13, int), pids=people, per_cluster=6)
    assert symbols(figure) == ["✗", "✗", "✗", "✓", "✓", "✓"]
    drawn = cells(figure, 1, 6, label=104)[0] // 10 - 1
    assert people.iloc[drawn].tolist() == [2, 2, 3, 1, 1, 1]
