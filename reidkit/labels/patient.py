"""What the doctor may look at: features, labels, cameras, neighbours, and the same-camera threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reidkit.distances import pair_distributions
from reidkit.distances.checks import integer_ids
from reidkit.errors import ReidkitError
from reidkit.labels.clustering import OUTLIER
from reidkit.neighbours import nearest

Rows = NDArray[np.int64]
WAY = 0.4
"""Where between near and far the threshold lies. On two towns that are put aside for tuning, nearly all
clusters that mix people have groups farther apart, and few others (python -m tests.benchmarks.doctor)."""


@dataclass(frozen=True)
class Patient:
    """Pseudo-labels and what surrounds them.

    Attributes:
        features: (N, D) float32, L2-normalised.
        labels, cameras: (N,).
        neighbours, apart: (N, k), the nearest other crops and their distances, ascending.
        threshold: the same-camera threshold; see :mod:`reidkit.labels.doctor`.
        members: the rows of each cluster.
    """

    features: NDArray[np.float32]
    labels: Rows
    cameras: Rows
    neighbours: Rows
    apart: NDArray[np.float32]
    threshold: float
    members: dict[int, Rows]

    def distances(self, some: Rows, others: Rows) -> NDArray[np.float64]:
        """Return the Euclidean distances of every crop of one list to every crop of another."""
        product = (self.features[some] @ self.features[others].T).astype(np.float64)
        return np.sqrt(np.clip(2 - 2 * product, 0, None))

    def contradicted(self, some: Rows, others: Rows) -> bool:
        """Whether a camera saw crops of both lists, farther apart than the threshold on average."""
        for camera in np.intersect1d(self.cameras[some], self.cameras[others]):
            mine, theirs = some[self.cameras[some] == camera], others[self.cameras[others] == camera]
            if self.distances(mine, theirs).mean() > self.threshold:
                return True
        return False


def admit(features: ArrayLike, labels: ArrayLike, camids: ArrayLike, k: int) -> Patient:
    """Check the lists and measure what the rules need.

    Raises:
        ReidkitError: lists of different length, no cluster, or nothing to compare within a camera.
    """
    rows = np.asarray(features, np.float32)
    clusters = integer_ids(labels, "labels", len(rows))
    cameras = integer_ids(camids, "camids", len(rows))
    cameras = np.where(cameras < 0, -1, cameras)
    found = np.unique(clusters[clusters != OUTLIER])
    if not len(found):
        raise ReidkitError("There is no cluster to examine: all crops are outliers.")
    members = {int(c): np.flatnonzero(clusters == c) for c in found}
    near, far = _near(rows, cameras, members), _far(rows, clusters, cameras)
    if np.isnan(near) or np.isnan(far):
        raise ReidkitError(
            "No camera saw both two crops of one cluster and two of different clusters, so there is nothing "
            "to compare within a camera."
        )
    apart, neighbours = nearest(rows, min(k + 1, len(rows)))
    threshold = near + WAY * (far - near)
    return Patient(rows, clusters, cameras, neighbours[:, 1:], apart[:, 1:], threshold, members)


def _near(rows: NDArray[np.float32], cameras: Rows, members: dict[int, Rows]) -> float:
    """Median distance of a crop to the nearest of its own cluster and camera."""
    found: list[float] = []
    for crops in members.values():
        for camera in np.unique(cameras[crops]):
            mine = rows[crops[cameras[crops] == camera]]
            if len(mine) > 1:
                product = mine @ mine.T
                np.fill_diagonal(product, -1)
                found += np.sqrt(np.clip(2 - 2 * product.max(axis=1), 0, None)).tolist()
    return float(np.median(found)) if found else float("nan")


def _far(rows: NDArray[np.float32], clusters: Rows, cameras: Rows) -> float:
    """Median distance of two crops of one camera in different clusters; unknown cameras count as one."""
    pairs = pair_distributions(rows, clusters, cameras - cameras.min(), never_positive=None)
    counts = np.cumsum(pairs.fine("neg", "same"))
    if not counts[-1]:
        return float("nan")
    return float(pairs.edges[np.searchsorted(counts, counts[-1] / 2) + 1])
