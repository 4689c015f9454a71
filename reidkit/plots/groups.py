"""One number a crop, a row a group: what is unlike the rest of its group stands aside."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from reidkit.errors import ReidkitError
from reidkit.plots.style import GREY, INK, RUNS, headed, style, target


def plot_groups(
    values: ArrayLike,
    groups: ArrayLike,
    *,
    title: str,
    x: str,
    y: str,
    marked: Mapping[str, ArrayLike] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw a dot a crop: a number to the right, its group as the row.

    Within a row, dots are spread a little, in the order of the crops, so that they do not hide each other. A
    short line marks the median of each group.

    Args:
        values: (N,) numbers; NaN is left out.
        groups: (N,) integers, such as camera numbers; each becomes a row, the smallest on top.
        title: what the figure shows.
        x: what the number is.
        y: what a group is.
        marked: up to three {name: mask (N,)} of crops in a colour of their own.

    Raises:
        ReidkitError: lists of different length.
    """
    numbers, rows = np.asarray(values, np.float64), np.asarray(groups)
    masks = {name: np.asarray(mask, bool) for name, mask in (marked or {}).items()}
    if lengths := [len(some) for some in (rows, *masks.values()) if len(some) != len(numbers)]:
        raise ReidkitError(f"{len(numbers)} values, but {lengths[0]} of another list: give one each a crop.")
    names, places = np.unique(rows, return_inverse=True)
    figure, ax = target(ax, size=(6.4, 0.9 + 0.38 * len(names)))
    heights = places + 0.5 * (_spread(places) - 0.5)
    plain = ~np.logical_or.reduce([*masks.values(), np.zeros(len(numbers), bool)])
    with style():
        ax.scatter(numbers[plain], heights[plain], s=7, color=GREY, alpha=0.6, lw=0)
        for colour, (name, mask) in zip(RUNS[1:], masks.items(), strict=False):
            ax.scatter(numbers[mask], heights[mask], s=9, color=colour, lw=0, label=name)
        for place in range(len(names)):
            if np.isfinite(mine := numbers[places == place]).any():
                ax.vlines(np.nanmedian(mine), place - 0.38, place + 0.38, color=INK, lw=1.4)
        ax.set_yticks(range(len(names)), [str(name) for name in names])
        ax.set(xlabel=x, ylabel=y, ylim=(len(names) - 0.4, -0.6))
        headed(ax, title)
    return figure


def _spread(places: np.ndarray) -> np.ndarray:
    """Return for each crop a number from 0 to 1: how far down its group's list it stands."""
    result = np.zeros(len(places))
    for place in np.unique(places):
        mine = np.flatnonzero(places == place)
        result[mine] = (np.arange(len(mine)) + 0.5) / len(mine)
    return result
