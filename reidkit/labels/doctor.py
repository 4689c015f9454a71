"""Which pseudo-labels are probably wrong? A ranked list of suspects, found without any identity.

The one thing that is nearly certain without names is a *single camera*: two crops of one person from one
camera look alike, whatever the network thinks of other cameras. So the rules lean on one number, the
**same-camera threshold**. It lies between *near*, the distance of a crop to the nearest of its own cluster
and camera, and *far*, the distance of two crops of one camera in different clusters (medians, which wrong
labels hardly move). Two groups of crops of one camera that lie farther apart on average are probably two
people. (All crops of unknown camera count as one camera. A person's change of camera then looks like a second
person, and the rules say less.)

- *merge*: within one camera, the crops of a cluster fall into two groups (average linkage) that are apart.
- *split*: two clusters that are each other's nearest, and that no camera contradicts.
- *camera*: the same, and one of the two was seen by one camera only.
- *outlier*: most of an outlier's neighbours are in one cluster, and no camera contradicts.
- *duplicate*: two crops that are nearly the same picture, with different labels.

The rules themselves are in :mod:`reidkit.labels.symptoms`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from reidkit.distances.checks import integer_ids
from reidkit.labels.patient import Rows, admit
from reidkit.labels.symptoms import duplicates, merges, outliers, pairs

KINDS = ("merge", "split", "camera", "outlier", "duplicate")
COLUMNS = ["kind", "score", "clusters", "crops", "others", "reason"]


def examine(features: ArrayLike, labels: ArrayLike, camids: ArrayLike, *, k: int = 10) -> pd.DataFrame:
    """List what is suspicious about pseudo-labels, by kind, the most suspicious first.

    Args:
        features: (N, D) float32, L2-normalised.
        labels: (N,) integers, -1 an outlier.
        camids: (N,) integers; negative or missing: unknown.
        k: how many neighbours of an outlier are asked.

    Returns:
        One row a suspect: "kind" (of :data:`KINDS`), "score" (comparable within a kind), "clusters" (one or
        two labels), "crops" and "others" (rows: two groups that should be apart, if a merge, or else
        together), and "reason", with its figures.

    Raises:
        ReidkitError: lists of different length, no cluster, or no camera that could compare.
    """
    patient = admit(features, labels, camids, k)
    found = [suspect for rule in (merges, pairs, outliers, duplicates) for suspect in rule(patient)]
    table = pd.DataFrame(found, columns=COLUMNS).sort_values("score", ascending=False, kind="stable")
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
