"""The inner loops over the pairs of one tile of products: count them all, or pick a few."""

from __future__ import annotations

from collections.abc import Iterator

import numba
import numpy as np
from numpy.typing import NDArray

from reidkit.distances.tiles import Labels

NEAREST, FARTHEST, RANDOM = 0, 1, 2  # as the orders stand in examples.py


@numba.njit(cache=True, nogil=True)
def count_tile(
    products: NDArray[np.float32],
    corner: tuple[int, int],
    triangle: bool,
    rows: Labels,
    cols: Labels,
    counts: NDArray[np.int64],
    sums: NDArray[np.float64],
) -> None:
    """Count the pairs of one tile (adds to ``counts`` and ``sums``).

    Args:
        products: float32 (R, C), scalar products of R row crops and C column crops.
        corner: index of the tile's first row and of its first column.
        triangle: count only pairs whose column index is above the row index.
        rows: labels of *all* row crops, see :class:`~reidkit.distances.tiles.Side`.
        cols: the same of the column crops.
        counts: int64 (2, 3, bins): positive/negative; same/cross/unknown camera; bins over [0, 2].
        sums: float64 (2, 3, 2): sum of distances and of their squares.
    """
    bin_of = np.empty(products.shape[1], np.int32)
    for r in range(products.shape[0]):
        for pair, cameras, begin, end in _runs(r, products.shape[1], corner, triangle, rows, cols):
            _count_run(products[r, begin:end], bin_of, counts[pair, cameras], sums[pair, cameras])


@numba.njit(cache=True, nogil=True)
def pick_tile(
    products: NDArray[np.float32],
    corner: tuple[int, int],
    triangle: bool,
    rows: Labels,
    cols: Labels,
    names: tuple[NDArray[np.int64], NDArray[np.int64], int],
    wanted: tuple[int, int, float, float],
    choice: tuple[int, np.uint64, float, float],
) -> tuple[int, NDArray[np.float64]]:
    """Count the pairs of one kind and range of distance; return those whose *key* is small enough.

    The key of a pair is its distance, minus its distance, or a number drawn from its name. The pairs
    with the smallest keys then are the nearest, the farthest, or a random sample. As a key belongs to
    the pair alone, it does not matter in which tile or thread the pair is met.

    Args:
        products, corner, triangle, rows, cols: as in :func:`count_tile`.
        names: the indices by which row and column crops go outside, and how many column crops there
            are, n. The name of pair (i, j) is the number i * n + j.
        wanted: pair kind, camera relation (-1: any), and the range [low, high) of the distance.
        choice: NEAREST, FARTHEST or RANDOM; the seed; the largest key and, with this key, the largest
            name that are small enough.

    Returns:
        The number of pairs in the range, and float64 (K, 3): key, name, distance.
    """
    pair, relation, low, high = wanted
    order, seed, largest_key, largest_name = choice
    inside = np.empty(products.shape[1], np.int64)
    picked = np.empty((products.size, 3))
    total = size = 0
    for r in range(products.shape[0]):
        i = names[0][corner[0] + r]
        for run_pair, run_cameras, begin, end in _runs(r, products.shape[1], corner, triangle, rows, cols):
            if run_pair != pair or (relation >= 0 and run_cameras != relation):
                continue
            found = _inside(products[r], begin, end, low, high, inside)
            total += found
            for c in inside[:found]:
                j = names[1][corner[1] + c]
                name = min(i, j) * names[2] + max(i, j) if triangle else i * names[2] + j
                distance = np.float64(_distance(products[r, c]))
                key = _drawn(name, seed) if order == RANDOM else -distance if order == FARTHEST else distance
                if key < largest_key or (key == largest_key and name <= largest_name):
                    picked[size] = key, np.float64(name), distance
                    size += 1
    return total, picked[:size].copy()


@numba.njit(nogil=True)  # no cache: numba cannot load a generator from it; that of the callers holds it
def _runs(
    r: int, width: int, corner: tuple[int, int], triangle: bool, rows: Labels, cols: Labels
) -> Iterator[tuple[int, int, int, int]]:
    """Yield the runs of pairs of one kind in row ``r`` of a tile: pair, cameras, begin, end.

    Columns are sorted by camera, then id: those of one camera are negatives, positives, negatives.
    """
    i, left = corner[0] + r, corner[1]
    person, camera = rows[0][i], rows[1][i]
    at = max(i + 1 - left, 0) if triangle else 0
    while at < width:
        other = cols[1][left + at]
        end = min(cols[2][left + at] - left, width)
        ids = cols[0][left + at : left + end]
        first = at + np.searchsorted(ids, person)
        last = at + np.searchsorted(ids, person, side="right")
        cameras = 2 if camera < 0 or other < 0 else 0 if camera == other else 1
        yield 1, cameras, at, first
        yield 0, cameras, first, last
        yield 1, cameras, last, end
        at = end


@numba.njit(cache=True, nogil=True)
def _distance(product: np.float32) -> np.float32:
    """|a - b|² = 2 - 2ab for unit vectors; rounding may leave the range by a hair."""
    zero, two, four = np.float32(0), np.float32(2), np.float32(4)
    return np.sqrt(min(max(two - two * product, zero), four))


@numba.njit(cache=True, nogil=True, fastmath={"reassoc"})
def _count_run(
    products: NDArray[np.float32],
    bin_of: NDArray[np.int32],
    counts: NDArray[np.int64],
    sums: NDArray[np.float64],
) -> None:
    """Count a run in two loops, of which the first vectorises (it may add up in any order).

    A float32 distance times bins / 2 is exact in float64, so the edges of the bins are exact.
    """
    total = squares = 0.0
    for c in range(len(products)):
        distance = np.float64(_distance(products[c]))
        total += distance
        squares += distance * distance
        bin_of[c] = min(np.int32(distance * (len(counts) / 2)), np.int32(len(counts) - 1))
    for c in range(len(products)):
        counts[bin_of[c]] += 1
    sums[0] += total
    sums[1] += squares


@numba.njit(cache=True, nogil=True)
def _inside(
    products: NDArray[np.float32],
    begin: int,
    end: int,
    low: float,
    high: float,
    inside: NDArray[np.int64],
) -> int:
    """Write the columns whose distance is in [low, high) to ``inside`` and return how many.

    Every column is written and most are overwritten: that costs less than a branch guessed wrong.
    """
    found = 0
    for c in range(begin, end):
        inside[found] = c
        distance = np.float64(_distance(products[c]))
        found += int((distance >= low) & (distance < high))
    return found


@numba.njit(cache=True, nogil=True)
def _drawn(name: int, seed: np.uint64) -> np.float64:
    """Draw a number in [0, 1) for a pair: splitmix64 (Steele et al., OOPSLA 2014) of its name."""
    x = np.uint64(name) * np.uint64(0x9E3779B97F4A7C15) + seed
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.float64((x ^ (x >> np.uint64(31))) >> np.uint64(11)) / 2.0**53
