"""Rows that are equal bit for bit: found beforehand, so that no rounding tells them apart.

The product of a crop with two equal crops may differ in its last bit, depending on where in a block the
two stand. So only one of each set of copies is searched for, and the lists are completed afterwards.
"""

from __future__ import annotations

from hashlib import blake2b

import numba
import numpy as np

from reidkit.neighbours.tiles import offer


def first_copies(rows: np.ndarray) -> np.ndarray:
    """Return, for each row, the index of the first row that equals it: its own, where none before does.

    >>> first_copies(np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32))
    array([0, 1, 0])
    """
    first = np.arange(len(rows))
    _, which, count = np.unique(rows[:, 0], return_inverse=True, return_counts=True)
    seen: dict[bytes, int] = {}
    # Equal rows begin with equal numbers; that spares reading nearly all rows in full.
    for i in np.flatnonzero(count[which] > 1).tolist():
        first[i] = seen.setdefault(blake2b(rows[i], digest_size=16).digest(), i)
    return first


def with_copies(
    products: np.ndarray, indices: np.ndarray, first: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Turn the lists of the distinct rows among themselves into lists of all rows.

    Args:
        products, indices: (M, <= k), from a search among the M distinct rows.
        first: (N,) int64, of :func:`first_copies`; M of them are their own.
        k: how many to return, below N.

    Returns:
        products: (N, k) float32, descending; a copy of the row has 1, the most there is.
        indices: (N, k) int32 into all rows; equal products go by the smaller index.
    """
    distinct, which = np.unique(first, return_inverse=True)
    by_copies = np.argsort(first, kind="stable").astype(np.int32)
    start = np.searchsorted(first[by_copies], np.append(distinct, len(first)))
    all_products = np.full((len(first), k), -np.inf, np.float32)
    all_indices = np.full((len(first), k), -1, np.int32)
    if k > 0:
        _complete(products, indices, which, by_copies, start, all_products, all_indices)
    return all_products, all_indices


@numba.njit(nogil=True)  # not cached: numba would not notice a change of `offer`, in another file
def _complete(products, indices, which, by_copies, start, all_products, all_indices):  # type: ignore[no-untyped-def]
    k = all_products.shape[1]
    for i in range(len(which)):
        own = which[i]
        # k copies of a row, the smallest indices, and i itself are more than a list can hold.
        for at in range(start[own], min(start[own + 1], start[own] + k + 1)):
            if by_copies[at] != i:
                offer(all_products[i], all_indices[i], np.float32(1.0), by_copies[at])
        for a in range(products.shape[1]):
            near = indices[own, a]
            for at in range(start[near], min(start[near + 1], start[near] + k)):
                offer(all_products[i], all_indices[i], products[own, a], by_copies[at])
