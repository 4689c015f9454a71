"""The search behind :func:`reidkit.neighbours.nearest` on a CPU: half of the products, no N x N table.

The product of i and j is that of j and i. So the table of all products is cut into tiles, only those on
and above its diagonal are multiplied, and each product is offered to both of its rows. A row keeps a
list of its k best so far; a tile is forgotten once its products were offered.
"""

from __future__ import annotations

from math import isqrt
from threading import Lock, local

import numba
import numpy as np
from joblib import cpu_count

from reidkit.neighbours.threads import in_threads, pieces

TILE = 512
"""Most rows and columns of a tile, which takes 1 MB in each thread. Larger ones were not faster."""


def search(
    rows: np.ndarray, k: int, *, groups: np.ndarray | None = None, progress: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Find the k rows of largest product with each row, other than the row itself.

    Products are float32, cut at 1 (two unit rows cannot have more). Equal products go by the smaller
    index, also at the k-th place, in whatever order the tiles are done.

    Args:
        rows: (N, D) float32, L2-normalised.
        k: length of the lists.
        groups: (N,) int64; rows of one group are no neighbours of each other. None: all are.
        progress: what a progress bar shall be called; None shows none.

    Returns:
        products: (N, k) float32, descending; -inf where a row has fewer than k candidates.
        indices: (N, k) int32; -1 there.
    """
    n = len(rows)
    products, indices = np.full((n, k), -np.inf, np.float32), np.full((n, k), -1, np.int32)
    if n == 0 or k == 0:
        return products, indices
    groups = np.arange(n) if groups is None else groups
    # Eight tiles a core, to share the load evenly, but none too small to be multiplied efficiently.
    blocks = pieces(n, TILE, least=min(isqrt(16 * cpu_count()), -(-n // 128)))
    locks = [Lock() for _ in blocks]
    scratch = local()

    def do_tile(tile: tuple[int, int]) -> None:
        (top, bottom), (left, right) = (blocks[block] for block in tile)
        if not hasattr(scratch, "room"):
            scratch.room = np.empty(TILE * TILE, np.float32)
        shape = bottom - top, right - left
        table = scratch.room[: shape[0] * shape[1]].reshape(shape)
        np.matmul(rows[top:bottom], rows[left:right].T, out=table)
        first, second = (locks[block] for block in tile)
        with first:
            if tile[0] == tile[1]:
                offer_tile(table, top, left, groups, products, indices)
            else:
                with second:
                    offer_tile(table, top, left, groups, products, indices)

    # Diagonal after diagonal: tiles that follow each other belong to different rows, and need not wait.
    count = len(blocks)
    in_threads(do_tile, [(a, a + gap) for gap in range(count) for a in range(count - gap)], progress=progress)
    return products, indices


@numba.njit(cache=True, nogil=True)
def offer_tile(
    table: np.ndarray, top: int, left: int, groups: np.ndarray, products: np.ndarray, indices: np.ndarray
) -> None:
    """Offer each product of a tile (whose corner is ``top, left``) to the lists of its two rows."""
    last = products.shape[1] - 1
    enough = products[left : left + table.shape[1], last].copy()
    for r in range(table.shape[0]):
        i = top + r
        own_enough = products[i, last]
        for c in range(r + 1 if top == left else 0, table.shape[1]):
            product, j = min(table[r, c], np.float32(1.0)), left + c
            if (product >= own_enough or product >= enough[c]) and groups[i] != groups[j]:
                offer(products[i], indices[i], product, j)
                offer(products[j], indices[j], product, i)
                own_enough, enough[c] = products[i, last], products[j, last]


@numba.njit(cache=True, nogil=True)
def offer(products: np.ndarray, indices: np.ndarray, product: np.float32, index: int) -> None:
    """Put an index where it belongs in a list that is sorted by falling product, then rising index."""
    at = len(products) - 1
    if product < products[at] or (product == products[at] and index > indices[at]):
        return
    while at > 0 and (
        product > products[at - 1] or (product == products[at - 1] and index < indices[at - 1])
    ):
        products[at], indices[at] = products[at - 1], indices[at - 1]
        at -= 1
    products[at], indices[at] = product, index
