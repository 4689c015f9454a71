"""The explorer: map, pairs, crops, clusters, suspects and edits of one run, linked.

Whatever is selected in one is selected in all. It runs in JupyterLab, in Voilà, or without any browser:
every control has a method or an attribute of the same name.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from reidkit.explore import cards, twin
from reidkit.explore.crop import Crop
from reidkit.explore.crop_grid import CropGrid
from reidkit.explore.dial import Dial
from reidkit.explore.editing import Editing
from reidkit.explore.flow import Flow
from reidkit.explore.guard import guarded
from reidkit.explore.map import Map
from reidkit.explore.opening import open_scene
from reidkit.explore.pairs import Pairs
from reidkit.explore.scene import Rows, Scene
from reidkit.explore.session import Session
from reidkit.explore.tables import Clusters, Suspects
from reidkit.explore.thumbs import Thumbs
from reidkit.labels.edits import EditLog
from reidkit.plots.style import Picture

TABS = ("Clusters", "Suspects", "Eps dial", "Edits", "This crop", "Over the epochs")


def explore(source: Any, *, epoch: int | None = None, **given: Any) -> Explorer:
    """Look at a run, or at features, and mend their pseudo-labels.

    Args:
        source: the folder of a run, a :class:`~reidkit.engine.record.Record`, a file of features
            (``.npz`` or ``.mat``), or an array (N, D).
        epoch: where to begin; None: the last recorded one.
        given: ``seed`` of the map; for an array, ``labels``, ``camids``, ``pids`` and ``paths``, each (N,).
            What is left out is unknown; labels are then made as the released Cluster Contrast makes them.

    Returns:
        The explorer; as the last value of a cell it shows itself.

    Raises:
        ReidkitError: what is given does not fit; the message says what, and what to do.
    """
    return Explorer(open_scene(source, **given), epoch)


class Explorer:
    """All views of one scene, and what can be done in them.

    Args:
        scene: what is looked at.
        epoch: where to begin; None: the last.

    Attributes:
        session: the state that all views share.
        map, pairs, grid, clusters, suspects, dial, editing, crop, flow: the views.
        trouble: errors of callbacks.
        widget: all of it.
    """

    def __init__(self, scene: Scene, epoch: int | None = None) -> None:
        self.session = Session(scene, epoch)
        self._noticing = False
        self.thumbs = Thumbs(scene.paths)
        self.trouble = widgets.HTML()
        report, guard = self._report, guarded(self._report)
        self.map = Map(self.session, self.thumbs, report)
        self.pairs = Pairs(self.session, self.thumbs, self.deal, report)
        self.grid = CropGrid(height=300)
        self.clusters = Clusters(self.session, self._look_at_cluster, report)
        self.editing = Editing(self.session, report)
        self.suspects = Suspects(self.session, self._look, self.editing.apply, report)
        self.dial = Dial(self.session, report)
        self.crop = Crop(self.session)
        self.flow = Flow(self.session, report)
        self.grid.on_card(self._clicked)
        self.slider = widgets.SelectionSlider(
            options=scene.epochs, value=self.session.epoch, description="epoch", layout={"width": "420px"}
        )
        self.slider.observe(guard(self._slid), "value")
        self.session.observe(guard(self._follow_epoch), "epoch")
        self.session.observe(guard(self._selected), ["selection"])
        self.session.observe(guard(self._again), ["labels", "judge"])
        self.widget = self._arrange()
        self.tabs.observe(guard(self._turned_to), "selected_index")
        self.deal(self._nothing())

    def _arrange(self) -> widgets.VBox:
        scene = self.session.scene
        known = "identities known" if scene.known else "identities unknown"
        title = widgets.HTML(f"<b>{scene.name}</b> · {len(scene):,} crops · {known}")
        head = widgets.HBox([title, self.slider], layout={"flex_flow": "row wrap", "align_items": "center"})
        right = widgets.VBox(
            [self.pairs.widget, self.grid], layout={"flex": "1 1 460px", "min_width": "340px"}
        )
        body = widgets.HBox([self.map.widget, right], layout={"flex_flow": "row wrap", "width": "100%"})
        parts = (self.clusters, self.suspects, self.dial, self.editing, self.crop, self.flow)
        self.tabs = widgets.Tab([part.widget for part in parts], titles=TABS, layout={"width": "100%"})
        warning = widgets.HTML(
            f'<span style="color:#B35900">{self.thumbs.trouble}</span>' if self.thumbs.trouble else ""
        )
        return widgets.VBox([head, warning, self.trouble, body, self.tabs], layout={"width": "100%"})

    def _report(self, message: str) -> None:
        text = message.replace("&", "&amp;").replace("<", "&lt;")
        self.trouble.value = (
            f'<pre style="color:#C00000;white-space:pre-wrap">{text}</pre>' if message else ""
        )

    # By code: what the controls do

    @property
    def labels(self) -> Rows:
        """(N,) int64: the labels as dialled and mended."""
        return self.session.labels

    @property
    def selection(self) -> Rows:
        """The selected rows."""
        return self.session.selection

    @property
    def epoch(self) -> int:
        """The epoch that is shown."""
        return self.session.epoch

    @property
    def log(self) -> EditLog:
        """The edits so far."""
        return self.session.log

    def select(self, rows: ArrayLike) -> Explorer:
        """Select crops by their rows. Like those that follow, it returns the explorer, to be shown."""
        self.session.select(np.atleast_1d(np.asarray(rows, np.int64)))
        return self

    def select_clusters(self, *clusters: int) -> Explorer:
        """Select all crops of some clusters."""
        self.session.select(self.session.members(*clusters))
        return self

    def go_to(self, epoch: int) -> Explorer:
        """Look at another epoch."""
        self.session.go_to(epoch)
        return self

    def notice(self) -> Explorer:
        """Take notice of epochs that a running training has added; whoever looks at the last one moves on."""
        known, epochs = list(self.slider.options), self.session.scene.epochs
        if epochs != known:
            follow = self.session.epoch == known[-1]
            self._noticing = True  # a slider with other options calls at the first of them
            self.slider.options = epochs
            self.slider.value = epochs[-1] if follow else self.session.epoch
            self._noticing = False
            self.session.go_to(self.slider.value)
        return self

    def colour_by(self, name: str) -> Explorer:
        """Colour the map by one of the names in its control."""
        self.map.colour.value = name
        return self

    def set_eps(self, eps: float) -> Explorer:
        """Turn the dial."""
        self.dial.turn(eps)
        return self

    def open_bin(self, pair: str, low: float, high: float) -> Explorer:
        """Show the pairs of a range of distances: "pos" or "neg"."""
        self.pairs.open_bin(pair, low, high)
        return self

    def ask_doctor(self) -> pd.DataFrame:
        """Return the suspects, and list them."""
        self.suspects.redraw()
        return self.suspects.found

    def look(self, suspect: pd.Series) -> Explorer:
        """Show the two groups of a suspect, a row of the doctor's table."""
        self._look(suspect)
        return self

    def save(self, path: str | Path) -> Path:
        """Write labels and edits as JSON, for `reidkit train --labels`; returns where."""
        return self.session.log.save(path)

    # What is shown in the grid

    def deal(self, hand: cards.Hand) -> None:
        """Show cards in the grid."""
        self.hand = hand
        self.grid.show(hand.count, hand.source, title=hand.title, note=hand.note)

    def _nothing(self) -> cards.Hand:
        self.grid.message = "Draw a lasso around some dots, click on a bin or on a row of a table."
        return cards.Hand("", 0, lambda start, stop: [], np.empty((0, 1), np.int64))

    def _selected(self, _change: object) -> None:
        rows = self.session.selection
        if not len(rows):
            self.deal(self._nothing())
        elif len(rows) == 1:
            self._visit(int(rows[0]))
        else:
            self.deal(cards.crops(self.session, self.thumbs, rows, f"{len(rows):,} selected crops"))

    def _again(self, _change: object) -> None:
        """Captions speak of clusters: deal the same cards again after an edit."""
        if self.hand.count:
            self.deal(self.hand)

    def _look(self, suspect: pd.Series) -> None:
        crops, others = np.asarray(suspect["crops"]), np.asarray(suspect["others"])
        self.session.select(np.concatenate([crops, others]))
        self.deal(
            cards.two_groups(
                self.session, self.thumbs, crops, others, f"{suspect['kind']}: {suspect['reason']}"
            )
        )

    def _look_at_cluster(self, cluster: int, nearest: int, gap: float) -> None:
        """Show a cluster, and who is next to it."""
        if cluster == nearest:  # it is the only one
            return
        crops, others = self.session.members(cluster), self.session.members(nearest)
        names = (f"cluster {cluster}, {len(crops)} crops", f"its nearest, cluster {nearest}")
        title = f"Cluster {cluster} and its nearest, {gap:.2f} away"
        self.deal(cards.two_groups(self.session, self.thumbs, crops, others, title, names))

    def _visit(self, row: int) -> None:
        self.deal(cards.nearest(self.session, self.thumbs, row))
        self.crop.show(row)

    def _clicked(self, place: int, part: int) -> None:
        """A click on a crop visits it; on one of two crops that are compared, it shows where they agree."""
        these = self.hand.crops[place]
        row = int(these[min(part, len(these) - 1)])
        anchor = self.crop.row
        if len(these) == 2:
            self.crop.show(row)
            self.crop.compare(int(these[1 - part]))
        elif self.hand.anchor == anchor is not None and row not in (anchor, self.crop.other):
            self.crop.compare(row)
        else:
            self._visit(row)
        self.tabs.selected_index = TABS.index("This crop")

    def _turned_to(self, change: Any) -> None:
        self.flow.show(change["new"] == TABS.index("Over the epochs"))

    def _slid(self, change: Any) -> None:
        if not self._noticing and change["new"] != self.session.epoch:
            self.session.go_to(change["new"])

    def _follow_epoch(self, change: Any) -> None:
        self.slider.value = change["new"]
        if len(self.session.selection):
            self._selected(None)

    # The static twin

    def picture(self) -> Picture:
        """Draw what is shown now, without any widget."""
        session = self.session
        counter = session.selected_counter() if len(session.selection) else session.counter
        return twin.draw(
            title=self._title(), xy=session.scene.layout(session.epoch), colouring=self.map.colouring,
            coloured_by=self.map.colour.value, selection=session.selection,
            counts=counter.count(session.ids, session.cameras), threshold=session.threshold, hand=self.hand,
        )  # fmt: skip

    def _title(self) -> str:
        session = self.session
        labels = "as recorded" if session.eps is None else f"eps {session.eps:.2f}"
        edits = f", {len(session.log.edits)} edits" if session.log.edits else ""
        return (
            f"{session.scene.name}, epoch {session.epoch}, labels {labels}{edits}: "
            f"{len(session.clusters)} clusters"
        )

    def _repr_mimebundle_(self, **asked: Any) -> dict[str, Any]:
        still = {"image/png": base64.b64encode(twin.pack(self.picture())).decode()}
        return self.widget._repr_mimebundle_(**asked) | still
