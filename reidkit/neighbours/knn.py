"""Exact nearest neighbours: every pair is looked at, and never an N x N table is held."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeGuard

import numpy as np

from reidkit.distances.checks import unit_rows
from reidkit.errors import ReidkitError
from reidkit.neighbours import tiles
from reidkit.neighbours.copies import first_copies, with_copies

if TYPE_CHECKING:
    from torch import Tensor

Neighbours = tuple[np.ndarray, np.ndarray]
"""(distances, indices) of the k nearest rows of each row, as :func:`nearest` returns them."""


def nearest(features: np.ndarray | Tensor, k: int, *, progress: bool = False) -> Neighbours:
    """Find the k nearest rows of every row, the row itself included.

    The row comes first. The others follow by falling float32 product, cut at 1; equal products go by the
    smaller index, also where they compete for the last place. Rows that are equal bit for bit have one
    product with any third row, and 1 with each other: their order depends on nothing but their indices.
    Of rows that are not equal, products closer than float32 can tell (about 1e-7) may change places with
    the machine or the number of cores, never by more.

    Args:
        features: (N, D) float32, L2-normalised rows. A NumPy array is searched by all CPU cores, a torch
            tensor on the device it lies on.
        k: how many neighbours, the row itself counted; cut to N where N is smaller.
        progress: show a progress bar (on a CPU).

    Returns:
        distances: (N, k) float32, Euclidean in [0, 2], ascending. They come from the products, so those
            below 5e-4 are mostly rounding.
        indices: (N, k) int64.

    Raises:
        ReidkitError: features that are not a table of finite unit rows, or a k below 1.

    >>> x = np.array([[1, 0], [0.8, 0.6], [0, 1]], dtype=np.float32)
    >>> nearest(x, 2)[1]
    array([[0, 1],
           [1, 0],
           [2, 1]])
    """
    rows = checked_rows(features)
    if k < 1:
        raise ReidkitError(f"k = {k}: ask for at least one neighbour.")
    others = max(min(k, len(rows)) - 1, 0)
    searched = features if is_tensor(features) else rows
    products, indices = _others(searched, first_copies(rows), others, progress)
    distances = np.zeros((len(rows), others + 1), np.float32)
    np.sqrt(2 - 2 * products, out=distances[:, 1:])
    return distances, np.column_stack([np.arange(len(rows)), indices])


def is_tensor(features: object) -> TypeGuard[Tensor]:
    """Say whether these are a torch tensor, without loading torch to ask."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(features, torch.Tensor)


def checked_rows(features: np.ndarray | Tensor) -> np.ndarray:
    """Return features, also those on a GPU, as a float32 array of finite unit rows, or raise."""
    return unit_rows(features.detach().float().cpu().numpy() if is_tensor(features) else features)


def _others(
    rows: np.ndarray | Tensor, first: np.ndarray, k: int, progress: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return products and indices of the k nearest others of each row; k below N."""
    distinct = np.unique(first)
    if len(distinct) == len(rows):
        return _search(rows, k, progress)
    found = _search(rows[distinct], min(k, len(distinct) - 1), progress)
    return with_copies(*found, first, k)


def _search(rows: np.ndarray | Tensor, k: int, progress: bool) -> tuple[np.ndarray, np.ndarray]:
    if is_tensor(rows):
        from reidkit.neighbours import device  # loads torch: only for those who use it

        return device.search(rows.detach().float(), k)
    return tiles.search(np.asarray(rows), k, progress="neighbours" if progress else None)
