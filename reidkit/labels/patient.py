"""What the doctor may look at: features, labels, cameras, neighbours, and the same-camera threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reidkit.distances import pair_distributions
from reidkit.distances.checks import integer_ids, unit_rows
from reidkit.errors import ReidkitError
from reidkit.labels.clustering import OUTLIER
from reidkit.neighbours import nearest

Rows = NDArray[np.int64]
WAY = 0.4
"""Where between near and far the threshold lies. On two towns that are put aside for tuning, nearly all
clusters that mix people have groups farther apart, and few others (python -m tests.benchmarks.doctor)."""
MOST = 3000
"""Of more crops than these, every n-th counts for a median; in a cluster and camera, of more than a tenth."""
COMMON = 10
"""A camera's own mean counts as many crops as it has, the mean of all crops as this many."""


@dataclass(frozen=True)
class Patient:
    """Pseudo-labels and what surrounds them.

    Attributes:
        features: (N, D) float32, L2-normalised.
        labels, cameras: (N,); camera -1 is unknown, and nothing is said by it.
        levelled: (N, D), the features less the mean of their camera: what a camera adds to all is gone.
        neighbours, apart: (N, k), the nearest other crops and their distances, ascending.
        threshold: the same-camera threshold; see :mod:`reidkit.labels.doctor`.
        members: the rows of each cluster.
    """

    features: NDArray[np.float32]
    labels: Rows
    cameras: Rows
    levelled: NDArray[np.float32]
    neighbours: Rows
    apart: NDArray[np.float32]
    threshold: float
    members: dict[int, Rows]

    def distances(self, some: Rows, others: Rows) -> NDArray[np.float64]:
        """Return the Euclidean distances of every crop of one list to every crop of another."""
        product = (self.features[some] @ self.features[others].T).astype(np.float64)
        return np.sqrt(np.clip(2 - 2 * product, 0, None))

    def contradicted(self, some: Rows, others: Rows, *, share: float = 1.0) -> bool:
        """Whether a camera saw crops of both, farther apart on average than a share of the threshold."""
        for camera in self.seen(some, others):
            mine, theirs = some[self.cameras[some] == camera], others[self.cameras[others] == camera]
            if self.distances(mine, theirs).mean() > share * self.threshold:
                return True
        return False

    def seen(self, some: Rows, others: Rows | None = None) -> Rows:
        """Return the known cameras that saw crops of a list, or of both lists."""
        found = np.unique(self.cameras[some])
        if others is not None:
            found = np.intersect1d(found, self.cameras[others])
        return found[found >= 0]


def admit(features: ArrayLike, labels: ArrayLike, camids: ArrayLike, k: int) -> Patient:
    """Check the lists and measure what the rules need.

    Raises:
        ReidkitError: features that are not finite unit rows, lists of different length, or no cluster.
    """
    rows = unit_rows(features)
    clusters = integer_ids(labels, "labels", len(rows))
    cameras = integer_ids(camids, "camids", len(rows))
    cameras = np.where(cameras < 0, -1, cameras)
    found, places = np.unique(clusters, return_inverse=True)
    groups = np.split(np.argsort(places, kind="stable"), np.cumsum(np.bincount(places))[:-1])
    members = {int(c): crops for c, crops in zip(found, groups, strict=True) if c != OUTLIER}
    if not members:
        raise ReidkitError("There is no cluster to examine: all crops are outliers.")
    apart, neighbours = nearest(rows, min(k + 1, len(rows)))
    threshold = _threshold(rows, clusters, cameras, members)
    levelled = _levelled(rows, cameras)
    return Patient(rows, clusters, cameras, levelled, neighbours[:, 1:], apart[:, 1:], threshold, members)


def _levelled(rows: NDArray[np.float32], cameras: Rows) -> NDArray[np.float32]:
    """Take from each crop what its camera adds.

    The mean of a camera that saw few people is these people, so it is mixed with the mean of all.
    """
    levelled, common = rows.copy(), COMMON * rows.mean(axis=0)
    for camera in np.unique(cameras):
        mine = cameras == camera
        levelled[mine] -= (rows[mine].sum(axis=0) + common) / (mine.sum() + COMMON)
    return levelled


def _threshold(rows: NDArray[np.float32], clusters: Rows, cameras: Rows, members: dict[int, Rows]) -> float:
    """Return the same-camera threshold; NaN where no camera could compare."""
    known = cameras >= 0
    near = _near(rows, cameras, members)
    far = _far(rows[known], clusters[known], cameras[known]) if known.any() else float("nan")
    return near + WAY * (far - near)


def _near(rows: NDArray[np.float32], cameras: Rows, members: dict[int, Rows]) -> float:
    """Median distance of a crop to the nearest of its own cluster and camera."""
    found: list[float] = []
    for crops in members.values():
        for camera in np.unique(cameras[crops][cameras[crops] >= 0]):
            mine = rows[crops[cameras[crops] == camera]]
            if len(mine) > 1:
                some = np.arange(0, len(mine), -(-len(mine) // (MOST // 10)))
                product = mine[some] @ mine.T
                product[np.arange(len(some)), some] = -1
                found += np.sqrt(np.clip(2 - 2 * product.max(axis=1), 0, None)).tolist()
    return float(np.median(found)) if found else float("nan")


def _far(rows: NDArray[np.float32], clusters: Rows, cameras: Rows) -> float:
    """Median distance of two crops of one camera in different clusters."""
    some = slice(None, None, -(-len(rows) // MOST))
    pairs = pair_distributions(rows[some], clusters[some], cameras[some], never_positive=None)
    counts = np.cumsum(pairs.fine("neg", "same"))
    if not counts[-1]:
        return float("nan")
    return float(pairs.edges[np.searchsorted(counts, counts[-1] / 2) + 1])
