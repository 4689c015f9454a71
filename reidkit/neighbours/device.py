"""The search behind :func:`reidkit.neighbours.nearest` where torch holds the features: on a GPU, say."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

ROOM = 2**26
"""Most products held at a time: 256 MB."""


@torch.no_grad()
def search(rows: Tensor, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the k rows of largest product with each row, as :func:`reidkit.neighbours.tiles.search`.

    A GPU multiplies faster than it sorts or skips, so each block of rows meets all rows.

    Args:
        rows: (N, D) float32, L2-normalised, on any device.
        k: length of the lists, below N.

    Returns:
        products: (N, k) float32, descending, cut at 1.
        indices: (N, k) int32; equal products go by the smaller index, also at the k-th place.
    """
    n = len(rows)
    if k == 0:  # a single row, or copies of a single one
        return np.empty((n, 0), np.float32), np.empty((n, 0), np.int32)
    products, indices = np.empty((n, k), np.float32), np.empty((n, k), np.int32)
    step = max(ROOM // n, 1)
    for top in range(0, n, step):
        block = slice(top, min(top + step, n))
        best, which = _largest(_products(rows, block), k)
        order = np.lexsort((which, -best), axis=1)
        products[block] = np.take_along_axis(best, order, axis=1)
        indices[block] = np.take_along_axis(which, order, axis=1)
    return products, indices


def _products(rows: Tensor, block: slice) -> Tensor:
    """Return the products of a block of rows with all rows; a row with itself has -inf."""
    table = (rows[block] @ rows.T).clamp_(max=1.0)
    own = torch.arange(block.start, block.stop, device=rows.device)
    table[own - block.start, own] = -torch.inf
    return table


def _largest(table: Tensor, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the k largest of each row and their columns; of equal values, the leftmost."""
    best, which = table.topk(k + 1, dim=1)
    # topk takes any of equal values. Rows whose k-th equals the next are sorted in full instead.
    tied = (best[:, k - 1] == best[:, k]).nonzero().squeeze(1)
    which[tied, :k] = table[tied].sort(dim=1, descending=True, stable=True).indices[:, :k]
    return best[:, :k].cpu().numpy(), which[:, :k].cpu().numpy()
