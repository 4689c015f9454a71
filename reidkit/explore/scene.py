"""What is looked at: crops, and for each epoch their features and labels. No widget in here."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reidkit.distances.checks import integer_ids, unit_rows
from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.labels import ClusterTree, cluster_tree
from reidkit.neighbours import jaccard_graph, nearest
from reidkit.projection import align, project

Rows = NDArray[np.int64]
Features = NDArray[np.float32]
Neighbours = tuple[NDArray[np.float32], Rows]
HASTY = 20
"""Passes of UMAP's optimiser for each epoch of a run that is being watched."""
NEAREST = 30
"""How many neighbours of each crop are kept: those of the released Jaccard distance."""


@dataclass(frozen=True)
class Clustering:
    """How labels are made: as the released Cluster Contrast does, unless a run says otherwise."""

    k1: int = 30
    k2: int = 6
    eps: float = 0.6
    min_samples: int = 4


class Source:
    """Where features and labels come from, by epoch: arrays in memory here, a folder in :class:`Recorded`.

    Args:
        features: {view: (N, D) float32, unit rows}; "global" must be there.
        labels: (N,) integers, -1 an outlier; None: nobody has clustered yet.
    """

    def __init__(self, features: Mapping[str, Features], labels: Rows | None) -> None:
        self._features, self._labels = features, labels

    @property
    def epochs(self) -> list[int]:
        """The epochs that can be looked at, ascending."""
        return [0]

    @property
    def views(self) -> list[str]:
        """The views with features of their own."""
        return list(self._features)

    def features(self, epoch: int, view: str) -> Features:
        """(N, D) float32, unit rows."""
        return self._features[view]

    def labels(self, epoch: int) -> Rows | None:
        """(N,) int64, or None."""
        return self._labels


class Recorded(Source):
    """The training crops of a run, as its record keeps them; a live run grows."""

    def __init__(self, record: Record) -> None:
        self.record = record
        if not self.epochs:
            raise ReidkitError(f"{record.path} has no epoch yet: its first one is written in a moment.")

    @property
    def epochs(self) -> list[int]:
        return self.record.recorded

    @property
    def views(self) -> list[str]:
        return self.record.views(self.epochs[0])

    def features(self, epoch: int, view: str) -> Features:
        return self.record.features(epoch, view)

    def labels(self, epoch: int) -> Rows:
        return self.record.labels(epoch)


@dataclass(eq=False)
class Scene:
    """Crops and what is known of them. What costs time is computed when it is asked for, and kept.

    Attributes:
        name: for titles.
        crops: N rows: path (None where there is no image), camid, and pid; missing: unknown.
        source: features and labels by epoch.
        clustering: how the eps dial clusters.
        run: the folder of the run; None for features.
        seed: of the maps.
        live: the run is still growing: maps of new epochs go on from the newest one, in few and short steps.
    """

    name: str
    crops: pd.DataFrame
    source: Source
    clustering: Clustering = field(default_factory=Clustering)
    run: Path | None = None
    seed: int = 0
    live: bool = False

    def __post_init__(self) -> None:
        n = len(self.crops)
        self.camids: Rows = integer_ids(self.crops["camid"], "camids", n)
        self.pids: Rows = integer_ids(self.crops["pid"], "pids", n)
        self.paths: list[str | None] = [p if isinstance(p, str) else None for p in self.crops["path"]]
        self._anchor = self.epochs[-1]  # the epoch on whose map those of all others lie
        # Callbacks of widgets run in several threads. One computes; the others wait for what it finds.
        self._lock = threading.RLock()
        self._features_of = lru_cache(maxsize=4)(self._read)
        self._neighbours_of = lru_cache(maxsize=4)(self._search)
        self._drawn: dict[int, NDArray[np.float32]] = {}
        self._tree_of = lru_cache(maxsize=6)(self._grow)
        (
            self.labels(self._anchor),
            self.features(self._anchor),
        )  # what is wrong is said before anything is drawn

    def __len__(self) -> int:
        return len(self.crops)

    @property
    def epochs(self) -> list[int]:
        """The epochs that can be looked at, ascending."""
        return self.source.epochs

    @property
    def views(self) -> list[str]:
        """The views with features of their own."""
        return self.source.views

    @property
    def known(self) -> bool:
        """Whether some of the people are known."""
        return bool((self.pids > 0).any())

    def features(self, epoch: int, view: str = "global") -> Features:
        """Return (N, D) float32, unit rows."""
        with self._lock:
            return self._features_of(epoch, view)

    def labels(self, epoch: int) -> Rows:
        """Return (N,) int64, as recorded, or made by :attr:`clustering` where nobody has."""
        found = self.source.labels(epoch)
        if found is None:
            return self.tree(epoch).cut(self.clustering.eps)
        return integer_ids(found, f"labels of epoch {epoch}", len(self))

    def neighbours(self, epoch: int, k: int = NEAREST) -> Neighbours:
        """Return distances and rows of the k nearest, both (N, k), each crop itself first."""
        with self._lock:
            distances, rows = self._neighbours_of(epoch, min(max(k, NEAREST), len(self)))
            return distances[:, :k], rows[:, :k]

    def has_layout(self, epoch: int) -> bool:
        """Whether the map of an epoch is there already."""
        return epoch in self._drawn

    def layout(self, epoch: int) -> NDArray[np.float32]:
        """Return the map of an epoch, (N, 2). Other epochs start from the last one's and are laid onto it."""
        with self._lock:
            if epoch not in self._drawn:
                self._drawn[epoch] = self._project(epoch)
            return self._drawn[epoch]

    def tree(self, epoch: int, *, k1: int | None = None, k2: int | None = None) -> ClusterTree:
        """Return all clusterings of an epoch; k1 and k2 as in :attr:`clustering` where left out."""
        k1 = min(k1 or self.clustering.k1, len(self))
        with self._lock:
            return self._tree_of(epoch, k1, min(k2 or self.clustering.k2, k1))

    def _read(self, epoch: int, view: str) -> Features:
        rows = unit_rows(self.source.features(epoch, view), f"features of epoch {epoch} ({view})")
        if len(rows) != len(self):
            raise ReidkitError(f"{len(rows)} rows of features for {len(self)} crops: give one per crop.")
        return rows

    def _search(self, epoch: int, k: int) -> Neighbours:
        return nearest(self.features(epoch), k)

    def _project(self, epoch: int) -> NDArray[np.float32]:
        features, near = self.features(epoch), self.neighbours(epoch, 15)
        if epoch == self._anchor:
            return project(features, neighbours=near, seed=self.seed)
        if self.live:
            before = self._drawn[max(self._drawn)]
            return align(project(features, neighbours=near, init=before, epochs=HASTY, step=0.3), before)
        onto = self.layout(self._anchor)
        return align(project(features, neighbours=near, seed=self.seed, init=onto), onto)

    def _grow(self, epoch: int, k1: int, k2: int) -> ClusterTree:
        graph = jaccard_graph(self.features(epoch), k1, k2, neighbours=self.neighbours(epoch, k1))
        return cluster_tree(graph, self.clustering.min_samples)
