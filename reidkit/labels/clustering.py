"""From a distance graph to pseudo-labels, and what it means when that fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.cluster import DBSCAN

from reidkit.labels.checks import check_eps
from reidkit.labels.tree import core_distances
from reidkit.neighbours import jaccard_graph

OUTLIER = -1


def dbscan(graph: sparse.csr_array, *, eps: float = 0.6, min_samples: int = 4) -> np.ndarray:
    """Cluster crops by density: scikit-learn's DBSCAN on a sparse distance graph.

    A crop with at least ``min_samples`` crops within ``eps`` (itself counted) is a core crop; core crops
    within ``eps`` of each other share a cluster; what no core crop reaches is an outlier.

    This is what the published methods run, border crops included, and so what training here runs. To look
    at many eps, :func:`reidkit.labels.cluster_tree` has them all; the two differ only in which cluster gets
    a border crop that several reach.

    Args:
        graph: (N, N) sparse distances; an entry that is not stored is farther than ``eps``.
        eps: largest distance that links two crops. 0.6 is Cluster Contrast's released value.
        min_samples: 4 is the released value.

    Returns:
        (N,) int64 pseudo-labels: clusters 0 .. K-1, outliers -1.
    """
    check_eps(eps)
    # A plain float is compared in the precision of the distances: what equals eps is linked.
    clusterer = DBSCAN(eps=float(eps), min_samples=min_samples, metric="precomputed")
    return clusterer.fit_predict(_links(graph, float(eps))).astype(np.int64)


def _links(graph: sparse.csr_array, eps: float) -> sparse.csr_matrix:
    """Keep the distances <= eps, sorted within each row: scikit-learn wants that, and warns otherwise."""
    entries = graph.tocoo()
    near = entries.data <= eps
    row, column, distance = entries.row[near], entries.col[near], entries.data[near]
    order = np.lexsort((column, distance, row))
    start = np.searchsorted(row[order], np.arange(graph.shape[0] + 1))
    return sparse.csr_matrix((distance[order], column[order], start), shape=graph.shape)


@dataclass(frozen=True)
class Diagnosis:
    """Why clustering gave nothing to learn from, with the figures that show it, and the way out."""

    cause: str
    figures: str
    advice: str
    fatal: bool

    def __str__(self) -> str:
        return f"{self.cause} {self.figures} {self.advice}"


def diagnose(
    labels: np.ndarray,
    features: np.ndarray,
    *,
    k1: int,
    k2: int,
    eps: float,
    graph: Callable[[], sparse.csr_array] | None = None,
) -> Diagnosis | None:
    """Say why a clustering is of no use, or None when it is usable.

    Fatal (nothing to contrast): no cluster or a single one. A warning: more than 90 % outliers.
    The causes are those that users of the public codes report: too small or too large an eps, features
    that are all alike, too few crops for k1.

    Args:
        labels: (N,) int64 pseudo-labels.
        features: (N, D) float32 that were clustered.
        k1, k2, eps: what they were clustered with.
        graph: gives the distances that were clustered, not cut at eps; left out, it is the features'
            Jaccard distance. It is asked only when something is wrong.
    """
    clusters = int(labels.max()) + 1
    outliers = float(np.mean(labels == OUTLIER))
    if clusters >= 2 and outliers <= 0.9:
        return None
    distances = graph() if graph else jaccard_graph(features, k1=k1, k2=k2)
    nearest = np.minimum(core_distances(distances, 4), 1)
    figures = (
        f"{clusters} cluster(s) in {len(labels)} crops, {outliers:.0%} outliers at eps = {eps}; "
        f"the 4th nearest Jaccard distance is {np.median(nearest):.2f} for the median crop "
        f"(a tenth of the crops: below {np.quantile(nearest, 0.1):.2f})."
    )
    cause, advice = _cause(labels, features, nearest, eps=eps, k1=k1)
    return Diagnosis(cause, figures, advice, fatal=clusters < 2)


def _cause(
    labels: np.ndarray, features: np.ndarray, nearest: np.ndarray, *, eps: float, k1: int
) -> tuple[str, str]:
    spread = float(np.sqrt(np.maximum(1 - np.linalg.norm(features.mean(axis=0)) ** 2, 0)))
    if spread < 0.02:
        return (
            f"The network has collapsed: all features are nearly equal (spread {spread:.4f} of 1).",
            "Start again with a lower learning rate, and check that images differ (reidkit data check).",
        )
    if len(labels) <= 2 * k1:
        return (
            f"There are only {len(labels)} crops for k1 = {k1}: everyone is everyone's neighbour.",
            f"Set k1 to about the crops a person has (here at most {max(len(labels) // 4, 2)}).",
        )
    if labels.max() == 0:
        return (
            "Nearly everyone ended in one cluster: eps is too large for these features.",
            # There, three of four crops are core crops.
            f"Lower --eps (now {eps}) to about {max(float(np.quantile(nearest, 0.75)), 0.05):.2f}.",
        )
    return (
        "Hardly any crop has neighbours close enough: eps is too small for these features.",
        f"Raise --eps (now {eps}) to about {min(float(np.quantile(nearest, 0.5)), 0.8):.2f}, or "
        "start from a network that has seen people (--init); if each person has few crops, lower k1.",
    )
