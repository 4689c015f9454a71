"""A ranking: the places of all matches, and the figures and lists that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from reidkit.errors import ReidkitError
from reidkit.evaluation.answers import Answers

AP = "finite sum: the mean, over a query's matches, of the precision at the place of each"
"""Which of the several average precisions this is; see :mod:`reidkit.evaluation.retrieval`."""
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
        first_match: int64 (J,), place of the first match; 1 is the nearest gallery crop (or person, where
            the protocol counts people).
        positives: int64 (J,), number of matches.
        nearest: float32 (J, 2), Euclidean distance to the nearest match and to the nearest wrong crop
            (infinite where no crop is wrong).
    """

    queries: NDArray[np.int64]
    skipped: dict[str, NDArray[np.int64]]
    ap: NDArray[np.float64]
    inp: NDArray[np.float64]
    first_match: NDArray[np.int64]
    positives: NDArray[np.int64]
    nearest: NDArray[np.float32]
    _query: NDArray[np.float32] = field(repr=False)
    _gallery: NDArray[np.float32] = field(repr=False)
    _answers: Answers = field(repr=False)

    def account(self) -> dict[str, Any]:
        """Return :meth:`Answers.account`, and ``ap``: which average precision it is, in words."""
        return self._answers.account() | {"ap": AP}

    def cmc(self, n: int) -> NDArray[np.float64]:
        """Return the cumulative matching characteristic at places 1..n, float64 (n,).

        Entry ``k - 1`` is the share of queries with a match among the ``k`` nearest crops.
        """
        return (self.first_match[:, None] <= np.arange(1, n + 1)).mean(axis=0)

    def summary(self) -> dict[str, float]:
        """Return mAP, mINP, rank1, rank5, rank10 and rank20, as fractions of 1."""
        cmc = self.cmc(20)
        return {
            "mAP": float(self.ap.mean()),
            "mINP": float(self.inp.mean()),
            "rank1": float(cmc[0]),
            "rank5": float(cmc[4]),
            "rank10": float(cmc[9]),
            "rank20": float(cmc[19]),
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
            similarity[self._answers.removed(query)] = -np.inf
            nearest = _largest(similarity, k)
            indices[row, : len(nearest)] = nearest
            match[row, : len(nearest)] = np.isin(nearest, self._answers.matches(query))
            distance[row, : len(nearest)] = np.sqrt(np.clip(2 - 2 * similarity[nearest], 0, 4))
        return Top(indices, match, distance)


def _largest(values: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the indices of the ``k`` largest finite values, largest first, ties in order."""
    k = min(k, int(np.isfinite(values).sum()))
    if not k:
        return np.empty(0, np.int64)
    limit = -np.partition(-values, k - 1)[k - 1]
    among = np.flatnonzero(values >= limit)
    return among[np.argsort(-values[among], kind="stable")][:k]
