"""Pictures made of crops: a montage, the same people seen by every camera, ranked lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reidkit.errors import ReidkitError
from reidkit.plots.sheet import Crops, Sheet, images, pick
from reidkit.plots.style import GREY, INK, RIGHT, WRONG


def montage(
    crops: Crops,
    *,
    columns: int = 12,
    captions: Sequence[str] | None = None,
    frames: Sequence[str | None] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw crops in rows of ``columns``, each with an optional caption and coloured frame.

    Args:
        crops: paths, or uint8 pixels (n, h, w, 3).
        captions: a short text for each, written into its top left corner.
        frames: a colour for each, or None for no frame.
    """
    pictures = images(crops)
    columns = max(1, min(columns, len(pictures)))
    rows = -(-len(pictures) // columns)
    sheet = Sheet(rows, columns, cell=(pictures.shape[1], pictures.shape[2]))
    box = {"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8}
    for position, picture in enumerate(pictures):
        row, column = divmod(position, columns)
        sheet.put(row, column, picture, frame=frames[position] if frames is not None else None)
        if captions is not None:
            sheet.write(row, column + 0.05, captions[position], size=6.5, bbox=box)
    return sheet.draw(title, ax=ax)


def camera_montage(
    crops: pd.DataFrame,
    *,
    people: int = 5,
    shots: int = 2,
    seed: int = 0,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw what every camera does to the same people: columns are cameras, rows are people.

    Args:
        crops: the crops table, or a part of it. Where no identity is known the rows hold any
            crops of the camera, and the title says so.
        people: rows; people whom most cameras have seen come first, ties are drawn by ``seed``.
        shots: crops of a person in a camera, at most.

    Raises:
        ReidkitError: no crop has a known camera.
    """
    seen = crops[crops["camid"].notna()]
    if seen.empty:
        raise ReidkitError("No crop has a known camera (camid): there is nothing to compare.")
    named = seen[seen["pid"].notna() & (seen["pid"] > 0)]
    mixed = (seen if named.empty else named).sample(frac=1, random_state=seed)
    chosen = _anybody(mixed, people, shots) if named.empty else _by_person(mixed, people, shots)
    cameras = sorted(chosen["camid"].unique())
    column = chosen["camid"].map(cameras.index) * shots + chosen["shot"]
    sheet = Sheet(people_drawn := chosen["row"].max() + 1, len(cameras) * shots, label=66)
    for picture, row, at in zip(images(chosen["path"]), chosen["row"], column, strict=True):
        sheet.put(row, at, picture)
    filled = set(zip(chosen["row"], chosen["camid"], strict=True))
    for index, camid in enumerate(cameras):
        sheet.above(index * shots, f"camera {camid}", across=shots)
        for row in range(people_drawn):
            if (row, camid) not in filled:
                sheet.write(row, index * shots + 0.1, "\n\nnot seen\nhere", color=GREY)
    for row, pid in chosen.drop_duplicates("row").sort_values("row")[["row", "pid"]].itertuples(index=False):
        sheet.beside(row, "any crops" if named.empty else f"person {pid}")
    claim = "The same person looks different in every camera (true identities)"
    unknown = "What each camera sees (identities unknown: a row is not a person)"
    return sheet.draw(title or (unknown if named.empty else claim), ax=ax)


def _by_person(mixed: pd.DataFrame, people: int, shots: int) -> pd.DataFrame:
    numbered = mixed.assign(shot=mixed.groupby(["pid", "camid"]).cumcount())
    chosen = numbered[numbered["shot"] < shots]
    cameras = chosen.groupby("pid", sort=False)["camid"].nunique()
    widest = cameras.sort_values(ascending=False, kind="stable").index[:people]
    rows = {pid: row for row, pid in enumerate(widest)}
    return chosen[chosen["pid"].isin(widest)].assign(row=lambda table: table["pid"].map(rows))


def _anybody(mixed: pd.DataFrame, people: int, shots: int) -> pd.DataFrame:
    place = mixed.groupby("camid").cumcount()
    return mixed.assign(row=place // shots, shot=place % shots)[place < people * shots]


def ranked_lists(
    queries: Crops,
    gallery: Crops,
    top: np.ndarray,
    matches: np.ndarray,
    *,
    captions: Sequence[str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw each query and the gallery crops ranked nearest to it, marked right or wrong.

    Args:
        queries: Q crops; each is framed in black at the left of its row.
        gallery: G crops; paths are read only where they appear in ``top``.
        top: (Q, k) int, gallery rows by rising distance; -1 where the list is shorter.
        matches: (Q, k) bool, True where the crop shows the query's person.
        captions: a text for each query (its AP, say), left of its row.

    Returns:
        The figure. Right: blue frame and ✓; wrong: vermillion frame and ✗.
    """
    top, matches = np.asarray(top), np.asarray(matches, dtype=bool)
    asked = images(queries)
    if top.shape != matches.shape or len(top) != len(asked):
        raise ReidkitError(
            f"{len(asked)} queries, top {top.shape}, matches {matches.shape}: "
            "expected one row a query in both."
        )
    sheet = Sheet(len(top), top.shape[1] + 1, label=92 if captions is not None else 0)
    pictures = iter(pick(gallery, top[top >= 0]))
    for row in range(len(top)):
        sheet.put(row, 0, asked[row], frame=INK)
        if captions is not None:
            sheet.beside(row, captions[row])
        for place in np.flatnonzero(top[row] >= 0).tolist():
            right = bool(matches[row, place])
            sheet.put(row, place + 1, next(pictures), frame=RIGHT if right else WRONG)
            sheet.badge(row, place + 1, right)
    sheet.above(0, "query")
    for place in range(top.shape[1]):
        sheet.above(place + 1, f"{place + 1}")
    return sheet.draw(title, ax=ax)
