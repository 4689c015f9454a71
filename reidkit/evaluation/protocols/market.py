"""Market-1501's protocol, single query and multi-query: what most benchmarks use."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from reidkit.distances.checks import integer_ids, scaled_rows, unit_rows
from reidkit.errors import ReidkitError
from reidkit.evaluation.answers import Answers, answer, crops_of, same_person
from reidkit.evaluation.protocols.base import Setting, Trial

MARKET = (
    "Market-1501, single query: junk (pid -1) is removed, and, for each query, its person's crops from "
    "its own camera; distractors (pid 0) stay, and are wrong"
)
MARKET_MULTI = MARKET.replace(
    "single query:",
    "multi-query: a query is the mean of the features of all crops of its person from its camera, scaled "
    "to length 1 again;",
)


def market1501(
    query_pids: ArrayLike, query_camids: ArrayLike, gallery_pids: ArrayLike, gallery_camids: ArrayLike
) -> Answers:
    """Apply the rules of Market-1501 (Zheng et al., "Scalable Person Re-identification", ICCV 2015).

    A gallery crop of the query's person is a match if another camera took it. If the query's own
    camera took it, finding it would be too easy, so it is removed, for this query. Junk (pid -1 or
    missing) is removed for all. Distractors (pid 0) stay: they are always wrong.

    Args:
        query_pids: (Q,) integers.
        query_camids: (Q,) integers.
        gallery_pids: (G,) integers.
        gallery_camids: (G,) integers.

    Raises:
        ReidkitError: not integers, different lengths, or a camera is unknown where the rules need
            it.

    >>> rules = market1501([7], [1], gallery_pids=[7, 7, 0, -1, 8], gallery_camids=[1, 2, 1, 1, 1])
    >>> rules.matches(0), rules.removed(0)
    (array([1]), array([3, 0]))
    """
    query, gallery = (
        crops_of(query_pids, query_camids, "query"),
        crops_of(gallery_pids, gallery_camids, "gallery"),
    )
    pairs = same_person(query, gallery)
    other_camera = query.camids[pairs.query] != gallery.camids[pairs.gallery]
    return answer(query, gallery, pairs, other_camera)


def single_query(query: pd.DataFrame, gallery: pd.DataFrame, *, seed: int = 0) -> list[Setting]:
    """Return the one setting: every query against the whole gallery. Nothing is drawn."""
    return [Setting("single query", MARKET, lambda _: whole(query, gallery))]


def whole(query: pd.DataFrame, gallery: pd.DataFrame) -> Trial:
    """Return a trial of all crops by these rules."""
    answers = market1501(query["pid"], query["camid"], gallery["pid"], gallery["camid"])
    return Trial(np.arange(len(query)), np.arange(len(gallery)), answers)


def multi_query(
    query_pids: ArrayLike,
    query_camids: ArrayLike,
    features: ArrayLike,
    pids: ArrayLike,
    camids: ArrayLike,
) -> NDArray[np.float32]:
    """Make one feature of all the crops that a camera has of a query's person: Market-1501's multi-query.

    Who is searched has often been seen for a while, not once. So the features of all crops of the query's
    person from the query's camera are averaged (Zheng et al., ICCV 2015), and the mean,
    scaled to length 1, takes the query's place. In Market-1501 these crops lie in the folder ``gt_bbox``.
    The rules for the gallery stay those of :func:`market1501`.

    Args:
        query_pids: (Q,) integers.
        query_camids: (Q,) integers.
        features: float (M, D), rows of length 1.
        pids: (M,) integers.
        camids: (M,) integers.

    Returns:
        float32 (Q, D), rows of length 1; to be ranked as query features.

    Raises:
        ReidkitError: features not of unit length, ids that are no integers or of another length, a query
            of which there is no crop, or crops whose mean is zero.

    >>> multi_query([7], [1], [[1, 0], [0, 1], [0, 1]], pids=[7, 7, 7], camids=[1, 1, 2])
    array([[0.70710677, 0.70710677]], dtype=float32)
    """
    rows = unit_rows(features, "features")
    q_pids = integer_ids(query_pids, "query_pids", np.size(query_pids))
    q_cams = integer_ids(query_camids, "query_camids", len(q_pids))
    crops = {"pid": integer_ids(pids, "pids", len(rows)), "camid": integer_ids(camids, "camids", len(rows))}
    taken = pd.DataFrame(crops).groupby(["pid", "camid"]).indices
    wanted = list(zip(q_pids.tolist(), q_cams.tolist(), strict=True))
    if lost := [q for q, who_and_where in enumerate(wanted) if who_and_where not in taken]:
        pid, camid = wanted[lost[0]]
        raise ReidkitError(
            f"multi-query: of {len(lost)} of {len(wanted)} queries there are no crops to average; the first "
            f"is query {lost[0]}, person {pid} in camera {camid}."
        )
    means = np.stack([rows[taken[who_and_where]].mean(axis=0) for who_and_where in wanted])
    return scaled_rows(means, "the means of multi-query")[0]
