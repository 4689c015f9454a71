"""What became of each cluster? The clusters of one epoch, matched with those of the next.

Every epoch clusters afresh, and cluster 7 of one epoch has nothing to do with cluster 7 of the next but its
number. What they share is crops. A cluster A *continues* in B if they share more than half of all crops that
are in either (their Jaccard index is above 1/2). At most one B can, and then A is the only one for it, so the
match needs no search and no tie-break. Everything else is an event:

- A *merged*: more than half of A is in one B, which is no continuation of A (it is much larger).
- A *died*: more than half of A are outliers now.
- A *split*: neither.
- B was *born*: more than half of B were outliers before.
- B is a *piece*: more than half of B comes from one A that does not continue in it.
- B is a *union*: neither.

No identity is needed for any of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from reidkit.distances.checks import integer_ids
from reidkit.errors import ReidkitError
from reidkit.labels.clustering import OUTLIER
from reidkit.labels.quality import count_pairs


def overlaps(before: ArrayLike, after: ArrayLike) -> pd.DataFrame:
    """Count the crops that each label of one epoch shares with each label of the next.

    Args:
        before, after: (N,) integers, the labels of the same crops; -1 an outlier.

    Returns:
        One row for each two labels that share a crop: "before", "after", "shared" (crops), "of_before" and
        "of_after" (which share of each that is) and "jaccard", shared over all crops in either. Outliers
        are in it as label -1.

    Raises:
        ReidkitError: not two lists of N integers.

    >>> overlaps([0, 0, 0, 1, -1], [5, 5, 5, 5, 5])[["before", "shared", "of_after", "jaccard"]]
       before  shared  of_after  jaccard
    0      -1       1       0.2      0.2
    1       0       3       0.6      0.6
    2       1       1       0.2      0.2
    """
    old = integer_ids(before, "labels before", np.size(before))
    new = integer_ids(after, "labels after", len(old))
    pairs = pd.DataFrame({"before": old, "after": new}).groupby(["before", "after"])
    table = pairs.size().reset_index(name="shared")
    shared = table["shared"]
    old_size, new_size = (table.groupby(name)["shared"].transform("sum") for name in ("before", "after"))
    return table.assign(
        of_before=shared / old_size,
        of_after=shared / new_size,
        jaccard=shared / (old_size + new_size - shared),
    )


def churn(before: ArrayLike, after: ArrayLike) -> float:
    """Say how much of a clustering changed: 0 nothing, 1 everything.

    Of all pairs of crops that share a cluster in one epoch or the other, it is the part that does not share
    one in both. So it counts companions, not numbers.

    Returns:
        A share; NaN where no two crops share a cluster in either epoch.

    >>> churn([0, 0, 0, -1], [4, 4, -1, -1])   # three pairs, of which one is left
    0.6666666666666667
    """
    table = overlaps(before, after)
    inside = table[(table["before"] != OUTLIER) & (table["after"] != OUTLIER)]
    both = count_pairs(inside["shared"].to_numpy())
    old, new = (
        count_pairs(table[table[name] != OUTLIER].groupby(name)["shared"].sum().to_numpy())
        for name in ("before", "after")
    )
    either = old + new - both
    return 1 - both / either if either else float("nan")


def events(before: ArrayLike, after: ArrayLike) -> pd.DataFrame:
    """Say what became of each cluster, and where each new one came from; see the module's text.

    Returns:
        One row for each cluster before ("stable", "merged", "died", "split") and for each new one that
        continues none ("born", "piece", "union"): "event", "before", "after" (the partner that counts most,
        -1 where there is none), "crops" (its size) and "share" (of its crops that are with the partner).

    >>> events([0, 0, 0, 1, 1, 2, 2, 2], [0, 0, 0, 0, 0, 5, 5, 5])[["event", "before", "after", "share"]]
        event  before  after  share
    0  stable       0      0    1.0
    1  merged       1      0    1.0
    2  stable       2      5    1.0
    """
    table = overlaps(before, after)
    ended = _fates(table, "before", ("merged", "died", "split"))
    begun = _fates(table, "after", ("piece", "born", "union"))
    return pd.concat([ended, begun[begun["event"] != "stable"]], ignore_index=True)


def _fates(table: pd.DataFrame, own: str, names: tuple[str, str, str]) -> pd.DataFrame:
    """Name what happened to each cluster of one side of a table of overlaps."""
    other = "after" if own == "before" else "before"
    mine = table[table[own] != OUTLIER]
    crops = mine.groupby(own)["shared"].sum()
    clustered = mine[mine[other] != OUTLIER]
    # Whoever continues a cluster shares most of it. Of equals, the smaller label: sorting is stable.
    best = clustered.sort_values("shared", ascending=False, kind="stable").drop_duplicates(own)
    best = best.set_index(own).reindex(crops.index)
    shared = best["shared"].fillna(0)
    lost = crops - clustered.groupby(own)["shared"].sum().reindex(crops.index, fill_value=0)
    cases = [best["jaccard"] > 0.5, 2 * shared > crops, 2 * lost > crops]
    found = pd.DataFrame({"event": np.select(cases, ["stable", *names[:2]], names[2])}, index=crops.index)
    found[other] = best[other].fillna(OUTLIER).astype(np.int64)
    found = found.assign(crops=crops, share=shared / crops).reset_index()
    return found[["event", "before", "after", "crops", "share"]]


@dataclass(frozen=True)
class Lineage:
    """The clusters of several epochs, with names that last.

    Args:
        labels: for each epoch, ascending, (N,) integers of the same crops; -1 an outlier.

    Raises:
        ReidkitError: no epoch, epochs out of order, or lists of different length.

    >>> told = Lineage({0: [0, 0, 0, 1, 1], 1: [1, 1, 1, 0, 0], 2: [0, 0, 0, 0, 0]})
    >>> told.lines[2]                   # the large cluster is still number 0, whatever its label
    array([0, 0, 0, 0, 0])
    >>> told.summary()[["stable", "merged", "churn"]].round(2)
           stable  merged  churn
    epoch
    1           2       0    0.0
    2           1       1    0.6
    """

    labels: Mapping[int, ArrayLike]

    def __post_init__(self) -> None:
        epochs = list(self.labels)
        if not epochs or epochs != sorted(epochs):
            raise ReidkitError(f"Epochs {epochs}: give at least one, in ascending order.")
        first = np.size(self.labels[epochs[0]])
        for epoch in epochs:
            integer_ids(self.labels[epoch], f"labels of epoch {epoch}", first)

    @property
    def epochs(self) -> list[int]:
        """The epochs, ascending."""
        return list(self.labels)

    @cached_property
    def events(self) -> pd.DataFrame:
        """All events: :func:`events` of every two epochs in a row, with the later one's number as "epoch"."""
        steps = zip(self.epochs, self.epochs[1:], strict=False)
        tables = [events(self.labels[a], self.labels[b]).assign(epoch=b) for a, b in steps]
        return pd.concat(tables, ignore_index=True) if tables else events([], []).assign(epoch=[])

    @cached_property
    def lines(self) -> dict[int, NDArray[np.int64]]:
        """For each epoch (N,) numbers that a cluster keeps while it continues; -1 an outlier."""
        first = self.epochs[0]
        names = {int(c): int(c) for c in np.unique(self.labels[first]) if c != OUTLIER}
        free = max(names.values(), default=-1) + 1
        told = {first: _rename(self.labels[first], names)}
        for epoch in self.epochs[1:]:
            rows = self.events[(self.events["epoch"] == epoch) & (self.events["event"] == "stable")]
            kept = {int(b): names[int(a)] for a, b in zip(rows["before"], rows["after"], strict=True)}
            new = [int(c) for c in np.unique(self.labels[epoch]) if c != OUTLIER and int(c) not in kept]
            names = kept | {c: free + place for place, c in enumerate(new)}
            free += len(new)
            told[epoch] = _rename(self.labels[epoch], names)
        return told

    def summary(self) -> pd.DataFrame:
        """Count the events of each epoch but the first, and give its churn."""
        kinds = ("stable", "merged", "died", "split", "born", "piece", "union")
        found = self.events.groupby(["epoch", "event"]).size().unstack(fill_value=0)
        counts = found.reindex(index=self.epochs[1:], columns=list(kinds), fill_value=0).rename_axis("epoch")
        counts.columns.name = None
        steps = zip(self.epochs, self.epochs[1:], strict=False)
        return counts.assign(churn=[churn(self.labels[a], self.labels[b]) for a, b in steps])

    def history(self, crop: int) -> pd.DataFrame:
        """Tell what became of one crop.

        Args:
            crop: its row.

        Returns:
            One row an epoch: "line" (see :attr:`lines`), "size" of its cluster (0: an outlier), and "kept",
            the share of its companions of the epoch before that are still with it (NaN: it had none).

        Raises:
            ReidkitError: there is no such row.
        """
        count = len(self.lines[self.epochs[0]])
        if not 0 <= crop < count:
            raise ReidkitError(f"crop {crop}: there are rows 0 to {count - 1}.")
        rows, past = [], np.empty(0, np.int64)
        for epoch, lines in self.lines.items():
            mine = lines[crop]
            now = np.flatnonzero((lines == mine) & (mine != OUTLIER))
            company = now[now != crop]
            kept = np.isin(past, company).mean() if len(past) else np.nan
            rows.append({"epoch": epoch, "line": int(mine), "size": len(now), "kept": kept})
            past = company
        return pd.DataFrame(rows).set_index("epoch")


def _rename(labels: ArrayLike, names: Mapping[int, int]) -> NDArray[np.int64]:
    """Replace each label by its name; outliers stay."""
    found, places = np.unique(np.asarray(labels, np.int64), return_inverse=True)
    return np.array([names.get(int(c), OUTLIER) for c in found], np.int64)[places]
