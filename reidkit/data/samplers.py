"""Which crops make a batch: P people (or clusters) with K crops each, over different cameras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reidkit.errors import ReidkitError


@dataclass(frozen=True)
class ClusterSampler:
    """Draw batches of P clusters x K crops, as Cluster Contrast's camera-aware sampler does.

    Clusters are taken in random order. Each gives one random anchor and K - 1 crops of the same cluster
    under *other* cameras (without repeats when there are K or more of them, else with). Where all of a
    cluster lies under one camera, its other crops are drawn; a cluster of a single crop gives just that one.
    A batch has exactly P x K crops: the released loader cuts the stream of crops there, and drops what
    is left at the end.

    Source: alibaba/cluster-contrast-reid, clustercontrast/utils/data/sampler.py
    (RandomMultipleGallerySampler; without cameras its "NoCam" sister).

    Attributes:
        clusters: P; released value 16.
        instances: K; released value 16.
        cameras: use the camera numbers. Off is the released ``--no-cam``.
    """

    clusters: int = 16
    instances: int = 16
    cameras: bool = True

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> ClusterSampler:
        """Read P, K and the use of cameras from a run's options."""
        return cls(options["clusters"], options["instances"], cameras=options["use_cameras"])

    @property
    def batch_size(self) -> int:
        """Crops in a batch."""
        return self.clusters * self.instances

    def batches(
        self, labels: np.ndarray, camids: np.ndarray, count: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """Yield ``count`` batches of row numbers, starting over as often as needed.

        Args:
            labels: (N,) int64; rows with a negative label are never drawn.
            camids: (N,) int64; unknown cameras may carry any one value.
            count: batches to yield.
            rng: decides everything.

        Yields:
            (P * K,) int64 row numbers, crops of one cluster side by side.

        Raises:
            ReidkitError: no row carries a label.
        """
        members = _rows_by_label(labels)
        if not members:
            raise ReidkitError("No crop carries a label: there is nothing to draw batches from.")
        stream: list[int] = []
        while count > 0:
            before = count
            for label in rng.permutation(len(members)):
                stream.extend(self._draw(members[label], camids, rng))
                if len(stream) >= self.batch_size:
                    yield np.array(stream[: self.batch_size])
                    stream = stream[self.batch_size :]
                    count -= 1
                    if count == 0:
                        return
            # The released loader drops the tail of a pass; a set too small to fill one batch goes on.
            if count < before:
                stream = []

    def _draw(self, rows: np.ndarray, camids: np.ndarray, rng: np.random.Generator) -> list[int]:
        anchor = rng.choice(rows)
        others = rows[camids[rows] != camids[anchor]] if self.cameras else rows[:0]
        if len(others) == 0:
            others = rows[rows != anchor]
        if len(others) == 0:
            return [int(anchor)]
        # K - 1 would be enough without repeats; the released code asks for K.
        drawn = rng.choice(others, self.instances - 1, replace=len(others) < self.instances)
        return [int(anchor), *drawn.tolist()]


def _rows_by_label(labels: np.ndarray) -> list[np.ndarray]:
    rows = np.flatnonzero(labels >= 0)
    rows = rows[np.argsort(labels[rows], kind="stable")]
    _, starts = np.unique(labels[rows], return_index=True)
    return np.split(rows, starts[1:]) if len(rows) else []
