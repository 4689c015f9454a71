"""Clusters as rows of crops: what the pseudo-labels put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reidkit.errors import ReidkitError
from reidkit.plots.sheet import Crops, Sheet, pick
from reidkit.plots.style import PALE, RIGHT, WRONG

Order = Literal["impure", "large"]
_COMPARED = 3  # right members that are drawn beside the wrong ones, at most


def cluster_strips(
    crops: Crops,
    labels: np.ndarray,
    *,
    pids: np.ndarray | pd.Series | None = None,
    clusters: Sequence[int] | None = None,
    rows: int = 8,
    per_cluster: int = 10,
    order: Order | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw a cluster a row, with its members; where the truth is known, the wrong ones are marked.

    A member is wrong when it is not the person whom most of its cluster shows. Wrong members come
    first in a row, so that a long cluster cannot hide them, and as many people among them as fit;
    up to three right ones close the row, for comparison.

    Args:
        crops: N paths, or uint8 pixels (N, h, w, 3); only those drawn are read.
        labels: (N,) int, the pseudo-labels; -1 is an outlier and is not drawn.
        pids: (N,) true people, <NA> where unknown; None: nobody knows.
        clusters: which ones to draw; the default takes ``rows`` of them in ``order``.
        per_cluster: crops a row, at most; the row's text says how many there are.
        order: ``"impure"`` (most wrong members first; the default where ``pids`` are given) or
            ``"large"``.

    Raises:
        ReidkitError: no crop is in a cluster, or lengths differ.
    """
    labels = np.asarray(labels)
    truth = _people(pids, len(labels))
    if len(crops) != len(labels):
        raise ReidkitError(f"{len(crops)} crops but {len(labels)} labels: give one label a crop.")
    members = {int(c): np.flatnonzero(labels == c) for c in np.unique(labels[labels >= 0])}
    if not members:
        raise ReidkitError("No crop is in a cluster: all are outliers. Try a larger eps.")
    wrong = {c: wrong_members(truth[rows_]) for c, rows_ in members.items()}
    order = order or ("impure" if pids is not None else "large")
    if clusters is None:
        clusters = sorted(members, key=lambda c: _rank(members[c], wrong[c], order))[:rows]
    sheet = Sheet(len(clusters), min(per_cluster, max(len(members[c]) for c in clusters)), label=104)
    for row, cluster in enumerate(clusters):
        _draw_row(sheet, row, cluster, crops, members[cluster], wrong[cluster], truth, per_cluster)
    return sheet.draw(title or _claim(wrong, pids is not None), ax=ax)


def wrong_members(people: np.ndarray) -> np.ndarray:
    """Which members of one cluster do not show its most frequent person.

    Args:
        people: (n,) int, true people of the members; -1 where unknown.

    Returns:
        (n,) bool; never True for an unknown person.

    >>> wrong_members(np.array([7, 7, 3, -1]))
    array([False, False,  True, False])
    """
    known = people[people >= 0]
    if len(known) == 0:
        return np.zeros(len(people), dtype=bool)
    values, counts = np.unique(known, return_counts=True)
    return (people >= 0) & (people != values[counts.argmax()])


def _people(pids: np.ndarray | pd.Series | None, n: int) -> np.ndarray:
    if pids is None:
        return np.full(n, -1)
    if len(pids) != n:
        raise ReidkitError(f"{len(pids)} pids but {n} labels: give one pid a crop.")
    return pd.Series(pids).astype("Int64").to_numpy(dtype=np.int64, na_value=-1)


def _choose(wrong: np.ndarray, people: np.ndarray, limit: int) -> np.ndarray:
    """Which members to draw: wrong ones, the first of each person before any second, then right."""
    astray, right = np.flatnonzero(wrong), np.flatnonzero(~wrong)
    turn = pd.Series(people[astray]).groupby(people[astray]).cumcount().to_numpy()
    room = max(limit - len(right), limit - _COMPARED, 0)
    shown = astray[np.argsort(turn, kind="stable")][:room]
    grouped = shown[np.argsort(people[shown], kind="stable")]
    return np.concatenate([grouped, right])[:limit]


def _rank(members: np.ndarray, wrong: np.ndarray, order: Order) -> tuple[int, int]:
    return (-int(wrong.sum()) if order == "impure" else 0, -len(members))


def _draw_row(
    sheet: Sheet,
    row: int,
    cluster: int,
    crops: Crops,
    members: np.ndarray,
    wrong: np.ndarray,
    truth: np.ndarray,
    per_cluster: int,
) -> None:
    first = _choose(wrong, truth[members], per_cluster)
    pictures = pick(crops, members[first])
    for column, (picture, bad, person) in enumerate(
        zip(pictures, wrong[first], truth[members[first]], strict=True)
    ):
        known = person >= 0
        frame = (WRONG if bad else RIGHT) if known else PALE
        sheet.put(row, column, picture, frame=frame)
        if known:
            sheet.badge(row, column, not bad)
    said = f"cluster {cluster}\n{len(members)} crops"
    sheet.beside(row, said + (f"\n{wrong.sum()} wrong" if (truth[members] >= 0).any() else ""))


def _claim(wrong: dict[int, np.ndarray], known: bool) -> str:
    if not known:
        return "What the clusters hold (identities unknown: nobody can mark mistakes)"
    mixed = sum(bool(marks.any()) for marks in wrong.values())
    return f"{mixed} of {len(wrong)} clusters mix people (judged with true identities)"
