"""Pseudo-labels that can be mended by hand, with a memory: every edit can be undone, saved and replayed.

log = EditLog(record.labels(10), names=train["path"], run=record.path, epoch=10)
log.merge(3, 17)
log.split([5, 9, 12], why="the twins")
log.apply(suspects.iloc[0])        # what the doctor found
log.undo()
log.save("edited.json")            # and `reidkit train --labels edited.json` goes on from there
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from reidkit.distances.checks import integer_ids
from reidkit.errors import ReidkitError
from reidkit.labels.clustering import OUTLIER
from reidkit.labels.edit_files import read_edits, write_edits
from reidkit.labels.names import Names, Rows, Some
from reidkit.labels.quality import label_quality
from reidkit.labels.replay import TOLD, replay
from reidkit.labels.statements import Edit, Kind, cure, interpret


class EditLog:
    """Labels, and the edits that made them.

    A new cluster gets a number that no cluster has had in this log. Reasons (``why``) are kept.

    Args:
        labels: (N,) integers to begin with; -1 an outlier.
        names: of the N crops, each once, as their paths; None names them by their rows.
        run, epoch: where the labels come from, if from a run.

    Raises:
        ReidkitError: a label below -1, or names that are not N different ones.

    >>> log = EditLog([0, 0, 0, 1, 1, -1])
    >>> print(log.split([2], why="another coat"))
    1 crop left cluster 0 for cluster 2: another coat
    >>> print(log.merge(1, 2))
    cluster 2 (1 crop) became a part of cluster 1
    >>> log.labels
    array([ 0,  0,  1,  1,  1, -1])
    >>> log.undo().labels
    array([ 0,  0,  2,  1,  1, -1])
    """

    def __init__(
        self,
        labels: ArrayLike,
        names: Sequence[str] | pd.Series | None = None,
        *,
        run: str | Path | None = None,
        epoch: int | None = None,
    ) -> None:
        self.names = Names([str(row) for row in range(np.size(labels))] if names is None else names)
        self.start = integer_ids(labels, "labels", len(self.names))
        if len(self.start) and self.start.min() < OUTLIER:
            raise ReidkitError(f"label {self.start.min()}: clusters are 0, 1, ... and -1 is an outlier.")
        self.run, self.epoch = None if run is None else Path(run), epoch
        self.next = int(self.start.max(initial=OUTLIER)) + 1
        self._labels = self.start.copy()
        self._done: list[tuple[Edit, Rows]] = []  # each with the labels that its crops had
        self._undone: list[Edit] = []

    @property
    def labels(self) -> Rows:
        """(N,) int64: a copy of the labels as they are now."""
        return self._labels.copy()

    @property
    def edits(self) -> list[Edit]:
        """What was done and not undone, in order."""
        return [edit for edit, _ in self._done]

    @property
    def undone(self) -> list[Edit]:
        """What :meth:`redo` would do again, the next one last."""
        return list(self._undone)

    def split(self, crops: Some, *, why: str = "") -> Edit:
        """Let crops leave their clusters (or the outliers) for a new cluster.

        Args:
            crops: rows, names, or a mask of N booleans.
            why: kept with the edit.

        Raises:
            ReidkitError: no crop, an unknown one, or exactly one whole cluster.
        """
        rows = self.names.find(crops)
        left = np.unique(self._labels[rows])
        rest = np.setdiff1d(np.flatnonzero(np.isin(self._labels, left[left != OUTLIER])), rows)
        if len(left) == 1 and left[0] != OUTLIER and not len(rest):
            raise ReidkitError(f"These are all crops of cluster {left[0]}: there is nothing to split.")
        return self.do("split", rows, rest, self.next, why)

    def merge(self, a: int, b: int, *, why: str = "") -> Edit:
        """Make two clusters one, which keeps the number ``a``.

        Raises:
            ReidkitError: there is no such cluster, or both are the same.
        """
        rows, others = self._members(b), self._members(a)
        if a == b:
            raise ReidkitError(f"Cluster {a} cannot be merged with itself: give two clusters.")
        return self.do("merge", rows, others, int(a), why)

    def drop(self, crops: Some, *, why: str = "") -> Edit:
        """Make outliers of crops.

        Raises:
            ReidkitError: no crop, an unknown one, or all of them are outliers.
        """
        return self._state("drop", self.names.find(crops), np.empty(0, np.int64), why)

    def move(self, crops: Some, cluster: int, *, why: str = "") -> Edit:
        """Put crops into a cluster that is there.

        Raises:
            ReidkitError: no crop, an unknown one or cluster, or all of them are in it.
        """
        return self._state("move", self.names.find(crops), self._members(cluster), why)

    def apply(self, suspect: Mapping[str, Any] | pd.Series) -> Edit:
        """Do what a suspect of :func:`reidkit.labels.doctor.examine` asks for.

        The smaller group of a suspected *merge* is cut off. The smaller cluster of a suspected *split* or
        *camera* pair joins the larger one, an *outlier* its home, a *duplicate* the larger cluster of the
        two. The groups are looked up in the labels as they are now, so it may follow other edits.

        Args:
            suspect: one row of the doctor's table.

        Raises:
            ReidkitError: after the edits since, there is nothing left to do, or no telling what.
        """
        groups = self.names.find(suspect["crops"]), self.names.find(suspect["others"])
        kind, crops, others = cure(suspect["kind"], *groups, self._labels)
        return self._state(kind, crops, others, f"{suspect['kind']} suspected: {suspect['reason']}")

    def apply_all(self, suspects: pd.DataFrame) -> pd.DataFrame:
        """Apply one suspect after the other; what cannot be done is told, not raised.

        Returns:
            One row a suspect, with its index: "what" (the suspect's kind), "status" ("done" or
            "skipped"), "crops" (how many got another label) and "reason".
        """
        told: list[tuple[str, str, int, str]] = []
        for _, suspect in suspects.iterrows():
            try:
                told.append((suspect["kind"], "done", len(self.apply(suspect).crops), ""))
            except ReidkitError as error:
                told.append((suspect["kind"], "skipped", 0, str(error)))
        return pd.DataFrame(told, columns=TOLD, index=suspects.index)

    def undo(self) -> EditLog:
        """Take the last edit back; returns the log itself.

        Raises:
            ReidkitError: there is none.
        """
        if not self._done:
            raise ReidkitError("There is no edit to undo.")
        edit, before = self._done.pop()
        self._labels[list(edit.crops)] = before
        self._undone.append(edit)
        return self

    def redo(self) -> EditLog:
        """Do again what was undone last; returns the log itself.

        Raises:
            ReidkitError: nothing was undone since the last edit.
        """
        if not self._undone:
            raise ReidkitError("There is no edit to do again.")
        self.repeat(self._undone.pop())
        return self

    def do(self, kind: Kind, rows: Rows, others: Rows, to: int, why: str) -> Edit:
        """Give crops a label, as an edit; the methods above are the ways to get here."""
        edit = Edit(kind, _tuple(rows), _tuple(others), _tuple(np.unique(self._labels[rows])), to, why)
        self._undone.clear()
        self.repeat(edit)
        return edit

    def repeat(self, edit: Edit) -> None:
        """Do an edit of these very labels to the letter, as :meth:`redo` and :meth:`load` do."""
        rows = list(edit.crops)
        self._done.append((edit, self._labels[rows]))
        self._labels[rows] = edit.to
        self.next = max(self.next, edit.to + 1)

    def quality(self, pids: ArrayLike | pd.Series, *, ami: bool = True) -> pd.DataFrame:
        """Judge them with true identities: :func:`reidkit.labels.label_quality` "before" and "after".

        Args:
            pids: (N,) integers.
            ami: False leaves the two AMI scores out, which take nearly all of the time.
        """
        both = {"before": self.start, "after": self._labels}
        return pd.DataFrame({when: label_quality(some, pids, ami=ami) for when, some in both.items()})

    def replay(
        self, labels: ArrayLike, *, run: str | Path | None = None, epoch: int | None = None
    ) -> tuple[EditLog, pd.DataFrame]:
        """Make the same edits on other labels of the same crops, as those of another epoch.

        An edit holds for its crops, not for the numbers of clusters: :mod:`reidkit.labels.statements` says
        what it comes to. No edit joins what an earlier one cut, unless it did so here too.

        Args:
            labels: (N,) integers.
            run, epoch: where they come from.

        Returns:
            A log of the new labels, and a table with a row for each edit: "what", "status" ("done",
            "already so" or "skipped"), "crops" (how many got another label) and "reason".

        Raises:
            ReidkitError: labels of another length.

        >>> log = EditLog([0, 0, 1, 1])
        >>> _ = log.split([1]), log.merge(1, 2)
        >>> other, told = log.replay([7, 7, 7, 5])
        >>> other.labels
        array([7, 8, 7, 5])
        >>> told[["what", "status", "reason"]]
            what   status                                             reason
        0  split     done
        1  merge  skipped  of the crops to be joined, 0 of 2 are outliers...
        """
        if np.size(labels) != len(self.names):
            raise ReidkitError(f"labels: {np.size(labels)} for {len(self.names)} crops; give one per crop.")
        other = EditLog(labels, self.names.all, run=run, epoch=epoch)
        return other, replay(self, other)

    def save(self, path: str | Path) -> Path:
        """Write labels and edits as JSON, whole, and return the absolute path; what was undone is left out.

        Raises:
            ReidkitError: it cannot be written there.
        """
        origin = {"run": self.run, "epoch": self.epoch, "next": self.next}
        write_edits(Path(path), self.names.all, self.start, self.edits, origin)
        return Path(path).resolve()

    @classmethod
    def load(cls, path: str | Path, names: Sequence[str] | pd.Series | None = None) -> EditLog:
        """Read what :meth:`save` wrote.

        Args:
            path: the file.
            names: the crops that it must be of, if given; the folder they lie in may have moved since.

        Raises:
            ReidkitError: no such file, another format, something in it that cannot be, or other crops.
        """
        content = read_edits(Path(path))
        log = cls(content["labels"], content["names"], run=content["run"], epoch=content["epoch"])
        if names is not None:
            log.names.check(names, str(path))
            log.names = Names(names)
        for number, edit in enumerate(content["edits"]):
            if edit.clusters != _tuple(np.unique(log._labels[list(edit.crops)])):
                raise ReidkitError(f"{path} is damaged: the crops of edit {number} are not where it says.")
            log.repeat(edit)
        log.next = max(log.next, content["next"])
        return log

    def _state(self, kind: Kind, crops: Rows, others: Rows, why: str) -> Edit:
        """Do what a statement comes to now, or say why that is nothing."""
        outcome = interpret(kind, crops, others, self._labels, self.next, gather=False)
        if outcome.status != "done":
            raise ReidkitError(f"There is nothing to {kind}: {outcome.reason}.")
        if kind == "split":
            return self.split(outcome.crops, why=why)
        there = np.flatnonzero(self._labels == outcome.to) if kind != "drop" else others
        return self.do(kind, outcome.crops, there, outcome.to, why)

    def _members(self, cluster: int) -> Rows:
        rows = np.flatnonzero(self._labels == cluster)
        if cluster < 0 or not len(rows):
            raise ReidkitError(f"There is no cluster {cluster}; `labels` holds those that there are.")
        return rows


def _tuple(rows: Rows) -> tuple[int, ...]:
    return tuple(rows.tolist())
