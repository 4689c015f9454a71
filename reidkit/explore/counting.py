"""Pairs, counted and found again quickly enough for a hand on a slider.

The exact histogram of all pairs takes half a second for 13,000 crops (:mod:`reidkit.distances`). Turning the
eps dial changes nothing about the distances, only which pairs are called Pos. So all pairs are counted once,
and then only those within a group, which are few; Neg is the difference. For that, an outlier has to be
somebody: here it is a group of its own, and all its pairs are Neg. (The record leaves outliers out.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reidkit.distances.distributions import CAMERAS, COARSE_BINS, WIDTH, Pair, count_pairs, relations
from reidkit.distances.tiles import BLOCK, PairTiles, Side

Rows = NDArray[np.int64]
Counts = NDArray[np.int64]
WORK = 6e9
"""Multiplications and additions that may be spent on one reaction: about a tenth of a second on two cores."""
_BLOCK = 1024
_RELATIONS: list[str] = list(CAMERAS)


class Everybody(NamedTuple):
    """All crops, made ready once to be counted against; see :func:`strangers`."""

    features: NDArray[np.float32]
    camids: Rows
    side: Side


class FoundPairs(NamedTuple):
    """Some pairs: the two crops (K,) and their distances (K,); complete if none worse was passed over."""

    i: Rows
    j: Rows
    distance: NDArray[np.float32]
    complete: bool = True


class PairCounter:
    """The pairs of some crops with all crops, by distance and camera relation.

    Args:
        everybody: features, camera numbers, and each crop a stranger: from :func:`strangers`.
        rows: whose pairs are counted; None: everybody's. Where that is more than ``work`` allows, a random
            part of them stands for the rest (:attr:`rows` are those taken).
        work: None counts everything.
        seed: of that random part.
    """

    def __init__(
        self, everybody: Everybody, rows: Rows | None = None, *, work: float | None = None, seed: int = 0
    ) -> None:
        self.features, self.camids, self._side = everybody
        n, dim = self.features.shape
        wanted = np.arange(n) if rows is None else np.unique(rows)
        self.wanted = len(wanted)
        most = len(wanted) if work is None else max(int(work / (2 * n * dim)), 1)
        if most < len(wanted):
            wanted = np.sort(np.random.default_rng(seed).choice(wanted, most, replace=False))
        self.rows = wanted
        self._inside = np.zeros(n, bool)
        self._inside[wanted] = True
        self._total = self._count_all()

    @property
    def is_sample(self) -> bool:
        """Whether only a part of the rows asked for is counted."""
        return len(self.rows) < self.wanted

    def _count_all(self) -> Counts:
        """Count all pairs, (3 relations, 200 bins)."""
        if len(self.rows) == len(self.features):
            return _coarse(PairTiles(self._side, self._side, BLOCK))
        some = _side(self.features, self.camids, self.rows)
        counts = _coarse(PairTiles(some, self._side, BLOCK))
        counts -= _coarse(PairTiles(some, some, BLOCK))  # pairs of two counted crops were met from both ends
        itself = np.bincount(np.where(self.camids[self.rows] < 0, 2, 0), minlength=len(CAMERAS))
        counts[:, 0] -= itself  # and each crop met itself
        return np.maximum(counts, 0)

    def count(self, ids: Rows, cameras: str = "all") -> tuple[Counts, Counts]:
        """Count Pos and Neg pairs in bins of 0.01 from 0 to 2, (200,) each.

        Args:
            ids: (N,) labels or identities; one below 0 is alone.
            cameras: "all", "same", "cross" or "unknown".
        """
        counts = np.zeros_like(self._total)
        for first, second, product in self._groups(ids):
            relation = self._relation(first[:, None], second[None, :]).ravel()
            bins = np.minimum(_distances(product) / WIDTH, COARSE_BINS - 1).astype(np.int64).ravel()
            real = relation >= 0
            flat = np.bincount(relation[real] * COARSE_BINS + bins[real], minlength=counts.size)
            counts += flat.reshape(counts.shape)
        which = relations(cameras)
        pos = counts[which].sum(axis=0)
        # At a bin's edge, two ways to multiply may round differently; a pair must not become -1 pairs.
        return pos, np.maximum(self._total[which].sum(axis=0) - pos, 0)

    def _relation(self, first: Rows, second: Rows) -> Rows:
        """Say of pairs which camera relation they have; -1: they are counted from their other end."""
        mine, theirs = self.camids[first], self.camids[second]
        relation = np.where(mine == theirs, 0, 1)
        relation = np.where((mine < 0) | (theirs < 0), 2, relation)
        return np.where(self._inside[second] & (first >= second), -1, relation)

    def _groups(self, ids: Rows) -> Iterator[tuple[Rows, Rows, NDArray[np.float32]]]:
        """Go through the groups: some of the counted crops in one, all crops in it, their products."""
        order = np.argsort(ids, kind="stable")
        order = order[ids[order] >= 0]
        _, starts = np.unique(ids[order], return_index=True)
        for members in np.split(order, starts[1:]):
            counted = members[self._inside[members]]
            if len(members) < 2 or not len(counted):
                continue
            for start in range(0, len(counted), _BLOCK):
                some = counted[start : start + _BLOCK]
                everybody = self.features[members]
                mine = everybody if len(some) == len(members) else self.features[some]
                yield some, members, mine @ everybody.T

    def find(
        self,
        ids: Rows,
        pair: Pair,
        low: float,
        high: float,
        *,
        cameras: str = "all",
        limit: int = 200,
        work: float = WORK,
        seed: int = 0,
    ) -> FoundPairs:
        """Find pairs whose distance lies in ``[low, high)``, the worst first: far Pos, near Neg.

        Pos pairs are all looked at. Neg pairs are looked for among randomly chosen crops until ``limit``
        or ``work`` is reached, so there may be more, and worse ones, than those found.
        """
        wanted = None if cameras == "all" else _RELATIONS.index(cameras)
        parts, held, looked = [], 0, 0
        for first, second, product in self._groups(ids) if pair == "pos" else self._others(work, seed):
            # A distance between low and high is a product between two others: no root is drawn for the rest.
            a, b = np.nonzero((product <= 1 - low**2 / 2) & (product > 1 - high**2 / 2))
            i, j = first[a], second[b]
            relation = self._relation(i, j)
            hit = relation >= 0 if wanted is None else relation == wanted
            if pair == "neg":
                hit &= (ids[i] != ids[j]) | (ids[i] < 0)
            parts.append(FoundPairs(i[hit], j[hit], _distances(product[a[hit], b[hit]])))
            held, looked = held + int(hit.sum()), looked + len(first)
            if pair == "neg" and held >= limit:
                break
        return _worst(parts, pair, limit)._replace(complete=looked == len(self.rows) or pair == "pos")

    def _others(self, work: float, seed: int) -> Iterator[tuple[Rows, Rows, NDArray[np.float32]]]:
        """Go through some of the counted crops at random, against everybody."""
        n, dim = self.features.shape
        order = np.random.default_rng(seed).permutation(self.rows)
        order = order[: max(int(work / (2 * n * dim)), 1)]
        for start in range(0, len(order), 64):
            some = order[start : start + 64]
            yield some, np.arange(n), self.features[some] @ self.features.T


def strangers(features: NDArray[np.float32], camids: Rows) -> Everybody:
    """Make crops ready to be counted.

    Args:
        features: (N, D) float32, unit rows.
        camids: (N,) int64, below 0 unknown.
    """
    return Everybody(features, camids, _side(features, camids, np.arange(len(features))))


def _side(features: NDArray[np.float32], camids: Rows, rows: Rows) -> Side:
    """Give every crop an id of its own, so that every pair is a Neg pair; see :class:`Side`."""
    order = rows[np.argsort(camids[rows], kind="stable")]
    seen = camids[order]
    return Side(features, order, (order, seen, np.searchsorted(seen, seen, side="right")))


def _coarse(tiles: PairTiles) -> Counts:
    found = count_pairs(tiles)
    # A crop that meets itself has its own id, and so makes a Pos pair.
    return np.stack([found.coarse("neg", cameras) + found.coarse("pos", cameras) for cameras in CAMERAS])


def _distances(product: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.sqrt(np.clip(2 - 2 * product, 0, None))


def _worst(parts: list[FoundPairs], pair: Pair, limit: int) -> FoundPairs:
    i = np.concatenate([np.empty(0, np.int64), *(part.i for part in parts)])
    j = np.concatenate([np.empty(0, np.int64), *(part.j for part in parts)])
    distance = np.concatenate([np.empty(0, np.float32), *(part.distance for part in parts)])
    order = np.argsort(-distance if pair == "pos" else distance, kind="stable")[:limit]
    return FoundPairs(i[order], j[order], distance[order])
