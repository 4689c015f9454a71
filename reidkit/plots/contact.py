"""Contact sheets: what a data set looks like, a few people a split, each under several cameras."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reidkit.data.census import people as known_people
from reidkit.data.crops import DISTRACTOR, JUNK
from reidkit.errors import ReidkitError
from reidkit.plots.sheet import Sheet, images

WORDS = {"camid": "cam ", "clothes": "outfit ", "modality": "", "resolution": ""}
"""Columns that a crop's caption tells, and the word before the value."""
CROWD = {DISTRACTOR: "distractors", JUNK: "junk"}
_BOX = {"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8}


def contact_sheet(
    crops: pd.DataFrame,
    *,
    people: int = 4,
    shots: int = 8,
    seed: int = 0,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw a few people, one a row, under as many cameras (and in as many clothes) as there are.

    Each crop says its camera and, where the table has such columns, its outfit, modality and resolution.

    Args:
        crops: the table of crops, or a split of it. Where no person is known the rows hold any crops.
        people: rows; those seen in most ways come first, ties are drawn by ``seed``.
        shots: crops of a person, at most.

    Raises:
        ReidkitError: there are no crops, or a file cannot be read.
    """
    named = known_people(crops)
    pick = _anybody(crops, people, shots, seed) if named.empty else _by_person(named, people, shots, seed)
    unknown = "Any crops (people unknown: a row is not a person)"
    return _draw(pick, title or (unknown if named.empty else None), ax)


def plot_crowd(
    crops: pd.DataFrame, *, shots: int = 10, seed: int = 0, title: str | None = None, ax: Axes | None = None
) -> Figure:
    """Draw some distractors and some junk of a table, each in a row of its own.

    Raises:
        ReidkitError: there are none.
    """
    mixed = crops[crops["pid"].isin(list(CROWD))].sample(frac=1, random_state=seed)
    place = mixed.groupby("pid").cumcount()
    rows = {pid: row for row, pid in enumerate(pid for pid in CROWD if (mixed["pid"] == pid).any())}
    chosen = mixed.assign(row=mixed["pid"].map(rows), column=place)[place < shots]
    return _draw(chosen.assign(name=chosen["pid"].map(CROWD)), title, ax)


def _by_person(named: pd.DataFrame, people: int, shots: int, seed: int) -> pd.DataFrame:
    """Choose people and crops: the first of each camera, outfit, ... and then the second of each."""
    ways = [column for column in WORDS if column in named]
    mixed = named.drop_duplicates("path").sample(frac=1, random_state=seed)
    seen = mixed.drop_duplicates(["pid", *ways])["pid"].value_counts(sort=False)
    widest = list(seen.sort_values(ascending=False, kind="stable").index[:people])
    mixed = mixed[mixed["pid"].isin(widest)]
    turn = mixed.groupby(["pid", *ways], dropna=False).cumcount()
    mixed = mixed.assign(turn=turn).sort_values("turn", kind="stable")
    chosen = mixed[mixed.groupby("pid").cumcount() < shots].sort_values([*ways, "path"], kind="stable")
    return chosen.assign(
        row=chosen["pid"].map(widest.index).astype(int),
        column=chosen.groupby("pid").cumcount(),
        name="person " + chosen["pid"].astype(str),
    )


def _anybody(crops: pd.DataFrame, people: int, shots: int, seed: int) -> pd.DataFrame:
    count = min(len(crops), people * shots)
    chosen = crops.drop_duplicates("path").sample(frac=1, random_state=seed)[:count]
    place = pd.Series(range(len(chosen)), index=chosen.index)
    return chosen.assign(row=place // shots, column=place % shots, name="")


def _draw(chosen: pd.DataFrame, title: str | None, ax: Axes | None) -> Figure:
    if chosen.empty:
        raise ReidkitError("There are no such crops.")
    named = chosen["name"].ne("").any()
    sheet = Sheet(chosen["row"].max() + 1, chosen["column"].max() + 1, label=74 if named else 0)
    chosen = chosen.sort_values(["row", "column"])
    for picture, (_, crop) in zip(images(chosen["path"]), chosen.iterrows(), strict=True):
        sheet.put(crop["row"], crop["column"], picture)
        sheet.write(crop["row"], crop["column"] + 0.05, _caption(crop), size=6.5, bbox=_BOX)
    for row, name in chosen.drop_duplicates("row")[["row", "name"]].itertuples(index=False):
        sheet.beside(row, name)
    return sheet.draw(title, ax=ax)


def _caption(crop: pd.Series) -> str:
    """Return what is known of a crop, one line each."""
    known = {column: crop[column] for column in WORDS if column in crop.index and pd.notna(crop[column])}
    return "\n".join(f"{WORDS[column]}{value}" for column, value in known.items())
