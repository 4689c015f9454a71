"""Pseudo-label scores against pairs counted one by one."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from reidkit.errors import ReidkitError
from reidkit.labels.quality import label_quality

crops = st.lists(st.tuples(st.integers(-1, 3), st.integers(1, 4)), min_size=2, max_size=25)


@given(crops=crops)
@settings(max_examples=100, deadline=None)
def test_pair_scores_are_counts_of_pairs(crops) -> None:
    scores = label_quality([c for c, _ in crops], [p for _, p in crops])
    if all(c < 0 for c, _ in crops):
        assert math.isnan(scores["pair_f1"])
        return
    pairs = list(combinations(crops, 2))
    clustered = [a[0] == b[0] >= 0 for a, b in pairs]
    person = [a[1] == b[1] for a, b in pairs]
    right = sum(np.logical_and(clustered, person))
    if any(clustered):
        assert scores["pair_precision"] == right / sum(clustered)
    if any(person):
        assert scores["pair_recall"] == right / sum(person)
    if right:
        precision, recall = scores["pair_precision"], scores["pair_recall"]
        assert scores["pair_f1"] == pytest.approx(2 * precision * recall / (precision + recall))


def test_outliers_are_singletons_in_the_headline() -> None:
    labels, pids = [0, 0, 1, -1, -1, 1], [1, 1, 2, 2, 3, 3]
    scores = label_quality(labels, pids)
    assert scores["ami"] == pytest.approx(adjusted_mutual_info_score(pids, [0, 0, 1, 2, 3, 1]))
    assert scores["ari"] == pytest.approx(adjusted_rand_score(pids, [0, 0, 1, 2, 3, 1]))
    assert scores["ami_clustered"] == pytest.approx(adjusted_mutual_info_score([1, 1, 2, 3], [0, 0, 1, 1]))
    assert scores["ari_clustered"] == pytest.approx(adjusted_rand_score([1, 1, 2, 3], [0, 0, 1, 1]))
    assert scores["purity"] == 3 / 4
    assert (scores["clusters"], scores["outliers"], scores["people"], scores["judged"]) == (2, 2, 3, 6)


def test_calling_the_hard_crops_outliers_does_not_pay() -> None:
    pids = np.repeat(np.arange(1, 11), 6)
    timid = np.where(np.arange(60) % 6 < 2, pids, -1)
    scores = label_quality(timid, pids)
    assert scores["ari_clustered"] == scores["ami_clustered"] == 1
    assert scores["ari"] < 0.2
    assert scores["pair_recall"] == 1 / 15


def test_perfect_labels() -> None:
    scores = label_quality([0, 0, 1, 1], [7, 7, 9, 9])
    names = ("ami", "ari", "ami_clustered", "pair_precision", "pair_recall", "pair_f1", "purity")
    assert [scores[name] for name in names] == pytest.approx([1] * 7)


def test_crops_without_identity_are_not_judged() -> None:
    pids = pd.array([1, 1, pd.NA, 0, 0, -1], dtype="Int64")
    scores = label_quality([0, 0, 0, 1, 1, -1], pids)
    assert scores["judged"] == 2
    assert (scores["clusters"], scores["outliers"], scores["people"]) == (2, 1, 1)
    assert scores["pair_precision"] == scores["pair_recall"] == 1


@pytest.mark.parametrize("labels", [[0, 0, 1, 1, -1, 2], [-1] * 6])
def test_without_ami_the_other_scores_stay(labels: list[int]) -> None:
    pids = [1, 1, 2, 3, 3, 3]
    whole, quick = label_quality(labels, pids), label_quality(labels, pids, ami=False)
    assert set(whole) - set(quick) == {"ami", "ami_clustered"}
    np.testing.assert_equal(quick, {name: whole[name] for name in quick})


def test_no_cluster_gives_nan() -> None:
    scores = label_quality([-1, -1, -1], [1, 1, 2])
    assert (scores["clusters"], scores["outliers"], scores["people"]) == (0, 3, 2)
    assert math.isnan(scores["ami"])
    assert math.isnan(scores["purity"])


@pytest.mark.parametrize(
    ("labels", "pids", "message"),
    [
        ([0, 1], [1, 2, 3], "labels: 2 values for 3 crops"),
        ([0, -2], [1, 2], "label -2"),
        ([0, 0.5], [1, 2], "labels: expected 2 integers"),
        ([0, 1], ["a", "b"], "pids: expected 2 integers"),
    ],
)
def test_bad_input_is_named(labels, pids, message) -> None:
    with pytest.raises(ReidkitError, match=message):
        label_quality(labels, pids)
