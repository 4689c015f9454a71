"""The inner loop of ranking: at which place would each match stand in the sorted gallery?"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True)
def rank_matches(
    similarity: NDArray[np.float32],
    right: NDArray[np.int64],
    right_from: NDArray[np.int64],
    right_to: NDArray[np.int64],
    removed: NDArray[np.int64],
    removed_from: NDArray[np.int64],
    removed_to: NDArray[np.int64],
    junk: NDArray[np.int64],
    people: NDArray[np.int64],
    places: NDArray[np.int64],
    first: NDArray[np.int64],
    nearest: NDArray[np.float32],
) -> None:
    """Write the places of all matches of some queries into ``places``, sorted for each query.

    A match stands behind as many crops as are more similar, so its place is found by counting and
    the gallery is never sorted. Among equals the one with the lower gallery index comes first.

    Args:
        similarity: float32 (B, G); removed crops are overwritten with minus infinity, and so are, in
            the end, the matches.
        right, right_from, right_to: the matches of query ``q`` are ``right[right_from[q]:right_to[q]]``.
        removed, removed_from, removed_to: the same of the crops that do not count for it.
        junk: the crops that count for no query.
        people: int64 (G,), whose each gallery crop is, numbered from 0, if CMC counts people; or empty.
        places: int64, as long as ``right``: 1 is the nearest gallery crop.
        first: int64 (B,), gets the place of the first match, in crops or in people.
        nearest: float32 (B, 2), gets the largest similarity of a match and of a wrong crop (minus
            infinity if there is none).
    """
    ahead_of_it = np.full(people.max() + 1 if len(people) else 0, -1)
    for q in range(len(similarity)):
        row = similarity[q]
        for crop in junk:
            row[crop] = -np.inf
        for crop in removed[removed_from[q] : removed_to[q]]:
            row[crop] = -np.inf
        begin, end = right_from[q], right_to[q]
        best = begin
        for k in range(begin, end):
            places[k] = 1 + _ahead(row, right[k])
            if places[k] < places[best]:
                best = k
        first[q] = places[best]
        if len(people):
            first[q] = 1 + _people_ahead(row, right[best], people, ahead_of_it, q)
        nearest[q, 0] = row[right[best]]
        for crop in right[begin:end]:
            row[crop] = -np.inf
        nearest[q, 1] = row.max()
        places[begin:end].sort()


@numba.njit(cache=True, nogil=True)
def _people_ahead(
    row: NDArray[np.float32], match: int, people: NDArray[np.int64], seen: NDArray[np.int64], query: int
) -> int:
    """Return how many people have a crop ahead of ``match``; ``seen`` says for which query each was."""
    value, ahead = row[match], 0
    for j in range(len(row)):
        if (row[j] > value or (row[j] == value and j < match)) and seen[people[j]] != query:
            seen[people[j]] = query
            ahead += 1
    return ahead


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
