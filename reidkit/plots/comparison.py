"""Several ways of training side by side, with their spread over the seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reidkit.plots.style import GREY, INK, PALE, Picture, canvas, over, style

_PANELS = {
    "mAP": "mAP: more is better",
    "overlap": "overlap: less is better",
    "pair_f1": "label F1: more is better",
}


def plot_comparison(
    table: pd.DataFrame, *, figures: Sequence[str] = tuple(_PANELS), title: str | None = None
) -> Picture:
    """Draw each run of a comparison as a row: a dot a seed, a bar for mean ± one standard deviation.

    Args:
        table: one row a seed and run; columns "run" and the figures, from :func:`reidkit.comparison.compare`.
        figures: columns, one panel each.
        title: the default names the run with the best mean of the first figure.

    Returns:
        The figure; the first run of the table (direct transfer) is on top, and the mean of the second goes
        through all rows as a line.
    """
    runs = list(table["run"].unique())
    figure, axes = canvas(1, len(figures), size=(9.6, 1.2 + 0.32 * len(runs)), sharey=True)
    with style():
        for ax, name in zip(axes[0], figures, strict=True):
            _panel(ax, table, runs, name)
        axes[0, 0].set_yticks(range(len(runs)), runs)
        axes[0, 0].set_ylim(len(runs) - 0.5, -0.5)
        over(figure, title or _claim(table, figures[0]))
    return figure


def _panel(ax: Axes, table: pd.DataFrame, runs: list[str], name: str) -> None:
    reference = table.loc[table["run"] == runs[min(1, len(runs) - 1)], name].mean()
    ax.axvline(reference, color=PALE, lw=1.2, zorder=0)
    for place, run in enumerate(runs):
        values = table.loc[table["run"] == run, name].dropna().to_numpy()
        if not len(values):
            continue
        colour = GREY if place == 0 else INK
        spread = values.std(ddof=1) if len(values) > 1 else 0.0
        ax.errorbar(values.mean(), place, xerr=spread, color=colour, fmt="o", ms=6, capsize=3, lw=1.5)
        ax.plot(values, np.full(len(values), place + 0.25), ".", color=colour, ms=4, alpha=0.6)
    ax.set_title(_PANELS.get(name, name))
    ax.margins(x=0.08)


def _claim(table: pd.DataFrame, name: str) -> str:
    means = table.groupby("run", sort=False)[name].mean()
    seeds = table["seed"].nunique()
    return f"{means.idxmax()} has the best {name}: {means.max():.3f} over {seeds} seed{'s' * (seeds > 1)}"
