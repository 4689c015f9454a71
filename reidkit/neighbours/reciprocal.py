"""Who are k-reciprocal neighbours: i and j, each of which is in the other's list."""

from __future__ import annotations

import numba
import numpy as np

from reidkit.neighbours.threads import in_threads, row_chunks


def ranks_back(indices: np.ndarray) -> np.ndarray:
    """Return at which place i stands in the list of ``indices[i, a]``; k where it is not in it.

    So ``R(i, m)``, the m-reciprocal neighbours of i, are the ``indices[i, a]`` with a < m and
    ``ranks_back[i, a]`` < m.

    Args:
        indices: (N, k) int32, the list of each row; -1 where there is nobody.

    Returns:
        (N, k) int32.

    >>> ranks_back(np.array([[0, 1], [1, 2], [2, 1]], dtype=np.int32))
    array([[0, 2],
           [0, 1],
           [0, 1]], dtype=int32)
    """
    indices = np.ascontiguousarray(indices)
    ranks = np.empty(indices.shape, np.int32)
    in_threads(lambda chunk: _ranks_back(*chunk, indices, ranks), row_chunks(len(indices)))
    return ranks


def sets_of(indices: np.ndarray, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn lists, and who of each list belongs to the set, into sets.

    Args:
        indices: (N, k) int32, without repeats in a row.
        member: (N, k) bool.

    Returns:
        start: (N + 1,) int32; the set of i is ``members[start[i]:start[i + 1]]``.
        members: int32, sorted within a set.
    """
    ordered = np.where(member, indices, len(indices))
    ordered.sort(axis=1)
    return starts(member.sum(axis=1)), ordered[ordered < len(indices)]


def expanded_sets(indices: np.ndarray, k1: int) -> tuple[np.ndarray, np.ndarray]:
    """Return R*(i) of every row, as ``(start, members)`` of :func:`sets_of`.

    R*(i) is R(i, k1) and the ``R(q, half)`` of those q in it that have more than 2/3 of it inside R(i, k1).

    Args:
        indices: (N, min(k1, N)) int32, the nearest of each row, itself first.
        k1: half is round(k1 / 2) + 1.
    """
    half = min(int(np.around(k1 / 2)) + 1, indices.shape[1])
    indices, ranks = np.ascontiguousarray(indices), ranks_back(indices)
    found = in_threads(lambda chunk: _expanded(*chunk, indices, ranks, half), row_chunks(len(indices)))
    sizes, members = zip(*found, strict=True)
    return starts(np.concatenate(sizes)), np.concatenate(members)


def starts(sizes: np.ndarray) -> np.ndarray:
    """Return where each row begins, and where the last ends, in int32 if that holds it.

    SciPy gives the columns of a sparse array the type of these: int64 would make it half as large again.

    >>> starts(np.array([2, 0, 3]))
    array([0, 2, 2, 5], dtype=int32)
    """
    start = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    return start.astype(np.int32) if start[-1] <= np.iinfo(np.int32).max else start


@numba.njit(cache=True, nogil=True)
def _ranks_back(begin: int, end: int, indices: np.ndarray, ranks: np.ndarray) -> None:
    k = indices.shape[1]
    for i in range(begin, end):
        for a in range(k):
            ranks[i, a] = k
            for b in range(k):
                if indices[i, a] >= 0 and indices[indices[i, a], b] == i:
                    ranks[i, a] = b
                    break


@numba.njit(cache=True, nogil=True)
def _expanded(begin, end, indices, ranks, half):  # type: ignore[no-untyped-def]
    """Return R*(i) of rows ``begin`` to ``end``: the sizes, and the members one row after the other."""
    n, k1 = indices.shape
    # In the turn of row i, marks[j] is 2i + 2 where j is in R(i, k1), 2i + 1 where it was added to it.
    marks = np.zeros(n, np.int64)
    sizes = np.zeros(end - begin, np.int64)
    members = np.empty((end - begin) * min(k1 * (half + 1), n), np.int32)
    total = 0
    for i in range(begin, end):
        first = total
        for a in range(k1):
            if ranks[i, a] < k1:
                members[total] = indices[i, a]
                marks[indices[i, a]] = 2 * i + 2
                total += 1
        for at in range(first, total):
            total = _add_circle(members[at], indices, ranks, half, marks, 2 * i + 2, members, total)
        members[first:total].sort()
        sizes[i - begin] = total - first
    return sizes, members[:total].copy()


@numba.njit(cache=True, nogil=True)
def _add_circle(q, indices, ranks, half, marks, own, members, total):  # type: ignore[no-untyped-def]
    """Add R(q, half) to the set when more than 2/3 of it lies in R(i, k1); return the new total."""
    count = shared = 0
    for a in range(half):
        if ranks[q, a] < half:
            count += 1
            shared += marks[indices[q, a]] == own
    if 3 * shared > 2 * count:
        for a in range(half):
            j = indices[q, a]
            if ranks[q, a] < half and marks[j] < own - 1:
                members[total] = j
                marks[j] = own - 1
                total += 1
    return total
