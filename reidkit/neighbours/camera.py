"""The camera-aware Jaccard distance: neighbours of the own camera and of the others, each in their own list.

Crops of one camera share its light and background, so they crowd the neighbour lists: strangers of the own
camera push the same person's crops of other cameras out. Two lists a crop, each of a fixed length, keep a
place for both.

Source: Chen et al., "CA-Jaccard: Camera-aware Jaccard Distance for Person Re-identification", CVPR 2024, in
the form of the released clustering code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from reidkit.distances.checks import integer_ids
from reidkit.errors import ReidkitError
from reidkit.neighbours import tiles
from reidkit.neighbours.encoding import distances, encode, expand
from reidkit.neighbours.knn import Neighbours, checked_rows, nearest
from reidkit.neighbours.reciprocal import ranks_back, sets_of

if TYPE_CHECKING:
    from torch import Tensor


def camera_jaccard_graph(
    features: np.ndarray | Tensor,
    camids: ArrayLike,
    *,
    k1_intra: int = 5,
    k1_inter: int = 20,
    k2_intra: int = 2,
    k2_inter: int = 4,
    eps: float | None = None,
    progress: bool = False,
) -> sparse.csr_array:
    """Compute the camera-aware Jaccard distance of all pairs that share a neighbour.

    With ``A(i, k)`` the k nearest of i in its own camera, i counted, and ``E(i, k)`` the k nearest in all
    other cameras, the released code's arithmetic is:

    1. ``R(i) = {j in A(i, k1_intra + 1) : i in A(j, k1_intra + 1)}`` and the same of E with
       ``k1_inter + 1``, together. Mind the + 1: five others of the own camera besides i, but 21 of the
       other cameras. R is not expanded any further.
    2. ``V_i = softmax over R(i) of -(2 - 2 f_i.f_j)``; then each V_i becomes the mean of the V of
       ``A(i, k2_intra)`` and ``E(i, k2_inter)``, all with equal weight.
    3. ``d(i, j)`` from V as in :func:`reidkit.neighbours.jaccard_graph`.

    The defaults are the values of the released commands. (They average over 3 and 3 in the first epoch
    only, and call that a warm-up.) Where a crop has fewer candidates than a list has places, the released
    code fills it with crops of the wrong camera; here the list stays shorter. So with a single camera
    only the intra lists are left.

    Args:
        features: (N, D) float32, L2-normalised rows. All of this is done on the CPU.
        camids: (N,) integers; every crop's camera must be known.
        k1_intra, k1_inter: neighbours to start from, the crop itself not counted, less one (see 1.).
        k2_intra, k2_inter: neighbours to average over, the crop itself counted among ``k2_intra``.
        eps: keep only distances <= eps; None keeps all below 1.
        progress: show progress bars.

    Returns:
        (N, N) float32 CSR array as :func:`reidkit.neighbours.jaccard_graph`: what is not stored is 1.

    Raises:
        ReidkitError: malformed features, an unknown camera, or a list of length 0.
    """
    lengths = {"k1_intra": k1_intra, "k1_inter": k1_inter, "k2_intra": k2_intra, "k2_inter": k2_inter}
    for name, length in lengths.items():
        if length < 1:
            raise ReidkitError(f"{name} = {length}: it must be at least 1.")
    rows = checked_rows(features)
    cameras = integer_ids(camids, "camids", len(rows))
    if (unknown := np.flatnonzero(cameras < 0)).size:
        raise ReidkitError(
            f"camids: the camera of {unknown.size} crops is not known, the first is row {unknown[0]}. "
            "Leave them out, or use jaccard_graph, which asks for no cameras."
        )
    intra = _same_camera(rows, cameras, max(k1_intra + 1, k2_intra))
    inter = _other_cameras(rows, cameras, max(k1_inter + 1, k2_inter), progress)
    lists = intra[1][:, : k1_intra + 1], inter[1][:, : k1_inter + 1]
    mutual = [ranks_back(indices) < indices.shape[1] for indices in lists]
    known = np.hstack([intra[0], inter[0]]), np.hstack([intra[1], inter[1]])
    encoding = encode(rows, known, *sets_of(np.hstack(lists), np.hstack(mutual)))
    encoding = expand(encoding, np.hstack([intra[1][:, :k2_intra], inter[1][:, :k2_inter]]))
    return distances(encoding, eps, progress="Jaccard" if progress else None)


def _same_camera(rows: np.ndarray, cameras: np.ndarray, k: int) -> Neighbours:
    """Return the k nearest of each row in its camera, itself first; -1 where the camera has fewer crops."""
    near, indices = np.full((len(rows), k), np.inf, np.float32), np.full((len(rows), k), -1, np.int32)
    for camera in np.unique(cameras):
        inside = np.flatnonzero(cameras == camera)
        found = nearest(rows[inside], k)
        width = found[1].shape[1]
        near[inside, :width], indices[inside, :width] = found[0], inside[found[1]]
    return near, indices


def _other_cameras(rows: np.ndarray, cameras: np.ndarray, k: int, progress: bool) -> Neighbours:
    """Return the k nearest of each row in all cameras but its own; -1 where they have fewer crops."""
    bar = "other cameras" if progress else None
    products, indices = tiles.search(rows, k, groups=cameras, progress=bar)
    return np.sqrt(2 - 2 * products), indices
