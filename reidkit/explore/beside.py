"""Two runs, or two epochs of one, side by side: the same crops, and pairs on the same axes."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

import ipywidgets as widgets
import numpy as np

from reidkit.errors import ReidkitError
from reidkit.explore import cards, twin
from reidkit.explore.crop_grid import CropGrid
from reidkit.explore.guard import guarded
from reidkit.explore.map import Map
from reidkit.explore.opening import open_scene
from reidkit.explore.pairs import Counts, Pairs
from reidkit.explore.session import Session
from reidkit.explore.thumbs import Thumbs
from reidkit.plots.style import Picture, canvas, over, style

HEIGHT = 420


def side_by_side(first: Any, second: Any, *, epochs: tuple[int, int] | None = None, seed: int = 0) -> Beside:
    """Look at two runs at once, or at one run at two epochs.

    Args:
        first, second: runs or features, as for :func:`reidkit.explore.explore`.
        epochs: where to begin in each; None: the last of each.
        seed: of the maps.
    """
    scenes = [open_scene(source, seed=seed) for source in (first, second)]
    begin = epochs or (None, None)
    return Beside(*(Session(scene, epoch) for scene, epoch in zip(scenes, begin, strict=True)))


class Beside:
    """Two sessions, each with its map, its pairs and an epoch slider; they share selection and threshold.

    Args:
        left, right: of the same number of crops. What is selected in one is selected, row for row, in the
            other.

    Attributes:
        sessions, maps, pairs, sliders: of the left and the right one.

    Raises:
        ReidkitError: the two do not hold the same crops.
    """

    def __init__(self, left: Session, right: Session) -> None:
        _need_same_crops(left, right)
        self.sessions = (left, right)
        self.trouble = widgets.HTML()
        self.grid = CropGrid(height=260)
        thumbs, guard = Thumbs(left.scene.paths), guarded(self._report)
        self.maps = [Map(session, thumbs, self._report, height=HEIGHT) for session in self.sessions]
        self.pairs = [
            Pairs(session, thumbs, self.deal, self._report, behind=partial(self._other, place))
            for place, session in enumerate(self.sessions)
        ]
        self.sliders = [self._slider(session, guard) for session in self.sessions]
        for name in ("threshold", "judge", "cameras"):
            widgets.link((left, name), (right, name))
        widgets.link((self.maps[0].colour, "value"), (self.maps[1].colour, "value"))
        for place, session in enumerate(self.sessions):
            session.observe(guard(self.pairs[1 - place].redraw), "labels")
            session.observe(guard(self._select_both), "selection")
        left.observe(guard(self._selected), "selection")
        self._thumbs = thumbs
        self.widget = self._arrange()

    def _slider(self, session: Session, guard: Callable[..., Any]) -> widgets.SelectionSlider:
        slider = widgets.SelectionSlider(
            options=session.scene.epochs, value=session.epoch, description="epoch", layout={"width": "95%"}
        )
        slider.observe(guard(lambda change: session.go_to(change["new"])), "value")
        return slider

    def _arrange(self) -> widgets.VBox:
        columns = []
        for session, slider, shown, pairs in zip(
            self.sessions, self.sliders, self.maps, self.pairs, strict=True
        ):
            title = widgets.HTML(f"<b>{session.scene.name}</b>")
            layout = {"flex": "1 1 380px", "min_width": "320px"}
            columns.append(widgets.VBox([title, slider, shown.widget, pairs.widget], layout=layout))
        body = widgets.HBox(columns, layout={"flex_flow": "row wrap"})
        return widgets.VBox([self.trouble, body, self.grid])

    def _report(self, message: str) -> None:
        self.trouble.value = f"<pre>{message.replace('<', '&lt;')}</pre>" if message else ""

    def _other(self, place: int) -> tuple[Counts, str]:
        """What is drawn as outlines: the other one's pairs."""
        other = self.sessions[1 - place]
        return other.counter.count(other.ids, other.cameras), _name(other)

    def deal(self, hand: cards.Hand) -> None:
        """Show cards in the grid below both."""
        self.grid.show(hand.count, hand.source, title=hand.title, note=hand.note)

    def _select_both(self, change: Any) -> None:
        for session in self.sessions:
            session.select(change["new"])

    def _selected(self, change: Any) -> None:
        rows = change["new"]
        if len(rows):
            title = f"{len(rows):,} selected, by the clusters at the left"
            self.deal(cards.crops(self.sessions[0], self._thumbs, rows, title))

    def select(self, rows: Any) -> Beside:
        """Select crops by their rows, in both."""
        self.sessions[0].select(np.asarray(rows, np.int64))
        return self

    def picture(self) -> Picture:
        """Draw both maps and both histograms, without any widget."""
        figure, axes = canvas(2, 2, size=(9.6, 6.8), height_ratios=(1.6, 1))
        with style():
            for place, session in enumerate(self.sessions):
                twin.draw_map(
                    axes[0, place], session.scene.layout(session.epoch), self.maps[place].colouring,
                    self.maps[place].colour.value, session.selection,
                )  # fmt: skip
                axes[0, place].set_title(f"{_name(session)}: {len(session.clusters)} clusters")
                counts = session.counter.count(session.ids, session.cameras)
                twin.draw_counts(axes[1, place], counts, session.threshold)
            limits = [limit for ax in axes[1] for limit in ax.get_xlim()]
            for ax in axes[1]:
                ax.set_xlim(min(limits), max(limits))
            over(figure, f"{_name(self.sessions[0])} and {_name(self.sessions[1])}")
        return figure

    def _repr_mimebundle_(self, **asked: Any) -> dict[str, Any]:
        still = {"image/png": base64.b64encode(twin.pack(self.picture())).decode()}
        return self.widget._repr_mimebundle_(**asked) | still


def _name(session: Session) -> str:
    return f"{session.scene.name}, epoch {session.epoch}"


def _need_same_crops(left: Session, right: Session) -> None:
    if len(left.scene) != len(right.scene) or left.scene.paths != right.scene.paths:
        raise ReidkitError(
            f"{left.scene.name} has {len(left.scene)} crops and {right.scene.name} {len(right.scene)}, or "
            "other paths: two runs can be put side by side where they saw the same training crops."
        )
