"""Ranking quality: CMC, mAP and mINP under the protocol of Market-1501.

A query crop is compared with every gallery crop, and the gallery is sorted by distance. Good
features put the other crops of the query's person first.

"mAP" is not one number. Here AP is the *finite sum*: the mean, over the matches of a query, of the
precision at the place of that match; ``sklearn.metrics.average_precision_score`` computes the same.
The mean is taken over the queries that have a match. Others differ. On one synthetic set of the
size of Market-1501 with strong camera bias:

===================================================================  ======  =====
implementation                                                       rank 1  mAP
===================================================================  ======  =====
finite sum (this module, torchreid, fast-reid, SpCL)                  34.95  15.12
trapezoid AP of the official code, over the queries with a match      34.95  14.03
the same, a query without a match counting as 0                       34.00  13.65
finite sum, a query without a match counting as 0                     34.00  14.71
mAP@100: the first hundred places only, divided differently             --   23.50
no removal of the query's camera (pytorch-metric-learning)            92.31  30.46
===================================================================  ======  =====
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import cpu_count
from numpy.typing import ArrayLike, NDArray
from tqdm.auto import tqdm

from reidkit.distances.checks import unit_rows
from reidkit.distances.threads import one_product_each
from reidkit.errors import ReidkitError
from reidkit.evaluation.kernels import rank_matches
from reidkit.evaluation.protocols import Protocol, explain_no_match, market1501

AP = "finite sum: the mean, over a query's matches, of the precision at the place of each"
"""Which of the several average precisions this is; see above."""
TILES = 128 * 2**20
"""Bytes for the similarities of the queries that are being ranked, over all threads."""
TOP_BLOCK = 64
"""Queries compared at once when only the nearest crops are wanted."""


class Top(NamedTuple):
    """The nearest gallery crops of some queries, nearest first.

    Where fewer crops than asked for are left after removal: index -1, no match, distance NaN.
    """

    indices: NDArray[np.int64]
    """(Q, k), into the gallery."""
    match: NDArray[np.bool_]
    """(Q, k), whether it is the query's person."""
    distance: NDArray[np.float32]
    """(Q, k), Euclidean, in [0, 2]."""


@dataclass(frozen=True)
class Ranking:
    """The places of all matches, query by query. J is the number of queries judged.

    Attributes:
        queries: int64 (J,), indices of the queries judged: those with a match in the gallery.
        skipped: the others: reason -> int64 indices of queries.
        ap: float64 (J,), average precision.
        inp: float64 (J,), inverse negative penalty, the precision at the last match (Ye et al.,
            "Deep Learning for Person Re-identification: A Survey and Outlook", TPAMI 2021).
        first_match: int64 (J,), place of the first match; 1 is the nearest gallery crop.
        positives: int64 (J,), number of matches.
    """

    queries: NDArray[np.int64]
    skipped: dict[str, NDArray[np.int64]]
    ap: NDArray[np.float64]
    inp: NDArray[np.float64]
    first_match: NDArray[np.int64]
    positives: NDArray[np.int64]
    _query: NDArray[np.float32] = field(repr=False)
    _gallery: NDArray[np.float32] = field(repr=False)
    _protocol: Protocol = field(repr=False)

    def account(self) -> dict[str, Any]:
        """Return :meth:`Protocol.account`, and ``ap``: which average precision it is, in words."""
        return self._protocol.account() | {"ap": AP}

    def cmc(self, n: int) -> NDArray[np.float64]:
        """Return the cumulative matching characteristic at places 1..n, float64 (n,).

        Entry ``k - 1`` is the share of queries with a match among the ``k`` nearest crops.
        """
        return (self.first_match[:, None] <= np.arange(1, n + 1)).mean(axis=0)

    def summary(self) -> dict[str, float]:
        """Return mAP, mINP, rank1, rank5 and rank10, as fractions of 1."""
        cmc = self.cmc(10)
        return {
            "mAP": float(self.ap.mean()),
            "mINP": float(self.inp.mean()),
            "rank1": float(cmc[0]),
            "rank5": float(cmc[4]),
            "rank10": float(cmc[9]),
        }

    def table(self) -> pd.DataFrame:
        """Return one row per judged query: ``query`` (its index), ap, inp, first_match, positives.

        ``ranking.table().nsmallest(20, "ap")`` are the worst twenty.
        """
        names = ("ap", "inp", "first_match", "positives")
        return pd.DataFrame({"query": self.queries} | {name: getattr(self, name) for name in names})

    def top(self, k: int, queries: ArrayLike | None = None) -> Top:
        """Return the ``k`` nearest gallery crops, after removal, in the order the ranking uses.

        Args:
            k: how many, at least 1.
            queries: indices into the query set (skipped ones too); None: all that were judged.

        Raises:
            ReidkitError: ``k`` below 1, or a query that does not exist.
        """
        chosen = self.queries if queries is None else np.asarray(queries, np.int64)
        if k < 1:
            raise ReidkitError(f"k={k}: expected at least 1.")
        if (wrong := chosen[(chosen < 0) | (chosen >= len(self._query))]).size:
            raise ReidkitError(f"there is no query {wrong[0]}, only 0 to {len(self._query) - 1}.")
        indices = np.full((len(chosen), k), -1)
        match = np.zeros(indices.shape, bool)
        distance = np.full(indices.shape, np.nan, np.float32)
        for row, query in enumerate(chosen):
            if row % TOP_BLOCK == 0:
                block = self._query[chosen[row : row + TOP_BLOCK]] @ self._gallery.T
            similarity = block[row % TOP_BLOCK]
            similarity[self._protocol.removed(query)] = -np.inf
            nearest = _largest(similarity, k)
            indices[row, : len(nearest)] = nearest
            match[row, : len(nearest)] = np.isin(nearest, self._protocol.matches(query))
            distance[row, : len(nearest)] = np.sqrt(np.clip(2 - 2 * similarity[nearest], 0, 4))
        return Top(indices, match, distance)


def rank(
    query_features: ArrayLike,
    query_pids: ArrayLike,
    query_camids: ArrayLike,
    gallery_features: ArrayLike,
    gallery_pids: ArrayLike,
    gallery_camids: ArrayLike,
    *,
    block: int | None = None,
    progress: bool = False,
) -> Ranking:
    """Rank the gallery for every query, under :func:`~reidkit.evaluation.protocols.market1501`.

    Gallery crops are ordered by distance, that is by their float32 product with the query, as numpy
    rounds it. At equal products the one with the lower gallery index comes first, as a stable sort
    would have it. (The products of two copies of a crop may still differ in their last bit.) A query
    without any match is left out of all means, and listed in ``skipped`` with the reason.

    Args:
        query_features: float (Q, D), rows of length 1.
        query_pids: (Q,) integers; a query with a pid of 0 or below is skipped.
        query_camids: (Q,) integers.
        gallery_features: float (G, D), rows of length 1. Any size, also below 50.
        gallery_pids: (G,) integers; -1 junk, 0 distractors.
        gallery_camids: (G,) integers.
        block: queries that a thread compares at once; it needs ``4 * block * G`` bytes for them.
            None: up to 256, and so few that all threads together need 128 MB (but at least 64).
        progress: show a progress bar.

    Raises:
        ReidkitError: features not finite or not of unit length, different dimensions or lengths,
            unknown cameras, no query with a match, or ``block`` below 1.

    One query, its match on place 2:

    >>> ranking = rank([[1, 0]], [7], [1], [[1, 0], [0.8, 0.6], [0, 1]], [5, 7, 6], [2, 2, 2])
    >>> ranking.summary()["mAP"], ranking.first_match, ranking.cmc(3)
    (0.5, array([2]), array([0., 1., 1.]))
    """
    if block is not None and block < 1:
        raise ReidkitError(f"block={block}: expected at least 1.")
    query = unit_rows(query_features, "query_features")
    gallery = unit_rows(gallery_features, "gallery_features")
    _check_shapes(query, query_pids, gallery, gallery_pids)
    protocol = market1501(query_pids, query_camids, gallery_pids, gallery_camids)
    judged = protocol.judged
    if not len(judged):
        raise ReidkitError(explain_no_match(protocol))
    block = block or _fitting_block(len(judged), len(gallery))
    ranks, offsets = _places(query, gallery, protocol, judged, block, progress)
    positives = np.diff(offsets)
    nth = np.arange(len(ranks)) - np.repeat(offsets[:-1], positives) + 1
    return Ranking(
        queries=judged,
        skipped=protocol.skipped,
        ap=np.add.reduceat(nth / ranks, offsets[:-1]) / positives,
        inp=positives / ranks[offsets[1:] - 1],
        first_match=ranks[offsets[:-1]],
        positives=positives,
        _query=query,
        _gallery=gallery,
        _protocol=protocol,
    )


def _places(
    query: NDArray[np.float32],
    gallery: NDArray[np.float32],
    protocol: Protocol,
    judged: NDArray[np.int64],
    block: int,
    progress: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of all matches, query after query, and where each query's begin."""
    offsets = np.concatenate([[0], np.cumsum(protocol.positives[judged])])
    ranks = np.empty(offsets[-1], np.int64)

    def work(start: int) -> None:
        some = judged[start : start + block]
        rules = (protocol.order, protocol.bounds[some], protocol.junk)
        rank_matches(query[some] @ gallery.T, *rules, offsets[start : start + block + 1], ranks)

    starts = range(0, len(judged), block)
    with one_product_each() as pool:
        for _ in tqdm(
            pool.map(work, starts), desc="ranking", unit="block", total=len(starts), disable=not progress
        ):
            pass
    return ranks, offsets


def _fitting_block(queries: int, gallery: int) -> int:
    """Return how many queries each thread compares at once, so that all tiles take ``TILES`` bytes.

    Fewer than 64 would make the product slow, as it passes over the whole gallery for each block.
    """
    threads = cpu_count()
    return min(max(TILES // (4 * gallery * threads), 64), 256, -(-queries // threads))


def _largest(values: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the indices of the ``k`` largest finite values, largest first, ties in order."""
    k = min(k, int(np.isfinite(values).sum()))
    if not k:
        return np.empty(0, np.int64)
    limit = -np.partition(-values, k - 1)[k - 1]
    among = np.flatnonzero(values >= limit)
    return among[np.argsort(-values[among], kind="stable")][:k]


def _check_shapes(
    query: NDArray[np.float32], query_pids: ArrayLike, gallery: NDArray[np.float32], gallery_pids: ArrayLike
) -> None:
    if query.shape[1] != gallery.shape[1]:
        raise ReidkitError(
            f"query_features have {query.shape[1]} dimensions, gallery_features {gallery.shape[1]}; "
            "both must come from the same network and view."
        )
    for name, rows, pids in (("query", query, query_pids), ("gallery", gallery, gallery_pids)):
        if len(rows) != np.size(pids):
            raise ReidkitError(f"{name}_features has {len(rows)} rows, {name}_pids {np.size(pids)}.")
