"""A training of a few seconds, and how two of them are compared."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from reidkit.engine.config import TrainConfig, make_config
from reidkit.engine.trainer import Trainer

OPTIONS: dict[str, Any] = {
    "init": "random", "height": 64, "width": 32, "epochs": 2, "iters": 3, "clusters": 4, "instances": 4,
    "k1": 12, "k2": 3, "eps": 0.5, "seed": 1, "device": "cpu",
}  # fmt: skip


def config(**changes: Any) -> TrainConfig:
    """The options of a small training on the figures of conftest.py."""
    return make_config("towns", OPTIONS | changes)


def command(data: Path | str, out: Path, **changes: Any) -> list[str]:
    """The same training as a command line."""
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in (OPTIONS | changes).items()]
    return ["train", str(data), "--out", str(out), "--preset=towns", *flags]


def start(arguments: list[str], **options: Any) -> subprocess.Popen[str]:
    """Start ``reidkit`` with these arguments as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "reidkit.cli", *arguments], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_hear_ctrl_c, **options,
    )  # fmt: skip


def _hear_ctrl_c() -> None:
    """A test run started in the background ignores Ctrl-C, and so would the processes it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment(**changes: str) -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", **changes}


def comparable(run: Path) -> pd.DataFrame:
    """epochs.csv without the columns that tell the time."""
    table = pd.read_csv(run / "epochs.csv")
    return table[[name for name in table if not name.startswith("seconds_")]]


def assert_same_run(one: Path, other: Path) -> None:
    """Weights, features, labels and figures of two runs are the same to the bit."""
    assert (one / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    pd.testing.assert_frame_equal(comparable(one), comparable(other), check_exact=True)
    folders = sorted(folder.name for folder in (one / "epochs").iterdir())
    assert folders == sorted(folder.name for folder in (other / "epochs").iterdir())
    for name in folders:
        mine, theirs = (load_file(run / "epochs" / name / "features.safetensors") for run in (one, other))
        assert mine.keys() == theirs.keys()
        assert all(np.array_equal(mine[key], theirs[key]) for key in mine)
        for table in ("labels", "iterations"):
            mine, theirs = (
                pd.read_parquet(run / "epochs" / name / f"{table}.parquet") for run in (one, other)
            )
            pd.testing.assert_frame_equal(mine, theirs, check_exact=True)


class Killed(BaseException):
    """Nothing catches this: it ends a run wherever it is."""


def kill_at_batch(patch: pytest.MonkeyPatch, number: int) -> None:
    """End the run in the middle of a pass, just before its ``number``-th batch; both stages count."""
    count, alone = itertools.count(1), Trainer._train_batch

    def batch(trainer: Trainer, rows: np.ndarray) -> dict[str, float]:
        if next(count) == number:
            raise Killed
        return alone(trainer, rows)

    patch.setattr(Trainer, "_train_batch", batch)
