"""Numbers that change with one other number, as lines in the style of the suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reidkit.plots.style import RUNS, headed, style, target

_DASHES = ("-", "--", ":", "-.")  # nobody has to tell colours apart to tell lines apart


def plot_lines(
    table: pd.DataFrame,
    *,
    title: str,
    x: str,
    y: str,
    colours: Mapping[str, str] | Sequence[str] = RUNS,
    ax: Axes | None = None,
) -> Figure:
    """Draw each column of a table as a line over the index.

    Args:
        table: numbers, up to four columns; the names of the columns become the legend.
        title: what the lines show.
        x, y: names of the axes.
        colours: one a column, by its name or in order. Give POS and NEG to columns that are about
            Pos and Neg pairs, and to no others.

    Returns:
        The figure; the y axis begins at 0.
    """
    figure, ax = target(ax, size=(6.0, 3.2))
    with style():
        for place, (name, values) in enumerate(table.items()):
            colour = colours[str(name)] if isinstance(colours, Mapping) else colours[place]
            ax.plot(table.index, values, color=colour, ls=_DASHES[place], label=str(name))
        if pd.api.types.is_integer_dtype(table.index):
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_ylim(bottom=0)
        ax.set(xlabel=x, ylabel=y)
        headed(ax, title, columns=2)
    return figure
