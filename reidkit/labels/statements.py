"""What an edit says of its crops, and what that comes to for other labels of the same crops.

The number of a cluster means nothing in the next clustering, so an edit is kept as a statement about crops:

- *split*: these crops share no cluster with the others that they left. (Crops that came from several
  clusters, or from the outliers, are also one cluster.)
- *merge*: the cluster of these crops and the cluster of the others are one.
- *move*: these crops belong to the cluster of the others.
- *drop*: these crops are outliers.

"The cluster" of some crops is the one that holds more than half of them. Where there is none the statement
cannot be applied, and the outcome says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from reidkit.labels.clustering import OUTLIER
from reidkit.labels.names import Rows

Kind = Literal["split", "merge", "drop", "move"]
KINDS: tuple[Kind, ...] = ("split", "merge", "drop", "move")


@dataclass(frozen=True)
class Edit:
    """One edit: these crops got that label.

    Attributes:
        kind: one of :data:`KINDS`.
        crops: rows, ascending.
        others: rows that it speaks of too: the rest of the clusters that were left (split), or who was in
            the cluster that was joined (merge, move).
        clusters: the labels that the crops had, ascending; -1 an outlier.
        to: the label that they got.
        why: the reason given, or "".
    """

    kind: Kind
    crops: tuple[int, ...]
    others: tuple[int, ...]
    clusters: tuple[int, ...]
    to: int
    why: str = ""

    def __str__(self) -> str:
        return f"{self.did}: {self.why}" if self.why else self.did

    @property
    def did(self) -> str:
        """What was done, in words."""
        count = f"{len(self.crops)} crop{'s' if len(self.crops) > 1 else ''}"
        return {
            "split": f"{count} left {_named(self.clusters)} for cluster {self.to}",
            "merge": f"{_named(self.clusters)} ({count}) became a part of cluster {self.to}",
            "drop": f"{count} of {_named(self.clusters)} became outliers",
            "move": f"{count} moved from {_named(self.clusters)} to cluster {self.to}",
        }[self.kind]


def _named(clusters: tuple[int, ...]) -> str:
    numbers = [str(cluster) for cluster in clusters if cluster != OUTLIER]
    places = [f"cluster{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"] if numbers else []
    return " and ".join(places + ["the outliers"] * (OUTLIER in clusters))


class Outcome(NamedTuple):
    """What a statement comes to: these crops get that label, or none and the reason."""

    status: Literal["done", "already so", "skipped"]
    crops: Rows
    to: int
    reason: str = ""


class Cut(NamedTuple):
    """What the edit of that number holds apart."""

    number: int
    crops: Rows
    others: Rows


def interpret(kind: Kind, crops: Rows, others: Rows, labels: Rows, new: int, *, gather: bool) -> Outcome:
    """Say what a statement comes to.

    Args:
        kind, crops, others: as an :class:`Edit` has them.
        labels: (N,) int64, those that it is to hold for.
        new: the number of the next new cluster.
        gather: of a split, whether its crops are one cluster too.
    """
    if kind == "drop":
        return _outcome(crops[labels[crops] != OUTLIER], OUTLIER, "they are outliers")
    if kind == "split":
        return _split(crops, others, labels, new, gather)
    target = main_cluster(others, labels)
    if target is None:
        return _skipped(f"of the crops to be joined, {_scattered(others, labels)}")
    if kind == "move":
        return _outcome(crops[labels[crops] != target], target, f"they are in cluster {target}")
    source = main_cluster(crops, labels)
    if source is None:
        return _skipped(f"of the crops that should join, {_scattered(crops, labels)}")
    members = np.flatnonzero(labels == source) if source != target else crops[:0]
    return _outcome(members, target, f"both are in cluster {target}")


def _split(crops: Rows, others: Rows, labels: Rows, new: int, gather: bool) -> Outcome:
    shared = np.intersect1d(labels[crops], labels[others])
    shared = shared[shared != OUTLIER]
    leaving = crops if gather else crops[np.isin(labels[crops], shared)]
    home = main_cluster(crops, labels)
    to = new if home is None or home in shared else home
    return _outcome(leaving[labels[leaving] != to], to, "they share no cluster")


def main_cluster(crops: Rows, labels: Rows) -> int | None:
    """Return the cluster that holds more than half of some crops, or None."""
    found, counts = np.unique(labels[crops], return_counts=True)
    best = int(counts.argmax()) if len(found) else 0
    if not len(found) or found[best] == OUTLIER or 2 * counts[best] <= len(crops):
        return None
    return int(found[best])


def cure(suspected: str, crops: Rows, others: Rows, labels: Rows) -> tuple[Kind, Rows, Rows]:
    """Return what to do about a suspect of the doctor, and for whom: kind, crops, others.

    The smaller group goes, the larger one stays; but an outlier always goes home.
    """
    if suspected == "outlier":
        return "move", crops, others
    if suspected == "duplicate":
        small, large = sorted((crops, others), key=lambda crop: _size(labels[crop[0]], labels))
        return "move", small, large
    few, many = sorted((crops, others), key=len)
    return ("split" if suspected == "merge" else "merge"), few, many


def _size(label: int, labels: Rows) -> int:
    return 0 if label == OUTLIER else int((labels == label).sum())


def share_a_cluster(crops: Rows, others: Rows, labels: Rows) -> bool:
    """Whether any of some crops is in a cluster with any of others."""
    shared = np.intersect1d(labels[crops], labels[others])
    return bool((shared != OUTLIER).any())


def unless_it_joins(cuts: Sequence[Cut], outcome: Outcome, labels: Rows) -> Outcome:
    """Refuse an outcome that would put together what a cut holds apart."""
    after = labels.copy()
    after[outcome.crops] = outcome.to
    for cut in cuts:
        if share_a_cluster(cut.crops, cut.others, after):
            return _skipped(f"it would join what edit {cut.number} cut")
    return outcome


def _outcome(crops: Rows, to: int, otherwise: str) -> Outcome:
    return Outcome("done", crops, to) if len(crops) else Outcome("already so", crops, to, otherwise)


def _skipped(reason: str) -> Outcome:
    return Outcome("skipped", np.empty(0, np.int64), OUTLIER, reason)


def _scattered(crops: Rows, labels: Rows) -> str:
    clusters, counts = np.unique(labels[crops][labels[crops] != OUTLIER], return_counts=True)
    lost = len(crops) - counts.sum()
    most = f", at most {counts.max()} in one" if len(clusters) > 1 else ""
    return f"{lost} of {len(crops)} are outliers and the others are in {len(clusters)} cluster(s){most}"
