"""What protocols share: settings, their trials, and the draw of a gallery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reidkit.errors import ReidkitError
from reidkit.evaluation.answers import Answers, Crops, crops_of

TRIALS = 10
"""Galleries that are drawn of a benchmark, where its authors draw ten."""


class Trial(NamedTuple):
    """One search: which crops ask, which are searched, and what is right."""

    query: NDArray[np.int64]
    """(Q,), rows of the table of queries."""
    gallery: NDArray[np.int64]
    """(G,), rows of the table of the gallery."""
    answers: Answers
    """For these Q and G crops, counted from 0."""


@dataclass(frozen=True)
class Setting:
    """One way in which a benchmark is searched. Its figures are means over its trials.

    Attributes:
        name: as the field calls it, such as "cloth-changing".
        rules: the rules in words.
        trial: makes the trial of a number, from 0. The same number gives the same trial.
        trials: how many there are. Settings in which nothing is drawn have one.
    """

    name: str
    rules: str
    trial: Callable[[int], Trial]
    trials: int = 1


def crops_in(query: pd.DataFrame, gallery: pd.DataFrame) -> tuple[Crops, Crops]:
    """Return the ids in both tables, checked."""
    return (
        crops_of(query["pid"], query["camid"], "query"),
        crops_of(gallery["pid"], gallery["camid"], "gallery"),
    )


def draw_each(table: pd.DataFrame, by: list[str], n: int, seed: tuple[int, ...]) -> NDArray[np.int64]:
    """Draw at most ``n`` rows of each person (and camera), and return them in order.

    Junk and distractors are no person's, so all of them stay.

    Args:
        table: crops with ``pid``.
        by: the columns that make a group, such as ``["pid", "camid"]``.
        n: at most so many of each.
        seed: the same numbers draw the same rows.

    >>> table = pd.DataFrame({"pid": [7, 7, 7, 8, 0, 0]})
    >>> draw_each(table, ["pid"], 1, (0, 0)), draw_each(table, ["pid"], 2, (0, 1))
    (array([2, 3, 4, 5]), array([0, 1, 3, 4, 5]))
    """
    order = np.random.default_rng(seed).permutation(len(table))
    place = table[by].iloc[order].groupby(by, dropna=False).cumcount().to_numpy()
    nobody = ~table["pid"].gt(0).fillna(False).to_numpy(bool)
    return np.sort(order[(place < n) | nobody[order]])


def need(table: pd.DataFrame, column: str, what: str, *, among: tuple[str, ...] = ()) -> None:
    """Refuse a table that does not say what a protocol asks for.

    Args:
        table: the queries or the gallery.
        column: the column.
        what: what it says of a crop, for the message.
        among: the words it may hold; empty: any.

    Raises:
        ReidkitError: there is no such column, a person's crop says nothing in it, or another word.
    """
    if column not in table:
        raise ReidkitError(
            f"This protocol must know {what} of each test crop, but there is no column {column!r}. The "
            "benchmark's own layout reads it; a CSV may have it; in a file of features it is called "
            f"query_{column} and gallery_{column}."
        )
    known = (table["pid"].fillna(-1) > 0).to_numpy()
    if missing := int((known & table[column].isna().to_numpy()).sum()):
        raise ReidkitError(
            f"This protocol must know {what}, but in the column {column!r} {missing} of {len(table)} crops "
            "say nothing of it. Fill it in, or give these crops pid -1 (junk)."
        )
    if among and (other := sorted(set(map(str, table[column].dropna())) - set(among))):
        raise ReidkitError(f"column {column!r} says {other[0]!r}; this protocol knows {' and '.join(among)}.")


def rows_where(table: pd.DataFrame, column: str, value: str) -> NDArray[np.int64]:
    """Return the rows that say so; what is unknown does not."""
    return np.flatnonzero(table[column].eq(value).fillna(False).to_numpy(bool))


def need_some(rows: NDArray[np.int64], which: str) -> None:
    """Refuse a search that nobody asks for, or that has nothing to look through.

    Raises:
        ReidkitError: there are no such rows; ``which`` says of what kind, for the message.
    """
    if not len(rows):
        raise ReidkitError(f"The test set has no {which}, so this protocol has nothing to judge.")
