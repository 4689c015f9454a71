"""Planted faults are what they say, and all that has changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.errors import ReidkitError
from reidkit.labels.doctor import COLUMNS, examine
from reidkit.labels.faults import (
    LEAST,
    NEAR,
    Fault,
    found,
    plant,
    plant_camera_clusters,
    plant_duplicates,
    plant_merges,
    plant_splits,
)
from tests.labels.test_label_doctor import crowd

seeds = st.integers(0, 1000)


def undone(labels: np.ndarray, faults: list[Fault], truth: np.ndarray) -> np.ndarray:
    """Take planted faults back by hand."""
    labels = labels.copy()
    for fault in faults:
        for rows in (fault.crops, fault.others):
            labels[rows] = truth[rows]
    return labels


@settings(max_examples=10, deadline=None)
@given(seeds, st.integers(0, 5))
def test_all_that_changed_is_in_the_faults(seed: int, count: int) -> None:
    crops = crowd(turn=0.7)
    before = crops.people.copy()
    labels, faults = plant(crops.people, crops.features, crops.cameras, count=count, seed=seed)
    assert np.array_equal(crops.people, before)
    assert [fault.kind for fault in faults] == ["merge"] * count + ["split"] * count + ["camera"] * count
    assert np.array_equal(undone(labels, faults, before), before)
    touched = [name for fault in faults for name in fault.clusters]
    assert len(touched) == len(set(touched))
    again = plant(crops.people, crops.features, crops.cameras, count=count, seed=seed)[0]
    assert np.array_equal(labels, again)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_merge_is_two_near_people_in_one_cluster(seed: int) -> None:
    crops = crowd()
    labels, faults = plant_merges(crops.people, crops.features, count=6, seed=seed)
    means = np.stack([crops.features[crops.people == person].mean(axis=0) for person in range(1, 31)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    nearest = np.argsort(-(means @ means.T), axis=1)[:, : NEAR + 1] + 1  # people, each the first of her own
    for fault in faults:
        one, other = (np.unique(crops.people[rows]) for rows in (fault.crops, fault.others))
        assert len(one) == len(other) == 1
        assert one[0] != other[0]
        assert set(labels[fault.crops]) == set(labels[fault.others]) == set(fault.clusters)
        assert other[0] in nearest[one[0] - 1]


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_a_split_has_two_parts_that_differ(seed: int) -> None:
    crops = crowd(turn=0.7)
    labels, faults = plant_splits(crops.people, crops.features, crops.cameras, count=6, seed=seed)
    assert len(faults) == 6
    for fault in faults:
        for part in (fault.crops, fault.others):
            assert len(part) >= LEAST
            assert len(np.unique(crops.cameras[part])) > 1
        assert tuple(sorted({labels[fault.crops[0]], labels[fault.others[0]]})) == fault.clusters
        inside = [crops.features[rows] for rows in (fault.crops, fault.others)]
        near = np.mean([(part @ part.T).mean() for part in inside])
        assert (inside[0] @ inside[1].T).mean() < near


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_camera_cluster_has_one_camera_that_its_twin_lacks(seed: int) -> None:
    crops = crowd()
    labels, faults = plant_camera_clusters(crops.people, crops.cameras, count=6, seed=seed)
    for fault in faults:
        (camera,) = np.unique(crops.cameras[fault.crops])
        assert camera not in crops.cameras[fault.others]
        assert set(labels[fault.crops]) == {fault.clusters[1]}


def test_unknown_cameras_split_nothing() -> None:
    crops = crowd()
    assert plant_camera_clusters(crops.people, np.full(len(crops.people), -1))[1] == []


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_duplicate_is_the_same_crop_under_another_label(seed: int) -> None:
    crops = crowd()
    rows, labels, faults = plant_duplicates(crops.people, count=4, seed=seed)
    assert len(rows) == len(labels) == len(crops.people) + 4
    for fault in faults:
        assert rows[fault.others[0]] == rows[fault.crops[0]] == fault.crops[0]
        assert (labels[fault.crops[0]], labels[fault.others[0]]) == fault.clusters
        assert fault.clusters[0] != fault.clusters[1]
    suspects = examine(crops.features[rows], labels, crops.cameras[rows])
    assert found(suspects, faults).loc["duplicate", ["right", "found"]].tolist() == [4, 4]


def test_as_many_as_there_are() -> None:
    crops = crowd(turn=0.7)
    few = np.where(crops.people <= 2, crops.people, -1)
    assert len(plant_merges(few, crops.features, count=9)[1]) == 1
    assert plant_merges(few, crops.features, count=9, spare=[1])[1] == []
    assert len(plant_splits(few, crops.features, np.arange(len(few)), count=9, spare=[1])[1]) == 1
    with pytest.raises(ReidkitError, match="two clusters at least"):
        plant_duplicates(few, spare=[1])
    with pytest.raises(ReidkitError, match="labels: 3 values"):
        plant_merges(few[:3], crops.features)


def test_found_counts_by_hand() -> None:
    none = np.empty(0, np.int64)
    faults = [Fault("merge", (1,), none, none), Fault("split", (2, 9), none, none)]
    faults.append(Fault("camera", (3, 8), none, none))
    suspects = [("merge", (1,)), ("merge", (4,)), ("camera", (9, 2)), ("camera", (5, 6)), ("split", (7, 8))]
    table = pd.DataFrame(
        [[kind, 1.0, clusters, none, none, ""] for kind, clusters in suspects], columns=COLUMNS
    )
    told = found(table, faults)
    assert told["right"].to_dict() == {"merge": 1, "split": 0, "camera": 1, "duplicate": 0}
    assert told["judged"].to_dict() == {"merge": 2, "split": 1, "camera": 2, "duplicate": 0}
    assert told["found"].to_dict() == {"merge": 1, "split": 1, "camera": 0, "duplicate": 0}
    assert told["precision"].dropna().to_dict() == {"merge": 0.5, "split": 0.0, "camera": 0.5}
    assert found(table, faults, first=1).loc["merge", "precision"] == 1
