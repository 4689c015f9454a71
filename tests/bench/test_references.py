"""What we are measured against gives the same results: then the ratios compare like with like."""

from __future__ import annotations

import numpy as np
import pytest

from reidkit.bench import references
from reidkit.bench.features import draw_crowd
from reidkit.bench.stages import EPS, STAGES
from reidkit.distances import pair_distributions
from reidkit.neighbours import dense_distances, jaccard_graph


def both(stage: str, n: int = 400, dim: int = 32) -> list:  # type: ignore[type-arg]
    """Ours, then each reference."""
    made = STAGES[stage]
    ours = made.ours(made.prepare(n, dim, False))
    return [ours, *(function(made.prepare(n, dim, True)) for function, _ in made.references.values())]


def test_the_same_neighbours() -> None:
    ours, theirs = both("neighbours")
    assert (np.sort(ours, axis=1) == np.sort(theirs, axis=1)).mean() > 0.999


def test_the_same_jaccard_distance_and_the_same_clusters() -> None:
    features = draw_crowd(300, 32).features
    dense = dense_distances(jaccard_graph(features))
    np.testing.assert_allclose(dense, references.dense_jaccard(features), atol=1e-5)
    ours, theirs = both("jaccard")
    np.testing.assert_array_equal(ours, theirs)
    assert ours.max() > 5


def test_the_same_clusters_at_another_eps() -> None:
    cuts, dbscans = both("tree")
    assert len(cuts) == 100
    # Border crops apart (which cluster takes them is free), the outliers are the same.
    np.testing.assert_array_equal(cuts[-1] < 0, dbscans[-1] < 0)
    assert len(np.unique(cuts[-1])) == len(np.unique(dbscans[-1]))


def test_the_same_map() -> None:
    ours, theirs = both("ranking")
    assert ours == pytest.approx(theirs, abs=1e-6)
    assert 0.05 < ours < 0.999


def test_the_same_pairs() -> None:
    crowd = draw_crowd(300, 32)
    ours = pair_distributions(crowd.features, crowd.pids, never_positive=0)
    theirs = references.dense_histograms(crowd)
    for kind, counts in zip(("pos", "neg"), theirs, strict=True):
        assert ours.number(kind) == counts.sum()
        assert np.abs(np.cumsum(ours.coarse(kind)) - np.cumsum(counts)).max() <= 2  # an edge, by rounding


def test_a_crowd_is_as_hard_as_features_are() -> None:
    crowd = draw_crowd(3000, 256)
    np.testing.assert_allclose(np.linalg.norm(crowd.features, axis=1), 1, atol=1e-5)
    near = references.dense_neighbours(crowd.features, 30)
    same = (crowd.pids[near] == crowd.pids[:, None]).mean()
    assert 0.2 < same < 0.7, "lists of 30 hold friends and strangers"
    labels = STAGES["jaccard"].ours(crowd)
    assert 50 < labels.max() < 3000 / 4
    assert EPS == 0.6
