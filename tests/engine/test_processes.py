"""Two processes on the CPU share a training, and end with one record and one memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from reidkit.engine.record import Record
from reidkit.engine.runs import WEIGHTS, train
from reidkit.engine.runtime import Runtime
from reidkit.errors import ReidkitError
from tests.engine.small import command, config, environment


def train_in_two(data: Path, folder: Path, **options: Any) -> tuple[Record, dict[str, torch.Tensor]]:
    """Train in FOLDER/run; return the record, and the state that both processes ended with."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2",
              "-m", "tests.engine.two_processes"]  # fmt: skip
    done = subprocess.run(
        [*launch, *command(data, folder / "run", **options)], env=environment(STATES=str(folder)), text=True,
        capture_output=True, timeout=180, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("record: ") == 1
    first, second = (torch.load(folder / f"{rank}.pt") for rank in (0, 1))
    for name in first:
        torch.testing.assert_close(first[name], second[name], atol=0, rtol=0, msg=name)
    return Record(folder / "run"), first


def test_two_processes_train_as_one(market: Path, tmp_path: Path) -> None:
    record, state = train_in_two(market, tmp_path)
    assert record.epochs["epoch"].tolist() == [0, 1, 2]
    assert np.isfinite(record.epochs["loss"][1:]).all()
    assert len(state["method.memory.centroids"]) == record.epochs["clusters"][1]
    # Before any training it makes no difference how many look.
    alone = train(market, tmp_path / "alone", config(epochs=1, iters=1), progress=False)
    for name in ("mAP", "overlap", "pseudo_overlap", "train_auc"):
        assert record.epochs[name][0] == pytest.approx(alone.epochs[name][0], abs=1e-4)


def test_two_processes_have_one_teacher(market: Path, tmp_path: Path) -> None:
    record, state = train_in_two(market, tmp_path, method="lp", epochs=1, iters=2)
    assert record.epochs["epoch"].tolist() == [0, 1, 2]
    assert record.teacher is not None
    np.testing.assert_array_equal(record.labels(0), record.teacher.labels(1))
    weights = load_file(record.teacher.path / WEIGHTS)
    for name, value in weights.items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(state[f"method.teacher_network.{name}"], value), name


def test_a_batch_that_cannot_be_halved_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = Runtime(device="cpu")
    monkeypatch.setattr(runtime, "accelerator", SimpleNamespace(num_processes=2))
    runtime.check_batch(16)
    with pytest.raises(ReidkitError, match=r"2 processes cannot share a batch of 9 .* --clusters"):
        runtime.check_batch(9)


def test_every_process_hears_of_the_main_ones_error() -> None:
    def fail() -> None:
        raise ReidkitError("the main process found no data")

    with pytest.raises(ReidkitError, match="found no data"):
        Runtime(device="cpu").on_main(fail)
