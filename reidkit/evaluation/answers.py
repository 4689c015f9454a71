"""Answers: which gallery crops are right for each query, and which do not count.

A protocol is a rule for making them. They are lists, a short one for each query, and never a
query × gallery table: with 11,659 queries and 82,161 gallery crops that table has a billion cells,
all but a few hundred thousand of them "wrong".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reidkit.distances.checks import integer_ids
from reidkit.errors import ReidkitError

NO_IDENTITY = "the query's own identity is unknown, junk or a distractor"
NOT_IN_GALLERY = "no gallery crop shows this person"
ONE_CAMERA = "the gallery shows this person only through the query's camera"


class Lists(NamedTuple):
    """A list of gallery crops for each query: those of query q are ``lists.of(q)``."""

    values: NDArray[np.int64]
    """All lists, one after the other."""
    offsets: NDArray[np.int64]
    """(Q + 1,), where each begins."""

    def of(self, query: int) -> NDArray[np.int64]:
        """Return the list of one query."""
        return self.values[self.offsets[query] : self.offsets[query + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How long each list is, int64 (Q,)."""
        return np.diff(self.offsets)


@dataclass(frozen=True)
class Answers:
    """Matches and removed gallery crops of every query.

    Attributes:
        right: for each query its matches, in the order of the gallery.
        removed_from: for each query the crops that do not count for it, besides junk.
        junk: int64, the crops that count for no query.
        gallery: number of gallery crops.
        distractors: how many of them are nobody's who is looked for, and always wrong.
        cameras: int64, the camera ids that occur.
        skipped: why queries are left out: reason -> int64 indices of these queries.
        people: int64 (G,), whose each gallery crop is, where CMC counts people and not crops; else None.
    """

    right: Lists
    removed_from: Lists
    junk: NDArray[np.int64]
    gallery: int
    distractors: int
    cameras: NDArray[np.int64]
    skipped: dict[str, NDArray[np.int64]]
    people: NDArray[np.int64] | None = None

    @property
    def judged(self) -> NDArray[np.int64]:
        """Indices of the queries that are judged, which are those with a match."""
        return np.flatnonzero(self.positives)

    @property
    def positives(self) -> NDArray[np.int64]:
        """Number of matches of every query, int64 (Q,)."""
        return self.right.lengths

    def account(self) -> dict[str, Any]:
        """Return how many queries count, and why the others do not.

        Returns:
            The numbers ``queries``, ``queries_counted``, ``gallery``, ``junk`` (gallery crops that count for
            no query) and ``distractors``; ``left_out``, the number of queries by reason, if there are any.
        """
        return {
            "queries": len(self.positives),
            "queries_counted": len(self.judged),
            "left_out": {reason: len(which) for reason, which in self.skipped.items() if len(which)},
            "gallery": self.gallery,
            "junk": len(self.junk),
            "distractors": self.distractors,
        }

    def removed(self, query: int) -> NDArray[np.int64]:
        """Return the gallery indices that do not count for a query, neither right nor wrong."""
        return np.concatenate([self.junk, self.removed_from.of(query)])

    def matches(self, query: int) -> NDArray[np.int64]:
        """Return the gallery indices that are right for a query."""
        return self.right.of(query)


class Crops(NamedTuple):
    """Whose N crops are, and from which camera."""

    pids: NDArray[np.int64]
    """(N,); 0 a distractor, below junk or unknown."""
    camids: NDArray[np.int64]
    """(N,); below 0 unknown."""


def crops_of(pids: ArrayLike, camids: ArrayLike, name: str) -> Crops:
    """Return ids as integers; ``name`` is "query" or "gallery", for messages.

    Raises:
        ReidkitError: not integers, different lengths, or a person's crop without a camera.
    """
    whose = integer_ids(pids, f"{name}_pids", np.size(pids))
    crops = Crops(whose, integer_ids(camids, f"{name}_camids", len(whose)))
    _need_cameras(crops.camids[whose > 0], f"{name}_camids")
    return crops


class Pairs(NamedTuple):
    """Pairs of a query and a gallery crop."""

    query: NDArray[np.int64]
    gallery: NDArray[np.int64]


def same_person(query: Crops, gallery: Crops) -> Pairs:
    """Return all pairs of one person, query by query, each in the order of the gallery.

    A stranger (pid 0 or below) is no person: not even other strangers are like it.
    """
    order = np.argsort(gallery.pids, kind="stable")
    known = gallery.pids[order]
    begin = np.searchsorted(known, query.pids)
    count = np.where(query.pids > 0, np.searchsorted(known, query.pids, side="right") - begin, 0)
    queries = np.repeat(np.arange(len(query.pids)), count)
    place = np.arange(len(queries)) - np.repeat(np.cumsum(count) - count, count)
    return Pairs(queries, order[begin[queries] + place])


def other_people(query: Crops, gallery: Crops, where: NDArray[np.bool_]) -> Pairs:
    """Return the pairs that are not one person's, among some: for rules that leave whole places out.

    Args:
        query, gallery: the crops.
        where: bool (Q, G), the pairs in question. Only small galleries have such rules.
    """
    queries, crops = np.nonzero(where & (query.pids[:, None] != gallery.pids))
    return Pairs(queries, crops)


def answer(
    query: Crops,
    gallery: Crops,
    pairs: Pairs,
    counts: NDArray[np.bool_],
    *,
    also_removed: Pairs | None = None,
    same_place: str = ONE_CAMERA,
    by_people: bool = False,
) -> Answers:
    """Make the answers of a protocol.

    Args:
        query, gallery: the crops.
        pairs: those of one person, from :func:`same_person`.
        counts: bool, for each pair: whether it is a match. The others are removed.
        also_removed: pairs of two people that do not count either.
        same_place: what to say of a query whose person is in the gallery, but without a match.
        by_people: whether CMC counts people and not crops.
    """
    n = len(query.pids)
    right = _lists(pairs.query[counts], pairs.gallery[counts], n)
    out = [Pairs(pairs.query[~counts], pairs.gallery[~counts])] + ([also_removed] if also_removed else [])
    removed = _lists(np.concatenate([p.query for p in out]), np.concatenate([p.gallery for p in out]), n)
    stranger, there = query.pids <= 0, np.bincount(pairs.query, minlength=n) > 0
    without = right.lengths == 0
    reasons = {
        NO_IDENTITY: stranger,
        NOT_IN_GALLERY: ~stranger & ~there,
        same_place: there & without,
    }
    cameras = np.unique(np.concatenate([query.camids, gallery.camids]))
    return Answers(
        right=right,
        removed_from=removed,
        junk=np.flatnonzero(gallery.pids < 0),
        gallery=len(gallery.pids),
        distractors=int((gallery.pids == 0).sum()),
        cameras=cameras[cameras >= 0],
        skipped={reason: np.flatnonzero(mask) for reason, mask in reasons.items()},
        people=gallery.pids if by_people else None,
    )


def explain_no_match(answers: Answers) -> str:
    """Return a message for a set without any match: what is missing, the likely cause, the cure."""
    counts = "; ".join(f"{len(q)}: {reason}" for reason, q in answers.skipped.items() if len(q))
    message = f"None of {len(answers.positives)} queries has a match in the gallery ({counts}). "
    if not len(answers.skipped.get(ONE_CAMERA, [])):
        return message + "Do query and gallery come from the same dataset, with the same person ids?"
    if len(answers.cameras) > 1:
        return message + "Every person must be seen by two cameras; look at the camera ids."
    return message + (
        f"All crops have camera id {answers.cameras[0]}, so the camera was probably not read from the "
        "file names. If the data have no cameras, give 0 to every query and 1 to every gallery crop."
    )


def _lists(queries: NDArray[np.int64], crops: NDArray[np.int64], n: int) -> Lists:
    # One key a pair, sorted in runs, as most pairs come: much quicker than a lexsort of both columns.
    order = np.argsort(queries * (crops.max(initial=0) + 1) + crops, kind="stable")
    return Lists(crops[order], np.concatenate([[0], np.cumsum(np.bincount(queries, minlength=n))]))


def _need_cameras(camids: NDArray[np.int64], name: str) -> None:
    if unknown := int((camids < 0).sum()):
        raise ReidkitError(
            f"{name}: {unknown} of {len(camids)} crops have no camera, but the protocol removes "
            "matches from the query's camera. If nothing is to be removed, say so by giving "
            "camera 0 to every query and camera 1 to every gallery crop."
        )
