"""All pairs of crops, one tile of scalar products after the other.

The table of all pairs is cut into square tiles, which are multiplied, used and forgotten. Its rows and
columns are sorted by camera, then by id. A row of a tile then falls into a few *runs* of one kind (say:
same person, other camera), and a run needs no question pair by pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reidkit.distances.checks import integer_ids, unit_rows
from reidkit.errors import ReidkitError

BLOCK = 768
"""Rows and columns of a tile: its 2.4 MB fit into a processor's cache."""

Crops = tuple[ArrayLike, ArrayLike, ArrayLike | None]
"""Features (N, D), ids (N,), and camera ids (N,) or None when no camera is known."""

Labels = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""Ids, camera ids (below 0: unknown), and for each crop the end of its camera's run, all (M,)."""


@dataclass(frozen=True)
class Side:
    """One set of crops, checked, and sorted by camera and id. M of its N crops have a known id.

    Attributes:
        features: float32 (N, D), as they were given: they are neither sorted nor copied.
        order: int64 (M,), the crops that count, sorted; indices into ``features``.
        labels: the ids and cameras of ``order``.
    """

    features: NDArray[np.float32]
    order: NDArray[np.int64]
    labels: Labels

    @classmethod
    def read(cls, crops: Crops, of: str, never_positive: int | None) -> Side:
        """Check a set; ``of`` ("" or "other ") names it in errors.

        Raises:
            ReidkitError: features not finite or not of unit length; numbers of rows, ids and
                cameras differ.
        """
        features = unit_rows(crops[0], f"{of}features")
        n = len(features)
        ids = integer_ids(crops[1], f"{of}ids", n)
        camids = integer_ids(crops[2], f"{of}camids", n) if crops[2] is not None else np.full(n, -1)
        known = ids >= 0
        if never_positive is not None:
            # An id of its own for every stranger; the two sides of a pair of sets must not meet.
            own = -2 * np.arange(n) - (2 if of else 1)
            ids = np.where(known & (ids == never_positive), own, ids)
        order = np.lexsort((ids, camids))
        order = order[known[order]]
        camids = camids[order]
        return cls(features, order, (ids[order], camids, np.searchsorted(camids, camids, side="right")))


@dataclass(frozen=True)
class PairTiles:
    """The pairs within one set (each pair once), or between two sets, as tiles.

    Attributes:
        rows: the crops that the rows of the tiles belong to.
        cols: the crops of the columns; with one set, the very object ``rows``.
        block: rows and columns of a tile.
    """

    rows: Side
    cols: Side
    block: int

    @classmethod
    def read(cls, crops: Crops, other: Crops | None, never_positive: int | None, block: int) -> PairTiles:
        """Check one or two sets, see :func:`~reidkit.distances.distributions.pair_distributions`.

        Raises:
            ReidkitError: as that function.
        """
        if block < 1:
            raise ReidkitError(f"block={block}: expected at least 1.")
        rows = Side.read(crops, "", never_positive)
        cols = Side.read(other, "other ", never_positive) if other is not None else rows
        if rows.features.shape[1] != cols.features.shape[1]:
            raise ReidkitError(
                f"features have {rows.features.shape[1]} dimensions, those of other "
                f"{cols.features.shape[1]}; both must come from the same network and view."
            )
        return cls(rows, cols, block)

    @property
    def triangle(self) -> bool:
        """Whether only pairs whose column is above the row count: those of one set."""
        return self.rows is self.cols

    @property
    def left_out(self) -> int:
        """Number of crops left out because their id is unknown."""
        sides = (self.rows,) if self.triangle else (self.rows, self.cols)
        return sum(len(side.features) - len(side.order) for side in sides)

    @property
    def corners(self) -> list[tuple[int, int]]:
        """First row and first column of every tile that holds pairs that count."""
        return [
            (top, left)
            for top in range(0, len(self.rows.order), self.block)
            for left in range(top if self.triangle else 0, len(self.cols.order), self.block)
        ]

    def products(self, corner: tuple[int, int]) -> NDArray[np.float32]:
        """Return the scalar products of a tile, float32, at most (block, block)."""
        top, left = corner
        rows = self.rows.features[self.rows.order[top : top + self.block]]
        if self.triangle and top == left:
            return rows @ rows.T  # numpy sees that this is symmetric, and multiplies one half
        return rows @ self.cols.features[self.cols.order[left : left + self.block]].T
