"""Exact nearest neighbours (faiss, brute force, both cores)."""

from __future__ import annotations

import faiss
import numpy as np

from reidkit.distances.checks import unit_rows
from reidkit.errors import ReidkitError


def nearest(features: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the k nearest rows of every row, the row itself included.

    Args:
        features: (N, D) float32, L2-normalised rows.
        k: how many neighbours, the row itself counted; cut to N where N is smaller.

    Returns:
        distances: (N, k) float32, Euclidean in [0, 2], ascending.
        indices: (N, k) int64. The row itself comes first, also where other rows are equal to it;
            every other tie goes to the smaller index.

    Raises:
        ReidkitError: features that are not a table of finite unit rows, or a k below 1.

    >>> x = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    >>> nearest(x, 2)[1]
    array([[0, 1],
           [1, 0],
           [2, 1]])
    """
    features = unit_rows(features)
    if k < 1:
        raise ReidkitError(f"k = {k}: ask for at least one neighbour.")
    k = min(k, len(features))
    similarity, indices = faiss.knn(features, features, k, metric=faiss.METRIC_INNER_PRODUCT)
    squared = np.maximum(2.0 - 2.0 * similarity, 0.0)
    rows = np.arange(len(features))
    _put_self_first(squared, indices, rows)
    order = np.lexsort((indices, squared, indices != rows[:, None]), axis=1)
    distances = np.sqrt(np.take_along_axis(squared, order, axis=1), dtype=np.float32)
    return distances, np.take_along_axis(indices, order, axis=1)


def _put_self_first(squared: np.ndarray, indices: np.ndarray, rows: np.ndarray) -> None:
    """Give every row itself as a neighbour at distance 0, in place.

    A row with more than k exact copies may be missing from its own list: it then replaces the last.
    """
    own = indices == rows[:, None]
    missing = ~own.any(axis=1)
    indices[missing, -1] = rows[missing]
    own[missing, -1] = True
    squared[own] = 0.0
