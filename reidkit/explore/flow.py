"""What became of the clusters over the epochs: of all, or of those that hold the selected crops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from reidkit.errors import ReidkitError
from reidkit.explore.guard import guarded
from reidkit.explore.session import Session
from reidkit.explore.still import Still
from reidkit.labels import OUTLIER
from reidkit.plots import plot_flow

THREADS = 6
"""Of at most so many selected crops each is followed by a thread of its own."""


class Flow:
    """The flow picture, drawn while somebody looks at it.

    Attributes:
        shown: whether somebody does.
    """

    def __init__(self, session: Session, report: Callable[[str], Any]) -> None:
        self.session, self.shown = session, False
        self.image = Still()
        self.told = widgets.HTML()
        self.widget = widgets.VBox([self.told, self.image])
        session.observe(guarded(report)(self.redraw), ["selection", "epoch"])

    def show(self, shown: bool) -> None:
        """Say whether somebody looks; a picture that nobody sees is not drawn."""
        if shown and not self.shown:
            self.shown = True
            self.redraw()
        self.shown = shown

    def redraw(self, _change: object = None) -> None:
        """Draw anew."""
        if not self.shown:
            return
        if len(self.session.scene.epochs) < 2:
            self.told.value = "One epoch is recorded: nothing became of its clusters yet."
            return
        figure = self.picture()
        self.told.value = "" if len(self.session.selection) else "Select crops to see what became of theirs."
        self.image.value = figure.png()  # type: ignore[attr-defined]

    def picture(self) -> Figure:
        """Draw the flow of the labels as recorded.

        Raises:
            ReidkitError: one epoch only, or all selected crops are outliers.
        """
        session, lineage = self.session, self.session.lineage()
        rows = session.selection
        if not len(rows):
            return plot_flow(lineage)
        if len(rows) <= THREADS:
            return plot_flow(lineage, crops=rows)
        lines = np.unique(lineage.lines[session.epoch][rows])
        lines = lines[lines != OUTLIER]
        if not len(lines):
            raise ReidkitError("All selected crops are outliers in this epoch: they are of no cluster.")
        return plot_flow(lineage, clusters=lines.tolist())
