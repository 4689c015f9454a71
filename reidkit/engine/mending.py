"""Training that goes on from labels mended by hand: how the edits reach it, and how they last.

For the first passes (``labels_hold``, one by default) the labels are trained on as they are. Later passes
cluster as ever, and each new clustering is mended by the same edits: what was cut stays apart, what was
joined stays together (:meth:`reidkit.labels.edits.EditLog.replay`).

Four epochs from labels that the doctor mended, mean of three towns (one training each;
``python -m tests.benchmarks.mended_training``):

==========================  =====  =======
later passes                mAP    pair F1
==========================  =====  =======
no mended labels at all     0.858  0.650
cluster, edits forgotten    0.880  0.712
cluster, edits made again   0.877  0.821
the mended labels for ever  0.879  0.847
==========================  =====  =======

So the network learns as much from one mended pass, and the edits keep the *labels* good. Labels held for ever
cannot follow a network that gets better, so one pass is the default.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reidkit.data import select
from reidkit.engine.config import TrainConfig
from reidkit.engine.record import WEIGHTS, Record
from reidkit.errors import ReidkitError
from reidkit.files import replace_file
from reidkit.labels import OUTLIER
from reidkit.labels.edits import EditLog

LABELS = "labels.json"
"""The run's own copy of the edited labels that it began with: who edits on does not change the run."""


class Mending:
    """Edited labels, as the training loop asks for them.

    Args:
        log: labels of the training crops, and their edits.
        hold: for how many passes the labels are trained on as they are.

    Raises:
        ReidkitError: fewer than two clusters.
    """

    def __init__(self, log: EditLog, hold: int = 1) -> None:
        self.log, self.hold = log, hold
        self.labels = _numbered(log.labels)

    def mend(self, labels: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
        """Make the edits on a new clustering.

        Args:
            labels: (N,) int64, -1 an outlier.

        Returns:
            (N,) int64 labels, clusters 0 .. K-1; and a row for each edit, as EditLog.replay tells.

        Raises:
            ReidkitError: fewer than two clusters are left.
        """
        mended, told = self.log.replay(labels)
        return _numbered(mended.labels), told


def count_edits(told: pd.DataFrame | None) -> dict[str, int]:
    """Say for epochs.csv how many edits were "edits_done", "edits_held" (so already) and "edits_skipped"."""
    if told is None:
        return {}
    names = {"done": "edits_done", "already so": "edits_held", "skipped": "edits_skipped"}
    return {name: int((told["status"] == status).sum()) for status, name in names.items()}


def _numbered(labels: np.ndarray) -> np.ndarray:
    """Number the clusters 0 .. K-1: memories have a row for each."""
    found, places = np.unique(labels[labels != OUTLIER], return_inverse=True)
    if len(found) < 2:
        raise ReidkitError(f"The edits leave {len(found)} cluster(s): there is nothing to contrast.")
    numbered = np.full(len(labels), OUTLIER, np.int64)
    numbered[labels != OUTLIER] = places
    return numbered


def read_mending(config: TrainConfig, crops: pd.DataFrame, out: Path) -> Mending | None:
    """Read the edited labels of a run, if it has any: its own copy, or else the file that was given.

    Args:
        config: "labels" and "labels_hold".
        crops: the run's table.
        out: the run's folder.

    Raises:
        ReidkitError: the file cannot be read, or is of other crops.
    """
    if config.labels is None:
        return None
    path = out / LABELS if (out / LABELS).exists() else Path(config.labels)
    return Mending(EditLog.load(path, select(crops, "train")["path"]), config.labels_hold)


def keep_labels(config: TrainConfig, out: Path) -> None:
    """Copy the edited labels into the run's folder, once."""
    given = config.labels
    if given is not None and not (out / LABELS).exists():
        replace_file(out / LABELS, lambda fresh: shutil.copyfile(given, fresh))


def origin(path: str | Path, options: dict[str, Any]) -> tuple[TrainConfig, str, str | None]:
    """Go on from the run that edited labels come from: its options, its data and its trained weights.

    Args:
        path: of the edited labels.
        options: fields of TrainConfig to change.

    Returns:
        The options, the data and its layout.

    Raises:
        ReidkitError: the file names no run, or the run is gone or has not ended.
    """
    log = EditLog.load(path)
    if log.run is None:
        raise ReidkitError(f"{path} names no run to go on from: give DATA, --preset and --init.")
    record = Record(log.run)
    weights = record.path / WEIGHTS
    if not weights.exists():
        raise ReidkitError(f"{record.path}, where {path} comes from, has not ended: resume it first.")
    known = TrainConfig().as_dict()
    kept = TrainConfig(**{name: record.config[name] for name in known if name in record.config})
    settings = kept.settings | options.get("settings", {})
    changed = options | {"settings": settings, "init": options.get("init", str(weights)), "labels": str(path)}
    return replace(kept, **changed), record.config["data"], record.config["layout"]
