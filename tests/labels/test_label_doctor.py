"""The doctor finds planted faults, and says nothing of what is in order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from reidkit.errors import ReidkitError
from reidkit.labels.doctor import KINDS, examine, precision

PEOPLE, CAMERAS, SHOTS = 30, 4, 3


class Crowd(NamedTuple):
    """Crops whose features are a person, a camera and some noise."""

    features: np.ndarray
    people: np.ndarray
    cameras: np.ndarray


def crowd(seed: int = 0) -> Crowd:
    """Everybody in three of four cameras, three crops in each; two crops of two cameras are further apart."""
    rng = np.random.default_rng(seed)
    who, where = rng.normal(size=(PEOPLE, 64)), 0.6 * rng.normal(size=(CAMERAS, 64))
    people, cameras = (
        grid.ravel() for grid in np.meshgrid(np.arange(PEOPLE), np.arange(CAMERAS), indexing="ij")
    )
    seen = cameras != people % CAMERAS
    people, cameras = np.repeat(people[seen], SHOTS), np.repeat(cameras[seen], SHOTS)
    features = who[people] + where[cameras] + 0.2 * rng.normal(size=(len(people), 64))
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


def test_without_cameras_it_still_answers() -> None:
    crops = crowd()
    unknown = Crowd(crops.features, crops.people, np.full(len(crops.people), -1))
    labels = np.where(crops.people <= 2, 1, crops.people)
    suspects = examine(*unknown[:1], labels, unknown.cameras)
    merge = suspects.query("kind == 'merge'").iloc[0]
    assert merge["clusters"] == (1,)
    assert "an unknown camera" in merge["reason"]


def test_what_cannot_be_examined_is_said() -> None:
    crops = crowd()
    with pytest.raises(ReidkitError, match="all crops are outliers"):
        examine(crops.features, np.full(len(crops.people), -1), crops.cameras)
    with pytest.raises(ReidkitError, match="camids: 3 values for"):
        examine(crops.features, crops.people, crops.cameras[:3])
    alone = np.arange(len(crops.people))
    with pytest.raises(ReidkitError, match="nothing to compare within a camera"):
        examine(crops.features, alone, crops.cameras)
