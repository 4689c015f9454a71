"""Pos-distr and Neg-distr: how far apart are crops of one person, and crops of two people?

Every pair of crops has a distance. The distances of all pairs of the *same* person (positive
pairs) form one distribution, those of all pairs of *different* people (negative pairs) another.
Jin et al. call them Pos-distr and Neg-distr ("Global Distance-distributions Separation for
Unsupervised Person Re-identification", ECCV 2020); where they overlap, ranking goes wrong.

Here both are measured exactly, over all pairs, not over a sample or a batch. Distances are
computed tile by tile and forgotten once counted, so memory does not grow with the number of pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from tqdm.auto import tqdm

from reidkit.distances.kernels import count_tile
from reidkit.distances.threads import one_product_each
from reidkit.distances.tiles import BLOCK, Crops, PairTiles
from reidkit.errors import ReidkitError

Pair = Literal["pos", "neg"]
Cameras = Literal["same", "cross", "unknown"]
Ids = Literal["identity", "pseudo"]
PAIRS: tuple[Pair, ...] = get_args(Pair)
CAMERAS: tuple[Cameras, ...] = get_args(Cameras)
WIDTH = 0.01
"""Width of the bins that are drawn and stored."""
COARSE_BINS = round(2 / WIDTH)
FINE_BINS = 4000


@dataclass(frozen=True)
class PairDistributions:
    """The distances of all positive and all negative pairs, by camera relation.

    Bin ``k`` of ``B`` holds the distances in ``[2k/B, 2(k+1)/B)``; the last one also holds 2.

    Attributes:
        counts: int64 (2, 3, B), number of pairs; axes: :data:`PAIRS`, :data:`CAMERAS`, bin.
            "unknown" are the pairs in which the camera of a crop is not known.
        sums: float64 (2, 3, 2), sum of the distances and sum of their squares.
        left_out: number of crops left out because their id is unknown.
    """

    counts: NDArray[np.int64]
    sums: NDArray[np.float64]
    left_out: int = 0

    @property
    def edges(self) -> NDArray[np.float64]:
        """The ``B + 1`` edges of the fine bins, from 0 to 2."""
        return np.linspace(0, 2, self.counts.shape[2] + 1)

    def fine(self, pair: Pair, cameras: str = "all") -> NDArray[np.int64]:
        """Return the fine histogram (int64, B bins) of ``cameras``: all, same, cross or unknown."""
        return self.counts[PAIRS.index(pair), relations(cameras)].sum(axis=0)

    def coarse(self, pair: Pair, cameras: str = "all") -> NDArray[np.int64]:
        """Return the histogram (int64, 200 bins) at the width of 0.01 that is drawn."""
        return self.fine(pair, cameras).reshape(COARSE_BINS, -1).sum(axis=1)

    def number(self, pair: Pair, cameras: str = "all") -> int:
        """Return the number of pairs."""
        return int(self.fine(pair, cameras).sum())

    def mean(self, pair: Pair, cameras: str = "all") -> float:
        """Return the mean distance (from the distances, not the bins); NaN without pairs."""
        number = self.number(pair, cameras)
        return float(self._totals(pair, cameras)[0] / number) if number else float("nan")

    def variance(self, pair: Pair, cameras: str = "all") -> float:
        """Return the variance of the distances (mean squared deviation); NaN without pairs."""
        number = self.number(pair, cameras)
        if not number:
            return float("nan")
        total, squares = self._totals(pair, cameras)
        return float(max(squares / number - (total / number) ** 2, 0.0))

    def _totals(self, pair: Pair, cameras: str) -> NDArray[np.float64]:
        return self.sums[PAIRS.index(pair), relations(cameras)].sum(axis=0)

    def table(self, *, crops: Literal["train", "test"], ids: Ids) -> pd.DataFrame:
        """Return the histograms as a *pairs table*, one row per pair kind, relation and 0.01 bin.

        Args:
            crops: which crops these are, written into the column ``crops``.
            ids: whether the ids are true identities or pseudo-labels, written into ``ids``.

        Returns:
            Columns ``crops, ids, pair, cameras, left, width, count``. Rows with cameras "unknown"
            are there only if such pairs exist.
        """
        known = [c for c in CAMERAS if c != "unknown" or self.counts[:, 2].any()]
        left = np.arange(COARSE_BINS) / (COARSE_BINS / 2)
        parts = [
            pd.DataFrame(
                {"crops": crops, "ids": ids, "pair": pair, "cameras": cameras, "left": left}
                | {"width": WIDTH, "count": self.coarse(pair, cameras)}
            )
            for pair in PAIRS
            for cameras in known
        ]
        return pd.concat(parts, ignore_index=True)


def relations(cameras: str) -> slice:
    """Return the part of the axis :data:`CAMERAS` that ``cameras`` means: all, or one of them."""
    if cameras == "all":
        return slice(None)
    for k, known in enumerate(CAMERAS):
        if cameras == known:
            return slice(k, k + 1)
    raise ReidkitError(f"cameras={cameras!r}: expected all, same, cross or unknown.")


def pair_distributions(
    features: ArrayLike,
    ids: ArrayLike,
    camids: ArrayLike | None = None,
    *,
    never_positive: int | None,
    other: Crops | None = None,
    bins: int = FINE_BINS,
    block: int = BLOCK,
    progress: bool = False,
) -> PairDistributions:
    """Measure the distances of all pairs of crops, positive and negative pairs apart.

    Without ``other`` these are the N(N-1)/2 pairs inside one set; with it, the pairs of a crop of
    the first set and a crop of the other (query against gallery). The distance is the Euclidean one
    of unit vectors, from a float32 product: exact to about 1e-6, but to 5e-4 only where it is
    almost 0.

    Args:
        features: float (N, D), rows of length 1.
        ids: (N,) integers, people or pseudo-labels. A crop with a negative or missing id (junk,
            unknown, outlier) is left out, and counted in ``left_out``.
        camids: (N,) integers, negative or missing where unknown; None: no camera is known.
        never_positive: the id whose crops are all different people. Give 0 for true identities (a
            Market-1501 gallery holds "distractors", other people's crops under the one id 0) and
            None for pseudo-labels, where 0 is a cluster like any other. There is no default
            because either would be wrong, silently, for the other kind.
        other: features, ids and camids of a second set, under the same rules.
        bins: number of fine bins over [0, 2], a multiple of 200.
        block: rows and columns of a tile; a thread needs ``4 * block**2`` bytes for it.
        progress: show a progress bar.

    Raises:
        ReidkitError: features not finite or not of unit length; numbers of rows, ids and cameras
            differ; dimensions differ; ``bins`` or ``block`` impossible.

    Four crops on a circle, two of person 1 (a right angle apart, distance √2) and two of person 2:

    >>> crops = [[1, 0], [0, 1], [-1, 0], [0, -1]]
    >>> pairs = pair_distributions(crops, [1, 1, 2, 2], [1, 2, 1, 2], never_positive=0)
    >>> pairs.number("pos"), pairs.number("neg"), round(pairs.mean("neg"), 4)
    (2, 4, 1.7071)
    """
    if bins % COARSE_BINS or bins <= 0:
        raise ReidkitError(f"bins={bins}: expected a multiple of {COARSE_BINS}.")
    tiles = PairTiles.read((features, ids, camids), other, never_positive, block)
    return count_pairs(tiles, bins=bins, progress=progress)


def count_pairs(tiles: PairTiles, *, bins: int = FINE_BINS, progress: bool = False) -> PairDistributions:
    """Do the counting of :func:`pair_distributions`, for sets that were checked before.

    Args:
        tiles: the sets. Whoever counts the pairs of many small sets with one large one reads that one once.
        bins, progress: as there.
    """
    counts, sums = np.zeros((2, 3, bins), np.int64), np.zeros((2, 3, 2))

    def count(corner: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        labels, own = (tiles.rows.labels, tiles.cols.labels), (np.zeros_like(counts), np.zeros_like(sums))
        count_tile(tiles.products(corner), corner, tiles.triangle, *labels, *own)
        return own

    corners = tiles.corners
    with one_product_each() as pool:
        parts = pool.map(count, corners)
        for own in tqdm(parts, desc="pairs", unit="tile", total=len(corners), disable=not progress):
            counts += own[0]
            sums += own[1]
    return PairDistributions(counts, sums, tiles.left_out)
