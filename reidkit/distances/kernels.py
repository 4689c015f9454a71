"""The inner loop that puts the pairs of one tile of products into histograms."""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True)
def count_tile(
    products: NDArray[np.float32],
    corner: tuple[int, int],
    triangle: bool,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    cols: tuple[NDArray[np.int64], NDArray[np.int64]],
    part: tuple[int, int],
    counts: NDArray[np.int64],
    sums: NDArray[np.float64],
) -> None:
    """Count the pairs of one tile (changes ``counts`` and ``sums`` in place).

    Args:
        products: float32 (R, C), scalar products of R row crops and C column crops.
        corner: index of the tile's first row and of its first column.
        triangle: count only pairs whose column index is above the row index.
        rows: ids (int64, all rows) and camera ids (int64, -1 unknown) of the row crops.
        cols: the same of the column crops.
        part: ``(first, step)``: this call counts the tile's rows ``first, first + step, ...``, so
            that threads share a triangle evenly.
        counts: int64 (2, 3, bins): positive/negative; same/cross/unknown camera; bins over [0, 2].
        sums: float64 (all rows, 2, 3, 2): sum of distances and of their squares, row by row, which
            makes the totals independent of the number of threads.
    """
    row_ids, row_cams = rows
    col_ids, col_cams = cols
    bins = counts.shape[2]
    zero, two, four = np.float32(0), np.float32(2), np.float32(4)
    bins_per_unit = np.float32(bins / 2)
    for r in range(part[0], products.shape[0], part[1]):
        i = corner[0] + r
        for c in range(max(i + 1 - corner[1], 0) if triangle else 0, products.shape[1]):
            j = corner[1] + c
            # |a - b|² = 2 - 2ab for unit vectors; rounding may leave the range by a hair.
            distance = math.sqrt(min(max(two - two * products[r, c], zero), four))
            pair = 0 if row_ids[i] == col_ids[j] else 1
            cameras = 0 if row_cams[i] == col_cams[j] else 1
            if row_cams[i] < 0 or col_cams[j] < 0:
                cameras = 2
            counts[pair, cameras, min(int(distance * bins_per_unit), bins - 1)] += 1
            exact = np.float64(distance)
            sums[i, pair, cameras, 0] += exact
            sums[i, pair, cameras, 1] += exact * exact
