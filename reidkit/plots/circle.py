"""Toy pictures: a handful of features in the plane, where unit vectors lie on a circle.

With two dimensions everything that happens to features can be seen: who is whose neighbour, and where a
centroid moves when it meets a crop, and who pulls a feature where.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reidkit.errors import ReidkitError
from reidkit.plots.style import GREY, INK, NEG, PALE, POS, headed, palette, style, target

_MARGIN = 0.14  # white space around the points, in radii
_WHOLE = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
_ROLES = {"own": ("its own row", INK), "positive": ("positive", POS), "negative": ("negative", NEG)}


def plot_neighbour_lists(
    points: np.ndarray,
    neighbours: np.ndarray,
    *,
    names: Sequence[str],
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw an arrow from each point to every neighbour it names; lines both name are drawn bold.

    Args:
        points: (N, 2) float, unit rows.
        neighbours: (N, k) int, as :func:`reidkit.neighbours.nearest` gives them; the point itself may
            be among them.
        names: N short texts, written beside the points.
        title: the default counts the pairs that name each other.
    """
    points = _in_the_plane(points)
    named = {(i, int(j)) for i, row in enumerate(neighbours) for j in row if i != j}
    mutual = {(i, j) for i, j in named if (j, i) in named}
    figure, ax = target(ax, size=(5.6, 4.2))
    with style():
        _circle(ax, points)
        for i, j in sorted(named):
            if (i, j) not in mutual:
                _arrow(ax, points[i], points[j], "-|>", color=GREY, ls=(0, (3, 2)), lw=1.2)
            elif i < j:
                _arrow(ax, points[i], points[j], "<|-|>", color=INK, lw=2.2)
        for point, name in zip(points, names, strict=True):
            _dot(ax, point, name)
        ax.add_line(Line2D([], [], color=INK, lw=2.2, label="name each other"))
        ax.add_line(Line2D([], [], color=GREY, lw=1.2, ls="--", label="not named back"))
        headed(ax, title or f"{len(mutual) // 2} of {len(mutual) // 2 + len(named - mutual)} ties are mutual")
    return figure


def plot_centroids(
    samples: np.ndarray,
    labels: np.ndarray,
    centroids: np.ndarray,
    *,
    names: Sequence[str],
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw samples as dots and centroids as diamonds, each in the colour of its cluster.

    Args:
        samples: (S, 2) float, unit rows.
        labels: (S,) int, the cluster of each sample: a row of ``centroids``.
        centroids: (K, 2) float, unit rows.
        names: S short texts, written beside the samples.
    """
    samples, centroids = _in_the_plane(samples), _in_the_plane(centroids)
    colours = palette(range(len(centroids)))
    figure, ax = target(ax, size=(4.6, 4.6))
    with style():
        _circle(ax, _WHOLE)
        for cluster, (x, y) in enumerate(centroids):
            ax.plot(x, y, "D", color=colours[cluster], ms=11, mec=INK, zorder=2, label=f"centroid {cluster}")
        for sample, label, name in zip(samples, labels, names, strict=True):
            _dot(ax, sample, name, color=colours[int(label)])
        headed(ax, title or f"{len(samples)} samples and the centroids of their clusters")
    return figure


def plot_centroid_steps(
    samples: np.ndarray, steps: np.ndarray, *, title: str | None = None, ax: Axes | None = None
) -> Figure:
    """Draw how a centroid moves while it meets the samples of its cluster: the circle, unrolled.

    Args:
        samples: (S, 2) float, unit rows, in the order in which the centroid meets them.
        steps: (S + 1, 2) float, the centroid before the first sample, then after each.
        title: the default says how near the last sample the centroid ends.

    Returns:
        The figure: samples from left to right, angles upwards.
    """
    samples, steps = _in_the_plane(samples), _in_the_plane(steps)
    if len(steps) != len(samples) + 1:
        raise ReidkitError(f"{len(samples)} samples make {len(samples) + 1} steps, not {len(steps)}.")
    met, moved = _angles(samples), _angles(steps)
    figure, ax = target(ax, size=(4.6, 3.0))
    with style():
        ax.plot(range(len(steps)), moved, color=INK, marker="D", ms=6, label="centroid after the sample")
        ax.plot(range(1, len(steps)), met, "o", ms=8, mfc="white", mec=GREY, mew=2, label="sample")
        ax.set_xticks(range(len(steps)), ["before", *map(str, range(1, len(steps)))])
        ax.set(xlabel="sample of the batch", ylabel="angle in degrees")
        off = abs(met[-1] - moved[-1])
        headed(ax, title or f"The centroid ends {off:.0f}° from the last sample", columns=2)
    return figure


def plot_memory_pulls(
    feature: np.ndarray,
    rows: np.ndarray,
    pulls: np.ndarray,
    *,
    roles: Sequence[str],
    names: Sequence[str],
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw how the rows of a memory pull at a feature: thick lines for strong ones, dashed to push away.

    Args:
        feature: (2,) float, of length 1.
        rows: (M, 2) float, unit rows.
        pulls: (M,) float; the loss moves the feature along the sum of pull times row. Negative: away.
        roles: M of "own", "positive" and "negative", which give the colours.
        names: M short texts, written beside the rows.
        title: the default names the row that pulls or pushes most.

    Raises:
        ReidkitError: points that do not lie on the circle, or a role of another name.
    """
    (feature,), rows = _in_the_plane(np.asarray(feature)[None]), _in_the_plane(rows)
    if unknown := set(roles) - set(_ROLES):
        raise ReidkitError(f"Roles {sorted(unknown)}: use {', '.join(_ROLES)}.")
    pulls, strongest = np.asarray(pulls, dtype=np.float64), int(np.abs(pulls).argmax())
    widths = 0.4 + 7 * np.abs(pulls) / max(float(np.abs(pulls).max()), 1e-12)
    figure, ax = target(ax, size=(4.8, 4.8))
    with style():
        _circle(ax, 1.2 * _WHOLE)
        for row, role, name, pull, width in zip(rows, roles, names, pulls, widths, strict=True):
            colour = _ROLES[role][1]
            dashes = "-" if pull >= 0 else (0, (1.2, 0.8))
            ax.plot(*zip(feature, row, strict=True), color=colour, lw=width, ls=dashes, alpha=0.55, zorder=1)
            ax.plot(*row, "D", color=colour, ms=9, mec=INK, zorder=2)
            side = "center" if abs(row[0]) < 0.3 else "left" if row[0] > 0 else "right"
            ax.text(1.09 * row[0], 1.09 * row[1], name, ha=side, va="center", color=colour, size=9)
        ax.plot(*feature, "o", color="white", mec=INK, mew=2, ms=11, zorder=3, label="the feature")
        for role in [role for role in _ROLES if role in roles]:
            name, colour = _ROLES[role]
            ax.add_line(Line2D([], [], color=colour, marker="D", ls="", label=name))
        ax.add_line(Line2D([], [], color=GREY, lw=3, label="pulls"))
        ax.add_line(Line2D([], [], color=GREY, lw=3, ls=(0, (1.2, 0.8)), label="pushes away"))
        verb = "pulls" if pulls[strongest] > 0 else "pushes"
        headed(ax, title or f"{names[strongest]} {verb} most")
    return figure


def _angles(points: np.ndarray) -> np.ndarray:
    """Return the angle of each point in degrees, without jumps from one point to the next."""
    return np.degrees(np.unwrap(np.arctan2(points[:, 1], points[:, 0])))


def _in_the_plane(points: np.ndarray) -> np.ndarray:
    points = np.asarray(points, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or np.abs(np.linalg.norm(points, axis=1) - 1).max() > 1e-3:
        raise ReidkitError(f"Points of shape {points.shape}: expected unit rows in the plane, (N, 2).")
    return points


def _circle(ax: Axes, points: np.ndarray) -> None:
    """Draw the unit circle and look at the part of it where the points are."""
    turn = np.linspace(0, 2 * np.pi, 361)
    ax.plot(np.cos(turn), np.sin(turn), color=PALE, lw=1, zorder=0)
    low, high = points.min(axis=0) - _MARGIN, points.max(axis=0) + _MARGIN
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    ax.set_axis_off()


def _dot(ax: Axes, point: np.ndarray, name: str, *, color: str = INK) -> None:
    x, y = point
    ax.plot(x, y, marker="o", ms=7, color=color, zorder=3)
    ax.text(1.07 * x, 1.07 * y, name, ha="center", va="center", color=color, size=10)


def _arrow(ax: Axes, start: np.ndarray, end: np.ndarray, kind: str, **look: Any) -> None:
    """Draw an arrow that bows towards the middle of the circle, past points that lie between."""
    bend = -0.25 * np.sign(start[0] * end[1] - start[1] * end[0])
    properties = {"arrowstyle": kind, "connectionstyle": f"arc3,rad={bend}", "shrinkA": 5, "shrinkB": 5}
    ax.annotate("", xy=(end[0], end[1]), xytext=(start[0], start[1]), arrowprops=properties | look)
