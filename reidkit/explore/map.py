"""The map: every crop a dot, its picture under the mouse, a lasso around some (jupyter-scatter draws it)."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import jscatter
import numpy as np
import pandas as pd
from matplotlib.colors import to_rgba

from reidkit.explore.colours import Colouring
from reidkit.explore.guard import guarded
from reidkit.explore.paint import COLOURS, paint
from reidkit.explore.redraw import mend_scatter
from reidkit.explore.session import Session
from reidkit.explore.theme import PAPER, Theme
from reidkit.explore.thumbs import Thumbs
from reidkit.plots.embedding import extent_of

HEIGHT = 560
MOST_ENTRIES = 26
BUTTONS = ["pan_zoom", "lasso", "reset", "full_screen"]
FAINT = {False: 0.25, True: 0.45}
"""How strong the dots are that are not selected, while some are, by whether the page is dark."""
TRANSITION = 500
"""Milliseconds in which the dots move to another epoch."""
MANY = 5000
"""Of more crops than this, the dots are small."""


class Map:
    """A scatter of the crops, with its colours, legend and selection.

    Args:
        session: what is shown and selected.
        thumbs: the pictures.
        report: where errors of callbacks go.
        height: in pixels.

    Attributes:
        colour: the control that says what the dots are coloured by, of :data:`COLOURS`.
        widget: all of it.
    """

    def __init__(self, session: Session, thumbs: Thumbs, report: Any, *, height: int = HEIGHT) -> None:
        self.session, self.thumbs = session, thumbs
        names = [name for name in COLOURS if session.scene.known or name not in ("person", "right or wrong")]
        self.colour = widgets.Dropdown(options=names, description="colour", layout={"width": "220px"})
        self.legend = widgets.HTML(layout={"max_height": "76px", "overflow": "auto"})
        self._table = pd.DataFrame(
            {"x": 0.0, "y": 0.0, "crop": "", "dot": ""}, index=range(len(session.scene))
        )
        self.theme = Theme()
        self._place()
        mend_scatter()
        # Without opacity_by, the scatter would fade dots where they are many.
        self.scatter = jscatter.Scatter(
            data=self._table, x="x", y="y", x_scale=(0, 1), y_scale=(0, 1), height=height, axes=False,
            opacity=0.9, opacity_by=None, size=5 if len(self._table) < MANY else 2, camera_distance=1.0,
            transition_points_duration=TRANSITION,
        )  # fmt: skip
        self.scatter.tooltip(
            True, properties=["dot"], preview="crop", preview_type="image", preview_image_height=110
        )
        self._on_paper()
        self.colouring: Colouring = paint(session, self.colour.value)
        self._colour()
        self._tell()
        guard = guarded(report)
        self.theme.observe(guard(self._on_paper), "dark")
        self.scatter.widget.observe(guard(self._hovered), "hovering")
        self.scatter.widget.observe(guard(self._lassoed), "selection")
        self.colour.observe(guard(self.paint), "value")
        session.observe(guard(self._moved), "epoch")
        session.observe(guard(self.paint), "labels")
        session.observe(guard(self._selected), "selection")
        self.widget = widgets.VBox(
            [self.colour, self.scatter.show(BUTTONS), self.legend, self.theme],
            layout={"flex": "1 1 460px", "min_width": "340px"},
        )

    def _place(self) -> None:
        xy = self.session.scene.layout(self.session.epoch)
        # Both axes reach as far, so that a distance is as long in any direction.
        low_x, high_x, low_y, high_y = extent_of([xy])
        self._table["x"] = (xy[:, 0] - low_x) / (high_x - low_x)
        self._table["y"] = (xy[:, 1] - low_y) / (high_y - low_y)

    def _on_paper(self, _change: object = None) -> None:
        """Draw on what the page is made of."""
        paper, ink = (to_rgba(PAPER[dark]) for dark in (self.theme.dark, not self.theme.dark))
        shown = self.scatter.widget  # the scatter's own method would bring axes and legend with the colour
        shown.background_color = paper
        shown.color_selected = shown.color_hover = shown.tooltip_color = ink
        shown.opacity_unselected = FAINT[self.theme.dark]

    def paint(self, _change: object = None) -> None:
        """Colour the dots anew, where they are."""
        before, self.colouring = self.colouring, paint(self.session, self.colour.value)
        if not self.colouring.same_as(before):
            self._colour()
        self._tell()

    def _colour(self, **how: Any) -> None:
        """Hand the colours over; the scatter numbers those that occur."""
        self.scatter.widget.transition_points = False  # only other places are travelled to, not other colours
        used, codes = np.unique(self.colouring.codes, return_inverse=True)
        self.scatter.color(by=pd.Categorical(codes), map=[self.colouring.colours[k] for k in used], **how)

    def _moved(self, _change: object) -> None:
        """Take the dots to another epoch, colours and all, in one message."""
        self._place()
        self.colouring = paint(self.session, self.colour.value)
        self._colour(skip_widget_update=True)
        self.scatter.xy(x="x", y="y", animate=True)
        self._tell()

    def _selected(self, _change: object) -> None:
        shown = self.scatter.widget.selection
        if shown is None or not np.array_equal(np.sort(shown), self.session.selection):
            self.scatter.selection(self.session.selection)
        self._tell()

    def _lassoed(self, change: Any) -> None:
        self.session.select(np.asarray([] if change["new"] is None else change["new"], np.int64))

    def _hovered(self, change: Any) -> None:
        """Put the picture where the tooltip, which asks in a moment, will find it."""
        row = change["new"]
        if row is None or self._table.at[row, "crop"]:
            return
        self._table.at[row, "crop"] = self.thumbs.uri(row)
        self._table.at[row, "dot"] = self._named(row)

    def _named(self, row: int) -> str:
        scene, label = self.session.scene, self.session.labels[row]
        parts = [f"row {row}", f"cluster {label}" if label >= 0 else "outlier"]
        if scene.camids[row] >= 0:
            parts.append(f"camera {scene.camids[row]}")
        return ", ".join(parts)

    def _tell(self) -> None:
        """Write the legend, each entry with its crops, and how many of them are selected."""
        inside = np.zeros(len(self.session.scene), bool)
        inside[self.session.selection] = True
        entries = self.colouring.entries[:MOST_ENTRIES]
        lines = []
        for name, colour, mask in entries:
            count = f"{mask.sum():,}" if not inside.any() else f"{(mask & inside).sum():,} / {mask.sum():,}"
            dot = f'<span style="color:{colour};font-size:15px">&#9679;</span>'
            lines.append(f'<span style="white-space:nowrap;margin-right:10px">{dot} {name} {count}</span>')
        selected = f"<b>{inside.sum():,} selected</b> " if inside.any() else ""
        self.legend.value = f'<div style="line-height:1.35;font-size:12px">{selected}{" ".join(lines)}</div>'
