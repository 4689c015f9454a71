"""Checkpoints: all that a run needs to go on as if it had never stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from reidkit.errors import ReidkitError
from reidkit.files import replace_file

FILE = "checkpoint.pt"


def save_checkpoint(run: Path, state: dict[str, Any]) -> None:
    """Write RUN/checkpoint.pt whole; the old one stays until the new one is complete."""
    replace_file(run / FILE, lambda path: torch.save(state, path))


def load_checkpoint(run: Path) -> dict[str, Any] | None:
    """Read RUN/checkpoint.pt, or None when the run had not finished an epoch.

    Only tensors and plain values are read (``weights_only=True``): no code runs from the file.

    Raises:
        ReidkitError: the file is not a checkpoint of ours.
    """
    path = run / FILE
    if not path.is_file():
        return None
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ReidkitError(
            f"{path} is no readable checkpoint ({type(error).__name__}). Delete it to start this run anew."
        ) from error
