"""The ROC curve of pairs: every threshold on the distance at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reidkit.plots.pairs import Cameras, Pairs, curves
from reidkit.plots.style import GREY, INK, style, target


def plot_roc(
    pairs: pd.DataFrame,
    *,
    crops: str = "test",
    ids: str = "identity",
    cameras: Cameras = "all",
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw, for every threshold, the share of Pos below it against the share of Neg below it.

    The dotted line holds the points where both kinds of error are equal; the dot is where the curve crosses
    it, at the equal error rate.

    Args:
        pairs: the pairs table of one epoch (see :func:`reidkit.plots.pairs.curves`).
        crops, ids, cameras: which pairs.
        title: the default states the area under the curve and the equal error rate, both from the
            table's bins.
    """
    fpr, tpr = rates(curves(pairs, crops=crops, ids=ids, cameras=cameras))
    eer = float(np.interp(0, fpr + tpr - 1, fpr))
    area = float(np.trapezoid(tpr, fpr))
    figure, ax = target(ax, size=(3.6, 3.6))
    with style():
        ax.plot([0, 1], [1, 0], color=GREY, ls=":")
        ax.plot(fpr, tpr, color=INK)
        ax.plot(eer, 1 - eer, "o", color=INK)
        ax.set(xlabel="FPR: share of Neg below the threshold", ylabel="TPR: share of Pos below it")
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        ax.set_title(title or f"Area (AUC) {area:.2f}, EER {eer:.0%}")
    return figure


def rates(both: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """The shares of Neg (FPR) and of Pos (TPR) below every bin edge, each (B + 1,) from 0 to 1.

    >>> from reidkit.plots.pairs import Curve
    >>> left = np.array([0.0, 1.0])
    >>> rates(Pairs(Curve(left, 1.0, np.array([3, 1])), Curve(left, 1.0, np.array([1, 3]))))
    (array([0.  , 0.25, 1.  ]), array([0.  , 0.75, 1.  ]))
    """
    below = [np.concatenate([[0], np.cumsum(curve.count)]) / curve.count.sum() for curve in both]
    return below[1], below[0]
