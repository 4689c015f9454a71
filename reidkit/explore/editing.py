"""Buttons that mend labels: split, merge, drop, move, undo, and a file to go on training from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
import pandas as pd

from reidkit.errors import ReidkitError
from reidkit.explore.guard import guarded
from reidkit.explore.session import Session


class Editing:
    """What can be done to the selected crops, and what was done.

    The methods are the explorer's own, too: each does one edit and shows what came of it.
    """

    def __init__(self, session: Session, report: Callable[[str], Any]) -> None:
        self.session = session
        guard = guarded(report)
        self.buttons = {
            "split": self._button(
                "Split off", "The selected crops leave for a new cluster", guard(self._split)
            ),
            "merge": self._button(
                "Merge", "The clusters of the selected crops become one", guard(self._merge)
            ),
            "drop": self._button("Drop", "The selected crops become outliers", guard(self._drop)),
            "move": self._button(
                "Move to", "The selected crops go to the cluster at the right", guard(self._move)
            ),
            "undo": self._button("Undo", "Take the last edit back", guard(self._undo)),
            "redo": self._button("Redo", "Do it again", guard(self._redo)),
            "save": self._button("Save", "Write the edits as JSON", guard(self._save)),
        }
        self.cluster = widgets.IntText(value=0, layout={"width": "80px"})
        self.path = widgets.Text(value="edited.json", layout={"width": "220px"})
        self.done = widgets.HTML(layout={"max_height": "170px", "overflow": "auto"})
        names = ("split", "merge", "drop", "move")
        first = [
            *(self.buttons[name] for name in names),
            self.cluster,
            self.buttons["undo"],
            self.buttons["redo"],
        ]
        wrap = {"flex_flow": "row wrap"}
        saving = widgets.HBox([self.buttons["save"], self.path], layout=wrap)
        self.widget = widgets.VBox([widgets.HBox(first, layout=wrap), saving, self.done])
        session.observe(guard(self.tell), "labels")
        self.tell()

    def _button(self, text: str, tooltip: str, callback: Callable[[Any], Any]) -> widgets.Button:
        button = widgets.Button(description=text, tooltip=tooltip, layout={"width": "auto"})
        button.on_click(callback)
        return button

    def split(self, rows: Any = None, why: str = "") -> None:
        """Let crops (the selected ones) leave for a new cluster."""
        self._edit(lambda log: log.split(self._rows(rows), why=why))

    def merge(self, *clusters: int, why: str = "") -> None:
        """Make clusters (those of the selected crops) one."""
        found = clusters or tuple(np.unique(self.session.labels[self.session.selected()]).tolist())
        found = tuple(cluster for cluster in found if cluster >= 0)
        if len(found) < 2:
            raise ReidkitError(
                "The selected crops are of one cluster: select crops of two or more to merge them."
            )
        first, *others = found
        for other in others:
            self.session.log.merge(first, other, why=why)
        self._take()

    def drop(self, rows: Any = None, why: str = "") -> None:
        """Make outliers of crops (the selected ones)."""
        self._edit(lambda log: log.drop(self._rows(rows), why=why))

    def move(self, cluster: int, rows: Any = None, why: str = "") -> None:
        """Put crops (the selected ones) into a cluster."""
        self._edit(lambda log: log.move(self._rows(rows), cluster, why=why))

    def apply(self, suspect: pd.Series) -> None:
        """Do what one row of the doctor's table asks for."""
        self._edit(lambda log: log.apply(suspect))

    def apply_all(self, suspects: pd.DataFrame) -> pd.DataFrame:
        """Do what several rows ask for, one after the other; what cannot be done is told, not raised."""
        told = self.session.log.apply_all(suspects)
        self._take()
        return told

    def undo(self) -> None:
        """Take the last edit back."""
        self._edit(lambda log: log.undo())

    def redo(self) -> None:
        """Do what was undone last again."""
        self._edit(lambda log: log.redo())

    def save(self, path: str | Path) -> Path:
        """Write labels and edits as JSON, for `reidkit train --labels`; returns where."""
        return self.session.log.save(path)

    def _rows(self, rows: Any) -> Any:
        return self.session.selected() if rows is None else rows

    def _edit(self, do: Callable[[Any], Any]) -> None:
        do(self.session.log)
        self._take()

    def _take(self) -> None:
        self.session.labels = self.session.log.labels

    def tell(self, _change: object = None) -> None:
        """List what was done, the last first, and what it did to the quality."""
        log = self.session.log
        lines = [f"<li>{_escaped(str(edit))}</li>" for edit in reversed(log.edits)]
        text = (
            f"<ol reversed>{''.join(lines)}</ol>"
            if lines
            else "No edit yet. Select crops, then split, merge, drop or move."
        )
        if lines and self.session.scene.known:
            quality = log.quality(self.session.scene.pids, ami=False).loc[["pair_f1", "purity"]]
            told = [f"{name} {row['before']:.3f} → {row['after']:.3f}" for name, row in quality.iterrows()]
            text = f"<b>{', '.join(told)}</b> (true identities)" + text
        self.done.value = f'<div style="font-size:12px;line-height:1.4">{text}</div>'

    def _split(self, _click: object) -> None:
        self.split()

    def _merge(self, _click: object) -> None:
        self.merge()

    def _drop(self, _click: object) -> None:
        self.drop()

    def _move(self, _click: object) -> None:
        self.move(self.cluster.value)

    def _undo(self, _click: object) -> None:
        self.undo()

    def _redo(self, _click: object) -> None:
        self.redo()

    def _save(self, _click: object) -> None:
        where = self.save(self.path.value)
        self.tell()
        self.done.value = (
            f"Written. Go on from it: <code>reidkit train --labels {_escaped(str(where))} --out ...</code>"
            + self.done.value
        )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
