"""Why did this crop change its cluster? The facts about one crop between two epochs, and what they say.

A label is a number that is dealt anew in every epoch, so that a new number alone is no change. What counts is
company. The crops of the old cluster and of the new one fall into three: those who *stayed* with the crop,
those it *left*, and those it *joined*. How far each lay before and lies now tells whether the crop itself
moved, or its label changed around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from reidkit.distances.checks import integer_ids, unit_rows
from reidkit.errors import ReidkitError
from reidkit.labels.clustering import OUTLIER
from reidkit.labels.lineage import events

ROLES = ("stayed", "left", "joined")
_WORDS = ("that stayed", "it left", "it joined")


@dataclass(frozen=True)
class Move:
    """What is known about one crop between two epochs; printed, it is a few plain sentences.

    Attributes:
        crop: its row.
        before, after: its labels; -1 an outlier.
        fate: what became of its old cluster (:func:`reidkit.labels.lineage.events`: "stable", "merged",
            "died", "split"); "" where it was an outlier.
        heir: the label of the new cluster that has most of the old one; -1: none.
        company: a row for each of :data:`ROLES`: "crops" (how many), "before" and "after" (their mean
            Euclidean distance from the crop; NaN where there is none).
        then, now: its nearest crops in each epoch, the nearest first: "crop" (row), "distance", "label" (in
            that epoch), "role" (one of ROLES, or "" for all others), and "camera", whether it is of the same
            one (missing where cameras are unknown).
    """

    crop: int
    before: int
    after: int
    fate: str
    heir: int
    company: pd.DataFrame
    then: pd.DataFrame
    now: pd.DataFrame

    @property
    def kind(self) -> str:
        """In a word: "stayed", "became outlier", "came home", "alone", or "with others"."""
        if self.before == self.after == OUTLIER or (self.fate == "stable" and self.heir == self.after):
            return "stayed"
        if self.before == OUTLIER:
            return "came home"
        if self.after == OUTLIER:
            return "became outlier"
        return "with others" if self.company.loc["stayed", "crops"] else "alone"

    def __str__(self) -> str:
        return " ".join(_sentences(self))


def why(
    features_before: ArrayLike,
    features_after: ArrayLike,
    labels_before: ArrayLike,
    labels_after: ArrayLike,
    crop: int,
    *,
    camids: ArrayLike | pd.Series | None = None,
    k: int = 10,
) -> Move:
    """Gather why a crop changed its cluster, or why it did not.

    Args:
        features_before, features_after: (N, D) and (N, D') float32, L2-normalised, of the same crops.
        labels_before, labels_after: (N,) integers; -1 an outlier.
        crop: its row.
        camids: (N,) integers; missing or negative: unknown.
        k: how many of its nearest crops to look at.

    Raises:
        ReidkitError: lists of different length, rows that are not unit vectors, or no such crop.

    >>> corners = np.eye(3, dtype=np.float32)
    >>> told = why(corners[[0, 0, 0, 1, 1, 1]], corners[[0, 0, 1, 1, 1, 1]],
    ...            [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1], 2, k=3)
    >>> print(told)
    Crop 2 went alone from old cluster 0 to new cluster 1; old cluster 0 goes on as new cluster 0 without it.
    The 2 it left were 0.00 away on average and are 1.41 away now; the 3 it joined were 1.41 away on average
    and are 0.00 away now. 1 of its 3 nearest crops are the same as before: the crop itself moved. Nearest
    then: 2 in old cluster 0, 1 in old cluster 1; now: 3 in new cluster 1.
    """
    first, second = unit_rows(features_before, "features before"), unit_rows(features_after, "features after")
    if len(first) != len(second):
        raise ReidkitError(f"{len(first)} features before and {len(second)} after: give the same crops.")
    old = integer_ids(labels_before, "labels before", len(first))
    new = integer_ids(labels_after, "labels after", len(first))
    if not 0 <= crop < len(first):
        raise ReidkitError(f"crop {crop}: there are rows 0 to {len(first) - 1}.")
    cameras = np.full(len(first), -1) if camids is None else integer_ids(camids, "camids", len(first))
    apart = [np.sqrt(np.clip(2 - 2 * (rows @ rows[crop]), 0, None)) for rows in (first, second)]
    roles = _roles(old, new, crop)
    fate, heir = _fate(old, new, crop)
    near = [_nearest(d, one, roles, cameras, crop, k) for d, one in zip(apart, (old, new), strict=True)]
    return Move(crop, int(old[crop]), int(new[crop]), fate, heir, _company(roles, *apart), *near)


def _roles(old: NDArray[np.int64], new: NDArray[np.int64], crop: int) -> NDArray[np.str_]:
    """(N,) words: what each crop was and is to this one; "" for those that were never in its cluster."""
    was = (old == old[crop]) & (old != OUTLIER)
    is_now = (new == new[crop]) & (new != OUTLIER)
    roles = np.select([was & is_now, was, is_now], ROLES, "")
    roles[crop] = ""
    return roles


def _fate(old: NDArray[np.int64], new: NDArray[np.int64], crop: int) -> tuple[str, int]:
    """What became of the crop's old cluster, and the new label that has most of it."""
    if old[crop] == OUTLIER:
        return "", OUTLIER
    mine = old == old[crop]
    touched = mine | (np.isin(new, new[mine]) & (new != OUTLIER))  # no other crop has a say in it
    told = events(old[touched], new[touched])
    ended = told[(told["before"] == old[crop]) & ~told["event"].isin(["born", "piece", "union"])].iloc[0]
    return str(ended["event"]), int(ended["after"])


def _company(roles: NDArray[np.str_], before: NDArray, after: NDArray) -> pd.DataFrame:
    groups = [roles == role for role in ROLES]
    means = [[d[group].mean() if group.any() else np.nan for group in groups] for d in (before, after)]
    columns = {"crops": [int(group.sum()) for group in groups], "before": means[0], "after": means[1]}
    return pd.DataFrame(columns, index=list(ROLES))


def _nearest(
    apart: NDArray, labels: NDArray[np.int64], roles: NDArray[np.str_], cameras: NDArray, crop: int, k: int
) -> pd.DataFrame:
    order = np.argsort(apart, kind="stable")
    rows = order[order != crop][:k]
    table = {"crop": rows, "distance": apart[rows], "label": labels[rows], "role": roles[rows]}
    same = pd.array(cameras[rows] == cameras[crop], dtype="boolean")
    same[(cameras[rows] < 0) | (cameras[crop] < 0)] = pd.NA
    return pd.DataFrame(table | {"camera": same})


def _sentences(move: Move) -> Iterator[str]:
    """Two to four: what changed, how far the company was and is, whether it moved itself, who is near."""
    yield _what(move)
    company = [
        f"the {row['crops']} {words} were {row['before']:.2f} away on average "
        f"and are {row['after']:.2f} away now"
        for words, row in zip(_WORDS, move.company.to_dict(orient="records"), strict=True)
        if row["crops"] and (words != _WORDS[0] or move.kind == "stayed")
    ]
    if company:
        yield "; ".join(company).capitalize() + "."
    if not len(move.now):
        return
    kept = int(np.isin(move.now["crop"], move.then["crop"]).sum())
    verdict = {True: ": it hardly moved, the clusters around it did", False: ": the crop itself moved"}
    said = "" if move.kind == "stayed" else verdict[2 * kept >= len(move.now)]
    yield f"{kept} of its {len(move.now)} nearest crops are the same as before{said}."
    yield f"Nearest then: {_homes(move.then, 'old')}; now: {_homes(move.now, 'new')}."


def _what(move: Move) -> str:
    """The first sentence."""
    crop, (stayed, left, joined) = f"Crop {move.crop}", move.company["crops"].tolist()
    had, has = stayed + left, stayed + joined
    old, new = f"old cluster {move.before}", f"new cluster {move.after}"
    if move.kind == "stayed" and move.after == OUTLIER:
        return f"{crop} did not change: it was an outlier and still is."
    if move.kind == "stayed":
        kept = f", and {stayed} of its {had} companions are still with it" if had else ""
        return f"{crop} did not change its cluster: {old} goes on as {new}{kept}."
    if move.kind == "came home":
        return f"{crop} was an outlier and came home: it is in {new}, with {has} others."
    if move.kind == "became outlier":
        return f"{crop} became an outlier: it was in {old} with {had} others, and {_rest(move, 'it')}."
    if move.kind == "alone":
        return f"{crop} went alone from {old} to {new}; {_rest(move, 'it')}."
    return f"{crop} went from {old} to {new}, with {stayed} of its {had} companions; {_rest(move, 'them')}."


def _rest(move: Move, them: str) -> str:
    """What became of the old cluster, in half a sentence."""
    old, heir = f"old cluster {move.before}", f"new cluster {move.heir}"
    if move.fate == "stable":
        return f"{old} goes on as {heir} without {them}"
    if move.fate == "died":
        return f"most of {old} became outliers"
    if move.fate == "split":
        return f"{old} broke up"
    if move.heir == move.after:
        return f"{old} was taken in by the larger {heir}"
    return f"most of {old} was taken in by {heir}, without {them}"


def _homes(near: pd.DataFrame, age: str) -> str:
    """Which clusters neighbours are in, the most frequent first, and how many are of its own camera."""
    counts = near["label"].value_counts()
    words = [f"{n} in {age} cluster {c}" for c, n in counts.items() if c != OUTLIER]
    if len(words) > 3:
        words = [*words[:2], f"{counts.drop(OUTLIER, errors='ignore').iloc[2:].sum()} elsewhere"]
    if alone := int(counts.get(OUTLIER, 0)):
        words.append(f"{alone} outlier{'s' * (alone > 1)}")
    seen = f" ({near['camera'].sum()} of its own camera)" if near["camera"].notna().all() else ""
    return ", ".join(words) + seen
