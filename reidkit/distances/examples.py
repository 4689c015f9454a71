"""The pairs behind a histogram: which crops are they that lie so near, or so far apart?

A bin of Pos-distr or Neg-distr is a count. To see what it counts, its pairs are looked for again, tile
by tile as they were counted, and a few are kept. No list of all pairs is ever held.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm.auto import tqdm

from reidkit.distances.distributions import PAIRS, Pair, relations
from reidkit.distances.kernels import pick_tile
from reidkit.distances.threads import one_product_each
from reidkit.distances.tiles import BLOCK, Crops, PairTiles
from reidkit.errors import ReidkitError

Order = Literal["nearest", "farthest", "random"]


class PairExamples(NamedTuple):
    """Some pairs of crops, K of ``total``."""

    i: NDArray[np.int64]
    """(K,), index of one crop; within one set, ``i < j``."""
    j: NDArray[np.int64]
    """(K,), index of the other crop, into ``other`` where it was given."""
    distance: NDArray[np.float32]
    """(K,), Euclidean, in [0, 2]; ascending, or descending for the farthest pairs."""
    total: int
    """How many pairs there are of that kind and range."""


def pairs_between(
    features: ArrayLike,
    ids: ArrayLike,
    camids: ArrayLike | None = None,
    *,
    pair: Pair,
    low: float = 0.0,
    high: float = 2.0,
    cameras: str = "all",
    order: Order = "random",
    limit: int = 50,
    seed: int = 0,
    never_positive: int | None,
    other: Crops | None = None,
    block: int = BLOCK,
    progress: bool = False,
) -> PairExamples:
    """Find pairs whose distance lies in ``[low, high)``, at most ``limit`` of them.

    ``total`` is exact. Given the same crops and block, it equals the count of
    :func:`~reidkit.distances.distributions.pair_distributions` for every bin. With the whole range
    and an order, the function finds the hardest pairs: ``pair="pos", order="farthest"`` or
    ``pair="neg", order="nearest"``.

    Args:
        features, ids, camids, never_positive, other, block, progress: as in ``pair_distributions``;
            crops of unknown id are in no pair.
        pair: "pos" (the same id) or "neg".
        low: the smallest distance wanted.
        high: the distance that is too large already; 2, the largest there is, includes itself, as
            the last bin does.
        cameras: "all", or only pairs from the "same", from two ("cross") or from "unknown" cameras.
        order: which pairs to keep if there are more than ``limit``: the "nearest", the "farthest"
            (the lower indices first, among equals), or a "random" sample, in which every pair is
            equally likely.
        limit: how many pairs at most, at least 1.
        seed: of the random sample. The same seed gives the same sample, on any number of cores.

    Raises:
        ReidkitError: as ``pair_distributions``; an empty range; an option that does not exist.

    Four crops on a circle, two of person 1 and two of person 2. Two of the negative pairs lie √2 apart:

    >>> crops = [[1, 0], [0, 1], [-1, 0], [0, -1]]
    >>> pairs_between(crops, [1, 1, 2, 2], pair="neg", low=1.4, high=1.5, never_positive=0)
    PairExamples(i=array([0, 1]), j=array([3, 2]), distance=array([1.4142135, 1.4142135],
                 dtype=float32), total=2)
    """
    wanted = _wanted(pair, cameras, low, high)
    if order not in get_args(Order):
        raise ReidkitError(f"order={order!r}: expected nearest, farthest or random.")
    if limit < 1:
        raise ReidkitError(f"limit={limit}: expected at least 1.")
    tiles = PairTiles.read((features, ids, camids), other, never_positive, block)
    n = len(tiles.cols.features)
    names = (tiles.rows.order, tiles.cols.order, n)
    how = (get_args(Order).index(order), np.random.default_rng(seed).integers(2**64, dtype=np.uint64))
    total, kept = 0, np.empty((0, 3))

    def pick(corner: tuple[int, int]) -> tuple[int, NDArray[np.float64]]:
        # What is worse than all those kept so far is not even collected.
        worst = kept[-1, :2] if len(kept) == limit else (np.inf, np.inf)
        labels = (tiles.rows.labels, tiles.cols.labels)
        products = tiles.products(corner)
        number, found = pick_tile(products, corner, tiles.triangle, *labels, names, wanted, (*how, *worst))
        return number, _smallest(found, limit)

    corners = tiles.corners
    with one_product_each() as pool:
        parts = pool.map(pick, corners)
        for number, found in tqdm(parts, desc="pairs", unit="tile", total=len(corners), disable=not progress):
            total += number
            kept = _smallest(np.concatenate([kept, found]), limit)
    if order == "random":
        kept = kept[np.lexsort((kept[:, 1], kept[:, 2]))]
    i, j = np.divmod(kept[:, 1].astype(np.int64), max(n, 1))
    return PairExamples(i, j, kept[:, 2].astype(np.float32), total)


def _smallest(found: NDArray[np.float64], limit: int) -> NDArray[np.float64]:
    """Return the rows (key, name, ...) with the smallest keys, sorted, lower names first among equals."""
    if len(found) > limit:
        found = found[found[:, 0] <= np.partition(found[:, 0], limit - 1)[limit - 1]]
    return found[np.lexsort((found[:, 1], found[:, 0]))[:limit]]


def _wanted(pair: Pair, cameras: str, low: float, high: float) -> tuple[int, int, float, float]:
    """Check which pairs are asked for and return them as the kernel wants it."""
    if pair not in PAIRS:
        raise ReidkitError(f"pair={pair!r}: expected pos or neg.")
    if not low < high:
        raise ReidkitError(f"low={low}, high={high}: no distance lies between them.")
    relation = -1 if cameras == "all" else relations(cameras).start
    return PAIRS.index(pair), relation, float(low), np.inf if high >= 2 else float(high)
