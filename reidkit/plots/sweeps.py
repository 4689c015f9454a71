"""What one knob does: pseudo-labels at every eps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from reidkit.plots.style import GREY, INK, PALE, RUNS, canvas, headed, over, style

_COUNTS: dict[str, tuple[str, dict[str, Any]]] = {
    "clusters": ("clusters", {"color": RUNS[1]}),
    "outliers": ("outliers", {"color": RUNS[3], "ls": "--"}),
    "largest": ("crops in the largest cluster", {"color": RUNS[2], "ls": ":"}),
}
_QUALITY: dict[str, tuple[str, dict[str, Any]]] = {
    "pair_precision": ("pair precision", {"color": RUNS[4], "ls": "--"}),
    "pair_recall": ("pair recall", {"color": RUNS[2], "ls": ":"}),
    "pair_f1": ("pair F1", {"color": INK}),
}


def plot_sweep(
    sweep: pd.DataFrame,
    *,
    knob: str = "eps",
    plateau: tuple[float, float] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw how many clusters and outliers each value of a knob gives, and how good the labels are.

    Args:
        sweep: one row a value, as from :meth:`reidkit.labels.ClusterTree.sweep`: ``clusters, outliers``
            and, where there are, ``largest`` and the figures of :func:`reidkit.labels.label_quality`.
        knob: the column of the values.
        plateau: from :meth:`reidkit.labels.ClusterTree.plateau`: a range where little changes. It is
            shaded, and its middle, the suggested value, is marked.
        title: the default names the suggested value and compares it with the best one, as far as known.

    Returns:
        The figure. The second panel, and the mark of the best pair F1 in both, are there only where the
        true identities are.
    """
    known = sweep.set_index(knob)["pair_f1"].dropna() if "pair_f1" in sweep else pd.Series(dtype=float)
    panels = 2 if "pair_f1" in sweep else 1
    figure, axes = canvas(1, panels, size=(8.6 if panels == 2 else 5.2, 3.3))
    with style():
        _lines(axes[0, 0], sweep, knob, _COUNTS)
        if "people" in sweep:
            axes[0, 0].axhline(sweep["people"].iloc[0], color=INK, lw=0.9, ls="-.", label="true people")
        if panels == 2:
            _lines(axes[0, 1], sweep, knob, _QUALITY)
            axes[0, 1].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        for ax, heading in zip(axes[0], ("How many", "Right pairs (true identities)"), strict=False):
            _mark(ax, known, plateau)
            ax.set_ylim(bottom=0)
            ax.set_xlabel(knob)
            headed(ax, heading, columns=2)
        over(figure, title or _claim(sweep, known, knob, plateau))
    return figure


def _lines(ax: Axes, sweep: pd.DataFrame, knob: str, looks: dict[str, tuple[str, dict[str, Any]]]) -> None:
    for column, (name, look) in looks.items():
        if column in sweep:
            ax.plot(sweep[knob], sweep[column], label=name, **look)


def _mark(ax: Axes, known: pd.Series, plateau: tuple[float, float] | None) -> None:
    if plateau is not None:
        ax.axvspan(*plateau, color=PALE, alpha=0.5, lw=0)
        ax.axvline(sum(plateau) / 2, color=GREY, lw=1.2, label="suggested")
    if len(known):
        best = known.index.to_numpy(float)[known.argmax()]
        ax.axvline(best, color=GREY, lw=0.9, ls=(0, (2, 2)), label="best pair F1")


def _claim(table: pd.DataFrame, known: pd.Series, knob: str, plateau: tuple[float, float] | None) -> str:
    clusters = table.set_index(knob)["clusters"]
    if not clusters.any():
        return f"No value of {knob} makes a cluster"
    if plateau is None and known.empty:
        return f"Most clusters, {clusters.max():.0f}, at {knob} = {clusters.idxmax():g}"
    if plateau is None:
        return f"Pair F1 is best at {knob} = {known.idxmax():g}: {known.max():.0%}"
    middle = sum(plateau) / 2
    if known.empty:
        return f"{knob} = {middle:.3g} is suggested, the middle of the plateau"
    share = np.interp(middle, known.index.to_numpy(float), known.to_numpy(float)) / known.max()
    return f"{knob} = {middle:.3g} is suggested and gets {share:.0%} of the best pair F1"
