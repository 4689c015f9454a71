"""A crop between two epochs: who was near it then, who is near it now, and whose company it kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reidkit.labels.clustering import OUTLIER
from reidkit.labels.moves import Move
from reidkit.plots.sheet import Crops, Sheet, pick
from reidkit.plots.style import INK, PALE, RUNS

_FRAMES = {"stayed": RUNS[1], "left": RUNS[2], "joined": RUNS[3], "": PALE}
_BOX = {"boxstyle": "square,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}


def plot_move(
    crops: Crops,
    move: Move,
    *,
    epochs: tuple[int, int] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw a crop and its nearest crops in two epochs, a row each.

    Each neighbour carries its distance and its label of that epoch. The frame and a word say what it is to
    the crop: it *stayed* with it, was *left*, or was *joined*; a pale frame: never in one cluster with it.

    Args:
        crops: N paths, or uint8 pixels (N, h, w, 3); only those drawn are read.
        move: from :func:`reidkit.labels.moves.why`.
        epochs: their numbers, to be written beside the rows.
        title: the default says what the crop did.
    """
    columns = max(len(move.then), 1)
    sheet = Sheet(2, columns + 1, label=92)
    (own,) = pick(crops, np.array([move.crop]))
    times = ("then", "now") if epochs is None else tuple(f"epoch {epoch}" for epoch in epochs)
    for row, (when, near, label) in enumerate(
        zip(times, (move.then, move.now), (move.before, move.after), strict=True)
    ):
        sheet.put(row, 0, own, frame=INK)
        sheet.beside(row, f"{when}\n" + ("an outlier" if label == OUTLIER else f"in cluster {label}"))
        _draw_near(sheet, row, crops, near)
    sheet.above(0, f"crop {move.crop}")
    for place in range(len(move.then)):
        sheet.above(place + 1, f"{place + 1}")
    return sheet.draw(title or f"Crop {move.crop} {_KINDS[move.kind]}", ax=ax)


_KINDS = {
    "stayed": "did not change its cluster",
    "became outlier": "became an outlier",
    "came home": "was an outlier and came home",
    "alone": "changed its cluster, alone",
    "with others": "changed its cluster, with others",
}


def _draw_near(sheet: Sheet, row: int, crops: Crops, near: pd.DataFrame) -> None:
    pictures = pick(crops, near["crop"].to_numpy())
    for place, (picture, other) in enumerate(zip(pictures, near.to_dict(orient="records"), strict=True), 1):
        sheet.put(row, place, picture, frame=_FRAMES[other["role"]])
        home = "outlier" if other["label"] == OUTLIER else f"c {other['label']}"
        sheet.write(row, place + 0.08, f"{other['distance']:.2f}\n{home}", size=6, bbox=_BOX)
        if other["role"]:
            at = {"va": "bottom", "size": 6, "weight": "bold", "color": "white"}
            box = {"boxstyle": "square,pad=0.15", "fc": _FRAMES[other["role"]], "ec": "none"}
            sheet.write(row + 0.92, place + 0.08, other["role"], bbox=box, **at)
