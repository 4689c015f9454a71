"""The pairs of crops that a set of labels puts together."""

from __future__ import annotations

import numpy as np

from reidkit.labels.clustering import OUTLIER


def paired(labels: np.ndarray) -> np.ndarray:
    """List every two crops that carry the same label; outliers are paired with nobody.

    Args:
        labels: (N,) int64 pseudo-labels, -1 an outlier.

    Returns:
        (P, 2) int64, rows i < j. A cluster of n crops gives n (n - 1) / 2 of them.

    >>> paired(np.array([4, 0, 4, -1, 4, -1]))
    array([[0, 2],
           [0, 4],
           [2, 4]])
    """
    order = np.argsort(labels, kind="stable")
    order = order[labels[order] != OUTLIER]
    _, starts = np.unique(labels[order], return_index=True)
    found = [np.empty((0, 2), np.int64)]
    for members in np.split(order, starts[1:]):
        first, second = np.triu_indices(len(members), 1)
        found.append(np.stack([members[first], members[second]], axis=1))
    return np.concatenate(found)
