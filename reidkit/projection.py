"""Features on the plane: UMAP, made repeatable and quick, and steady over the epochs.

UMAP (McInnes, Healy, Melville 2018) lays points out so that neighbours stay neighbours. Distances
between far clouds mean little; who is next to whom means something.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from scipy.linalg import orthogonal_procrustes
from tqdm.auto import tqdm

from reidkit.distances.threads import openmp_left_alone
from reidkit.errors import ReidkitError

Neighbours = tuple[np.ndarray, np.ndarray]
_FEWEST = 5  # crops: below, there is no neighbourhood to keep
_EXPECTED = (
    "n_jobs value",  # a seed costs UMAP its threads; we want the seed
    r"precomputed_knn\[2\]",  # it then cannot place new points, and is never asked to
    "Spectral initialisation",
)


@openmp_left_alone()
def project(
    features: np.ndarray,
    *,
    seed: int = 0,
    neighbours: Neighbours | None = None,
    init: np.ndarray | None = None,
    epochs: int = 200,
    k: int = 15,
    min_dist: float = 0.3,
    step: float = 1.0,
) -> np.ndarray:
    """Lay features out on the plane with UMAP; the same seed gives the same layout.

    Args:
        features: (N, D) float32, L2-normalised rows, N ≥ 5.
        seed: makes the layout repeatable.
        neighbours: (distances, indices), both (N, ≥ 2), as :func:`reidkit.neighbours.nearest`
            returns them, the row itself first; None computes ``k`` of them exactly.
        init: (N, 2) layout to start from; None starts from the first two principal components.
        epochs: passes of UMAP's optimiser. Its own default of 500 for small sets is three times
            as slow and looks the same.
        k: neighbours that hold a point, the point itself included; at most N - 1.
        min_dist: how tightly UMAP may pack points, in units of the layout.
        step: length of the optimiser's first step (UMAP's ``learning_rate``); small keeps ``init``.

    Returns:
        (N, 2) float32, centred on the origin.

    Raises:
        ReidkitError: fewer than five crops, or neighbours or ``init`` that do not fit.
    """
    from umap import UMAP  # imported here: it costs seconds, and only maps need it

    features = np.asarray(features, dtype=np.float32)
    distances, indices = _check_neighbours(features, neighbours, k)
    start = "pca" if init is None else _check_init(init, len(features))
    reducer = UMAP(
        n_neighbors=indices.shape[1], n_epochs=epochs, min_dist=min_dist, init=start, learning_rate=step,
        metric="euclidean", random_state=seed, precomputed_knn=(indices, distances, None),
        force_approximation_algorithm=True,  # else it drops our neighbours where N < 4096
    )  # fmt: skip
    with warnings.catch_warnings():
        for message in _EXPECTED:
            warnings.filterwarnings("ignore", message=message)
        layout = reducer.fit_transform(features)
    return (layout - layout.mean(axis=0)).astype(np.float32)


def project_epochs(
    features: Sequence[np.ndarray],
    *,
    neighbours: Sequence[Neighbours] | None = None,
    seed: int = 0,
    first: int = 200,
    later: int = 60,
    progress: bool = False,
) -> list[np.ndarray]:
    """Lay the features of several epochs out so that a point moves only when its features do.

    Each epoch starts from the layout of the one before and is optimised a little further in short
    steps, then turned, mirrored, scaled and shifted onto it as well as can be (:func:`align`).

    Args:
        features: one (N, D) float32 an epoch, the same crops in the same order.
        neighbours: those of each epoch, as for :func:`project`, where they are known; None computes them.
        seed: makes the layouts repeatable.
        first: passes of the optimiser for the first epoch.
        later: passes for each later one.
        progress: show a bar.

    Returns:
        One (N, 2) float32 an epoch.

    Raises:
        ReidkitError: the epochs differ in the number of crops, or neighbours do not fit.
    """
    sizes = {len(rows) for rows in features}
    if len(sizes) != 1:
        raise ReidkitError(f"Epochs of {sorted(sizes)} crops: project the same crops of each epoch.")
    known = neighbours if neighbours is not None else [None] * len(features)
    if len(known) != len(features):
        raise ReidkitError(f"neighbours of {len(known)} epochs for features of {len(features)}.")
    layouts: list[np.ndarray] = []
    epochs = zip(features, known, strict=True)
    for rows, near in tqdm(epochs, desc="maps", unit="epoch", total=len(features), disable=not progress):
        if not layouts:
            layouts.append(project(rows, neighbours=near, seed=seed, epochs=first))
            continue
        fresh = project(rows, neighbours=near, seed=seed, epochs=later, init=layouts[-1], step=0.3)
        layouts.append(align(fresh, layouts[-1]))
    return layouts


def align(layout: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """Turn, mirror, scale and shift a layout so that it lies on another as well as can be.

    The turn is the one that minimises the squared distances of corresponding points (orthogonal
    Procrustes, Schönemann 1966). The scale makes both equally wide: the scale of least squares
    would shrink a layout the more, the less the two agree.

    Args:
        layout, onto: (N, 2) float.

    Returns:
        (N, 2) float32.

    >>> square = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], dtype=np.float32)
    >>> turned = 3 * square @ np.array([[0, 1], [-1, 0]]) + 5
    >>> np.allclose(align(turned, square), square, atol=1e-6)
    True
    """
    centre = onto.mean(axis=0, dtype=np.float64)
    moved = layout - layout.mean(axis=0, dtype=np.float64)
    turn, _ = orthogonal_procrustes(moved, onto - centre)
    scale = np.linalg.norm(onto - centre) / max(float(np.linalg.norm(moved)), 1e-12)
    return (scale * moved @ turn + centre).astype(np.float32)


def _check_neighbours(features: np.ndarray, neighbours: Neighbours | None, k: int) -> Neighbours:
    from reidkit.neighbours import nearest  # with numba; maps of given neighbours do without

    n = len(features)
    if n < _FEWEST:
        raise ReidkitError(f"A map of {n} crops: UMAP needs at least {_FEWEST}.")
    distances, indices = nearest(features, min(k, n - 1)) if neighbours is None else neighbours
    if indices.shape != distances.shape or len(indices) != n or indices.dtype.kind != "i":
        raise ReidkitError(
            f"Neighbours of shapes {distances.shape} and {indices.shape} for {n} crops: "
            "give (distances, indices), as reidkit.neighbours.nearest returns them."
        )
    keep = min(k, n - 1, indices.shape[1])
    return distances[:, :keep].astype(np.float32), indices[:, :keep].astype(np.int32)


def _check_init(init: np.ndarray, n: int) -> np.ndarray:
    init = np.asarray(init, dtype=np.float32)
    if init.shape != (n, 2) or not np.isfinite(init).all():
        raise ReidkitError(f"init of shape {init.shape}: expected finite numbers, ({n}, 2).")
    return init
