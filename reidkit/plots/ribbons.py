"""Where the ribbons of a flow picture run: numbers only, drawn by :mod:`reidkit.plots.flow`.

A few clusters are told one by one. All others are one bundle, and the outliers are another. A bundle would
take most of the page, so it is squeezed: drawn thinner than its crops would make it, by one factor that is
the same in all epochs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reidkit.errors import ReidkitError
from reidkit.labels.clustering import OUTLIER
from reidkit.labels.lineage import Lineage

OTHERS = -2
"""The name of the bundle of all clusters that are not told one by one."""
_SQUEEZED = 0.3  # of a bundle at its largest, as a share of what is told one by one
_SWEEPS = 6  # over the epochs, to and fro, until ribbons cross little


@dataclass(frozen=True)
class Layout:
    """Bars and ribbons in units of crops; the outliers hang below 0.

    Attributes:
        bars: one row a bar: "step" (which epoch), "name" (a line, OTHERS or -1), "crops", "low", "height".
        ribbons: one row a ribbon: "step" (it begins there), "before", "after" (names), "crops", and its two
            ends, "low0", "height0", "low1", "height1".
        names: for each epoch (N,) the name of each crop's bar.
        scale: how much thinner each bundle is drawn than its crops would make it, at most 1.
    """

    bars: pd.DataFrame
    ribbons: pd.DataFrame
    names: list[NDArray[np.int64]]
    scale: dict[int, float]


def choose_lines(
    lineage: Lineage, clusters: Sequence[int] | None, crops: Sequence[int], limit: int
) -> list[int]:
    """Choose the lines that are told one by one: those asked for, or else the eventful ones.

    Raises:
        ReidkitError: a line or a crop that is not there.
    """
    there = set(np.unique(list(lineage.lines.values())).tolist()) - {OUTLIER}
    if unknown := sorted(set(clusters or ()) - there):
        raise ReidkitError(f"clusters = {unknown}: no line of this lineage has such a number.")
    if clusters is None and not crops:
        return eventful(lineage, limit)
    return sorted(set(clusters or ()) | set(passed(lineage, crops) if crops else ()))


def eventful(lineage: Lineage, limit: int) -> list[int]:
    """Choose the lines with the largest events, as many of each epoch.

    Args:
        lineage: whose events.
        limit: at most so many lines. An event counts with both clusters in it.

    Returns:
        Numbers of lines, ascending; without any event, the largest clusters.
    """
    told = lineage.events[lineage.events["event"] != "stable"]
    told = told.assign(moved=told["crops"] * told["share"].clip(lower=0.5))  # what died has no partner
    told = told.sort_values("moved", ascending=False, kind="stable")
    told = told.assign(turn=told.groupby("epoch").cumcount()).sort_values("turn", kind="stable")
    chosen: dict[int, None] = {}
    for row in told.to_dict(orient="records"):
        pair = dict.fromkeys(sorted(_lines_of(lineage, row)))
        if len(chosen | pair) <= limit:
            chosen |= pair
    if not chosen:
        every = np.concatenate(list(lineage.lines.values()))
        counts = pd.Series(every[every != OUTLIER]).value_counts()
        chosen = dict.fromkeys(counts.index[:limit].tolist())
    return sorted(chosen)


def _lines_of(lineage: Lineage, event: dict) -> set[int]:
    """Return the lines of both clusters of an event."""
    after = int(event["epoch"])
    before = lineage.epochs[lineage.epochs.index(after) - 1]
    found = set()
    for epoch, label in ((before, event["before"]), (after, event["after"])):
        if label != OUTLIER:
            first = int(np.argmax(np.asarray(lineage.labels[epoch]) == label))
            found.add(int(lineage.lines[epoch][first]))
    return found


def passed(lineage: Lineage, crops: Iterable[int]) -> list[int]:
    """Return the lines that some crops go through, ascending.

    Raises:
        ReidkitError: there is no such crop, or all are outliers in all epochs.
    """
    rows = np.asarray(list(crops), np.int64)
    count = len(lineage.lines[lineage.epochs[0]])
    if bad := [int(row) for row in rows if not 0 <= row < count]:
        raise ReidkitError(f"crops = {bad}: there are rows 0 to {count - 1}.")
    found = np.unique([lines[rows] for lines in lineage.lines.values()])
    found = found[found != OUTLIER]
    if not len(found):
        raise ReidkitError("These crops are outliers in all epochs: they have no story to draw.")
    return found.tolist()


def lay_out(lineage: Lineage, chosen: Iterable[int]) -> Layout:
    """Place the bars of all epochs and the ribbons between them; see the module's text."""
    some = list(chosen)
    names = [
        np.where(np.isin(lines, some) | (lines == OUTLIER), lines, OTHERS) for lines in lineage.lines.values()
    ]
    sizes = [pd.Series(one).value_counts() for one in names]
    flows = [
        pd.DataFrame({"before": a, "after": b}).value_counts().rename("crops").reset_index()
        for a, b in pairwise(names)
    ]
    scale = _scales(sizes)
    bars = _place(_order(sizes, flows), sizes, scale)
    ribbons = [_ends(flow.assign(step=step), bars, scale) for step, flow in enumerate(flows)]
    columns = ["before", "after", "crops", "step", "low0", "height0", "low1", "height1"]
    return Layout(bars, pd.concat(ribbons) if ribbons else pd.DataFrame(columns=columns), names, scale)


def _scales(sizes: list[pd.Series]) -> dict[int, float]:
    told = max(size.drop([OTHERS, OUTLIER], errors="ignore").sum() for size in sizes)
    largest = {name: max(size.get(name, 0) for size in sizes) for name in (OTHERS, OUTLIER)}
    return {
        name: min(1.0, _SQUEEZED * told / max(most, 1)) if told else 1.0 for name, most in largest.items()
    }


def _order(sizes: list[pd.Series], flows: list[pd.DataFrame]) -> list[list[int]]:
    """Sort the names of each epoch, from below: by where their crops are in the epochs beside it.

    This is the barycentre rule of Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical
    system structures", IEEE Trans. SMC 1981. The bundles stay below.
    """
    order = [sorted(size.index) for size in sizes]
    steps = range(len(sizes))
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for step in steps[1:] if forward else steps[-2::-1]:
            flow = flows[step - 1 if forward else step]
            mine, there = ("after", "before") if forward else ("before", "after")
            places = {name: place for place, name in enumerate(order[step - 1 if forward else step + 1])}
            height = flow[there].map(places) * flow["crops"]
            mean = height.groupby(flow[mine]).sum() / flow.groupby(mine)["crops"].sum()
            told = [name for name in order[step] if name >= 0]  # sorting is stable: ties stay as they are
            order[step] = order[step][: -len(told) or None] + sorted(told, key=mean.__getitem__)
    return order


def _place(order: list[list[int]], sizes: list[pd.Series], scale: dict[int, float]) -> pd.DataFrame:
    """Stack the bars of each epoch upwards; the outliers hang below 0."""
    told = max(size.drop([OTHERS, OUTLIER], errors="ignore").sum() for size in sizes)
    gap = max(float(told), 1.0) / 150
    rows = []
    for step, names in enumerate(order):
        above = 0.0
        for name in names:
            height = float(sizes[step][name]) * scale.get(name, 1.0)
            low = -height - 3 * gap if name == OUTLIER else above
            rows.append(
                {"step": step, "name": name, "crops": int(sizes[step][name]), "low": low, "height": height}
            )
            if name != OUTLIER:
                above += height + (3 * gap if name == OTHERS else gap)
    return pd.DataFrame(rows)


def _ends(flow: pd.DataFrame, bars: pd.DataFrame, scale: dict[int, float]) -> pd.DataFrame:
    """Give every ribbon of one step its place on the two bars, in the order of the bars at its other end."""
    step = int(flow["step"].iloc[0])
    low = {side: bars[bars["step"] == step + side].set_index("name")["low"] for side in (0, 1)}
    for side, mine, there in ((0, "before", "after"), (1, "after", "before")):
        flow = flow.assign(**{f"height{side}": flow["crops"] * flow[mine].map(lambda n: scale.get(n, 1.0))})
        flow = flow.assign(far=flow[there].map(low[1 - side])).sort_values([mine, "far"])
        under = flow.groupby(mine)[f"height{side}"].cumsum() - flow[f"height{side}"]
        flow = flow.assign(**{f"low{side}": flow[mine].map(low[side]) + under})
    return flow.drop(columns="far")
