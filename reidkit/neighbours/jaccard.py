"""The k-reciprocal Jaccard distance, sparse: what every DBSCAN of the field runs on.

Two crops are *k-reciprocal* neighbours when each is among the k nearest of the other. The Jaccard
distance asks how far the two circles of such neighbours coincide: 0 when they are the same people
with the same weights, 1 when they share nobody. Eight or nine of ten pairs share nobody, so only the
others are stored, and memory grows with N, not with N x N.

Source: Zhong et al., "Re-ranking person re-identification with k-reciprocal encoding", CVPR 2017, in
the form that SpCL and Cluster Contrast release (no mixing with the original distance).
"""

from __future__ import annotations

import numba
import numpy as np
from scipy import sparse

from reidkit.distances.checks import unit_rows
from reidkit.errors import ReidkitError
from reidkit.neighbours.knn import nearest


def jaccard_graph(
    features: np.ndarray, k1: int = 30, k2: int = 6, eps: float | None = None
) -> sparse.csr_array:
    """Compute the k-reciprocal Jaccard distance of all pairs that share a neighbour.

    With ``N(i, k)`` the k nearest of i, i counted, the released code's arithmetic is:

    1. ``R(i, k) = {j in N(i, k) : i in N(j, k)}``. "k1 = 30" means 30 neighbours with i among them;
       the half-size set uses ``round(k1 / 2) + 1`` = 16, again with i among them.
    2. ``R*(i)`` adds ``R(q, half)`` for each q in ``R(i, k1)`` when more than 2/3 of ``R(q, half)``
       lies in ``R(i, k1)``.
    3. ``V_i = softmax over R*(i) of -(2 - 2 f_i.f_j)``; then each V_i becomes the mean of the V of its
       k2 nearest (local query expansion).
    4. ``d(i, j) = 1 - s / (2 - s)``, with ``s = sum_k min(V_ik, V_jk)``.

    Args:
        features: (N, D) float32, L2-normalised rows.
        k1: neighbours to start from, the crop itself counted.
        k2: neighbours to average over, the crop itself counted; 1 switches it off.
        eps: keep only distances <= eps (enough for DBSCAN at that eps); None keeps all below 1.

    Returns:
        (N, N) float32 CSR array of distances, symmetric, columns sorted. **An entry that is not
        stored is distance 1**; the diagonal is stored, as 0.

    Raises:
        ReidkitError: malformed features, or k1, k2 below 1.
    """
    features = unit_rows(features)
    if k1 < 1 or k2 < 1:
        raise ReidkitError(f"k1 = {k1}, k2 = {k2}: both must be at least 1.")
    neighbours = nearest(features, max(k1, k2))[1]
    half = min(int(np.around(k1 / 2)) + 1, k1)
    start, columns = _reciprocal_sets(neighbours[:, :k1], half)
    weights = _softmax_weights(features, start, columns)
    encoding = sparse.csr_array((weights, columns, start), shape=(len(features),) * 2)
    if k2 > 1:
        encoding = _expand(encoding, neighbours[:, :k2])
    return _jaccard(encoding, 2.0 if eps is None else eps)


def _expand(encoding: sparse.csr_array, neighbours: np.ndarray) -> sparse.csr_array:
    """Replace each row by the mean of its neighbours' rows (local query expansion)."""
    n, k = neighbours.shape
    mean = sparse.csr_array(
        (np.full(n * k, 1.0 / k, np.float32), neighbours.ravel(), np.arange(n + 1) * k),
        shape=(n, n),
    )
    expanded = mean @ encoding
    expanded.sort_indices()
    return expanded


def _jaccard(encoding: sparse.csr_array, limit: float) -> sparse.csr_array:
    """Compute 1 - s/(2-s) for all rows that share a column, keeping values <= limit."""
    n = encoding.shape[0]
    by_column = encoding.tocsc()
    by_column.sort_indices()
    arrays = (
        encoding.indptr, encoding.indices, encoding.data,
        by_column.indptr, by_column.indices, by_column.data,
    )  # fmt: skip
    counts = np.zeros(n + 1, np.int64)
    chunks = numba.get_num_threads()
    _count_entries(*arrays, limit, chunks, counts)
    start = np.cumsum(counts)
    columns = np.empty(start[-1], np.int32)
    values = np.empty(start[-1], np.float32)
    _fill_entries(*arrays, limit, chunks, start, columns, values)
    return sparse.csr_array((values, columns, start), shape=(n, n))


@numba.njit(cache=True)
def _reciprocal(neighbours: np.ndarray, i: int, k: int, out: np.ndarray) -> int:
    """Write R(i, k) to ``out`` and return its size."""
    size = 0
    for a in range(min(k, neighbours.shape[1])):
        j = neighbours[i, a]
        for b in range(min(k, neighbours.shape[1])):
            if neighbours[j, b] == i:
                out[size] = j
                size += 1
                break
    return size


@numba.njit(cache=True)
def _expanded_set(neighbours: np.ndarray, i: int, half: int, out: np.ndarray) -> int:
    """Write R*(i), sorted and without repeats, to ``out`` and return its size."""
    k1 = neighbours.shape[1]
    near = np.empty(k1, np.int64)
    size = _reciprocal(neighbours, i, k1, near)
    members = set(near[:size])
    expanded = set(near[:size])
    circle = np.empty(half, np.int64)
    for a in range(size):
        count = _reciprocal(neighbours, near[a], half, circle)
        shared = 0
        for b in range(count):
            if circle[b] in members:
                shared += 1
        if 3 * shared > 2 * count:
            for b in range(count):
                expanded.add(circle[b])
    total = 0
    for j in expanded:
        out[total] = j
        total += 1
    out[:total].sort()
    return total


@numba.njit(cache=True, parallel=True)
def _gather_sets(neighbours: np.ndarray, half: int, sizes: np.ndarray, out: np.ndarray) -> None:
    for i in numba.prange(len(neighbours)):
        sizes[i] = _expanded_set(neighbours, i, half, out[i])


def _reciprocal_sets(neighbours: np.ndarray, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Return R*(i) of every row as CSR (start, columns)."""
    n, k1 = neighbours.shape
    # k1 sets of at most `half` members each, and i's own set: the most R*(i) can hold.
    room = np.empty((n, min(k1 * (half + 1), n)), np.int32)
    sizes = np.zeros(n, np.int64)
    _gather_sets(np.ascontiguousarray(neighbours), half, sizes, room)
    columns = room[np.arange(room.shape[1]) < sizes[:, None]]
    return np.concatenate([[0], np.cumsum(sizes)]), columns


@numba.njit(cache=True, parallel=True)
def _softmax_weights(features: np.ndarray, start: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the softmax of -(2 - 2 f_i.f_j) over the stored columns of each row, float32."""
    weights = np.empty(len(columns), np.float32)
    for i in numba.prange(len(start) - 1):
        total = np.float32(0.0)
        for at in range(start[i], start[i + 1]):
            dot = np.float32(0.0)
            for d in range(features.shape[1]):
                dot += features[i, d] * features[columns[at], d]
            weights[at] = np.exp(np.float32(2.0) * dot - np.float32(2.0))
            total += weights[at]
        for at in range(start[i], start[i + 1]):
            weights[at] /= total
    return weights


@numba.njit(cache=True)
def _shared_weight(i, indptr, indices, data, c_indptr, c_indices, c_data, shared, touched):  # type: ignore[no-untyped-def]
    """Sum min(V_ik, V_jk) into ``shared[j]`` for every j that shares a column k with row i."""
    size = 0
    for at in range(indptr[i], indptr[i + 1]):
        k, own = indices[at], data[at]
        for b in range(c_indptr[k], c_indptr[k + 1]):
            j = c_indices[b]
            if shared[j] == 0:
                touched[size] = j
                size += 1
            shared[j] += min(own, c_data[b])
    return size


@numba.njit(cache=True)
def _distance(i: int, j: int, shared: np.float32) -> np.float32:
    """Return 1 - s/(2-s), cut at 0; a crop is at distance 0 from itself, whatever the rounding."""
    if i == j:
        return np.float32(0.0)
    return max(np.float32(1.0) - shared / (np.float32(2.0) - shared), np.float32(0.0))


@numba.njit(cache=True, parallel=True)
def _count_entries(indptr, indices, data, c_indptr, c_indices, c_data, limit, chunks, counts):  # type: ignore[no-untyped-def]
    n = len(indptr) - 1
    for chunk in numba.prange(chunks):
        shared, touched = np.zeros(n, np.float32), np.empty(n, np.int32)
        for i in range(chunk * n // chunks, (chunk + 1) * n // chunks):
            size = _shared_weight(
                i, indptr, indices, data, c_indptr, c_indices, c_data, shared, touched
            )
            for a in range(size):
                j = touched[a]
                if _distance(i, j, shared[j]) <= limit:
                    counts[i + 1] += 1
                shared[j] = 0


@numba.njit(cache=True, parallel=True)
def _fill_entries(  # type: ignore[no-untyped-def]
    indptr, indices, data, c_indptr, c_indices, c_data, limit, chunks, start, columns, values
):
    n = len(indptr) - 1
    for chunk in numba.prange(chunks):
        shared, touched = np.zeros(n, np.float32), np.empty(n, np.int32)
        for i in range(chunk * n // chunks, (chunk + 1) * n // chunks):
            size = _shared_weight(
                i, indptr, indices, data, c_indptr, c_indices, c_data, shared, touched
            )
            touched[:size].sort()
            at = start[i]
            for a in range(size):
                j = touched[a]
                distance = _distance(i, j, shared[j])
                if distance <= limit:
                    columns[at], values[at] = j, distance
                    at += 1
                shared[j] = 0
