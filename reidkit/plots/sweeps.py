"""What one knob does: pseudo-labels at every eps."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from reidkit.plots.style import GREY, INK, RUNS, canvas, headed, over, style

_QUALITY = {
    "pair_precision": ("pair precision", {"color": RUNS[4], "ls": "--"}),
    "pair_recall": ("pair recall", {"color": RUNS[2], "ls": ":"}),
    "pair_f1": ("pair F1", {"color": INK}),
}


def plot_sweep(sweep: pd.DataFrame, *, knob: str = "eps", title: str | None = None) -> Figure:
    """Draw how many clusters and outliers each value of a knob gives, and how good the labels are.

    Args:
        sweep: one row a value, the value in the index; columns as from
            :func:`reidkit.labels.label_quality`: ``clusters, outliers, people, pair_precision,
            pair_recall, pair_f1``.
        knob: what the values are.
        title: the default names the value with the best pair F1.

    Returns:
        The figure. The best pair F1 is marked in both panels; it is known only because the true
        identities are.
    """
    figure, axes = canvas(1, 2, size=(8.6, 3.3))
    with style():
        _counts(axes[0, 0], sweep)
        for column, (name, look) in _QUALITY.items():
            axes[0, 1].plot(sweep.index, sweep[column], label=name, **look)
        axes[0, 1].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        headed(axes[0, 1], "Right pairs (true identities)")
        known = sweep["pair_f1"].dropna()
        for ax in axes[0]:
            ax.set_ylim(bottom=0)
            ax.set_xlabel(knob)
            if len(known):
                ax.axvline(known.idxmax(), color=GREY, lw=0.9, ls=(0, (2, 2)))
        over(figure, title or _claim(known, knob))
    return figure


def _counts(ax: Axes, sweep: pd.DataFrame) -> None:
    ax.plot(sweep.index, sweep["clusters"], color=RUNS[1], label="clusters")
    ax.plot(sweep.index, sweep["outliers"], color=RUNS[3], label="outliers")
    ax.axhline(sweep["people"].iloc[0], color=INK, lw=0.9, ls=":", label="true people")
    headed(ax, "How many")


def _claim(known: pd.Series, knob: str) -> str:
    if known.empty:
        return f"No value of {knob} makes a cluster"
    return f"Pair F1 is best at {knob} = {known.idxmax():g}: {known.max():.0%}"
