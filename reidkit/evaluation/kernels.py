"""The inner loop of ranking: at which place would each match stand in the sorted gallery?"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True)
def rank_matches(
    similarity: NDArray[np.float32],
    order: NDArray[np.int64],
    bounds: NDArray[np.int64],
    junk: int,
    offsets: NDArray[np.int64],
    ranks: NDArray[np.int64],
) -> None:
    """Write the places of all matches of some queries into ``ranks``, sorted for each query.

    A match stands behind as many crops as are more similar, so its place is found by counting and
    the gallery is never sorted. Among equals the one with the lower gallery index comes first.

    Args:
        similarity: float32 (B, G); removed crops are overwritten with minus infinity.
        order: as in :class:`~reidkit.evaluation.protocols.Protocol`.
        bounds: int64 (B, 4), the rows of the protocol for these queries.
        junk: as in the protocol.
        offsets: int64 (B + 1): the places of query ``q`` go to ``ranks[offsets[q]:offsets[q + 1]]``.
        ranks: int64; 1 is the nearest gallery crop.
    """
    for q in range(len(similarity)):
        row = similarity[q]
        begin, same_camera, other_camera, end = bounds[q]
        for k in range(junk):
            row[order[k]] = -np.inf
        for k in range(same_camera, other_camera):
            row[order[k]] = -np.inf
        at = offsets[q]
        for k in range(begin, end):
            if not same_camera <= k < other_camera:
                ranks[at] = 1 + _ahead(row, order[k])
                at += 1
        ranks[offsets[q] : at].sort()


@numba.njit(cache=True, nogil=True)
def _ahead(row: NDArray[np.float32], match: int) -> int:
    """Return how many crops stand ahead of ``match``: before it equals count, behind it they do not.

    Both loops vectorise, but only because a slice is counted from 0 on and the counter is as wide
    as a float32.
    """
    value = row[match]
    before, behind = row[:match], row[match + 1 :]
    ahead = np.int32(0)
    for j in range(len(before)):
        ahead = np.int32(ahead + np.int32(before[j] >= value))
    for j in range(len(behind)):
        ahead = np.int32(ahead + np.int32(behind[j] > value))
    return int(ahead)
