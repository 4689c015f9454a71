"""The doctor's rules, one function each; :mod:`reidkit.labels.doctor` says what they look for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from reidkit.labels.clustering import OUTLIER
from reidkit.labels.patient import Patient, Rows
from reidkit.neighbours import nearest

SAME_PICTURE = 0.05
"""Two crops nearer than this are taken for one picture; distances reach from 0 to 2."""
CANDIDATES = 5
"""How many of the nearest clusters are asked, where cameras contradict the first."""
AGREED = 0.9
"""Two clusters agree in a camera if they are this share of the threshold apart, or less: joining asks for a
little more than not cutting, so that what was cut is not joined again."""
MOST = 500
"""Crops of a cluster in one camera that are compared; of more, every n-th."""

Suspect = dict[str, Any]


def merges(patient: Patient) -> Iterator[Suspect]:
    """Within one camera, the crops of a cluster fall into two groups."""
    for cluster, rows in patient.members.items():
        found = [seen for camera in patient.seen(rows) if (seen := _groups(patient, rows, camera))]
        if not found:
            continue
        score, first, second, gap = max(found, key=lambda seen: seen[0])
        one, other = _halves(patient, rows, first, second)
        yield {
            "kind": "merge", "score": score, "clusters": (cluster,), "crops": one, "others": other,
            "reason": f"in camera {patient.cameras[first[0]]}, {len(first)} and {len(second)} crops are "
            f"{gap:.2f} apart (threshold {patient.threshold:.2f}); {_counted(len(found))} so",
        }  # fmt: skip


def _counted(cameras: int) -> str:
    return "1 camera says" if cameras == 1 else f"{cameras} cameras say"


def _groups(patient: Patient, rows: Rows, camera: int) -> tuple[float, Rows, Rows, float] | None:
    """Return the two groups of a cluster in one camera, how far apart, and how much that says."""
    mine = rows[patient.cameras[rows] == camera]
    mine = mine[:: -(-len(mine) // MOST)]
    if len(mine) < 2:
        return None
    distance = patient.distances(mine, mine)
    tree = linkage(distance[np.triu_indices(len(mine), 1)], "average")
    gap = float(tree[-1, 2])
    if gap <= patient.threshold:
        return None
    group = fcluster(tree, 2, "maxclust")
    one, other = mine[group == 1], mine[group == 2]
    # Two crops that stand apart weigh more than one, which may be half hidden. More say no more.
    return gap / patient.threshold * min(len(one), len(other), 2), one, other, gap


def _halves(patient: Patient, rows: Rows, first: Rows, second: Rows) -> tuple[Rows, Rows]:
    """Give every crop of a cluster to the group that is nearer on average."""
    nearer = patient.distances(rows, first).mean(axis=1) <= patient.distances(rows, second).mean(axis=1)
    nearer[np.isin(rows, first)], nearer[np.isin(rows, second)] = True, False
    return rows[nearer], rows[~nearer]


def pairs(patient: Patient, mixed: Collection[int]) -> Iterator[Suspect]:
    """Two clusters that are each other's nearest, among those that no camera contradicts.

    Args:
        mixed: clusters that are suspected merges. Whom they belong to shows when they are cut, not before.
    """
    names = [cluster for cluster, rows in patient.members.items() if len(patient.seen(rows))]
    if len(names) < 2:
        return
    best = _partners(patient, names)
    for a, (b, apart, next_best) in best.items():
        if a < b and best.get(b, (-1,))[0] == a and not {a, b} & set(mixed):
            yield _pair(patient, a, b, apart, min(next_best, best[b][2]))


def _partners(patient: Patient, names: list[int]) -> dict[int, tuple[int, float, float]]:
    """For each cluster, the nearest that no camera contradicts, how far, and how far the nearest other is."""
    means = np.stack([patient.levelled[patient.members[name]].mean(axis=0) for name in names])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    distance, order = nearest(means, min(CANDIDATES + 1, len(names)))
    best = {}
    for place, name in enumerate(names):
        for rank in range(1, len(order[place])):
            other = names[order[place, rank]]
            if not patient.contradicted(patient.members[name], patient.members[other], share=AGREED):
                next_best = np.delete(distance[place], [0, rank]).min(initial=2)
                best[name] = (other, float(distance[place, rank]), float(next_best))
                break
    return best


def _pair(patient: Patient, a: int, b: int, apart: float, next_best: float) -> Suspect:
    rows, others = patient.members[a], patient.members[b]
    shared = len(patient.seen(rows, others))
    how = f"share {shared} camera{'s' * (shared > 1)} and agree there" if shared else "share no camera"
    return {
        "kind": "camera" if min(len(patient.seen(rows)), len(patient.seen(others))) == 1 else "split",
        "score": next_best / max(apart, SAME_PICTURE), "clusters": (a, b), "crops": rows, "others": others,
        "reason": f"each other's nearest cluster, {apart:.2f} apart (what cameras add is taken out; the next "
        f"is {next_best:.2f} away); they {how}",
    }  # fmt: skip


def outliers(patient: Patient) -> Iterator[Suspect]:
    """An outlier most of whose neighbours are in one cluster."""
    for crop in np.flatnonzero(patient.labels == OUTLIER):
        around = patient.labels[patient.neighbours[crop]]
        homes, counts = np.unique(around[around != OUTLIER], return_counts=True)
        if not len(homes) or 2 * counts.max() <= len(around):
            continue
        home, alone = int(homes[counts.argmax()]), np.array([crop])
        if patient.contradicted(alone, patient.members[home]):
            continue
        near = float(patient.apart[crop][around == home].mean())
        yield {
            "kind": "outlier", "score": counts.max() / len(around) + (1 - near / 2) / len(around),
            "clusters": (home,), "crops": alone, "others": patient.members[home],
            "reason": f"{counts.max()} of its {len(around)} nearest crops are in it, {near:.2f} away",
        }  # fmt: skip


def duplicates(patient: Patient) -> Iterator[Suspect]:
    """Nearly the same picture, in two clusters."""
    crops, place = np.nonzero(patient.apart < SAME_PICTURE)
    for crop, other, apart in zip(
        crops, patient.neighbours[crops, place], patient.apart[crops, place], strict=True
    ):
        a, b = int(patient.labels[crop]), int(patient.labels[other])
        if crop < other and a != b:
            yield {
                "kind": "duplicate", "score": 2 - float(apart), "clusters": (a, b),
                "crops": np.array([crop]), "others": np.array([other]),
                "reason": f"nearly one picture ({apart:.3f} apart), with two labels",
            }  # fmt: skip
