"""Pictures of Pos-distr and Neg-distr: once, side by side, over the epochs, and as a film.

A network ranks well when the distances inside a person are smaller than the distances between
people. Where the two distributions overlap, no threshold can tell a Pos pair from a Neg pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from matplotlib.animation import PillowWriter
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reidkit.errors import ReidkitError
from reidkit.plots.pairs import Cameras, Curve, Pairs, curves, over_epochs, spread
from reidkit.plots.style import GREY, INK, NEG, PALE, POS, canvas, headed, style, target

if TYPE_CHECKING:
    from reidkit.engine.record import Record

_SMOOTH = 0.012  # Gaussian blur of the drawn curves, in distance units (about one bin)
_WHOSE = {"identity": "true identities", "pseudo": "pseudo-labels"}
_NAMES = {
    "identity": ("Pos: same person", "Neg: other people"),
    "pseudo": ("Pos: same label", "Neg: other labels"),
}
_CAMERAS = {"all": "", "same": ", same camera", "cross": ", two cameras"}


class Separation(Protocol):
    """What is stated beside the curves; ``reidkit.distances`` computes it exactly."""

    @property
    def overlap(self) -> float: ...
    @property
    def d_prime(self) -> float: ...


def plot_pairs(
    pairs: pd.DataFrame,
    *,
    crops: str = "test",
    ids: str = "identity",
    cameras: Cameras = "all",
    threshold: float | None = None,
    separation: Separation | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw the densities of Pos and Neg distances, with the overlap of the two shaded.

    Args:
        pairs: the pairs table of one epoch (see :func:`reidkit.plots.pairs.curves`).
        crops, ids, cameras: which pairs.
        threshold: a distance; what lies below it is shaded darker, and the share of Pos and of Neg there
            is said. The overlap is then not hatched.
        separation: where overlap and d′ are read from; None computes them from the table's bins.
        title: the default states the overlap and d′.
        ax: where to draw; None makes a new figure.

    Returns:
        The figure. Both curves have area 1, however many pairs they stand for.
    """
    both = curves(pairs, crops=crops, ids=ids, cameras=cameras)
    stated = both if separation is None else separation
    figure, ax = target(ax, size=(6.4, 3.2))
    with style():
        _fill(ax, both, ids, hatch=threshold is None)
        if threshold is not None:
            _mark_threshold(ax, both, threshold)
        claim = f"Pos and Neg share {stated.overlap:.0%} of their area (d′ = {stated.d_prime:.2f})"
        _distance_axis(ax, both, f"{crops} crops, {_WHOSE[ids]}{_CAMERAS[cameras]}")
        _density_axis(ax)
        headed(ax, title or claim, columns=3 if threshold is None else 2)
    return figure


def compare_pairs(
    tables: Mapping[str, pd.DataFrame],
    *,
    crops: str = "test",
    ids: str = "identity",
    cameras: Cameras = "all",
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw two epochs, or two runs, on the same axes: the first dashed, the second filled.

    Args:
        tables: two pairs tables by name, before and after.
        crops, ids, cameras: which pairs.

    Raises:
        ReidkitError: there are not exactly two tables.

    Returns:
        The figure; its title states both overlaps.
    """
    if len(tables) != 2:
        raise ReidkitError(f"Got {len(tables)} tables ({', '.join(tables)}): compare exactly two.")
    (old, before), (new, after) = (
        (name, curves(table, crops=crops, ids=ids, cameras=cameras)) for name, table in tables.items()
    )
    figure, ax = target(ax, size=(6.4, 3.2))
    with style():
        _fill(ax, after, ids, suffix=f", {new}")
        for curve, colour, kind in ((before.pos, POS, "Pos"), (before.neg, NEG, "Neg")):
            drawn = curve.smoothed(_SMOOTH)
            ax.plot(curve.centre, drawn, color=colour, ls=(0, (4, 2)), label=f"{kind}, {old}")
        _distance_axis(ax, after, f"{crops} crops, {_WHOSE[ids]}{_CAMERAS[cameras]}")
        _density_axis(ax)
        claim = f"Pos and Neg overlap: {before.overlap:.0%} {old}, {after.overlap:.0%} {new}"
        headed(ax, title or claim, columns=2)
    return figure


def plot_over_epochs(
    record: Record,
    *,
    crops: str = "test",
    ids: str = "identity",
    cameras: Cameras = "all",
    rows: int = 12,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw one row an epoch, Pos and Neg in each: a ridge plot of the whole training.

    Args:
        record: the run.
        crops, ids, cameras: which pairs.
        rows: at most so many recorded epochs, evenly chosen; the first and the last are among them.

    Returns:
        The figure. Every row has the same scale; the overlap stands at its right end.
    """
    found = over_epochs(record, crops=crops, ids=ids, cameras=cameras)
    epochs = spread(list(found), rows)
    both = [found[epoch] for epoch in epochs]
    figure, ax = target(ax, size=(6.4, 1.1 + 0.42 * len(epochs)))
    highest = max(curve.smoothed(_SMOOTH).max() for pair in both for curve in pair)
    with style():
        for row, pair in enumerate(both):
            names = _NAMES[ids] if row == 0 else (None, None)  # one entry each in the legend
            _ridge_row(ax, pair, base=-row, height=1.35 / highest, names=names)
            ax.text(1.01, -row, f"{pair.overlap:.0%}", transform=ax.get_yaxis_transform())
        ax.text(1.01, 0.7, "overlap", transform=ax.get_yaxis_transform(), color=GREY, size=8)
        ax.set_yticks([-row for row in range(len(epochs))], [f"epoch {e}" for e in epochs])
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        _distance_axis(ax, both[-1], f"{crops} crops, {_WHOSE[ids]}{_CAMERAS[cameras]}")
        ax.set_ylim(-len(epochs) + 0.85, 1.5)
        headed(ax, title or separation_claim(both[0].overlap, both[-1].overlap))
    return figure


def animate(
    record: Record,
    path: str | Path,
    *,
    crops: str = "test",
    ids: str = "identity",
    cameras: Cameras = "all",
    fps: int = 2,
) -> Path:
    """Write a GIF of the two distributions, one frame an epoch, the last one held.

    Args:
        record: the run.
        path: the file to write, ending in ``.gif``.
        crops, ids, cameras: which pairs.
        fps: epochs a second.

    Returns:
        The path that was written. All frames share one scale.
    """
    path = Path(path)
    found = over_epochs(record, crops=crops, ids=ids, cameras=cameras)
    both = list(found.values())
    highest = max(curve.smoothed(_SMOOTH).max() for pair in both for curve in pair)
    figure, axes = canvas(size=(5.6, 3.0))
    ax, writer = axes[0, 0], PillowWriter(fps=fps)
    with style(), writer.saving(figure, str(path), dpi=100):
        for epoch, pair in found.items():
            ax.clear()
            _fill(ax, pair, ids)
            _distance_axis(ax, both[-1], f"{crops} crops, {_WHOSE[ids]}{_CAMERAS[cameras]}")
            _density_axis(ax)
            ax.set_ylim(top=highest * 1.05)
            headed(ax, f"Epoch {epoch}: overlap {pair.overlap:.0%}")
            writer.grab_frame()
        for _ in range(2):
            writer.grab_frame()
    return path


def separation_claim(before: float, after: float) -> str:
    """Say in a sentence what happened to the overlap of Pos and Neg.

    >>> separation_claim(0.52, 0.18)
    'Training pulls Pos and Neg apart: overlap 52% → 18%'
    >>> separation_claim(0.52, 0.53)
    'Pos and Neg hardly move apart: overlap 52% → 53%'
    """
    change = after - before
    verb = "hardly move apart" if abs(change) < 0.02 else "move together"
    what = "Training pulls Pos and Neg apart" if change <= -0.02 else f"Pos and Neg {verb}"
    return f"{what}: overlap {before:.0%} → {after:.0%}"


def _fill(ax: Axes, both: Pairs, ids: str, *, suffix: str = "", hatch: bool = True) -> None:
    pos, neg = both.pos.smoothed(_SMOOTH), both.neg.smoothed(_SMOOTH)
    centre = both.pos.centre
    for drawn, colour, name in zip((pos, neg), (POS, NEG), _NAMES[ids], strict=True):
        ax.fill_between(centre, drawn, color=colour, alpha=0.22, lw=0)
        ax.plot(centre, drawn, color=colour, label=name[:3] + suffix if suffix else name)
    if hatch:
        ax.fill_between(
            centre, np.minimum(pos, neg), facecolor=PALE, edgecolor=GREY, hatch="////", lw=0,
            label=None if suffix else "overlap",
        )  # fmt: skip


def _ridge_row(ax: Axes, both: Pairs, *, base: float, height: float, names: Sequence[str | None]) -> None:
    tops = [base + height * curve.smoothed(_SMOOTH) for curve in both]
    front = 2 - base  # a later row lies in front of the one above it, and hides what is behind
    centre = both.pos.centre
    ax.fill_between(centre, base, np.maximum(*tops), color="white", lw=0, zorder=front)
    for top, colour, name in zip(tops, (POS, NEG), names, strict=True):
        ax.fill_between(centre, base, top, alpha=0.45, lw=0, color=colour, zorder=front)
        ax.plot(centre, top, lw=1.1, color=colour, zorder=front, label=name)
    ax.axhline(base, color=PALE, lw=0.6, zorder=1)


def _mark_threshold(ax: Axes, both: Pairs, threshold: float) -> None:
    kept, let_in = (_share_below(curve, threshold) for curve in both)
    said = f"below {threshold:.2f}: {kept:.0%} of Pos, {let_in:.1%} of Neg"
    for curve, colour in zip(both, (POS, NEG), strict=True):
        below = curve.centre <= threshold
        ax.fill_between(curve.centre[below], curve.smoothed(_SMOOTH)[below], color=colour, alpha=0.5, lw=0)
    ax.axvline(threshold, color=INK, lw=1.4, ls=":", label=said)


def _share_below(curve: Curve, threshold: float) -> float:
    inside = np.clip((threshold - curve.left) / curve.width, 0, 1)
    return float((inside * curve.count).sum() / curve.count.sum())


def _distance_axis(ax: Axes, both: Pairs, whose: str) -> None:
    seen = both.pos.left[(both.pos.count + both.neg.count) > 0]
    ax.set_xlim(0, min(2.0, max(1.0, float(seen.max()) + 0.1)))
    ax.set_xlabel(f"distance of two features ({whose})")


def _density_axis(ax: Axes) -> None:
    """Called when all is drawn: fixing the lower limit ends matplotlib's own choice of the upper."""
    ax.set_ylabel("share of the pairs per unit")
    ax.set_ylim(bottom=0)
