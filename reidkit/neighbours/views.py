"""One distance of several views of the crops: the whole body, its upper and its lower half, say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from reidkit.errors import ReidkitError


def weighted_graph(
    graphs: Sequence[sparse.csr_array], weights: Sequence[float], *, eps: float | None = None
) -> sparse.csr_array:
    """Sum the distance graphs of several views: D = sum_v w_v D_v, what is not stored being 1 throughout.

    With weights that sum to 1 this is ``1 - sum_v w_v (1 - D_v)``, and only stored entries matter.

    **Give graphs that were not cut by an eps.** In a cut graph a missing entry may be any distance above
    eps; here it would count as 1, and no one can tell from the graph. Cut the sum: that is what ``eps`` is
    for.

    Args:
        graphs: (N, N) float32, from :func:`reidkit.neighbours.jaccard_graph` without ``eps``.
        weights: one a graph, none negative, summing to 1.
        eps: keep only distances <= eps; None keeps all below 1.

    Returns:
        (N, N) float32 CSR array as of :func:`reidkit.neighbours.jaccard_graph`.

    Raises:
        ReidkitError: no graphs, or numbers or shapes that do not fit, or impossible weights.

    >>> body = sparse.csr_array(([0, 0.2, 0.2, 0], ([0, 0, 1, 1], [0, 1, 0, 1])), shape=(2, 2))
    >>> legs = sparse.csr_array(([0, 0], ([0, 1], [0, 1])), shape=(2, 2))  # from each other: 1
    >>> weighted_graph([body, legs], [0.75, 0.25]).toarray().round(3)  # 0.75 * 0.2 + 0.25 * 1
    array([[0. , 0.4],
           [0.4, 0. ]])
    """
    _check(graphs, weights)
    total = _near(graphs[0], weights[0])
    for graph, weight in zip(graphs[1:], weights[1:], strict=True):
        total = total + _near(graph, weight)
    total.sort_indices()
    distance = np.maximum(1 - total.data, 0)
    rows = np.repeat(np.arange(total.shape[0]), np.diff(total.indptr))
    distance[rows == total.indices] = 0  # whatever the rounding of the weights' sum
    keep = distance <= (2 if eps is None else eps)
    start = np.concatenate([[0], np.cumsum(keep)])[total.indptr].astype(total.indptr.dtype)
    return sparse.csr_array((distance[keep], total.indices[keep], start), shape=total.shape)


def _near(graph: sparse.csr_array, weight: float) -> sparse.csr_array:
    """Return w (1 - D), in which what is not stored is 0, as SciPy takes it to be."""
    return sparse.csr_array(
        (np.float32(weight) * (1 - graph.data), graph.indices, graph.indptr), shape=graph.shape
    )


def _check(graphs: Sequence[sparse.csr_array], weights: Sequence[float]) -> None:
    if not graphs or len(graphs) != len(weights):
        raise ReidkitError(f"{len(graphs)} graphs and {len(weights)} weights: give one weight a graph.")
    if len(shapes := {graph.shape for graph in graphs}) > 1:
        raise ReidkitError(f"graphs of shapes {sorted(shapes)}: all must be of the same crops.")
    if min(weights) < 0 or abs(sum(weights) - 1) > 1e-6:
        raise ReidkitError(f"weights {list(weights)}: they must sum to 1, and none be negative.")
