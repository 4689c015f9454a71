"""Evaluation protocols: for each query, which gallery crops are right, and which do not count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from reidkit.distances.checks import integer_ids, scaled_rows, unit_rows
from reidkit.errors import ReidkitError

NO_IDENTITY = "the query's own identity is unknown, junk or a distractor"
NOT_IN_GALLERY = "no gallery crop shows this person"
ONE_CAMERA = "the gallery shows this person only through the query's camera"
MARKET = (
    "Market-1501, single query: junk (pid -1) is removed, and, for each query, its person's crops from "
    "its own camera; distractors (pid 0) stay, and are wrong"
)
MARKET_MULTI = MARKET.replace(
    "single query:",
    "multi-query: a query is the mean of the features of all crops of its person from its camera, scaled "
    "to length 1 again;",
)


@dataclass(frozen=True)
class Protocol:
    """Matches and removed gallery crops of every query, without a query × gallery table.

    Attributes:
        order: int64 (G,), gallery indices sorted by person, then camera.
        bounds: int64 (Q, 4). ``order[b[0]:b[3]]`` are the crops of the query's person, and
            ``order[b[1]:b[2]]``, inside that, those from the query's camera.
        junk: ``order[:junk]`` are junk for every query.
        cameras: int64, the camera ids that occur.
        skipped: why queries are left out: reason -> int64 indices of these queries.
        name: which protocol it is, and its rules, in words.
    """

    order: NDArray[np.int64]
    bounds: NDArray[np.int64]
    junk: int
    cameras: NDArray[np.int64]
    skipped: dict[str, NDArray[np.int64]]
    name: str = MARKET

    @property
    def judged(self) -> NDArray[np.int64]:
        """Indices of the queries that are judged, which are those with a match."""
        left_out = np.concatenate(list(self.skipped.values()))
        return np.setdiff1d(np.arange(len(self.bounds)), left_out)

    @property
    def positives(self) -> NDArray[np.int64]:
        """Number of matches of every query, int64 (Q,)."""
        b = self.bounds
        return b[:, 3] - b[:, 0] - (b[:, 2] - b[:, 1])

    def account(self) -> dict[str, Any]:
        """Return by which rules is ranked, how many queries count, and why the others do not.

        Returns:
            ``protocol`` in words; the numbers ``queries``, ``queries_counted``, ``gallery`` and ``junk``
            (gallery crops that are removed for all); ``left_out``, the number of queries by reason, where
            there are any.
        """
        return {
            "protocol": self.name,
            "queries": len(self.bounds),
            "queries_counted": len(self.judged),
            "left_out": {reason: len(which) for reason, which in self.skipped.items() if len(which)},
            "gallery": len(self.order),
            "junk": self.junk,
        }

    def removed(self, query: int) -> NDArray[np.int64]:
        """Return the gallery indices that do not count for a query, neither right nor wrong."""
        return np.concatenate([self.order[: self.junk], self.order[slice(*self.bounds[query, 1:3])]])

    def matches(self, query: int) -> NDArray[np.int64]:
        """Return the gallery indices that are right for a query."""
        a, b, c, d = self.bounds[query]
        return np.concatenate([self.order[a:b], self.order[c:d]])


def market1501(
    query_pids: ArrayLike, query_camids: ArrayLike, gallery_pids: ArrayLike, gallery_camids: ArrayLike
) -> Protocol:
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
    q_pids = integer_ids(query_pids, "query_pids", np.size(query_pids))
    g_pids = integer_ids(gallery_pids, "gallery_pids", np.size(gallery_pids))
    q_cams = integer_ids(query_camids, "query_camids", len(q_pids))
    g_cams = integer_ids(gallery_camids, "gallery_camids", len(g_pids))
    _need_cameras(q_cams[q_pids > 0], "query_camids")
    _need_cameras(g_cams[g_pids > 0], "gallery_camids")

    n = len(q_pids)
    person = np.unique(np.concatenate([q_pids, g_pids]), return_inverse=True)[1]
    cameras, camera = np.unique(np.concatenate([q_cams, g_cams]), return_inverse=True)
    key = person * len(cameras) + camera
    order = np.argsort(key[n:], kind="stable")
    keys, first = key[n:][order], person[:n] * len(cameras)
    bounds = np.stack(
        [
            np.searchsorted(keys, first),
            np.searchsorted(keys, key[:n]),
            np.searchsorted(keys, key[:n], side="right"),
            np.searchsorted(keys, first + len(cameras)),
        ],
        axis=1,
    )
    bounds[q_pids <= 0] = 0  # a stranger has no crops of its own person, not even other strangers
    return Protocol(
        order=order,
        bounds=bounds,
        junk=int((g_pids < 0).sum()),
        cameras=cameras[cameras >= 0],
        skipped=_skipped(q_pids, bounds),
    )


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


def explain_no_match(protocol: Protocol) -> str:
    """Return a message for a set without any match: what is missing, the likely cause, the cure."""
    counts = "; ".join(f"{len(q)}: {reason}" for reason, q in protocol.skipped.items() if len(q))
    message = f"None of {len(protocol.bounds)} queries has a match in the gallery ({counts}). "
    if not len(protocol.skipped[ONE_CAMERA]):
        return message + "Do query and gallery come from the same dataset, with the same person ids?"
    if len(protocol.cameras) > 1:
        return message + "Every person must be seen by two cameras; look at the camera ids."
    return message + (
        f"All crops have camera id {protocol.cameras[0]}, so the camera was probably not read from the "
        "file names. If the data have no cameras, give 0 to every query and 1 to every gallery crop."
    )


def _need_cameras(camids: NDArray[np.int64], name: str) -> None:
    if unknown := int((camids < 0).sum()):
        raise ReidkitError(
            f"{name}: {unknown} of {len(camids)} crops have no camera, but the protocol removes "
            "matches from the query's camera. If nothing is to be removed, say so by giving "
            "camera 0 to every query and camera 1 to every gallery crop."
        )


def _skipped(pids: NDArray[np.int64], bounds: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    stranger = pids <= 0
    absent = ~stranger & (bounds[:, 0] == bounds[:, 3])
    elsewhere = (bounds[:, 0] < bounds[:, 1]) | (bounds[:, 2] < bounds[:, 3])
    one_camera = ~stranger & ~absent & ~elsewhere
    reasons = {NO_IDENTITY: stranger, NOT_IN_GALLERY: absent, ONE_CAMERA: one_camera}
    return {reason: np.flatnonzero(mask) for reason, mask in reasons.items()}
