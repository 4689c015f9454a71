"""Ranking quality: CMC, mAP and mINP, under Market-1501's protocol or any other.

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

import numpy as np
from joblib import cpu_count
from numpy.typing import ArrayLike, NDArray
from tqdm.auto import tqdm

from reidkit.distances.checks import unit_rows
from reidkit.distances.threads import one_product_each
from reidkit.errors import ReidkitError
from reidkit.evaluation.answers import Answers, Lists, explain_no_match
from reidkit.evaluation.kernels import rank_matches
from reidkit.evaluation.protocols.market import market1501
from reidkit.evaluation.ranking import Ranking

TILES = 128 * 2**20
"""Bytes for the similarities of the queries that are being ranked, over all threads."""


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
    rows = _rows(query_features, gallery_features, np.size(query_pids), np.size(gallery_pids))
    answers = market1501(query_pids, query_camids, gallery_pids, gallery_camids)
    return _rank(answers, *rows, block, progress)


def rank_by(
    answers: Answers,
    query_features: ArrayLike,
    gallery_features: ArrayLike,
    *,
    block: int | None = None,
    progress: bool = False,
) -> Ranking:
    """Rank the gallery for every query, by the rules of any protocol.

    Args:
        answers: which crops are right for each query, and which do not count.
        query_features, gallery_features, block, progress: as for :func:`rank`.

    Raises:
        ReidkitError: as :func:`rank`.
    """
    rows = _rows(query_features, gallery_features, len(answers.positives), answers.gallery)
    return _rank(answers, *rows, block, progress)


def _rank(
    answers: Answers,
    query: NDArray[np.float32],
    gallery: NDArray[np.float32],
    block: int | None,
    progress: bool,
) -> Ranking:
    if block is not None and block < 1:
        raise ReidkitError(f"block={block}: expected at least 1.")
    judged = answers.judged
    if not len(judged):
        raise ReidkitError(explain_no_match(answers))
    block = block or _fitting_block(len(judged), len(gallery))
    places, first, similar = _places(query, gallery, answers, judged, block, progress)
    positives = answers.positives[judged]
    ends = np.cumsum(positives)
    begins = ends - positives
    nth = np.arange(len(places)) - np.repeat(begins, positives) + 1
    return Ranking(
        queries=judged,
        skipped=answers.skipped,
        ap=np.add.reduceat(nth / places, begins) / positives,
        inp=positives / places[ends - 1],
        first_match=first,
        positives=positives,
        nearest=_distances(similar),
        _query=query,
        _gallery=gallery,
        _answers=answers,
    )


def _places(
    query: NDArray[np.float32],
    gallery: NDArray[np.float32],
    answers: Answers,
    judged: NDArray[np.int64],
    block: int,
    progress: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return the places of all matches, query after query; of the first; and what is most similar."""
    right, removed = answers.right, answers.removed_from
    people = np.empty(0, np.int64)
    if answers.people is not None:
        people = np.unique(answers.people, return_inverse=True)[1]
    places = np.empty(len(right.values), np.int64)  # who is not judged has none
    first, similar = np.empty(len(judged), np.int64), np.empty((len(judged), 2), np.float32)

    def work(start: int) -> None:
        some, done = judged[start : start + block], slice(start, start + block)
        lists = (right.values, *_bounds(right, some), removed.values, *_bounds(removed, some))
        rank_matches(
            query[some] @ gallery.T, *lists, answers.junk, people, places, first[done], similar[done]
        )

    starts = range(0, len(judged), block)
    with one_product_each() as pool:
        for _ in tqdm(
            pool.map(work, starts), desc="ranking", unit="block", total=len(starts), disable=not progress
        ):
            pass
    return places, first, similar


def _bounds(lists: Lists, queries: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the lists of some queries begin and end."""
    return lists.offsets[queries], lists.offsets[queries + 1]


def _distances(similar: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return Euclidean distances of unit vectors; infinity stays infinity."""
    return np.where(np.isfinite(similar), np.sqrt(np.clip(2 - 2 * similar, 0, 4)), np.inf)


def _fitting_block(queries: int, gallery: int) -> int:
    """Return how many queries each thread compares at once, so that all tiles take ``TILES`` bytes.

    Fewer than 64 would make the product slow, as it passes over the whole gallery for each block.
    """
    threads = cpu_count()
    return min(max(TILES // (4 * gallery * threads), 64), 256, -(-queries // threads))


def _rows(
    query_features: ArrayLike, gallery_features: ArrayLike, queries: int, crops: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return both features, checked against each other and the numbers of ids."""
    query = unit_rows(query_features, "query_features")
    gallery = unit_rows(gallery_features, "gallery_features")
    if query.shape[1] != gallery.shape[1]:
        raise ReidkitError(
            f"query_features have {query.shape[1]} dimensions, gallery_features {gallery.shape[1]}; "
            "both must come from the same network and view."
        )
    for name, rows, ids in (("query", query, queries), ("gallery", gallery, crops)):
        if len(rows) != ids:
            raise ReidkitError(f"{name}_features has {len(rows)} rows, {name}_pids {ids}.")
    return query, gallery
