"""The inner loops of the cluster tree: core distances, a minimum spanning forest, and its components.

A graph comes as the three arrays of a CSR table: row i has the columns ``columns[start[i]:start[i + 1]]``,
ascending, at the distances ``values[...]``. It is symmetric; a crop's own entry is passed over.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True)
def first_lopsided(
    start: NDArray[np.int64], columns: NDArray[np.int32], values: NDArray[np.floating]
) -> tuple[int, int]:
    """Find a stored pair (i, j) whose mirror image is missing or different; (-1, -1) when all match.

    Going down the rows, row j is asked for its entries left of the diagonal in just their order, so that
    one pointer a row is enough.
    """
    n = len(start) - 1
    expected = start[:-1].copy()
    for i in range(n):
        if expected[i] < start[i + 1] and columns[expected[i]] < i:
            return i, columns[expected[i]]
        for at in range(expected[i], start[i + 1]):
            j = columns[at]
            if j > i:
                other = expected[j]
                if other < start[j + 1] and columns[other] < i:
                    return j, columns[other]
                if other == start[j + 1] or columns[other] > i or values[other] != values[at]:
                    return i, j
                expected[j] += 1
    return -1, -1


@numba.njit(cache=True, nogil=True)
def core_distances(
    start: NDArray[np.int64], columns: NDArray[np.int32], values: NDArray[np.floating], min_samples: int
) -> NDArray[np.floating]:
    """Return where each crop has ``min_samples`` crops within reach, itself counted; inf: nowhere."""
    core = np.zeros(len(start) - 1, values.dtype)
    others = min(min_samples - 1, len(core))  # nobody has N others
    for i in range(len(core)):
        nearest = np.full(others + 1, np.inf, values.dtype)
        nearest[0] = 0  # the crop itself
        for at in range(start[i], start[i + 1]):
            place, value = others, values[at]
            if columns[at] == i or value >= nearest[others]:
                continue
            while place > 1 and nearest[place - 1] > value:
                nearest[place] = nearest[place - 1]
                place -= 1
            nearest[place] = value
        core[i] = nearest[others]
    return core


@numba.njit(cache=True, nogil=True)
def first_reach(
    start: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: NDArray[np.floating],
    core: NDArray[np.floating],
) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """Return the eps at which a core crop first reaches each crop, and which one; inf and -1: none ever.

    Crop j is a core crop from core_j on and reaches i from d_ij on. Ties go to the nearer, then to the
    smaller index.
    """
    reached = np.full(len(core), np.inf, values.dtype)
    by = np.full(len(core), -1, np.int64)
    for i in range(len(core)):
        nearest = np.inf
        for at in range(start[i], start[i + 1]):
            j = columns[at]
            eps = max(core[j], values[at])
            if j != i and (eps < reached[i] or (eps == reached[i] and values[at] < nearest)):
                if eps == np.inf:
                    continue
                reached[i], by[i], nearest = eps, j, values[at]
    return reached, by


@numba.njit(cache=True, parallel=True)
def _lightest_ways_out(start, columns, values, core, tree, weight, to):  # type: ignore[no-untyped-def]
    """For each crop, write the lightest edge that leaves its tree: its weight, and where it leads (or -1)."""
    for i in numba.prange(len(core)):
        lightest, leads = np.inf, -1
        if core[i] < np.inf:
            for at in range(start[i], start[i + 1]):
                j = columns[at]
                if tree[j] != tree[i]:
                    edge = max(core[j], values[at])
                    if edge < lightest:
                        lightest, leads = edge, j
        weight[i], to[i] = max(lightest, core[i]), leads


@numba.njit(cache=True, nogil=True)
def _find(parent: NDArray[np.int64], i: int) -> int:
    """Return the root of i's tree, halving the path to it on the way."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@numba.njit(cache=True)
def spanning_forest(
    start: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: NDArray[np.floating],
    core: NDArray[np.floating],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.floating]]:
    """Build a minimum spanning forest of the mutual reachabilities max(core_i, core_j, d_ij).

    Borůvka's algorithm: in every round each tree takes the lightest edge that leaves it; after at most
    log2(N) rounds none is left. It needs no sorted list of edges, which would be larger than the graph.

    Returns:
        The two ends and the weight of each edge, in no order.
    """
    n = len(core)
    tree, parent = np.arange(n), np.arange(n)
    weight, to = np.empty(n, values.dtype), np.empty(n, np.int64)
    first, second, merged = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, values.dtype)
    edges, before = 0, -1
    while edges > before:
        before = edges
        _lightest_ways_out(start, columns, values, core, tree, weight, to)
        best = np.full(n, -1)
        for i in range(n):
            if to[i] >= 0 and (best[tree[i]] < 0 or weight[i] < weight[best[tree[i]]]):
                best[tree[i]] = i
        for i in best[best >= 0]:
            a, b = _find(parent, i), _find(parent, to[i])
            if a != b:  # two trees may have chosen the same edge
                parent[max(a, b)] = min(a, b)
                first[edges], second[edges], merged[edges] = i, to[i], weight[i]
                edges += 1
        for i in range(n):
            tree[i] = _find(parent, i)
    return first[:edges], second[:edges], merged[:edges]


@numba.njit(cache=True, nogil=True)
def number_components(
    first: NDArray[np.int64], second: NDArray[np.int64], is_core: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Join the ends of each edge; number what hangs together by its first core crop; the others get -1."""
    parent = np.arange(len(is_core))
    for edge in range(len(first)):
        a, b = _find(parent, first[edge]), _find(parent, second[edge])
        parent[max(a, b)] = min(a, b)  # so a root is the first crop of its component
    labels = np.full(len(is_core), -1)
    count = 0
    for i in range(len(is_core)):
        if not is_core[i]:
            continue
        root = _find(parent, i)
        if root == i:
            labels[i] = count
            count += 1
        labels[i] = labels[root]
    return labels
