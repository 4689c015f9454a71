"""Separation measures against scikit-learn, by hand, and by what they must always obey."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from reidkit.distances import PairDistributions, d_prime, pair_distributions, separation


def from_distances(pos, neg, bins: int = 4000) -> PairDistributions:
    """Build distributions from given distances, all cross-camera."""
    counts, sums = np.zeros((2, 3, bins), np.int64), np.zeros((2, 3, 2))
    for k, distances in enumerate((pos, neg)):
        distances = np.asarray(distances, float)
        counts[k, 1] = np.histogram(distances, bins, (0, 2))[0]
        sums[k, 1] = distances.sum(), (distances**2).sum()
    return PairDistributions(counts, sums)


def overlapping(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0.8, 0.2, 3000).clip(0, 2), rng.normal(1.2, 0.1, 20000).clip(0, 2)


@pytest.mark.parametrize("bins", [200, 4000])
def test_against_scikit_learn(bins) -> None:
    pos, neg = overlapping()
    truth, score = np.repeat([1, 0], [len(pos), len(neg)]), -np.concatenate([pos, neg])
    fpr, tpr, thresholds = roc_curve(truth, score, drop_intermediate=False)
    found = separation(from_distances(pos, neg, bins))
    p = np.histogram(pos, bins, (0, 2))[0] / len(pos)
    q = np.histogram(neg, bins, (0, 2))[0] / len(neg)
    assert abs(found.auc - roc_auc_score(truth, score)) <= (p * q).sum() / 2 + 1e-12
    crossing = np.argmin(np.abs(fpr - (1 - tpr)))
    assert found.eer == pytest.approx((fpr[crossing] + 1 - tpr[crossing]) / 2, abs=(p + q).max())
    assert found.eer_threshold == pytest.approx(-thresholds[crossing], abs=2 / bins + 1e-3)
    for limit, ours in ((0.01, found.tpr_at_fpr1), (0.001, found.tpr_at_fpr01)):
        assert ours == pytest.approx(tpr[fpr <= limit].max(), abs=p.max())


def test_moments_and_overlap() -> None:
    pos, neg = overlapping(1)
    found = separation(from_distances(pos, neg))
    assert found.pos_mean == pytest.approx(pos.mean())
    assert found.neg_std == pytest.approx(neg.std())
    assert (found.pos_pairs, found.neg_pairs) == (3000, 20000)
    spread = math.sqrt((pos.var() + neg.var()) / 2)
    assert found.d_prime == pytest.approx((neg.mean() - pos.mean()) / spread)
    density = [np.histogram(d, 200, (0, 2))[0] / len(d) for d in (pos, neg)]
    assert found.overlap == pytest.approx(np.minimum(*density).sum())


def test_four_by_hand() -> None:
    """Positive .1 .2 .3 .9, negative .8 1.0 1.2 1.4: one of 16 comparisons goes wrong."""
    found = separation(from_distances([0.1, 0.2, 0.3, 0.9], [0.8, 1.0, 1.2, 1.4]))
    assert found.auc == 15 / 16
    assert found.eer == 0.25  # at any threshold between .8 and .9 one of four is wrong, both ways
    assert found.eer_threshold == pytest.approx(0.85, abs=0.001)
    assert found.tpr_at_fpr1 == found.tpr_at_fpr01 == 0.75
    assert found.overlap == 0


def test_d_prime_by_hand() -> None:
    # Means .6 and 1.3, variances .04 and .01: .7 / sqrt(.025).
    assert d_prime(0.6, 0.04, 1.3, 0.01) == pytest.approx(4.42719, abs=1e-5)
    assert d_prime(1.3, 0.01, 0.6, 0.04) == pytest.approx(-4.42719, abs=1e-5)
    assert d_prime(0.5, 0, 1, 0) == math.inf
    assert math.isnan(d_prime(1, 0, 1, 0))


def test_a_gap_is_perfect_and_its_middle_the_threshold() -> None:
    found = separation(from_distances([0.25, 0.5], [1.25, 1.5]))
    assert (found.auc, found.eer, found.overlap, found.tpr_at_fpr01) == (1, 0, 0, 1)
    assert found.eer_threshold == pytest.approx(0.875, abs=0.0005)


def test_equal_distributions_cannot_be_told_apart() -> None:
    distances = overlapping()[0]
    found = separation(from_distances(distances, distances))
    assert (found.overlap, found.d_prime) == (pytest.approx(1), 0)
    assert found.auc == pytest.approx(0.5)
    assert found.eer == pytest.approx(0.5)


@given(
    pos=st.lists(st.floats(0, 2), min_size=1, max_size=20),
    neg=st.lists(st.floats(0, 2), min_size=1, max_size=20),
)
@settings(max_examples=100, deadline=None)
def test_always_in_range_and_symmetric(pos, neg) -> None:
    found, swapped = (separation(from_distances(a, b)) for a, b in ((pos, neg), (neg, pos)))
    rates = (found.overlap, found.auc, found.eer, found.tpr_at_fpr1, found.tpr_at_fpr01)
    assert all(0 <= rate <= 1 for rate in rates)
    assert 0 <= found.eer_threshold <= 2
    assert found.tpr_at_fpr01 <= found.tpr_at_fpr1
    assert swapped.auc == pytest.approx(1 - found.auc)
    assert swapped.eer == pytest.approx(1 - found.eer)
    assert swapped.overlap == pytest.approx(found.overlap)


def test_camera_relations_are_measured_apart() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((60, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids, cams = np.arange(60) % 5, np.arange(60) % 3
    dist = pair_distributions(rows, ids, cams, never_positive=None)
    distance = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    upper = np.triu(np.ones((60, 60), bool), 1)
    same_cam, same_id = cams[:, None] == cams, ids[:, None] == ids
    for cameras, mask in (("all", upper), ("same", upper & same_cam), ("cross", upper & ~same_cam)):
        found = separation(dist, cameras)
        assert found.auc == pytest.approx(roc_auc_score(same_id[mask], -distance[mask]), abs=1e-3)


def test_no_positive_pair_gives_nan_but_still_describes_the_negative_ones() -> None:
    found = separation(from_distances([], [1.0, 1.2]))
    assert math.isnan(found.auc)
    assert math.isnan(found.pos_mean)
    assert found.neg_mean == pytest.approx(1.1)
    assert (found.pos_pairs, found.neg_pairs) == (0, 2)


def test_as_row_names_columns() -> None:
    found = separation(from_distances([0.5], [1.0]))
    assert found.as_row("train_")["train_overlap"] == 0
    assert found.as_row(suffix="_same")["d_prime_same"] == math.inf
    assert {"overlap", "d_prime", "auc", "eer", "eer_threshold", "tpr_at_fpr1"} <= set(found.as_row())
