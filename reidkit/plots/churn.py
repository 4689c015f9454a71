"""How much the clustering changed from epoch to epoch."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from reidkit.errors import ReidkitError
from reidkit.labels import label_quality
from reidkit.labels.clustering import OUTLIER
from reidkit.labels.lineage import Lineage
from reidkit.plots.style import GREY, INK, NEG, headed, style, target

_ENDS = {"merged": ("#009E73", ""), "split": ("#CC79A7", "///"), "died": (GREY, "...")}


def plot_churn(
    lineage: Lineage,
    *,
    pids: ArrayLike | pd.Series | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw how much the clustering changed from epoch to epoch: the churn, and which clusters ended, and how.

    Args:
        lineage: the labels of at least two epochs.
        pids: (N,) true people, for judging; adds which share of the pairs in the clusters is wrong. Low churn
            with many wrong pairs means that training has settled on its own mistakes.
        title: the default says how the churn went.

    Raises:
        ReidkitError: one epoch only.
    """
    if len(lineage.epochs) < 2:
        raise ReidkitError("Only one epoch has labels: nothing became of its clusters yet.")
    told, epochs = lineage.summary(), lineage.epochs
    before = [len(np.unique(lines[lines != OUTLIER])) for lines in lineage.lines.values()][:-1]
    figure, ax = target(ax, size=(6.4, 2.6))
    x, base = np.arange(1, len(epochs)), np.zeros(len(told))
    with style():
        ax.plot(x, told["churn"], color=INK, marker="o", ms=4, label="churn: pairs that changed")
        if pids is not None:
            wrong = [wrong_pairs(lineage, epoch, pids) for epoch in epochs]
            look = {"color": NEG, "ls": "--", "marker": "s", "ms": 3.5}
            ax.plot(range(len(epochs)), wrong, label="wrong pairs (true identities)", **look)  # type: ignore[arg-type]
        for kind, (colour, hatch) in _ENDS.items():
            share = told[kind].to_numpy() / np.maximum(before, 1)
            ax.bar(
                x, share, 0.3, base, color=colour, hatch=hatch, alpha=0.55, lw=0, label=f"clusters: {kind}"
            )
            base = base + share
        ax.set(ylim=(0, 1.02), xlim=(-0.12, len(epochs) - 0.82), xlabel="epoch")
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.set_xticks(range(len(epochs)), [str(epoch) for epoch in epochs])
        ends = told["churn"].iloc[[0, -1]]
        claim = f"Churn: {ends.iloc[0]:.0%} → {ends.iloc[1]:.0%}"
        headed(ax, claim if title is None else title, columns=5 if figure.get_figwidth() > 9 else 3)
    return figure


def wrong_pairs(lineage: Lineage, epoch: int, pids: ArrayLike | pd.Series) -> float:
    """The share of the pairs within clusters that are two people."""
    return 1 - label_quality(lineage.labels[epoch], pids, ami=False)["pair_precision"]
