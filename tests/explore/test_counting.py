"""Pairs counted quickly, against counting them one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.distances import pair_distributions
from reidkit.explore.counting import PairCounter, strangers


def crops(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features around a few centres, labels with outliers, cameras with unknown ones."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, max(n // 4, 1), n)
    features = rng.normal(size=(n // 4 + 2, 5))[labels + 1] + 0.5 * rng.normal(size=(n, 5))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return features.astype(np.float32), labels, rng.integers(-1, 3, n)


def one_by_one(features, labels, camids, rows, cameras):
    """(pair, i, j, distance) of every pair with an end in ``rows``."""
    found = []
    for i in range(len(labels)):
        for j in range(i + 1, len(labels)):
            known = camids[i] >= 0 and camids[j] >= 0
            relation = ("same" if camids[i] == camids[j] else "cross") if known else "unknown"
            if (i in rows or j in rows) and cameras in ("all", relation):
                together = labels[i] == labels[j] >= 0
                distance = np.linalg.norm(features[i].astype(float) - features[j])
                found.append(("pos" if together else "neg", i, j, distance))
    return found


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 30), st.integers(0, 1000), st.sampled_from(["all", "same", "cross"]), st.booleans())
def test_counts_are_those_of_counting_one_by_one(n: int, seed: int, cameras: str, some: bool) -> None:
    features, labels, camids = crops(n, seed)
    rows = np.arange(0, n, 3) if some else np.arange(n)
    counter = PairCounter(strangers(features, camids), rows if some else None)
    pos, neg = counter.count(labels, cameras)
    pairs = one_by_one(features, labels, camids, set(rows.tolist()), cameras)
    for counts, kind in ((pos, "pos"), (neg, "neg")):
        distances = [distance for pair, _, _, distance in pairs if pair == kind]
        assert counts.sum() == len(distances)
        wanted = np.histogram(distances, np.linspace(0, 2, 201))[0]
        assert np.abs(np.cumsum(counts) - np.cumsum(wanted)).max(initial=0) <= 1  # at a bin's edge


def test_without_outliers_the_counts_are_the_exact_ones_of_the_suite() -> None:
    features, labels, camids = crops(200, 3)
    labels = np.abs(labels)
    pos, neg = PairCounter(strangers(features, camids)).count(labels)
    exact = pair_distributions(features, labels, camids, never_positive=None)
    assert np.abs(pos - exact.coarse("pos")).sum() <= 4
    assert neg.sum() == exact.number("neg")


@pytest.mark.parametrize("pair", ["pos", "neg"])
@pytest.mark.parametrize("some", [False, True])
def test_the_pairs_of_a_bin_are_found_the_worst_first(pair: str, some: bool) -> None:
    features, labels, camids = crops(60, 4)
    rows = np.arange(0, 60, 7) if some else np.arange(60)
    counter = PairCounter(strangers(features, camids), rows)
    low, high = (0.2, 1.1) if pair == "pos" else (0.4, 1.3)
    found = counter.find(labels, pair, low, high, limit=10_000)
    wanted = {
        (i, j)
        for kind, i, j, distance in one_by_one(features, labels, camids, set(rows.tolist()), "all")
        if kind == pair and low <= distance < high
    }
    assert {tuple(sorted(two)) for two in zip(found.i.tolist(), found.j.tolist(), strict=True)} == wanted
    assert len(found.i) == len(wanted)
    steps = np.diff(found.distance)
    assert (steps <= 0).all() if pair == "pos" else (steps >= 0).all()


def test_with_little_work_a_part_of_the_crops_stands_for_all() -> None:
    features, labels, camids = crops(300, 5)
    whole, part = (PairCounter(strangers(features, camids), work=work) for work in (None, 2 * 300 * 5 * 40))
    assert not whole.is_sample
    assert part.is_sample
    assert len(part.rows) == 40
    assert sum(part.count(labels)).sum() == 40 * 299 - 40 * 39 // 2
    assert len(PairCounter(strangers(features, camids), np.arange(9), work=1.0).rows) == 1
