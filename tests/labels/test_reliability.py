"""SpCL's criterion against the N x N tables that its code fills."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.errors import ReidkitError
from reidkit.labels.reliability import independence_threshold, keep_reliable, reliability


def table(labels: np.ndarray) -> np.ndarray:
    """Who shares a cluster with whom; an outlier is alone."""
    same = (labels[:, None] == labels[None, :]) & (labels[:, None] >= 0)
    np.fill_diagonal(same, True)
    return same


def by_tables(labels, tight, loose, threshold=None):
    """The released rule, crop by crop: scores 1 - IoU, smaller is better; returns labels and threshold."""
    own = table(labels)
    comp, indep = (
        1 - np.minimum(own, table(other)).sum(1) / np.maximum(own, table(other)).sum(1)
        for other in (tight, loose)
    )
    clusters = range(labels.max() + 1)
    best_comp = [comp[labels == k].min() for k in clusters]
    best_indep = [indep[labels == k].min() for k in clusters]
    if threshold is None:
        threshold = np.sort(best_indep)[min(len(best_indep) - 1, int(np.round(len(best_indep) * 0.9)))]
    kept = [
        k if k >= 0 and best_indep[k] <= threshold and comp[i] <= best_comp[k] else -1
        for i, k in enumerate(labels)
    ]
    return np.array(kept), threshold


def numbered(labels: list[int]) -> np.ndarray:
    """Clusters 0 .. K-1."""
    labels = np.array(labels)
    return np.where(labels < 0, -1, np.searchsorted(np.unique(labels[labels >= 0]), labels))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-1, 5)] * 3), min_size=1, max_size=40))
def test_equals_the_released_tables(triples) -> None:
    labels, tight, loose = (numbered([t[k] for t in triples]) for k in range(3))
    if labels.max() < 0:
        return
    scores = reliability(labels, tight=tight, loose=loose)
    expected, theirs = by_tables(labels, tight, loose)
    threshold = independence_threshold(labels, scores)
    assert threshold == pytest.approx(1 - theirs, abs=1e-12)
    ours = keep_reliable(labels, scores, threshold)
    np.testing.assert_array_equal(ours, numbered(expected.tolist()))


def test_what_does_not_change_with_eps_is_kept() -> None:
    labels = np.array([0, 0, 0, 1, 1, -1])
    scores = reliability(labels, tight=labels, loose=labels)
    assert (scores.independence == 1).all()
    assert (scores.compactness == 1).all()
    np.testing.assert_array_equal(keep_reliable(labels, scores, 1.0), labels)


def test_without_clusters_there_is_nothing_to_keep() -> None:
    labels = np.full(4, -1)
    scores = reliability(labels, tight=labels, loose=labels)
    assert independence_threshold(labels, scores) == 0
    np.testing.assert_array_equal(keep_reliable(labels, scores, 0.0), labels)


def test_labels_of_other_crops_are_refused() -> None:
    with pytest.raises(ReidkitError, match="6 and 5 labels"):
        reliability(np.zeros(6, int), tight=np.zeros(5, int), loose=np.zeros(6, int))
