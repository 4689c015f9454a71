"""Which pseudo-labels are probably wrong? A ranked list of suspects, found without any identity.

The one thing that is nearly certain without names is a *single camera*: two crops of one person from one
camera look alike, whatever the network thinks of other cameras. So the rules lean on one number, the
**same-camera threshold**. It lies between *near*, the distance of a crop to the nearest of its own cluster
and camera, and *far*, the distance of two crops of one camera in different clusters (medians, which wrong
labels hardly move). Two groups of crops of one camera that lie farther apart on average are probably two
people. Crops of unknown camera say nothing here.

- *merge*: within one camera, the crops of a cluster fall into two groups (average linkage) that are apart.
- *split*: two clusters that are each other's nearest, and that no camera contradicts. Neither is a suspected
  merge: cut these first and look again.
- *camera*: the same, and one of the two was seen by one camera only.
- *outlier*: most of an outlier's neighbours are in one cluster, and no camera contradicts.
- *duplicate*: two crops that are nearly the same picture, with different labels.

The rules themselves are in :mod:`reidkit.labels.symptoms`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from reidkit.distances.checks import integer_ids
from reidkit.errors import ReidkitError
from reidkit.labels.patient import Rows, admit
from reidkit.labels.symptoms import duplicates, merges, outliers, pairs

KINDS = ("merge", "split", "camera", "outlier", "duplicate")
WITHOUT_CAMERAS = ("outlier", "duplicate")
"""The kinds that can be told where no camera is known."""


def told_by(camids: ArrayLike | pd.Series) -> tuple[str, ...]:
    """Return the kinds of suspects that can be told with these cameras: all, or those that need none.

    >>> told_by([-1, -1])
    ('outlier', 'duplicate')
    """
    return KINDS if (integer_ids(camids, "camids", np.size(camids)) >= 0).any() else WITHOUT_CAMERAS


COLUMNS = ["kind", "score", "clusters", "crops", "others", "reason"]


def examine(
    features: ArrayLike,
    labels: ArrayLike,
    camids: ArrayLike,
    *,
    k: int = 10,
    kinds: Sequence[str] = KINDS,
) -> pd.DataFrame:
    """List what is suspicious about pseudo-labels, by kind, the most suspicious first.

    Args:
        features: (N, D) float32, L2-normalised.
        labels: (N,) integers, -1 an outlier.
        camids: (N,) integers; negative or missing: unknown.
        k: how many neighbours of an outlier are asked.
        kinds: what to look for, of :data:`KINDS`. "outlier" and "duplicate" need no camera.

    Returns:
        One row a suspect: "kind" (of :data:`KINDS`), "score" (comparable within a kind), "clusters" (one or
        two labels), "crops" and "others" (rows: two groups that should be apart, if a merge, or else
        together), and "reason", with its figures.

    Raises:
        ReidkitError: features with NaN, lists of different length, no cluster, an unknown kind, or no camera
            that could compare (the message says which kinds are left).
    """
    if unknown := set(kinds) - set(KINDS):
        raise ReidkitError(f"Unknown kind {sorted(unknown)[0]!r}; there are {', '.join(KINDS)}.")
    patient, by_camera = admit(features, labels, camids, k), bool(set(kinds) & set(KINDS[:3]))
    if by_camera and np.isnan(patient.threshold):
        raise ReidkitError(
            "No camera saw both two crops of one cluster and two of different clusters, so there is nothing "
            "to compare within a camera. Without cameras, ask for kinds=('outlier', 'duplicate')."
        )
    found = list(merges(patient)) if by_camera else []
    found += pairs(patient, [suspect["clusters"][0] for suspect in found]) if by_camera else []
    table = pd.DataFrame([*found, *outliers(patient), *duplicates(patient)], columns=COLUMNS)
    table = table[table["kind"].isin(kinds)].sort_values("score", ascending=False, kind="stable")
    return table.sort_values(
        "kind", key=lambda kinds: kinds.map(KINDS.index), kind="stable", ignore_index=True
    )


def precision(suspects: pd.DataFrame, pids: ArrayLike | pd.Series, *, first: int = 20) -> pd.DataFrame:
    """Judge suspects with true identities: how many of the first of each kind are right?

    Each of the two groups stands for the person who is most frequent in it. A merge is right if they are
    two people, everything else if they are one.

    Args:
        suspects: from :func:`examine`.
        pids: (N,) integers; a suspect with a group of unknown people (0 or less) is not judged.
        first: how many of each kind.

    Returns:
        One row a kind: "right", "judged" and "precision", NaN where none was judged.
    """
    people = integer_ids(pids, "pids", np.size(pids))
    rows = {}
    for kind in KINDS:
        some = suspects[suspects["kind"] == kind].head(first)
        who = [
            (_person(people, a), _person(people, b))
            for a, b in zip(some["crops"], some["others"], strict=True)
        ]
        right = [(a == b) != (kind == "merge") for a, b in who if a > 0 and b > 0]
        share = float(np.mean(right)) if right else float("nan")
        rows[kind] = {"right": sum(right), "judged": len(right), "precision": share}
    return pd.DataFrame(rows).T.astype({"right": int, "judged": int})


def _person(people: Rows, crops: Rows) -> int:
    found, counts = np.unique(people[crops], return_counts=True)
    return int(found[counts.argmax()])
