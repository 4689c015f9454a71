"""Not a test: what test_processes.py launches twice. ``reidkit``, and every process writes its own state."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from reidkit.cli import main
from reidkit.engine.record import Record
from reidkit.engine.trainer import Trainer

run_alone = Trainer.run


def run(trainer: Trainer) -> Record:
    record = run_alone(trainer)
    state = trainer._bare.state_dict() | {"labels": torch.from_numpy(trainer._labels)}
    torch.save(state, Path(os.environ["STATES"]) / f"{os.environ['RANK']}.pt")
    return record


if __name__ == "__main__":
    Trainer.run = run  # type: ignore[method-assign]
    main()
