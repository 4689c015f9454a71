"""Pos-distr and Neg-distr as a widget: drag the threshold, click on a bin."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from reidkit.distances.distributions import WIDTH, Pair
from reidkit.errors import ReidkitError
from reidkit.explore.front import as_bytes, front_end
from reidkit.explore.guard import guarded

NO_PAIRS = "No pairs to show."


class PairHistogram(anywidget.AnyWidget):
    """Two histograms of pair distances, each of area 1, and a threshold that can be dragged.

    Pairs closer than the threshold would be called "the same person". The browser computes what that
    would mean while the line is dragged, and the properties below compute the same here.

    Args:
        threshold: where the line stands at first, a distance.

    Attributes:
        threshold: float; moved by the browser, or set from Python.
        clicked: the bin last clicked on: ``{"pair": "pos" or "neg", "low": ..., "high": ...,
            "serial": ...}``, empty before that. The serial makes a second click on it another event.
        title, note, label: texts above the curves, below them and at the axis.
        empty: what is said while there are no pairs.
        trouble: shown in red; a callback's error is written here.

    Three positive and four negative pairs in bins of 0.5; the third bin is cut in half:

    >>> histogram = PairHistogram(threshold=1.25)
    >>> histogram.show([2, 1, 0, 0], [0, 1, 2, 1], width=0.5)
    >>> histogram.tpr, histogram.fpr, histogram.true_pairs, histogram.false_pairs
    (1.0, 0.5, 3, 2)
    """

    _esm = front_end("shared.js", "pair_curves.js", "pair_histogram.js")
    _css = front_end("shared.css", "pair_histogram.css")

    counts = traitlets.Bytes().tag(sync=True, from_json=as_bytes)
    """float64 (2, B), little endian: pairs in each bin, Pos and Neg. A float64 is exact up to 2**53."""
    behind = traitlets.Bytes().tag(sync=True, from_json=as_bytes)
    """As ``counts``, drawn as outlines; empty: none."""
    behind_name = traitlets.Unicode().tag(sync=True)
    bin_width = traitlets.Float(WIDTH).tag(sync=True)
    threshold = traitlets.Float(0.5).tag(sync=True)
    clicked: Any = traitlets.Dict().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode("distance").tag(sync=True)
    empty = traitlets.Unicode(NO_PAIRS).tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._together = threading.RLock()
        super().__init__(**traits)

    def show(
        self,
        pos_counts: ArrayLike,
        neg_counts: ArrayLike,
        *,
        width: float = WIDTH,
        title: str = "",
        note: str = "",
        behind: tuple[ArrayLike, ArrayLike] | None = None,
        behind_name: str = "all crops",
    ) -> None:
        """Show other histograms; the threshold stays where it is.

        Args:
            pos_counts: (B,) numbers of positive pairs; bin ``k`` holds the distances in
                ``[k * width, (k + 1) * width)``. No bins at all show the text ``empty``.
            neg_counts: (B,), of negative pairs.
            width: width of a bin, in units of distance.
            title, note: texts above and below the curves.
            behind: Pos and Neg of something to compare with, on the same bins, drawn as outlines.
            behind_name: what that is.

        Raises:
            ReidkitError: not all the same number of bins; a count that is negative or not finite; a
                width that is not positive.
        """
        if not (math.isfinite(width) and width > 0):
            raise ReidkitError(f"width={width}: expected a positive width of the bins.")
        counts = _both("counts", pos_counts, neg_counts)
        outlines = np.empty((2, 0)) if behind is None else _both("behind", *behind)
        if behind is not None and outlines.shape != counts.shape:
            raise ReidkitError(f"behind has {outlines.shape[1]} bins, the counts have {counts.shape[1]}.")
        with self._together, self.hold_sync():
            self.counts, self.behind = counts.tobytes(), outlines.tobytes()
            self.bin_width, self.behind_name = float(width), behind_name if outlines.size else ""
            self.title, self.note, self.trouble = title, note, ""

    def clear(self, message: str = NO_PAIRS) -> None:
        """Show no pairs, and say why."""
        with self._together, self.hold_sync():
            self.show([], [], width=self.bin_width)
            self.empty = message

    @property
    def pos(self) -> NDArray[np.float64]:
        """(B,) positive pairs in each bin."""
        return self._read()[0]

    @property
    def neg(self) -> NDArray[np.float64]:
        """(B,) negative pairs in each bin."""
        return self._read()[1]

    def _read(self) -> NDArray[np.float64]:
        return np.frombuffer(self.counts, "<f8").reshape(2, -1)

    @property
    def tpr(self) -> float:
        """Share of the positive pairs that are closer than the threshold; NaN if there are none."""
        return _share(self._closer(self.pos), self.pos.sum())

    @property
    def fpr(self) -> float:
        """Share of the negative pairs that are closer than the threshold; NaN if there are none."""
        return _share(self._closer(self.neg), self.neg.sum())

    @property
    def true_pairs(self) -> int:
        """Number of positive pairs closer than the threshold, to the nearest whole one."""
        return _nearest(self._closer(self.pos))

    @property
    def false_pairs(self) -> int:
        """Number of negative pairs closer than the threshold, to the nearest whole one."""
        return _nearest(self._closer(self.neg))

    def _closer(self, counts: NDArray[np.float64]) -> float:
        """Pairs below the threshold; inside the bin it cuts they are taken to lie evenly."""
        edges = np.arange(len(counts) + 1) * self.bin_width
        return float(np.interp(self.threshold, edges, np.append(0, counts.cumsum())))

    def on_bin(self, callback: Callable[[Pair, float, float], object]) -> None:
        """Call ``callback(pair, low, high)`` at every click on a bin; its errors show in the widget."""

        def clicked(change: Any) -> None:
            if click := change["new"]:
                callback(cast(Pair, click["pair"]), float(click["low"]), float(click["high"]))

        self.observe(guarded(partial(setattr, self, "trouble"))(clicked), "clicked")

    def on_threshold(self, callback: Callable[[float], object]) -> None:
        """Call ``callback(threshold)`` while the line moves; its errors show in the widget."""

        def moved(change: Any) -> None:
            callback(float(change["new"]))

        self.observe(guarded(partial(setattr, self, "trouble"))(moved), "threshold")


def _both(name: str, pos: ArrayLike, neg: ArrayLike) -> NDArray[np.float64]:
    """Positive and negative counts as one array (2, B), checked."""
    rows = [np.asarray(counts, "<f8") for counts in (pos, neg)]
    if rows[0].ndim != 1 or rows[0].shape != rows[1].shape:
        raise ReidkitError(f"{name}: Pos of shape {rows[0].shape}, Neg of {rows[1].shape}; expected (B,).")
    both = np.stack(rows)
    if not (np.isfinite(both).all() and (both >= 0).all()):
        raise ReidkitError(f"{name}: a number of pairs is negative or not finite.")
    return both


def _share(part: float, total: float) -> float:
    return part / float(total) if total else math.nan


def _nearest(pairs: float) -> int:
    """Half a pair is rounded up, and so is what only rounding errors keep from it. As in JavaScript."""
    return math.floor(pairs + 0.5 + 1e-6)
