"""One crop: where it is among its neighbours, what became of it, and where it agrees with another."""

from __future__ import annotations

from functools import cached_property

import ipywidgets as widgets
import pandas as pd

from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.explore.agreement import Agreement
from reidkit.explore.session import Session
from reidkit.explore.still import Still
from reidkit.labels.moves import why


class Crop:
    """The story of a crop over the epochs, and its comparison with another one.

    Attributes:
        row: the crop; None before one was visited.
        other: the crop it is compared with, if there is one.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.row: int | None = None
        self.other: int | None = None
        self.story = widgets.HTML("Click on a crop in the grid, or on a dot.")
        self.image = Still()
        self.widget = widgets.HBox([self.story, self.image], layout={"flex_flow": "row wrap"})

    @cached_property
    def _agreement(self) -> Agreement:
        run = self.session.scene.run
        if run is None:
            raise ReidkitError(
                "Features alone do not say where two images agree: that needs the run's network."
            )
        return Agreement(Record(run))

    def show(self, row: int) -> None:
        """Tell a crop's story."""
        self.row, self.other = row, None
        self.image.value = b""
        self.story.value = (
            f'<div style="font-size:12px;line-height:1.45;max-width:480px">{self._tell(row)}</div>'
        )

    def _tell(self, row: int) -> str:
        scene, epoch = self.session.scene, self.session.epoch
        epochs = scene.epochs
        if len(epochs) == 1:
            return f"<b>Row {row}</b>: one epoch is recorded, so there is no story to tell."
        text = f"<b>Row {row}</b> over the epochs (kept: companions of the epoch before that stayed)"
        history = self.session.lineage().history(row)
        text += _table(history)
        lines = history["line"].loc[:epoch]
        if len(lines) > 1:
            changed = lines.index[lines.diff().fillna(0) != 0]
            after = changed[-1] if len(changed) else epoch  # its last change, or else that there was none
            text += f"<p>{self.why(row, epochs[epochs.index(after) - 1], after)}</p>"
        return text

    def why(self, row: int, before: int, after: int) -> str:
        """Say why a crop changed its cluster between two epochs, as recorded."""
        scene = self.session.scene
        move = why(
            scene.features(before), scene.features(after), scene.labels(before), scene.labels(after), row,
            camids=scene.camids,
        )  # fmt: skip
        return f"Epoch {before} to {after}: {move}"

    def compare(self, other: int) -> None:
        """Show where the crop and another one agree, cell by cell of the network's map.

        Raises:
            ReidkitError: there is no network, or an image is not there.
        """
        assert self.row is not None
        self.other = other
        first, second = (self.session.scene.paths[row] for row in (self.row, other))
        if first is None or second is None:
            raise ReidkitError("These features came without image files: there is nothing to compare.")
        self.image.value = self._agreement.picture(first, second).png()


def _table(history: pd.DataFrame) -> str:
    """Write a crop's history, an epoch a line; a line is a cluster while it goes on."""
    cells = [
        f"<tr><td>{epoch}</td><td>{'outlier' if line < 0 else f'line {line:.0f}, {size:.0f} crops'}</td>"
        f"<td>{'' if pd.isna(kept) else f'{kept:.0%}'}</td></tr>"
        for epoch, line, size, kept in history.itertuples()
    ]
    head = "<tr><th>epoch</th><th>cluster</th><th>kept</th></tr>"
    style = "border-collapse:separate;border-spacing:10px 0;text-align:left"
    return f'<table style="{style}">{head}{"".join(cells)}</table>'
