"""The two Gaussians that GDS keeps of Pos-distr and Neg-distr: as bells, as what they pull on, over time.

A Gaussian of both is four numbers. They come under the names that a run records after every batch:
``gds_pos_mean, gds_pos_std, gds_neg_mean, gds_neg_std``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from reidkit.errors import ReidkitError
from reidkit.plots.style import GREY, INK, NEG, POS, headed, style, target

_KINDS = (("pos", "Pos", POS), ("neg", "Neg", NEG))
_NAMES = tuple(f"gds_{kind}_{number}" for kind, _, _ in _KINDS for number in ("mean", "std"))


def plot_bells(
    gaussians: Mapping[str, float], *, kappa: float = 0.0, title: str | None = None, ax: Axes | None = None
) -> Figure:
    """Draw the two Gaussians as bells, with the point of each that is held against the other.

    That point lies ``kappa`` standard deviations from the mean, on the side of the other bell. Where Pos's is
    to the right of Neg's, the two tails meet, and the hard term of GDS pulls at more than half its strength.

    Args:
        gaussians: the four numbers, as :meth:`reidkit.losses.GlobalDistanceSeparation.gaussians` gives them.
        kappa: 0 marks the means.
        title: the default says how far Pos's point lies from Neg's.
        ax: where to draw, over what is there already (:func:`reidkit.plots.plot_pairs`, say).

    Raises:
        ReidkitError: one of the four numbers is missing, or is not a number.
    """
    four = _four(pd.DataFrame([dict(gaussians)])).iloc[0]
    figure, ax = target(ax, size=(6.4, 3.0))
    points = []
    with style():
        for (kind, name, colour), side in zip(_KINDS, (1, -1), strict=True):
            mean, std = four[f"gds_{kind}_mean"], four[f"gds_{kind}_std"]
            x = np.linspace(max(mean - 4 * std, 0), min(mean + 4 * std, 2), 400)
            ax.plot(x, norm.pdf(x, mean, std), color=colour, ls="--", label=f"{name} as a Gaussian")
            points.append(mean + side * kappa * std)
            _arm(ax, mean, points[-1], norm.pdf(0) / std / 3, colour)
        ax.set_ylim(0, 1.05 * ax.dataLim.y1)
        gap = points[1] - points[0]
        where = f"{abs(gap):.2f} {'left' if gap > 0 else 'right'} of Neg's"
        headed(ax, title or f"At κ = {kappa:g} Pos's mark lies {where}", columns=2)
        ax.set_xlabel(ax.get_xlabel() or "distance of two features")
    return figure


def plot_pulls(positive: np.ndarray, negative: np.ndarray, *, title: str, ax: Axes | None = None) -> Figure:
    """Draw every pair at its distance, nearest at the bottom, with an arrow that says where a loss moves it.

    Args:
        positive, negative: (P, 2) and (N, 2) float: the distance of each pair, and what it changes by.
        title: what the arrows show.
    """
    figure, ax = target(ax, size=(4.6, 3.2))
    with style():
        for pairs, (_, name, colour) in zip((positive, negative), _KINDS, strict=True):
            start, change = np.asarray(pairs, dtype=float)[np.argsort(np.asarray(pairs)[:, 0])].T
            rank = (np.arange(len(start)) + 0.5) / len(start)
            ax.plot(start, rank, ls="none", marker="o", ms=4, color=colour, label=f"{name} pairs")
            ax.quiver(
                start, rank, change, np.zeros_like(change), color=colour, angles="xy", scale_units="xy",
                scale=1, width=0.005, headwidth=5,
            )  # fmt: skip
            ax.update_datalim(np.stack([start + change, rank], axis=1))
        ax.autoscale_view()
        ax.set_ylim(0, 1)
        ax.set_yticks([])
        ax.set(xlabel="distance of two features", ylabel="pairs, nearest at the bottom")
        headed(ax, title, columns=2)
    return figure


def plot_gaussians(
    passes: Sequence[pd.DataFrame],
    *,
    exact: pd.DataFrame | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw mean and spread of the two Gaussians after every batch, and what they should be.

    Args:
        passes: one table a pass over the labels, one row a batch, with the columns ``gds_...``, as
            :meth:`reidkit.engine.record.Record.iterations` gives it. Between two passes the labels are
            renewed: the lines break off there.
        exact: the same columns, measured over all pairs: before the first pass and after each.
        title: the default says where the two means end.

    Raises:
        ReidkitError: there is no pass, a column is missing, or ``exact`` has not one row more than passes.
    """
    if not passes:
        raise ReidkitError("There is no pass to draw: give one table of batches at least.")
    tables = [_four(table) for table in passes]
    borders = np.cumsum([0] + [len(table) for table in tables])
    if exact is not None and len(exact) != len(borders):
        raise ReidkitError(
            f"{len(tables)} passes have {len(borders)} ends, but exact has {len(exact)} rows: give one each."
        )
    figure, ax = target(ax, size=(8.2, 3.4))
    with style():
        for kind, name, colour in _KINDS:
            for start, table in zip(borders, tables, strict=False):
                said = f"{name}, after each batch: mean ± std" if start == 0 else None
                _band(ax, start + 1 + np.arange(len(table)), table, kind, colour, said)
            if exact is not None:
                _mark_exact(ax, borders, _four(exact), kind, name, colour)
        for border in borders[1:-1]:
            ax.axvline(border + 0.5, color=GREY, lw=0.8, ls=":")
        ax.set(xlim=(-0.02 * borders[-1] - 0.5, 1.02 * borders[-1] + 0.5), xlabel="batch", ylabel="distance")
        ends = tables[-1].iloc[-1]
        claim = f"The means end at {ends['gds_pos_mean']:.2f} (Pos) and {ends['gds_neg_mean']:.2f} (Neg)"
        headed(ax, title or claim, columns=2)
    return figure


def _four(table: pd.DataFrame) -> pd.DataFrame:
    """The four columns, as numbers."""
    if absent := [name for name in _NAMES if name not in table or table[name].isna().all()]:
        raise ReidkitError(
            f"There is no {absent[0]} here: only a run with `--add gds` keeps the two Gaussians, and only "
            "where batches had such pairs."
        )
    return table[list(_NAMES)].astype(float)


def _arm(ax: Axes, mean: float, point: float, height: float, colour: str) -> None:
    """Mark the mean and the point that is held against the other bell, and join the two."""
    ax.plot([mean, mean], [0, height], color=colour, lw=1, ls=":")
    ax.plot([mean, point, point], [height, height, 0], color=colour, lw=2)
    ax.plot(point, 0, marker="^", ms=9, color=colour, mec=INK, clip_on=False, zorder=5)


def _band(ax: Axes, x: np.ndarray, table: pd.DataFrame, kind: str, colour: str, said: str | None) -> None:
    mean, std = (table[f"gds_{kind}_{number}"].to_numpy() for number in ("mean", "std"))
    ax.fill_between(x, mean - std, mean + std, color=colour, alpha=0.18, lw=0)
    ax.plot(x, mean, color=colour, lw=1.4, label=said)


def _mark_exact(
    ax: Axes, borders: np.ndarray, exact: pd.DataFrame, kind: str, name: str, colour: str
) -> None:
    ax.errorbar(
        borders + 0.5, exact[f"gds_{kind}_mean"], yerr=exact[f"gds_{kind}_std"], color=colour, ecolor=INK,
        marker="D", ms=6, mec=INK, ls="none", elinewidth=1, capsize=3, zorder=4,
        label=f"{name}, all pairs: mean ± std",
    )  # fmt: skip
