"""One log's edits, made on another log's labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reidkit.labels.clustering import OUTLIER
from reidkit.labels.names import Rows
from reidkit.labels.statements import Cut, Edit, Outcome, interpret, share_a_cluster, unless_it_joins

if TYPE_CHECKING:
    from reidkit.labels.edits import EditLog

TOLD = ["what", "status", "crops", "reason"]


def replay(log: EditLog, other: EditLog) -> pd.DataFrame:
    """Make the edits of one log on another; :meth:`reidkit.labels.edits.EditLog.replay` says how.

    What a log has cut, and not joined again by its end, no replayed edit joins.

    Returns:
        One row an edit: see there.
    """
    end, cuts = log.labels, list[Cut]()
    told: list[tuple[str, str, int, str]] = []
    for number, edit in enumerate(log.edits):
        crops, others = np.array(edit.crops), np.array(edit.others, np.int64)
        outcome = _make(edit, crops, others, other, cuts)
        told.append((edit.kind, outcome.status, len(outcome.crops), outcome.reason))
        if edit.kind == "split" and not share_a_cluster(crops, others, end):
            cuts.append(Cut(number, crops, others))
    return pd.DataFrame(told, columns=TOLD)


def _make(edit: Edit, crops: Rows, others: Rows, other: EditLog, cuts: list[Cut]) -> Outcome:
    labels, gather = other.labels, len(edit.clusters) > 1 or edit.clusters == (OUTLIER,)
    outcome = interpret(edit.kind, crops, others, labels, other.next, gather=gather)
    outcome = unless_it_joins(cuts, outcome, labels)
    if outcome.status == "skipped" and edit.kind == "split":
        return _cut_only(edit, crops, others, other, outcome.reason)
    if outcome.status == "done":
        other.do(edit.kind, outcome.crops, others, outcome.to, edit.why)
    return outcome


def _cut_only(edit: Edit, crops: Rows, others: Rows, other: EditLog, reason: str) -> Outcome:
    """Cut crops off in each cluster on its own: that joins nobody."""
    labels = other.labels
    shared = np.intersect1d(labels[crops], labels[others])
    leaving = [crops[labels[crops] == cluster] for cluster in shared[shared != OUTLIER]]
    for rows in leaving:
        other.do("split", rows, others, other.next, edit.why)
    rows = np.concatenate([crops[:0], *leaving])
    return Outcome("done" if len(rows) else "skipped", rows, OUTLIER, f"not gathered: {reason}")
