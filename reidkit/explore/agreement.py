"""Where do two crops agree? The similarity of two features, taken apart by the cells of their maps.

A feature is a mean over the cells of the network's map (:func:`reidkit.models.cell_vectors` says how the
layers behind the map, and GeM, are taken apart). So the cosine of two features is a mean over all *pairs* of
cells, and each cell's part in it is its product with the whole other feature. These parts add up to the
cosine: nothing is left over. That is the map of Stylianou, Souvenir, Pless, "Visualizing deep similarity
networks", WACV 2019, and the "overall activation" of Zhu, Yang, Chen, "Visual explanation for deep metric
learning", IEEE TIP 2021.

It says where the numbers come from. It does not say that the two would be less alike without that part of the
picture: each cell sees far beyond its own 16 pixels.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reidkit.data.pixels import thumbnails
from reidkit.engine.record import WEIGHTS, Record
from reidkit.errors import ReidkitError
from reidkit.plots.agreement import plot_agreement
from reidkit.plots.style import Picture

if TYPE_CHECKING:
    from reidkit.models import Embedder

Cells = NDArray[np.float32]
_KEPT = 256  # crops whose cells are kept; those of a resnet50 take 1 MB


def agreement(cells_a: Cells, cells_b: Cells) -> tuple[NDArray, NDArray]:
    """Say how much each cell of two crops adds to the cosine of their features.

    Args:
        cells_a, cells_b: (h, w, D) and (h', w', D), from :func:`reidkit.models.cell_vectors`.

    Returns:
        (h, w) and (h', w') float64. Each sums to the cosine. A negative value speaks against.

    >>> a, b = np.array([[[1.0, 0.0], [1.0, 0.0]]]), np.array([[[2.0, 0.0], [0.0, 2.0]]])
    >>> [map.round(3).tolist() for map in agreement(a, b)]      # the second cell of b points elsewhere
    [[[0.354, 0.354]], [[0.707, 0.0]]]
    """
    a, b = np.asarray(cells_a, np.float64), np.asarray(cells_b, np.float64)
    mean_a, mean_b = a.mean(axis=(0, 1)), b.mean(axis=(0, 1))
    length = np.linalg.norm(mean_a) * np.linalg.norm(mean_b)
    return a @ mean_b / length / a[..., 0].size, b @ mean_a / length / b[..., 0].size


class Compared(NamedTuple):
    """Two crops, compared.

    ``maps`` are those of :func:`agreement`, of the global view; ``distances`` the Euclidean distance of every
    view's features; ``similarity`` is the cosine of the global ones, to which each map sums.
    """

    maps: tuple[NDArray, NDArray]
    distances: dict[str, float]
    similarity: float


class Agreement:
    """Compare crops with a run's own network. It is loaded when it is first needed, and kept.

    Args:
        run: a run that has ended, or its folder.

    Raises:
        ReidkitError: there is no run, or it holds no trained network.
    """

    def __init__(self, run: Record | str | Path) -> None:
        self.run = run if isinstance(run, Record) else Record(run)
        if not (self.run.path / WEIGHTS).is_file():
            raise ReidkitError(
                f"{self.run.path} holds no trained network ({WEIGHTS}): it has not ended, or only its record "
                "was copied. Without it nobody can say which parts of two crops agree."
            )
        self.cells = lru_cache(_KEPT)(self._cells)

    def compare(self, path_a: str, path_b: str) -> Compared:
        """Compare two image files."""
        a, b = self.cells(path_a), self.cells(path_b)
        cosines = {view: float(agreement(a[view], b[view])[0].sum()) for view in a}
        distances = {view: float(np.sqrt(max(2 - 2 * cosine, 0))) for view, cosine in cosines.items()}
        return Compared(agreement(a["global"], b["global"]), distances, cosines["global"])

    def picture(self, path_a: str, path_b: str, *, title: str | None = None) -> Picture:
        """Draw two image files with their maps; see :func:`reidkit.plots.agreement.plot_agreement`."""
        found = self.compare(path_a, path_b)
        return plot_agreement(
            thumbnails([path_a, path_b], height=192, width=96),
            found.maps,
            distances=found.distances,
            title=title,
        )

    @cached_property
    def network(self) -> Embedder:
        """The trained network, in eval mode, on the CPU."""
        from reidkit.engine.config import TrainConfig, find_method
        from reidkit.models import build_model

        told, names = self.run.config, TrainConfig().as_dict()
        config = TrainConfig(**{name: told[name] for name in names if name in told})
        shape = find_method(config.method).network(config.as_dict())
        weights = self.run.path / WEIGHTS
        return build_model(config.backbone, init=weights, pooling=config.pooling, **shape).eval()

    def _cells(self, path: str) -> dict[str, Cells]:
        """(h, w, D) for each view of one crop: what :meth:`cells` keeps."""
        import torch

        from reidkit.data.augment import normalise
        from reidkit.models import cell_vectors

        height = self.run.config.get("height") or self.network.height
        width = self.run.config.get("width") or self.network.width
        pixels = torch.from_numpy(thumbnails([path], height=height, width=width))
        return {
            view: cells[0].numpy() for view, cells in cell_vectors(self.network, normalise(pixels)).items()
        }
