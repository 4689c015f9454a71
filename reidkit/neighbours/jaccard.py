"""The k-reciprocal Jaccard distance, sparse: what every DBSCAN of the field runs on.

Two crops are *k-reciprocal* neighbours when each is among the k nearest of the other. The Jaccard
distance asks how far the two circles of such neighbours coincide: 0 when they are the same people
with the same weights, 1 when they share nobody. Eight or nine of ten pairs share nobody, so only the
others are stored, and memory grows with N, not with N x N.

Source: Zhong et al., "Re-ranking person re-identification with k-reciprocal encoding", CVPR 2017, in
the form that SpCL and Cluster Contrast release (no mixing with the original distance).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from reidkit.errors import ReidkitError
from reidkit.neighbours.encoding import distances, encode, expand
from reidkit.neighbours.knn import Neighbours, checked_rows, nearest
from reidkit.neighbours.reciprocal import expanded_sets

if TYPE_CHECKING:
    from torch import Tensor


def jaccard_graph(
    features: np.ndarray | Tensor,
    k1: int = 30,
    k2: int = 6,
    eps: float | None = None,
    *,
    neighbours: Neighbours | None = None,
    progress: bool = False,
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
        features: (N, D) float32, L2-normalised rows; the neighbours of a torch tensor are searched for
            on its device.
        k1: neighbours to start from, the crop itself counted.
        k2: neighbours to average over, the crop itself counted; 1 switches it off.
        eps: keep only distances <= eps (enough for DBSCAN at that eps); None keeps all below 1.
        neighbours: what ``nearest(features, k)`` returned, k at least max(k1, k2), where it is known
            already; None computes it.
        progress: show progress bars.

    Returns:
        (N, N) float32 CSR array of distances, symmetric, columns sorted. **An entry that is not
        stored is distance 1** (with ``eps``: or anything above eps); the diagonal is stored, as 0.

    Raises:
        ReidkitError: malformed features or neighbours, or k1, k2 below 1.
    """
    if k1 < 1 or k2 < 1:
        raise ReidkitError(f"k1 = {k1}, k2 = {k2}: both must be at least 1.")
    rows = checked_rows(features)
    if neighbours is None:
        neighbours = nearest(features, max(k1, k2), progress=progress)
    else:
        _check(neighbours, len(rows), max(k1, k2))
    indices = neighbours[1].astype(np.int32)
    encoding = encode(rows, neighbours, *expanded_sets(indices[:, :k1], k1))
    if k2 > 1:
        encoding = expand(encoding, indices[:, :k2])
    return distances(encoding, eps, progress="Jaccard" if progress else None)


def _check(neighbours: Neighbours, n: int, k: int) -> None:
    near, indices = neighbours
    if near.shape != indices.shape or indices.ndim != 2 or len(indices) != n or indices.dtype.kind != "i":
        raise ReidkitError(
            f"neighbours of shapes {near.shape} and {indices.shape} for {n} crops: "
            "give (distances, indices), as reidkit.neighbours.nearest returns them."
        )
    if indices.shape[1] < min(k, n):
        raise ReidkitError(f"{indices.shape[1]} neighbours a crop: max(k1, k2) = {k} are needed.")
    if (indices[:, 0] != np.arange(n)).any() or indices.min() < 0 or indices.max() >= n:
        raise ReidkitError(
            f"neighbours: a crop's list must begin with itself and hold rows 0 to {n - 1} only. "
            "They belong to other features, or to a part of them."
        )
