"""Checks that clustering begins with: a symmetric graph of distances, and an eps that can be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from reidkit.errors import ReidkitError
from reidkit.labels import kernels


def read_graph(
    graph: sparse.csr_array,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.floating]]:
    """Return the row starts, columns and distances of a symmetric graph, having checked that it is one.

    Raises:
        ReidkitError: not square, a distance that is negative or NaN, or d_ij that is not d_ji.
    """
    if not sparse.issparse(graph) or graph.ndim != 2 or graph.shape[0] != graph.shape[1]:
        raise ReidkitError(
            f"graph: expected a sparse (N, N) table of distances, got {type(graph).__name__} "
            f"{getattr(graph, 'shape', '')}; reidkit.neighbours.jaccard_graph makes one."
        )
    table = sparse.csr_array(graph)
    if not table.has_sorted_indices:
        table = table.sorted_indices()
    values = table.data if table.data.dtype.kind == "f" else table.data.astype(np.float64)
    if not (values >= 0).all():
        raise ReidkitError("graph: a stored distance is negative or NaN.")
    start, columns = table.indptr.astype(np.int64), table.indices.astype(np.int32, copy=False)
    row, column = kernels.first_lopsided(start, columns, values)
    if row >= 0:
        raise ReidkitError(
            f"graph: the distance from crop {row} to crop {column} is not that from {column} to {row}; "
            "store every distance both ways."
        )
    return start, columns, values


def check_eps(eps: float) -> None:
    """Refuse an eps that no Jaccard distance can have."""
    if not 0 < eps <= 1:
        raise ReidkitError(f"eps = {eps}: a Jaccard distance lies between 0 and 1; 0.4-0.7 is usual.")
