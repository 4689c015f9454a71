"""The pair histogram of a session: all crops, or the selected ones against all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np
from numpy.typing import NDArray

from reidkit.explore import cards
from reidkit.explore.guard import guarded
from reidkit.explore.pair_histogram import PairHistogram
from reidkit.explore.session import LABELS, PEOPLE, Session
from reidkit.explore.thumbs import Thumbs

Counts = tuple[NDArray[np.int64], NDArray[np.int64]]
MOST = 192
"""So many pairs of a bin are dealt at most: four pages."""
_CAMERAS = {"all pairs": "all", "one camera": "same", "two cameras": "cross"}


class Pairs:
    """Pos-distr and Neg-distr with a threshold; a click on a bin deals out its pairs.

    Args:
        session, thumbs: what is shown.
        deal: takes the cards of a clicked bin.
        report: where errors of callbacks go.
        behind: what to draw as outlines while nothing is selected, and what it is called; None: the first
            epoch.
    """

    def __init__(
        self,
        session: Session,
        thumbs: Thumbs,
        deal: Callable[[cards.Hand], None],
        report: Callable[[str], Any],
        *,
        behind: Callable[[], tuple[Counts, str]] | None = None,
    ) -> None:
        self.session, self.thumbs, self._deal, self._behind = session, thumbs, deal, behind
        self.histogram = PairHistogram(threshold=session.threshold)
        judges = [LABELS, PEOPLE] if session.scene.known else [LABELS]
        self.judge = widgets.Dropdown(options=judges, description="Pos by", layout={"width": "210px"})
        self.cameras = widgets.Dropdown(options=_CAMERAS, layout={"width": "130px"})
        guard = guarded(report)
        widgets.link((self.judge, "value"), (session, "judge"))
        widgets.link((self.cameras, "value"), (session, "cameras"))
        widgets.link((self.histogram, "threshold"), (session, "threshold"))
        session.observe(guard(self.recount), ["labels", "judge", "cameras"])
        session.observe(guard(self.redraw), "selection")
        self.histogram.on_bin(self.open_bin)
        controls = widgets.HBox([self.judge, self.cameras], layout={"flex_flow": "row wrap"})
        self.widget = widgets.VBox([controls, self.histogram])
        self.recount()

    def recount(self, _change: object = None) -> None:
        """Count the pairs of all crops anew, and draw."""
        self._whole = self.session.counter.count(self.session.ids, self.session.cameras)
        self.redraw()

    def redraw(self, _change: object = None) -> None:
        """Draw the pairs of all crops, or of the selected ones."""
        session, whole = self.session, self._whole
        what = "pseudo-label" if session.judge == LABELS else "person (true identities)"
        if not len(session.selection):
            note = f"Pos: the same {what}. " + _sampled(session.counter)
            behind, name = self._outlines()
            self.histogram.show(
                *whole, title="Pairs of all crops", note=note, behind=behind, behind_name=name
            )
            return
        counter = session.selected_counter()
        note = f"Pos: the same {what}. Outlines: all crops. " + _sampled(counter)
        some = counter.count(session.ids, session.cameras)
        count = len(session.selection)
        title = f"Pairs of the {f'{count:,} selected crops' if count > 1 else 'selected crop'} with all"
        self.histogram.show(*some, title=title, note=note, behind=whole)

    def _outlines(self) -> tuple[Counts | None, str]:
        if self._behind is not None:
            return self._behind()
        first = self.session.scene.epochs[0]
        return (None, "") if first == self.session.epoch else (self.session.count_at(first), f"epoch {first}")

    def open_bin(self, pair: str, low: float, high: float) -> None:
        """Deal out the pairs of a range of distances."""
        found = self.session.pairs_in(pair, low, high, limit=MOST)
        name, worst = ("Pos", "farthest") if pair == "pos" else ("Neg", "nearest")
        title = f"{name} pairs {low:.2f} to {high:.2f} apart, the {worst} first"
        note = "" if found.complete else "Found among randomly chosen crops: there may be more."
        if len(found.i) == MOST:
            note = f"The worst {MOST} are dealt. {note}"
        self._deal(cards.pairs(self.session, self.thumbs, found, title, note))


def _sampled(counter: Any) -> str:
    if not counter.is_sample:
        return ""
    return f"Counted: the pairs of {len(counter.rows):,} of these {counter.wanted:,} crops, chosen at random."
