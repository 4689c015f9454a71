"""The doctor's suspects as rows of crops: two groups that should be apart, or together."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from reidkit.distances.checks import integer_ids
from reidkit.errors import ReidkitError
from reidkit.labels.doctor import precision
from reidkit.plots.sheet import Crops, Sheet, pick
from reidkit.plots.style import GREY, RIGHT, RIGHT_SYMBOL, RUNS, WRONG, WRONG_SYMBOL

Suspect = Mapping[Hashable, Any]
"""A row of the doctor's table."""
_GROUPS = (RUNS[1], RUNS[3])
_BOX = {"boxstyle": "square,pad=0.12", "fc": "white", "ec": "none", "alpha": 0.85}


def plot_suspects(
    crops: Crops,
    suspects: pd.DataFrame,
    *,
    pids: ArrayLike | pd.Series | None = None,
    each: int | None = 2,
    per_group: int = 5,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw a suspect a row: why, its first group of crops, what the doctor says of the two, its second group.

    Args:
        crops: N paths, or uint8 pixels (N, h, w, 3); only those drawn are read.
        suspects: from :func:`reidkit.labels.doctor.examine`.
        pids: (N,) true people, for judging. A suspect is then marked right or wrong (each group stands for
            the person who is most frequent in it), and every crop carries its person.
        each: the first so many of each kind; None: all.
        per_group: crops of a group, at most, well spread over it; a number says how many more there are.
        title: the default says how many there are, or how many of those drawn are right.

    Raises:
        ReidkitError: there is no suspect, or not one pid a crop.
    """
    if suspects.empty:
        raise ReidkitError("The doctor suspects nothing: there is no row to draw.")
    people = None if pids is None else integer_ids(pids, "pids", len(crops))
    some = suspects if each is None else suspects.groupby("kind", sort=False).head(each)
    sheet = Sheet(len(some), 2 * per_group + 1, label=236)
    verdicts = []
    for row, suspect in enumerate(some.to_dict(orient="records")):
        sheet.beside(row, _words(suspect))
        for start, rows, frame in zip((0, per_group + 1), _rows(suspect), _GROUPS, strict=True):
            _draw_group(sheet, row, start, crops, rows, frame, per_group, people)
        verdicts.append(None if people is None else _right(some.iloc[[row]], people))
        _draw_claim(sheet, row, per_group, suspect, verdicts[-1])
    return sheet.draw(title or _claim(suspects, verdicts), ax=ax)


def _rows(suspect: Suspect) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(suspect["crops"], np.int64), np.asarray(suspect["others"], np.int64)


def _words(suspect: Suspect) -> str:
    named = " and ".join("outlier" if c == -1 else f"cluster {c}" for c in suspect["clusters"])
    return f"{suspect['kind']}: {named}\n" + fill(suspect["reason"], 40)


def _draw_group(
    sheet: Sheet,
    row: int,
    start: int,
    crops: Crops,
    rows: np.ndarray,
    frame: str,
    limit: int,
    people: np.ndarray | None,
) -> None:
    shown = rows[np.linspace(0, len(rows) - 1, min(limit, len(rows))).round().astype(int)]
    for place, (picture, crop) in enumerate(zip(pick(crops, shown), shown, strict=True), start):
        sheet.put(row, place, picture, frame=frame)
        if people is not None:
            who = f"person {people[crop]}" if people[crop] > 0 else "unknown"
            sheet.write(row, place + 0.07, who, size=5.5, bbox=_BOX)
    if more := len(rows) - len(shown):
        sheet.write(row + 0.92, start + limit - 0.17, f"+{more}", va="bottom", ha="right", size=7, bbox=_BOX)


def _draw_claim(sheet: Sheet, row: int, column: int, suspect: Suspect, right: bool | None) -> None:
    """What the doctor says of the two groups, in the column between them, and whether that is true."""
    said = "two\npeople?" if suspect["kind"] == "merge" else "one\nperson?"
    sheet.write(row + 0.3, column + 0.46, said, ha="center", color=GREY)
    if right is not None:
        symbol, colour = (RIGHT_SYMBOL, RIGHT) if right else (WRONG_SYMBOL, WRONG)
        box = {"boxstyle": "square,pad=0.2", "fc": colour, "ec": "none"}
        look = {"size": 9, "color": "white", "weight": "bold", "ha": "center", "bbox": box}
        sheet.write(row + 0.62, column + 0.46, symbol, **look)


def _right(suspect: pd.DataFrame, people: np.ndarray) -> bool | None:
    """Whether one suspect is right; None where nobody knows."""
    judged = precision(suspect, people, first=1).sum()
    return bool(judged["right"]) if judged["judged"] else None


def _claim(suspects: pd.DataFrame, verdicts: list[bool | None]) -> str:
    known = [right for right in verdicts if right is not None]
    if known:
        return f"{sum(known)} of these {len(known)} suspects are right (drawn with true identities)"
    drawn = f"{len(verdicts)} of " * (len(verdicts) < len(suspects))
    return f"{drawn}{len(suspects)} suspects, found without identities"
