"""Several ways of training side by side, with their spread over the seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reidkit.plots.style import GREY, INK, PALE, Picture, canvas, over, palette, style

_PANELS = {
    "mAP": "mAP: more is better",
    "overlap": "overlap: less is better",
    "pair_f1": "label F1: more is better",
}

_MARKERS = "os^DvPX<>*"  # nobody has to tell colours apart


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


def plot_differences(differences: pd.DataFrame, *, name: str = "mAP", title: str | None = None) -> Picture:
    """Draw what each run gains over another one: a small dot a seed, the mean, and its interval.

    Args:
        differences: from :func:`reidkit.comparison.paired_differences`; one row a run.
        name: of the figure that is compared, for the axis.
        title: the default counts the runs whose interval lies off 0.
    """
    figure, axes = canvas(size=(6.8, 1.2 + 0.36 * len(differences)))
    ax, seeds = axes[0, 0], [c for c in differences if c not in ("against", "mean", "low", "high")]
    sure = (differences["low"] > 0) | (differences["high"] < 0)
    with style():
        ax.axvline(0, color=PALE, lw=1.2, zorder=0)
        for place, (row, known) in enumerate(zip(differences.to_dict(orient="records"), sure, strict=True)):
            colour = INK if known else GREY
            ax.plot([row["low"], row["high"]], [place, place], color=colour, lw=1.5)
            ax.plot(row["mean"], place, "o", color=colour, ms=6)
            ax.plot([row[seed] for seed in seeds], [place + 0.25] * len(seeds), ".", color=colour, ms=4)
        names = [f"{run}  −  {base}" for run, base in differences["against"].items()]
        ax.set_yticks(range(len(names)), names)
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_xlabel(f"difference in {name}, same seed and town")
        claim = f"{sure.sum()} of {len(sure)} differences are larger than chance explains (95 %)"
        over(figure, title or claim)
    return figure


def plot_scatter(table: pd.DataFrame, x: str, y: str, *, title: str | None = None) -> Picture:
    """Draw two figures of every run against each other, a dot a run and seed.

    Args:
        table: from :func:`reidkit.comparison.compare`; rows without one of the two are left out.
        x, y: columns.
        title: the default states how well the ranks agree (Spearman; 1 is the same order, -1 the reverse).
    """
    known = table.dropna(subset=[x, y])
    figure, axes = canvas(size=(7.2, 3.6))
    with style():
        for place, (run, colour) in enumerate(palette(table["run"].unique()).items()):
            rows, look = known[known["run"] == run], _MARKERS[place % len(_MARKERS)]
            axes[0, 0].plot(rows[x], rows[y], look, color=colour, ms=5, alpha=0.85, label=str(run))
        axes[0, 0].set(xlabel=x, ylabel=y)
        axes[0, 0].legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
        agreement = known[x].corr(known[y], method="spearman")
        over(figure, title or f"{y} against {x}: rank correlation {agreement:.2f} over {len(known)} runs")
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
