"""What each computation is measured against: the same result, as a user would write it with dense tables.

They are slow on purpose and right on purpose: the tests compare their results with ours.
"""

from __future__ import annotations

import faiss
import numpy as np
from sklearn.cluster import DBSCAN

from reidkit.bench.features import Crowd


def dense_neighbours(features: np.ndarray, k: int) -> np.ndarray:
    """Sort out the k nearest of each row from the N x N table of distances; (N, k) int64."""
    distances = 2 - 2 * features @ features.T
    some = np.argpartition(distances, k - 1, axis=1)[:, :k]
    order = np.argsort(np.take_along_axis(distances, some, axis=1), axis=1)
    return np.take_along_axis(some, order, axis=1)


def dense_jaccard(features: np.ndarray, k1: int = 30, k2: int = 6) -> np.ndarray:
    """Compute the k-reciprocal Jaccard distance in N x N tables and Python loops; (N, N) float32.

    This is how the public codes of the field compute it: neighbours from faiss, then two dense tables of
    weights and one of distances.
    """
    n = len(features)
    near = faiss.knn(features, features, k1, metric=faiss.METRIC_INNER_PRODUCT)[1]
    half = round(k1 / 2) + 1
    mutual, mutual_half = _reciprocal(near, k1), _reciprocal(near, half)
    weights = np.zeros((n, n), np.float32)
    for i in range(n):
        circle = mutual[i]
        for member in mutual[i]:
            other = mutual_half[member]
            if len(np.intersect1d(other, mutual[i])) > 2 / 3 * len(other):
                circle = np.append(circle, other)
        circle = np.unique(circle)
        weight = np.exp(-(2 - 2 * features[circle] @ features[i]))
        weights[i, circle] = weight / weight.sum()
    weights = np.stack([weights[near[i, :k2]].mean(axis=0) for i in range(n)])
    holders = [np.flatnonzero(weights[:, k]) for k in range(n)]
    jaccard = np.zeros((n, n), np.float32)
    for i in range(n):
        shared = np.zeros(n, np.float32)
        for k in np.flatnonzero(weights[i]):
            rows = holders[k]
            shared[rows] += np.minimum(weights[i, k], weights[rows, k])
        jaccard[i] = 1 - shared / (2 - shared)
    return np.maximum(jaccard, 0)


def _reciprocal(near: np.ndarray, k: int) -> list[np.ndarray]:
    """List, for each row, those of its k nearest that have it among their k nearest."""
    lists = near[:, :k]
    return [row[(lists[row] == i).any(axis=1)] for i, row in enumerate(lists)]


def dense_labels(distances: np.ndarray, eps: float) -> np.ndarray:
    """Cluster by scikit-learn's DBSCAN on the N x N table; (N,) int64."""
    return DBSCAN(eps=eps, min_samples=4, metric="precomputed", n_jobs=-1).fit_predict(distances)


def sorted_map(query: Crowd, gallery: Crowd, block: int = 1024) -> float:
    """Compute mAP by sorting the whole gallery for each query (Market-1501's rules)."""
    scores = []
    for start in range(0, len(query.features), block):
        distances = 2 - 2 * query.features[start : start + block] @ gallery.features.T
        order = np.argsort(distances, axis=1)
        for row, ranked in enumerate(order, start):
            same = gallery.pids[ranked] == query.pids[row]
            kept = ~(same & (gallery.camids[ranked] == query.camids[row]))
            places = np.flatnonzero(same[kept]) + 1
            if len(places):
                scores.append(np.mean(np.arange(1, len(places) + 1) / places))
    return float(np.mean(scores))


def dense_histograms(crowd: Crowd, bins: int = 200) -> np.ndarray:
    """Count all pairs by distance from the N x N table; (2, bins) int64, positive and negative."""
    distances = np.sqrt(np.maximum(2 - 2 * crowd.features @ crowd.features.T, 0))
    upper = np.triu(np.ones(distances.shape, bool), 1)
    same = crowd.pids[:, None] == crowd.pids[None, :]
    return np.stack([np.histogram(distances[upper & kind], bins, (0, 2))[0] for kind in (same, ~same)])


def bare_products(features: np.ndarray, block: int = 768) -> float:
    """Multiply the tiles on and above the diagonal and forget them: the least that all pairs can cost."""
    total = 0.0
    for top in range(0, len(features), block):
        for left in range(top, len(features), block):
            total += float((features[top : top + block] @ features[left : left + block].T)[0, 0])
    return total
