"""The lists that part CUHK03's people: the new protocol's MATLAB files, and torchreid's JSON files.

Their images are named as in :mod:`reidkit.data.layouts.cuhk03`. torchreid writes whole paths of the
machine it ran on, and numbers people anew: only the files' names count here.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from reidkit.data.crops import SPLITS
from reidkit.errors import ReidkitError

CONFIG = "cuhk03_new_protocol_config_{}.mat"
NEW_LISTS = "splits_new_{}.json"
People = set[tuple[int, int]]
"""Some people, each as (pair, person), both counted from 1."""

_PERSON = re.compile(r"(\d)_(\d{3})_")
_BROKEN = (OSError, ValueError, TypeError, KeyError, EOFError, zlib.error, MatReadError, NotImplementedError)


def new_protocol(file: Path) -> pd.DataFrame:
    """Return columns ``name`` and ``split`` of the new protocol, and ``label`` from a config.

    Args:
        file: ``cuhk03_new_protocol_config_*.mat``, or torchreid's ``splits_new_*.json``.

    Raises:
        ReidkitError: the file cannot be read, or an index in it points nowhere.
    """
    if file.suffix == ".mat":
        return _read_config(file)
    (parts,) = _read_json(file, [0])
    rows = [(name, split) for split in SPLITS for name in parts[split]]
    return pd.DataFrame(rows, columns=["name", "split"])


def classic_people(lists: Path, folds: Sequence[int]) -> list[People]:
    """Return the test people of some folds, from torchreid's ``splits_classic_*.json``.

    Raises:
        ReidkitError: the file cannot be read, holds no such fold, or names images otherwise.
    """
    return [{_person(lists, name) for name in parts["query"]} for parts in _read_json(lists, folds)]


def _person(lists: Path, name: str) -> tuple[int, int]:
    if not (match := _PERSON.match(name)):
        raise ReidkitError(f"{lists}: {name} is not named <pair>_<person>_…, as in 1_017_2_06.png")
    return int(match[1]), int(match[2])


def _read_config(file: Path) -> pd.DataFrame:
    """Read the MATLAB file: indices into a list of names, counted from 1."""
    try:
        held = loadmat(file)
        names = [str(np.ravel(cell)[0]) for cell in np.ravel(held["filelist"])]
        labels = np.ravel(held["labels"]).astype(np.int64)
        indices = {split: np.ravel(held[f"{split}_idx"]).astype(np.int64) for split in SPLITS}
    except _BROKEN as error:
        raise ReidkitError(f"{file} cannot be read as the new protocol of CUHK03 ({error!r})") from None
    for split, index in indices.items():
        if len(labels) != len(names) or not ((index >= 1) & (index <= len(names))).all():
            raise ReidkitError(f"{file}: {split}_idx, counted from 1, does not fit its {len(names)} images")
    rows = [(names[i - 1], split, labels[i - 1]) for split, index in indices.items() for i in index]
    return pd.DataFrame(rows, columns=["name", "split", "label"])


def _read_json(file: Path, folds: Sequence[int]) -> list[dict[str, list[str]]]:
    """Return the names of the images in each split of some folds."""
    try:
        held: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8-sig"))
        if max(folds) >= len(held):
            raise ValueError(f"it holds {len(held)} folds, not fold {max(folds)}")
        return [{split: [_name(row[0]) for row in held[fold][split]] for split in SPLITS} for fold in folds]
    except _BROKEN as error:
        raise ReidkitError(f"{file} cannot be read as torchreid's lists of CUHK03 ({error!r})") from None


def _name(path: str) -> str:
    """Return the file's name, whichever system wrote its path."""
    return re.split(r"[\\/]", path)[-1]
