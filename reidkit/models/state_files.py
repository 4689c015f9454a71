"""Reading weights from a file without running anything that is in it."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from reidkit.errors import ReidkitError

STATE_DICT_KEYS = ("state_dict", "model")  # under which checkpoints keep the weights


def read_state(path: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read the state dict in a file, without "module." prefixes, and its metadata (safetensors only).

    Nothing in the file is run: a pickle that needs more than tensors and plain values is refused.
    Raises ReidkitError when the file is missing, refused, damaged or holds no tensors.
    """
    path = Path(path)
    if not path.is_file():
        raise ReidkitError(f"there is no weights file {path}")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ReidkitError(
            f"{path} is damaged, or a pickle that holds more than tensors and plain values, which could run "
            "code when it is opened; it was not opened. Where you trust it, re-save its tensors alone: "
            "torch.save(torch.load(file, weights_only=False)['state_dict'], new_file)"
        ) from error
    except (RuntimeError, EOFError, ValueError, OSError, KeyError) as error:
        raise ReidkitError(f"{path} cannot be read as weights: {error}") from error
    for key in STATE_DICT_KEYS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping):
        raise ReidkitError(f"{path} holds a {type(content).__name__}, not a state dict")
    tensors = {str(k).removeprefix("module."): v for k, v in content.items() if isinstance(v, Tensor)}
    if not tensors:
        raise ReidkitError(f"{path} holds no tensors; its keys: {examples(map(str, content))}")
    return tensors, {}


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            keys = file.keys()
            tensors = {key.removeprefix("module."): file.get_tensor(key) for key in keys}
            return tensors, dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise ReidkitError(f"{path} cannot be read as safetensors: {error}") from error


def examples(keys: Iterable[str], limit: int = 4) -> str:
    """The first few of `keys`, and how many more there are.

    >>> examples("abcdef")
    'a, b, c, d and 2 more'
    """
    listed = list(keys)
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return ", ".join(listed[:limit]) + more
