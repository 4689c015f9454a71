"""Plant faults in labels, to see whether the doctor finds them (for tests, benchmarks and the course).

Begin with labels that are right, the true identities: then what is planted is all that is wrong, and every
other suspect is a false alarm. The faults are made as clustering makes them: who is near is merged, and a
cluster is split where its features fall into two groups, or along a camera.

Each function leaves the clusters in ``spare`` alone, so that several kinds can be planted side by side
(:func:`plant` does that).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.cluster import KMeans

from reidkit.distances.checks import integer_ids, unit_rows
from reidkit.errors import ReidkitError
from reidkit.labels.clustering import OUTLIER
from reidkit.neighbours import nearest

Rows = NDArray[np.int64]
NEAR = 3
"""Who is merged: a cluster with one of its so many nearest."""
LEAST = 2
"""Crops that each part of a divided cluster has at least."""


class Fault(NamedTuple):
    """One planted fault.

    Attributes:
        kind: as the doctor calls it: "merge", "split", "camera" or "duplicate".
        clusters: the labels that have it, one (a merge) or two, ascending.
        crops, others: rows: two people in one cluster, or two parts of one person.
    """

    kind: str
    clusters: tuple[int, ...]
    crops: Rows
    others: Rows


Planted = tuple[Rows, list[Fault]]
"""New labels, and what is wrong with them."""


def plant_merges(
    labels: ArrayLike, features: ArrayLike, *, count: int = 20, seed: int = 0, spare: Iterable[int] = ()
) -> Planted:
    """Merge pairs of near clusters; no cluster is merged twice.

    Args:
        labels: (N,) integers, -1 an outlier.
        features: (N, D) float32, L2-normalised.
        count: how many; fewer where the clusters do not suffice.
        seed: of the choice.
        spare: clusters to leave alone.

    Returns:
        (N,) int64 labels, and a fault for each pair.

    Raises:
        ReidkitError: lists of different length.
    """
    rows = unit_rows(features)
    new, rng = _read(labels, len(rows)), np.random.default_rng(seed)
    names = np.array(_choices(new, spare, 1))
    if len(names) < 2:
        return new, []
    means = np.stack([rows[new == cluster].mean(axis=0) for cluster in names])
    order = names[nearest(means / np.linalg.norm(means, axis=1, keepdims=True), NEAR + 1)[1][:, 1:]]
    free, faults = set(names.tolist()), list[Fault]()
    for place in rng.permutation(len(names)):
        one, partners = int(names[place]), [int(c) for c in order[place] if int(c) in free]
        if len(faults) == count:
            break
        if one in free and partners:
            other = int(rng.choice(partners))
            free -= {one, other}
            faults.append(Fault("merge", (one,), np.flatnonzero(new == one), np.flatnonzero(new == other)))
    for fault in faults:
        new[fault.others] = fault.clusters[0]
    return new, faults


def plant_splits(
    labels: ArrayLike,
    features: ArrayLike,
    camids: ArrayLike,
    *,
    count: int = 20,
    seed: int = 0,
    spare: Iterable[int] = (),
) -> Planted:
    """Split clusters in two where their features fall apart best (2-means); see :func:`plant_merges`.

    A cluster of which a part would have one camera only is passed over: that is a camera cluster.

    Args:
        camids: (N,) integers; negative or missing: unknown, which counts as a camera here.
    """
    rows = unit_rows(features)
    new, rng = _read(labels, len(rows)), np.random.default_rng(seed)
    cameras = integer_ids(camids, "camids", len(new))
    faults: list[Fault] = []
    for cluster in rng.permutation(_choices(new, spare, 2 * LEAST)):
        if len(faults) == count:
            break
        crops = np.flatnonzero(new == cluster)
        part = KMeans(2, n_init=1, random_state=seed).fit_predict(rows[crops])
        if all(len(np.unique(cameras[crops[part == one]])) > 1 for one in (0, 1)):
            faults.append(_leave(new, crops[part == 1], "split"))
    return new, faults


def plant_camera_clusters(
    labels: ArrayLike, camids: ArrayLike, *, count: int = 20, seed: int = 0, spare: Iterable[int] = ()
) -> Planted:
    """Let the crops of one camera leave their cluster for one of their own; see :func:`plant_merges`.

    Args:
        camids: (N,) integers; negative or missing: unknown, and left alone.
    """
    new, rng = _read(labels, np.size(labels)), np.random.default_rng(seed)
    cameras = integer_ids(camids, "camids", len(new))
    faults: list[Fault] = []
    for cluster in rng.permutation(_choices(new, spare, 2 * LEAST)):
        if len(faults) == count:
            break
        crops = np.flatnonzero(new == cluster)
        seen, counts = np.unique(cameras[crops], return_counts=True)
        able = seen[(seen >= 0) & (counts >= LEAST) & (counts <= len(crops) - LEAST)]
        if len(able):
            faults.append(_leave(new, crops[cameras[crops] == rng.choice(able)], "camera"))
    return new, faults


def plant_duplicates(
    labels: ArrayLike, *, count: int = 20, seed: int = 0, spare: Iterable[int] = ()
) -> tuple[Rows, Rows, list[Fault]]:
    """Show crops a second time, with the label of somebody else.

    Returns:
        (N + count,) rows that every list of the crops must be indexed with (features, camids, ...), the new
        labels, as many, and a fault for each.

    Raises:
        ReidkitError: fewer than two clusters.
    """
    old, rng = _read(labels, np.size(labels)), np.random.default_rng(seed)
    names = _choices(old, spare, 1)
    if len(names) < 2:
        raise ReidkitError("A second label takes two clusters at least.")
    able = np.flatnonzero(np.isin(old, names))
    twice = np.sort(rng.permutation(able)[:count])
    wrong = np.array([rng.choice([c for c in names if c != old[crop]]) for crop in twice], np.int64)
    faults = [
        Fault("duplicate", (int(old[crop]), int(label)), np.array([crop]), np.array([len(old) + place]))
        for place, (crop, label) in enumerate(zip(twice, wrong, strict=True))
    ]
    return np.concatenate([np.arange(len(old)), twice]), np.concatenate([old, wrong]), faults


def plant(
    labels: ArrayLike, features: ArrayLike, camids: ArrayLike, *, count: int = 20, seed: int = 0
) -> Planted:
    """Plant merges, splits and camera clusters, ``count`` each, every cluster in one fault at most."""
    new, faults = plant_merges(labels, features, count=count, seed=seed)
    spare = {c for fault in faults for c in fault.clusters}
    new, more = plant_splits(new, features, camids, count=count, seed=seed, spare=spare)
    spare |= {c for fault in more for c in fault.clusters}
    new, last = plant_camera_clusters(new, camids, count=count, seed=seed, spare=spare)
    return new, faults + more + last


def found(suspects: pd.DataFrame, faults: Sequence[Fault], *, first: int = 20) -> pd.DataFrame:
    """Count which suspects were planted, and which planted faults are suspected.

    A suspect is right if its clusters have a fault. *Split* and *camera* count as one here: which of the two
    a pair of clusters is called says only how many cameras saw it.

    Args:
        suspects: from :func:`reidkit.labels.doctor.examine`.
        faults: what was planted.
        first: how many suspects of each kind are judged.

    Returns:
        One row a kind: "right", "judged", "precision"; "planted", "found" (by any suspect of those judged)
        and "recall". NaN where there is none.
    """
    some = suspects.groupby("kind", sort=False).head(first)
    told = {(_kind(kind), tuple(sorted(c))) for kind, c in zip(some["kind"], some["clusters"], strict=True)}
    real = {(_kind(fault.kind), tuple(sorted(fault.clusters))) for fault in faults}
    rows = {}
    for kind in ("merge", "split", "camera", "duplicate"):
        mine = some.loc[some["kind"] == kind, "clusters"]
        right = [(_kind(kind), tuple(sorted(clusters))) in real for clusters in mine]
        planted = [(_kind(kind), tuple(sorted(f.clusters))) in told for f in faults if f.kind == kind]
        rows[kind] = {
            "right": sum(right), "judged": len(right), "precision": np.mean(right) if right else np.nan,
            "planted": len(planted), "found": sum(planted), "recall": np.mean(planted) if planted else np.nan,
        }  # fmt: skip
    return pd.DataFrame(rows).T.astype(dict.fromkeys(("right", "judged", "planted", "found"), int))


def _kind(kind: str) -> str:
    return "split" if kind == "camera" else kind


def _read(labels: ArrayLike, n: int) -> Rows:
    return integer_ids(labels, "labels", n).copy()


def _choices(labels: Rows, spare: Iterable[int], least: int) -> list[int]:
    """The clusters of at least so many crops that may get a fault."""
    names, counts = np.unique(labels[labels != OUTLIER], return_counts=True)
    left_alone = set(spare)
    return [int(c) for c, n in zip(names, counts, strict=True) if n >= least and int(c) not in left_alone]


def _leave(labels: Rows, crops: Rows, kind: str) -> Fault:
    """Give some crops of a cluster a new label, in place."""
    old, new = int(labels[crops[0]]), int(labels.max()) + 1
    others = np.setdiff1d(np.flatnonzero(labels == old), crops)
    labels[crops] = new
    return Fault(kind, (old, new), crops, others)
