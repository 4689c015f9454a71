"""Pos and Neg in Jaccard distance, where most pairs stand at exactly 1."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from reidkit.errors import ReidkitError
from reidkit.plots.style import NEG, POS, headed, style, target

_BINS = 20  # between 0 and 1


def plot_jaccard_pairs(
    distances: np.ndarray, same: np.ndarray, *, title: str | None = None, ax: Axes | None = None
) -> Figure:
    """Draw the Jaccard distances of Pos and of Neg pairs, with a place of its own for exactly 1.

    A density would hide that place: it has no width, and holds most of the pairs.

    Args:
        distances: (P,) float in [0, 1].
        same: (P,) bool, True where both crops show the same person.
        title: the default says how many pairs of each kind stand at 1.

    Returns:
        The figure; the bars of each kind add up to 100 %.
    """
    distances, same = np.asarray(distances), np.asarray(same, dtype=bool)
    if distances.shape != same.shape or same.all() or not same.any():
        raise ReidkitError(
            f"{len(distances)} distances, {same.sum()} Pos of {len(same)} pairs: give one answer a distance, "
            "and both kinds of pairs."
        )
    edges = np.linspace(0, 1, _BINS + 1)
    figure, ax = target(ax, size=(6.4, 3.0))
    at_one = {}
    with style():
        for kind, chosen, colour, shift in (("Pos", same, POS, 0.0), ("Neg", ~same, NEG, 0.5)):
            values = distances[chosen]
            shares = np.histogram(values[values < 1], edges)[0] / len(values)
            at_one[kind] = float((values >= 1).mean())
            left = np.append(edges[:-1], 1.02) + shift / _BINS
            ax.bar(left, np.append(shares, at_one[kind]), 0.5 / _BINS, align="edge", color=colour, label=kind)
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1.045], ["0", "0.25", "0.5", "0.75", "exactly 1"])
        ax.set_xlabel("Jaccard distance (true identities)")
        ax.set_ylabel("share of the pairs")
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        said = f"{at_one['Pos']:.0%} of Pos and {at_one['Neg']:.0%} of Neg share no neighbour at all"
        headed(ax, title or said)
    return figure
