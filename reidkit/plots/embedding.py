"""Maps: every crop a dot on the plane, near its neighbours, with some of the crops shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reidkit.errors import ReidkitError
from reidkit.plots.sheet import Crops, framed, pick
from reidkit.plots.style import GREY, Picture, over, palette, style, target

_MARGIN = 0.08  # white space around a map, as a share of its longer side


def plot_map(
    xy: np.ndarray,
    *,
    colour_by: Sequence | np.ndarray | pd.Series | None = None,
    name: str = "",
    crops: Crops | None = None,
    thumbnails: int = 36,
    size: float = 0.05,
    entries: int = 9,
    colours: Mapping | None = None,
    extent: tuple[float, float, float, float] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw a map of the crops, coloured by a column, with some crops as thumbnails.

    Args:
        xy: (N, 2) float, from :func:`reidkit.projection.project`.
        colour_by: (N,) values. Whole numbers and words are categories (-1: an outlier, pale grey;
            missing: grey); floats are a scale with a colour bar.
        name: what ``colour_by`` is, as "pseudo-label".
        crops: N paths or uint8 pixels; None draws dots only.
        thumbnails: at most so many, well spread; none hides another.
        size: width of a thumbnail, as a share of the map's longer side.
        entries: categories in the legend, the largest first; the others are counted.
        colours: a colour by category, to keep several maps alike; None picks them.
        extent: (x low, x high, y low, y high), to keep several maps alike; None fits the points.

    Returns:
        The figure. Both axes have the same scale, and no ticks: only nearness means something.
    """
    xy = check_xy(xy, colour_by)
    if ax is None:
        figure, axes = _square_canvas(1, side=5.0, photo=crops is not None)
        ax = axes[0]
    else:
        figure, _ = target(ax)
    extent = extent or extent_of([xy])
    with style():
        shades = _scatter(ax, xy, colour_by, name, entries, colours)
        ax.set(xticks=[], yticks=[])
        for spine in ax.spines.values():
            spine.set_visible(False)
        if crops is not None:
            width = size * max(extent[1] - extent[0], extent[3] - extent[2])
            _thumbnails(ax, xy, crops, shades, spread_out(xy, thumbnails, width), width)
            if isinstance(figure, Picture):
                figure.photo = True
        ax.set(xlim=extent[:2], ylim=extent[2:], aspect="equal")
        ax.set_title(title or f"{len(xy)} crops, near where their features are near")
    return figure


def plot_maps(
    layouts: Mapping[str, np.ndarray],
    *,
    colour_by: Mapping[str, Sequence | np.ndarray | pd.Series] | None = None,
    name: str = "",
    crops: Crops | None = None,
    thumbnails: int = 24,
    size: float = 0.06,
    title: str | None = None,
) -> Figure:
    """Draw the maps of several epochs side by side, with the same axes and the same colours.

    Args:
        layouts: (N, 2) float by title, from :func:`reidkit.projection.project_epochs`.
        colour_by: (N,) values by the same titles; None leaves the dots grey.
        name, crops, thumbnails, size: as in :func:`plot_map`.
        title: over all maps.
    """
    extent = extent_of(list(layouts.values()))
    values = [pd.Series(list(v)) for v in (colour_by or {}).values()]
    shared = palette(pd.concat(values).dropna()) if values and not _scale(values[0]) else None
    figure, axes = _square_canvas(len(layouts), side=4.0, photo=crops is not None)
    for ax, (heading, xy) in zip(axes, layouts.items(), strict=True):
        plot_map(
            xy, colour_by=None if colour_by is None else colour_by[heading], name=name, crops=crops,
            thumbnails=thumbnails, size=size, entries=6, colours=shared, extent=extent,
            title=heading, ax=ax,
        )  # fmt: skip
    if title:
        over(figure, title)
    return figure


def _square_canvas(columns: int, *, side: float, photo: bool) -> tuple[Figure, np.ndarray]:
    """A row of exactly square axes, ``side`` inches wide, with room for titles and legends.

    Laid out by hand: matplotlib's constrained layout gives the titles and legends of axes of a
    fixed shape too little room.
    """
    gap, above, below = 0.25, 0.7, 0.95  # inches
    width, height = columns * (side + gap) + gap, above + side + below
    with style():
        figure = Picture(figsize=(width, height))
        figure.photo = photo
        axes = figure.subplots(1, columns, squeeze=False)
        figure.subplots_adjust(
            left=gap / width, right=1 - gap / width, bottom=below / height,
            top=1 - above / height, wspace=gap / side,
        )  # fmt: skip
    return figure, axes[0]


def extent_of(layouts: Sequence[np.ndarray]) -> tuple[float, float, float, float]:
    """A square that holds all layouts with a margin: (x low, x high, y low, y high)."""
    points = np.concatenate(layouts)
    low, high = points.min(axis=0), points.max(axis=0)
    half = (0.5 + _MARGIN) * max(float((high - low).max()), 1e-6)
    x, y = (low + high) / 2
    return float(x - half), float(x + half), float(y - half), float(y + half)


def spread_out(xy: np.ndarray, count: int, width: float) -> np.ndarray:
    """Choose points so that boxes of ``width`` × 2 ``width`` centred on them do not touch.

    Starts near the middle and goes on with the point farthest from all chosen ones (Gonzalez 1985,
    farthest-first traversal), skipping those whose box would touch one that is there.

    Returns:
        (n,) int64, n ≤ ``count``.

    >>> spread_out(np.array([[0.0, 0.0], [0.1, 0.0], [5.0, 0.0]]), 3, 1.0)
    array([1, 2])
    """
    scaled = xy / np.array([width, 2 * width])
    free = np.ones(len(xy), dtype=bool)
    away = -np.abs(scaled - np.median(scaled, axis=0)).max(axis=1)
    chosen: list[int] = []
    while free.any() and len(chosen) < count:
        best = int(np.where(free, away, -np.inf).argmax())
        gap = np.abs(scaled - scaled[best]).max(axis=1)
        away = gap if not chosen else np.minimum(away, gap)
        free &= gap > 1.1
        chosen.append(best)
    return np.array(chosen, dtype=np.int64)


def check_xy(xy: np.ndarray, colour_by: Sequence | np.ndarray | pd.Series | None) -> np.ndarray:
    """Return ``xy`` as an array, or say what is wrong with it or with the colours."""
    xy = np.asarray(xy, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or len(xy) == 0:
        raise ReidkitError(f"A map of shape {xy.shape}: expected one (x, y) a crop, (N, 2).")
    if colour_by is not None and len(colour_by) != len(xy):
        raise ReidkitError(f"{len(colour_by)} values to colour {len(xy)} crops by: give one a crop.")
    return xy


def _scale(values: pd.Series) -> bool:
    return pd.api.types.is_float_dtype(values)


def _scatter(
    ax: Axes,
    xy: np.ndarray,
    colour_by: Sequence | np.ndarray | pd.Series | None,
    name: str,
    entries: int,
    colours: Mapping | None,
) -> np.ndarray:
    """Draw the dots; returns the colour of each, (N,) str or (N, 4) float."""
    dot = float(np.clip(9000 / len(xy), 3, 22))
    if colour_by is None:
        ax.scatter(xy[:, 0], xy[:, 1], color=GREY, s=dot, lw=0)
        return np.full(len(xy), GREY, dtype=object)
    values = pd.Series(list(colour_by))
    if _scale(values):
        drawn = ax.scatter(xy[:, 0], xy[:, 1], c=values, cmap="cividis", s=dot, lw=0)
        ax.figure.colorbar(drawn, ax=ax, label=name, shrink=0.7)
        return drawn.to_rgba(values.to_numpy())
    chosen = colours or palette(values.dropna())
    shades = values.map(chosen).fillna(GREY).to_numpy(dtype=object)
    outlier = (values == -1).fillna(False).to_numpy(dtype=bool)
    groups = [rows for rows in (outlier, ~outlier) if rows.any()]  # outliers first: they lie below
    for rows in groups:
        ax.scatter(xy[rows, 0], xy[rows, 1], c=list(shades[rows]), s=dot, lw=0)
    _legend(ax, values, chosen, name, entries)
    return shades


def _legend(ax: Axes, values: pd.Series, colours: Mapping, name: str, entries: int) -> None:
    counts = values.value_counts().drop(-1, errors="ignore")
    lines = [(colours[value], f"{value} ({n})") for value, n in counts.iloc[:entries].items()]
    rest = counts.iloc[entries:]
    if len(rest):
        lines.append((None, f"{len(rest)} more ({rest.sum()})"))
    if outliers := int((values == -1).sum()):
        lines.append((colours[-1], f"outliers ({outliers})"))
    if unknown := int(values.isna().sum()):
        lines.append((GREY, f"unknown ({unknown})"))
    dots = [
        Line2D([], [], ls="", marker="o" if colour else "", ms=5, color=colour or GREY, label=text)
        for colour, text in lines
    ]
    ax.legend(
        handles=dots, title=f"{name} (crops)" if name else None, title_fontsize=8, alignment="left",
        loc="upper left", bbox_to_anchor=(0.0, 0.0), ncols=3, borderaxespad=0.2, borderpad=0,
        handletextpad=0.1, columnspacing=1.0,
    )  # fmt: skip


def _thumbnails(
    ax: Axes, xy: np.ndarray, crops: Crops, shades: np.ndarray, chosen: np.ndarray, width: float
) -> None:
    for (x, y), picture, i in zip(xy[chosen], pick(crops, chosen), chosen, strict=True):
        box = (x - width / 2, x + width / 2, y - width, y + width)
        ax.imshow(framed(picture, shades[i]), extent=box, zorder=3, aspect="auto")
