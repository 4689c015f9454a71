"""The doctor finds planted faults, and says nothing of what is in order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from reidkit.errors import ReidkitError
from reidkit.labels.doctor import KINDS, examine, precision
from reidkit.labels.edits import EditLog
from reidkit.labels.patient import admit

PEOPLE, CAMERAS, SHOTS = 30, 4, 3


class Crowd(NamedTuple):
    """Crops whose features are a person, a camera and some noise."""

    features: np.ndarray
    people: np.ndarray
    cameras: np.ndarray


def crowd(seed: int = 0, *, turn: float = 0) -> Crowd:
    """Everybody in three of four cameras, three crops in each; two crops of two cameras are further apart.

    Every other crop may show a back, ``turn`` away from the front.
    """
    rng = np.random.default_rng(seed)
    who, where = rng.normal(size=(PEOPLE, 64)), 0.6 * rng.normal(size=(CAMERAS, 64))
    people, cameras = (
        grid.ravel() for grid in np.meshgrid(np.arange(PEOPLE), np.arange(CAMERAS), indexing="ij")
    )
    seen = cameras != people % CAMERAS
    people, cameras = np.repeat(people[seen], SHOTS), np.repeat(cameras[seen], SHOTS)
    features = who[people] + where[cameras] + 0.2 * rng.normal(size=(len(people), 64))
    features += turn * rng.normal(size=(PEOPLE, 2, 64))[people, np.arange(len(people)) % 2]
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return Crowd(features.astype(np.float32), people + 1, cameras + 1)


def kinds(crops: Crowd, labels: np.ndarray) -> dict[str, int]:
    found = examine(crops.features, labels, crops.cameras)["kind"].value_counts()
    return {kind: int(count) for kind, count in found.items()}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_right_labels_are_not_suspected_of_merging(seed: int) -> None:
    crops = crowd(seed)
    assert "merge" not in kinds(crops, crops.people)
    assert "outlier" not in kinds(crops, crops.people)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_merges_are_found_and_taken_apart(seed: int) -> None:
    crops = crowd(seed)
    labels = np.where(crops.people <= 20, (crops.people + 1) // 2, crops.people)  # ten pairs of people
    suspects = examine(crops.features, labels, crops.cameras).query("kind == 'merge'")
    assert sorted(clusters[0] for clusters in suspects["clusters"]) == list(range(1, 11))
    for row in suspects.to_dict(orient="records"):
        assert len(set(crops.people[row["crops"]])) == len(set(crops.people[row["others"]])) == 1
        assert len(row["crops"]) + len(row["others"]) == (labels == row["clusters"][0]).sum()
    assert precision(suspects, crops.people).loc["merge"].to_dict() == {
        "right": 10, "judged": 10, "precision": 1.0,
    }  # fmt: skip


def test_splits_are_found_whether_or_not_they_share_a_camera() -> None:
    crops = crowd()
    labels = crops.people.copy()
    first = np.flatnonzero(labels == 1)
    labels[first[::2]] = 101  # both halves in all cameras
    labels[(labels == 2) & (crops.cameras == crops.cameras[labels == 2][0])] = 102  # one camera on its own
    suspects = examine(crops.features, labels, crops.cameras)
    split = suspects.query("kind == 'split'").iloc[0]
    assert split["clusters"] == (1, 101)
    assert "agree there" in split["reason"]
    camera = suspects.query("kind == 'camera'").iloc[0]
    assert camera["clusters"] == (2, 102)
    assert "share no camera" in camera["reason"]
    assert precision(suspects.loc[[split.name, camera.name]], crops.people)["right"].sum() == 2


def test_an_outlier_is_sent_home() -> None:
    crops = crowd()
    labels = crops.people.copy()
    lost = np.flatnonzero(labels == 5)[4]
    labels[lost] = -1
    (row,) = examine(crops.features, labels, crops.cameras, k=5).query("kind == 'outlier'").to_dict("records")
    assert row["clusters"] == (5,)
    assert row["crops"].tolist() == [lost]
    assert set(row["others"]) == set(np.flatnonzero(labels == 5))


def test_a_crop_with_two_labels_is_a_duplicate() -> None:
    crops = crowd()
    twice = Crowd(*(np.concatenate([column, column[:1]]) for column in crops))
    labels = twice.people.copy()
    labels[-1] = 2
    suspects = examine(twice.features, labels, twice.cameras)
    (row,) = suspects.query("kind == 'duplicate'").to_dict("records")
    assert (row["crops"].tolist(), row["others"].tolist()) == ([0], [len(labels) - 1])
    assert suspects["kind"].map(KINDS.index).is_monotonic_increasing
    assert all(group["score"].is_monotonic_decreasing for _, group in suspects.groupby("kind"))


def test_a_suspected_merge_is_not_joined_with_anybody() -> None:
    """Half of person 3 lies in the cluster of person 1, and half of it alone: first cut, then join."""
    crops = crowd()
    labels = crops.people.copy()
    third = np.flatnonzero(labels == 3)
    labels[third[::2]] = 1
    first = examine(crops.features, labels, crops.cameras)
    assert [row["clusters"] for _, row in first.iterrows()] == [(1,)]
    log = EditLog(labels)
    log.apply_all(first)
    second = examine(crops.features, log.labels, crops.cameras)
    assert set(second["kind"]) <= {"split", "camera"}
    log.apply_all(second)
    assert len(set(log.labels[third])) == 1
    assert (log.labels == log.labels[third[0]]).sum() == len(third)
    assert examine(crops.features, log.labels, crops.cameras).empty


def test_crops_of_unknown_camera_say_nothing() -> None:
    crops = crowd()
    labels = np.where(crops.people <= 4, (crops.people + 1) // 2, crops.people)
    cameras = np.where(crops.people <= 2, -1, crops.cameras)
    suspects = examine(crops.features, labels, cameras)
    assert suspects["clusters"].tolist() == [(2,)]  # cluster 1 mixes people too, but no camera can say so


def test_without_cameras_fewer_kinds_are_left() -> None:
    crops = crowd()
    labels, unknown = crops.people.copy(), np.full(len(crops.people), -1)
    labels[labels.tolist().index(5)] = -1
    with pytest.raises(ReidkitError, match=r"Without cameras, ask for kinds=\('outlier', 'duplicate'\)"):
        examine(crops.features, labels, unknown)
    found = examine(crops.features, labels, unknown, k=5, kinds=("outlier", "duplicate"))
    assert found["kind"].tolist() == ["outlier"]
    with pytest.raises(ReidkitError, match="Unknown kind 'twin'; there are merge, split"):
        examine(crops.features, labels, crops.cameras, kinds=("twin",))


def test_everybody_in_one_cluster_is_a_merge() -> None:
    crops = crowd()
    labels = np.ones(len(crops.people), np.int64)
    labels[crops.people == 30] = 2
    suspects = examine(crops.features, labels, crops.cameras)
    assert suspects["clusters"].tolist() == [(1,)]


def test_of_a_huge_cluster_some_crops_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    crops = crowd()
    labels = np.where(crops.people <= 15, 1, 2)
    whole = examine(crops.features, labels, crops.cameras)
    monkeypatch.setattr("reidkit.labels.symptoms.MOST", 7)
    some = examine(crops.features, labels, crops.cameras)
    assert len(whole) == len(some) == 2
    for _, row in some.iterrows():
        assert len(row["crops"]) + len(row["others"]) == (labels == row["clusters"][0]).sum()


def test_of_many_crops_some_make_the_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    crops = crowd()
    whole = admit(crops.features, crops.people, crops.cameras, 10).threshold
    monkeypatch.setattr("reidkit.labels.patient.MOST", 80)
    some = admit(crops.features, crops.people, crops.cameras, 10).threshold
    assert some != whole
    assert some == pytest.approx(whole, abs=0.03)


def test_a_camera_that_saw_one_person_alone_does_no_harm() -> None:
    crops = crowd()
    cameras = np.where((crops.people == 7) & (crops.cameras == 1), 9, crops.cameras)
    assert (cameras == 9).sum() == SHOTS
    assert examine(crops.features, crops.people, cameras).empty


def test_what_cannot_be_examined_is_said() -> None:
    crops = crowd()
    with pytest.raises(ReidkitError, match="all crops are outliers"):
        examine(crops.features, np.full(len(crops.people), -1), crops.cameras)
    with pytest.raises(ReidkitError, match="camids: 3 values for"):
        examine(crops.features, crops.people, crops.cameras[:3])
    with pytest.raises(ReidkitError, match="labels: 3 values for"):
        examine(crops.features, crops.people[:3], crops.cameras)
    broken = crops.features.copy()
    broken[17] = np.nan
    with pytest.raises(ReidkitError, match=r"features: 1 of 270 rows hold NaN or infinity.* row 17"):
        examine(broken, crops.people, crops.cameras)
    alone = np.arange(len(crops.people))
    with pytest.raises(ReidkitError, match="nothing to compare within a camera"):
        examine(crops.features, alone, crops.cameras)
