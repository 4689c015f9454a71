"""What is it worth to train on from mended labels, and how should the edits be kept?

The doctor is followed to the end on a run's last labels (:func:`tests.benchmarks.doctor.follow`), without any
identity. Then training goes on for some epochs from the run's last weights, in four ways:

- as it was: no labels are given, every pass clusters
- once: the mended labels for the first pass, then clusters
- replayed: the same, and each later clustering is mended by the same edits, as `reidkit train --labels` does
- held: the mended labels in every pass

Run: ``python -m tests.benchmarks.mended_training RUN [RUN ...]``, on ended runs of known people.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reidkit.data import select
from reidkit.engine.mending import Mending, origin
from reidkit.engine.record import Record
from reidkit.engine.runs import train
from reidkit.labels.doctor import KINDS
from reidkit.labels.edits import EditLog
from tests.benchmarks.doctor import follow

WAYS = ("as it was", "once", "replayed", "held")


def mended_by_the_doctor(record: Record) -> EditLog:
    """Follow the doctor on the last labels of a run."""
    crops, epoch = select(record.crops, "train"), record.recorded[-1]
    log = EditLog(record.labels(epoch), crops["path"], run=record.path, epoch=epoch)
    for kinds, rounds in ((["merge"], 4), (KINDS, 3)):
        follow(log, record.features(epoch), crops["camid"], kinds, rounds)
    return log


def go_on(edited: Path, out: Path, way: str, epochs: int) -> Record:
    """Train on in one of the four ways."""
    config, data, layout = origin(edited, {"epochs": epochs, "eval_every": 1})
    config = replace(config, labels_hold=epochs if way == "held" else 1)
    if way == "as it was":
        config = replace(config, labels=None)
    with pytest.MonkeyPatch.context() as patch:
        if way == "once":
            patch.setattr(Mending, "mend", _as_clustered)
        return train(data, out, config, layout=layout, progress=False)


def _as_clustered(_: Mending, labels: np.ndarray) -> tuple[np.ndarray, None]:
    return labels, None


def main() -> None:
    """Print mAP and the pair F1 of the labels, epoch by epoch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS)
    given = parser.parse_args()
    for run in given.runs:
        with tempfile.TemporaryDirectory() as folder:
            edited = mended_by_the_doctor(Record(run)).save(Path(folder) / "edited.json")
            for way in given.ways:
                epochs = go_on(edited, Path(folder) / way, way, given.epochs).epochs
                figures = [
                    f"{name} {' '.join(epochs[name].map('{:.3f}'.format))}" for name in ("mAP", "pair_f1")
                ]
                print(f"{run}, {way}: {'; '.join(figures)}", flush=True)


if __name__ == "__main__":
    main()
