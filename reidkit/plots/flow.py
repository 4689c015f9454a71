"""The story of the clusters: one column an epoch, and ribbons of crops from each to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from reidkit.distances.checks import integer_ids
from reidkit.errors import ReidkitError
from reidkit.labels.clustering import OUTLIER
from reidkit.labels.lineage import Lineage
from reidkit.plots.churn import plot_churn, wrong_pairs
from reidkit.plots.ribbons import OTHERS, Layout, choose_lines, lay_out
from reidkit.plots.strips import wrong_members
from reidkit.plots.style import GREY, INK, NEG, PALE, POS, canvas, palette, style

_BAR = 0.045  # half the width of a bar; the epochs are 1 apart
_ROWS = 38  # of small type that have room beside the bars
_STEPS = np.linspace(0, 1, 25)
_EASE = _STEPS**2 * (3 - 2 * _STEPS)  # leaves and arrives level
_LEGEND = "A bar is a cluster, a ribbon its crops. Light: the cluster goes on. Strong: they change clusters."
_JUDGED = "Vermillion: not the person whom most of the cluster shows."


def plot_flow(
    lineage: Lineage,
    *,
    clusters: Sequence[int] | None = None,
    crops: Iterable[int] | None = None,
    limit: int = 24,
    pids: ArrayLike | pd.Series | None = None,
    title: str | None = None,
) -> Figure:
    """Draw what became of the clusters: a column an epoch, ribbons between them, and how much changed.

    A bar is a cluster and its height counts crops. A ribbon carries crops from one epoch's cluster to the
    next epoch's, in the colour of the one it leaves; a cluster that continues keeps its colour. Below lie two
    bundles: all the clusters that are not drawn one by one, and the outliers. The panel under it shows the
    churn and which share of the clusters ended.

    Args:
        lineage: the labels of at least two epochs.
        clusters: numbers of :attr:`Lineage.lines` to draw one by one.
        crops: rows; their clusters are drawn one by one, and for each crop a thin black line through them.
        limit: how many to draw one by one where neither is given: those with the largest events of every
            epoch.
        pids: (N,) true people, for judging. A bar then shows in vermillion how many of its crops are not the
            person whom most of it shows, and the panel which share of the pairs is wrong.
        title: the default says what happened.

    Raises:
        ReidkitError: one epoch only, a line or a crop that is not there, or lists of different length.
    """
    if len(lineage.epochs) < 2:
        raise ReidkitError("Only one epoch has labels: nothing became of its clusters yet.")
    threads = [] if crops is None else [int(crop) for crop in crops]
    chosen = choose_lines(lineage, clusters, threads, limit)
    layout = lay_out(lineage, chosen)
    width = float(np.clip(1.1 + 0.85 * len(lineage.epochs), 9.5, 14))  # the sentences above need so much
    figure, axes = canvas(2, 1, size=(width, 6.6), sharex=True, height_ratios=(3.6, 1))
    ax = axes[0, 0]
    with style():
        _draw_ribbons(ax, layout, colours := _colours(chosen))
        _draw_bars(ax, lineage, layout, colours, pids)
        _write_ends(ax, layout, _draw_threads(ax, layout, threads))
        _write_columns(ax, lineage, layout, judged=pids is not None)
        ax.set_title(title or _claim(lineage, pids), pad=46)
        plot_churn(lineage, pids=pids, title="", ax=axes[1, 0])
    return figure


def _colours(chosen: list[int]) -> dict[int, str]:
    """A colour a line, none of them that of Pos or Neg."""
    free = [c for c in palette(range(len(chosen) + 2)).values() if c not in (POS, NEG)]
    return dict(zip(chosen, free, strict=False)) | {OTHERS: GREY, OUTLIER: PALE}


def _draw_ribbons(ax: Axes, layout: Layout, colours: dict[int, str]) -> None:
    shapes, faces, strengths = [], [], []
    for row in layout.ribbons.sort_values("crops", ascending=False).to_dict(orient="records"):
        x = row["step"] + _BAR + _STEPS * (1 - 2 * _BAR)
        low = row["low0"] + _EASE * (row["low1"] - row["low0"])
        high = low + row["height0"] + _EASE * (row["height1"] - row["height0"])
        shapes.append(np.column_stack([np.append(x, x[::-1]), np.append(low, high[::-1])]))
        bundle, stays = row["before"] < 0, row["before"] == row["after"]
        faces.append(colours[row["before"]])
        strengths.append(0.6 if row["before"] == OUTLIER else 0.3 if bundle else 0.45 if stays else 0.75)
    ax.add_collection(PolyCollection(shapes, facecolors=faces, alpha=strengths, lw=0))


def _draw_bars(
    ax: Axes, lineage: Lineage, layout: Layout, colours: dict[int, str], pids: ArrayLike | pd.Series | None
) -> None:
    bars = layout.bars
    shades = [colours[name] for name in bars["name"]]
    ax.bar(bars["step"], bars["height"], 2 * _BAR, bars["low"], color=shades, lw=0)
    if pids is not None:
        wrong = [_astray(lines, pids) for lines in lineage.lines.values()]
        share = [
            wrong[step][layout.names[step] == name].mean()
            for step, name in zip(bars["step"], bars["name"], strict=True)
        ]
        ax.bar(bars["step"], bars["height"] * share, 2 * _BAR, bars["low"], color=NEG, lw=0)


def _astray(lines: np.ndarray, pids: ArrayLike | pd.Series) -> np.ndarray:
    """(N,) bool: the crop is clustered, and not the person whom most of its cluster shows."""
    people = integer_ids(pids, "pids", len(lines))
    people = np.where(people > 0, people, -1)
    wrong = np.zeros(len(lines), bool)
    for line in np.unique(lines[lines != OUTLIER]):
        rows = np.flatnonzero(lines == line)
        wrong[rows] = wrong_members(people[rows])
    return wrong


def _draw_threads(ax: Axes, layout: Layout, crops: list[int]) -> dict[str, float]:
    """A black line a crop, inside the ribbons that it goes with; returns where each ends."""
    records = layout.ribbons.to_dict(orient="records")
    ends = {(row["step"], row["before"], row["after"]): row for row in records}
    arrived = {}
    for place, crop in enumerate(crops):
        share, x, y = (place + 1) / (len(crops) + 1), [], []
        for step, (names, later) in enumerate(pairwise(layout.names)):
            row = ends[step, names[crop], later[crop]]
            first, last = (row[f"low{end}"] + share * row[f"height{end}"] for end in (0, 1))
            x.append(step + _BAR + _STEPS * (1 - 2 * _BAR))
            y.append(first + _EASE * (last - first))
        ax.plot(np.concatenate(x), np.concatenate(y), color=INK, lw=1.1)
        arrived[f"crop {crop}"] = float(y[-1][-1])
    return arrived


def _write_ends(ax: Axes, layout: Layout, threads: dict[str, float]) -> None:
    """At the right the crops that were asked for, or else the numbers of the lines, unless they are many."""
    bars = layout.bars[(layout.bars["step"] == len(layout.names) - 1) & (layout.bars["name"] >= 0)]
    middle = bars["low"] + bars["height"] / 2
    numbers = {f"line {name}": at for name, at in zip(bars["name"], middle, strict=True)}
    words = threads or (numbers if len(numbers) <= _ROWS else {})
    high = (layout.bars["low"] + layout.bars["height"]).max()
    lowest, step = -np.inf, (high - layout.bars["low"].min()) / _ROWS
    for text, at in sorted(words.items(), key=lambda item: item[1]):
        lowest = max(at, lowest + step)
        ax.annotate(text, (len(layout.names) - 1 + _BAR, lowest), (4, 0), textcoords="offset points",
                    va="center", size=6.5)  # fmt: skip
    ax.set_ylim(layout.bars["low"].min(), max(high, lowest))


def _write_columns(ax: Axes, lineage: Lineage, layout: Layout, *, judged: bool) -> None:
    """The epochs above, and what the bundles are at the left."""
    few = len(lineage.epochs) < 14  # otherwise there is room for numbers only
    for step, (epoch, lines) in enumerate(lineage.lines.items()):
        count = len(np.unique(lines[lines != OUTLIER]))
        words = f"epoch {epoch}\n{count} clusters" if few else f"{epoch}\n{count}"
        ax.annotate(words, (step, 1), (0, 4), xycoords=("data", "axes fraction"),
                    textcoords="offset points", ha="center", va="bottom", size=7)  # fmt: skip
    notes = [_LEGEND, _JUDGED * judged, "Above: the epoch, and how many clusters." * (not few)]
    told = ax.annotate(" ".join(notes), (0, 1), (0, 32), xycoords="axes fraction",
                       textcoords="offset points", size=7.5, color=GREY)  # fmt: skip
    told.set_in_layout(False)  # else it would squeeze a picture of few epochs to nothing
    bundles = {OTHERS: "all other\nclusters", OUTLIER: "outliers"}
    first = layout.bars.drop_duplicates("name").set_index("name")
    for name in [name for name in bundles if name in first.index]:
        squeezed = round(1 / layout.scale[name])
        thin = f"\n(drawn 1:{squeezed})" if squeezed > 1 else ""
        row, above = first.loc[name], name == OTHERS  # away from the other bundle, which may be thin
        edge = row["low"] + (0 if above else row["height"])
        ax.annotate(bundles[name] + thin, (row["step"] - _BAR, edge), (-4, 0),
                    textcoords="offset points", ha="right", va="bottom" if above else "top", size=7.5,
                    color=GREY)  # fmt: skip
    ax.set(yticks=[])
    ax.tick_params(axis="x", length=0, labelbottom=False)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _claim(lineage: Lineage, pids: ArrayLike | pd.Series | None) -> str:
    """What happened, in one line."""
    first, last = (lineage.lines[lineage.epochs[end]] for end in (0, -1))
    sizes = [np.unique(lines[lines != OUTLIER], return_counts=True)[1] for lines in (first, last)]
    if 2 * sizes[1].max(initial=0) > len(last):
        share = sizes[1].max() / len(last)
        return f"Collapse: one cluster holds {share:.0%} of all crops at epoch {lineage.epochs[-1]}"
    churn = lineage.summary()["churn"]
    said = f"{len(sizes[0])} → {len(sizes[1])} clusters, churn {churn.iloc[0]:.0%} → {churn.iloc[-1]:.0%}"
    wrong = np.nan if pids is None else wrong_pairs(lineage, lineage.epochs[-1], pids)
    if np.isnan(wrong):
        return said
    return f"{said}; in the end {wrong:.0%} of the pairs are wrong (true identities)"
