"""The steps that all k-reciprocal Jaccard distances share: neighbour sets -> weights -> distances.

An *encoding* is an (N, N) sparse matrix V. Row i says who stands for crop i, and with what weight; the
weights of a row sum to 1. Two crops are the nearer, the more of their weight lies on the same crops.
"""

from __future__ import annotations

import numba
import numpy as np
from scipy import sparse

from reidkit.neighbours.knn import Neighbours
from reidkit.neighbours.reciprocal import starts
from reidkit.neighbours.threads import in_threads, row_chunks


def encode(
    features: np.ndarray, neighbours: Neighbours, start: np.ndarray, members: np.ndarray
) -> sparse.csr_array:
    """Weigh the members j of each crop's set by the softmax of -(2 - 2 f_i.f_j).

    Args:
        features: (N, D) float32, L2-normalised rows.
        neighbours: distances that are known already, so that they need not be computed again.
        start, members: the sets; that of i is ``members[start[i]:start[i + 1]]``, sorted.

    Returns:
        (N, N) float32 CSR, columns sorted, rows summing to 1.
    """
    weights = np.empty(len(members), np.float32)
    distances, indices = neighbours
    in_threads(
        lambda chunk: _weigh(*chunk, features, distances, indices, start, members, weights),
        row_chunks(len(features)),
    )
    return sparse.csr_array((weights, members, start), shape=(len(features),) * 2)


def expand(encoding: sparse.csr_array, nearest: np.ndarray) -> sparse.csr_array:
    """Replace each row by the mean of the rows of its nearest (local query expansion).

    Args:
        encoding: (N, N) CSR.
        nearest: (N, k2) whose rows to average; -1 where there is nobody.
    """
    there = nearest >= 0
    count = there.sum(axis=1)
    mean = sparse.csr_array(
        (np.repeat(np.float32(1) / count.astype(np.float32), count), nearest[there], starts(count)),
        shape=encoding.shape,
    )  # fmt: skip
    expanded = mean @ encoding
    expanded.sort_indices()
    return expanded


def distances(
    encoding: sparse.csr_array, eps: float | None = None, *, progress: str | None = None
) -> sparse.csr_array:
    """Compute d(i, j) = 1 - s / (2 - s), s = sum_k min(V_ik, V_jk), of all rows that share a column.

    Each pair is computed once, i < j, and stored twice.

    Args:
        encoding: (N, N) float32 CSR, rows summing to 1.
        eps: keep only distances <= eps; None keeps all.
        progress: what a progress bar shall be called; None shows none.

    Returns:
        (N, N) float32 CSR, symmetric, columns sorted, the diagonal stored as 0.
    """
    n = encoding.shape[0]
    by_column = encoding.tocsc()
    by_row = encoding.indptr, encoding.indices, encoding.data
    limit = np.float32(1.0 if eps is None else min(eps, 1.0))
    # d <= limit means s >= this. Few pairs pass it: it spares computing the others' distances.
    enough = np.float32(max(float(2 * (1 - limit) / (2 - limit)) - 1e-5, 0.0))
    chunks = row_chunks(n)

    def half(chunk: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return _half(*chunk, limit, enough, *by_row, by_column.indptr, by_column.indices, by_column.data)

    halves = in_threads(half, chunks, progress=progress)
    before = sum((np.bincount(columns, minlength=n) for _, columns, _ in halves), np.zeros(n, np.int64))
    after = np.concatenate([sizes for sizes, _, _ in halves])
    start = starts(before + 1 + after)
    columns, values = np.empty(start[-1], start.dtype), np.empty(start[-1], np.float32)
    following = start[:-1].copy()
    for (begin, _), (sizes, others, near) in zip(chunks, halves, strict=True):
        _store(begin, sizes, others, near, following, columns, values)
    return sparse.csr_array((values, columns, start), shape=(n, n))


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _dot(a: np.ndarray, b: np.ndarray) -> np.float32:
    total = np.float32(0.0)
    for d in range(len(a)):
        total += a[d] * b[d]
    return total


@numba.njit(cache=True, nogil=True)
def _weigh(begin, end, features, distances, indices, start, members, weights):  # type: ignore[no-untyped-def]
    """Write the weights of rows ``begin`` to ``end``."""
    two = np.float32(2.0)
    for i in range(begin, end):
        total = np.float32(0.0)
        for at in range(start[i], start[i + 1]):
            j, squared = members[at], np.float32(-1.0)
            for a in range(indices.shape[1]):
                if indices[i, a] == j:
                    squared = distances[i, a] * distances[i, a]
                    break
            if squared < 0:
                squared = two - two * _dot(features[i], features[j])
            weights[at] = np.exp(-squared)
            total += weights[at]
        for at in range(start[i], start[i + 1]):
            weights[at] /= total


@numba.njit(cache=True, nogil=True)
def _half(  # type: ignore[no-untyped-def]
    begin, end, limit, enough, indptr, indices, data, c_indptr, c_indices, c_data
):
    """Return the distances <= limit of rows i, begin <= i < end, to rows j > i: (sizes, j, values)."""
    n = len(indptr) - 1
    shared = np.zeros(n, np.float32)
    sizes = np.zeros(end - begin, np.int64)
    columns, values = np.empty(2 * n, np.int32), np.empty(2 * n, np.float32)
    total = 0
    for i in range(begin, end):
        for at in range(indptr[i], indptr[i + 1]):
            k, own = indices[at], data[at]
            first, last = c_indptr[k], c_indptr[k + 1]
            for b in range(first + np.searchsorted(c_indices[first:last], i, side="right"), last):
                shared[c_indices[b]] += min(own, c_data[b])
        if total + n > len(columns):
            columns, values = _longer(columns), _longer(values)
        for j in range(i + 1, n):
            if shared[j] > enough:
                distance = np.float32(1.0) - shared[j] / (np.float32(2.0) - shared[j])
                if distance <= limit:
                    columns[total], values[total] = j, max(distance, np.float32(0.0))
                    total += 1
                    sizes[i - begin] += 1
        shared[i + 1 :] = 0
    return sizes, columns[:total].copy(), values[:total].copy()


@numba.njit(cache=True, nogil=True)
def _longer(array: np.ndarray) -> np.ndarray:
    twice = np.empty(2 * len(array), array.dtype)
    twice[: len(array)] = array
    return twice


@numba.njit(cache=True, nogil=True)
def _store(begin, sizes, others, near, following, columns, values):  # type: ignore[no-untyped-def]
    """Write each distance of a chunk's rows into both its rows; ``following``: where a row goes on.

    Rows come in order, so a row has got all columns before its own when its turn comes: they are sorted.
    """
    at = 0
    for i in range(begin, begin + len(sizes)):
        columns[following[i]], values[following[i]] = i, np.float32(0.0)
        following[i] += 1
        for _ in range(sizes[i - begin]):
            j = others[at]
            columns[following[i]], values[following[i]] = j, near[at]
            columns[following[j]], values[following[j]] = i, near[at]
            following[i] += 1
            following[j] += 1
            at += 1
