"""The lists that part CUHK03's people: the new protocol's MATLAB files, and torchreid's JSON files.

Their images are named as in :mod:`reidkit.data.layouts.cuhk03`. torchreid writes whole paths of the
machine it ran on, and numbers people anew: only the files' names count here.
"""

from __future__ import annotations

import json
import re
import zlib
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
_PERSON = re.compile(r"(\d)_(\d{3})_")
_BROKEN = (OSError, ValueError, TypeError, KeyError, EOFError, zlib.error, MatReadError, NotImplementedError)


def new_protocol(config: Path | None, lists: Path | None) -> pd.DataFrame:
    """Return columns ``name`` and ``split`` of the new protocol, and ``label`` from a config.

    Args:
        config: ``cuhk03_new_protocol_config_*.mat``, read if there is one.
        lists: else torchreid's ``splits_new_*.json``.

    Raises:
        ReidkitError: the file cannot be read, or an index in it points nowhere.
    """
    if config is not None:
        return _read_config(config)
    assert lists is not None
    parts = _read_json(lists, 0)
    return pd.DataFrame(
        [(name, split) for split in SPLITS for name in parts[split]], columns=["name", "split"]
    )


def classic_people(lists: Path, fold: int) -> list[tuple[int, int]]:
    """Return the test people of a fold as (pair, person), from torchreid's ``splits_classic_*.json``.

    Raises:
        ReidkitError: the file cannot be read, holds no such fold, or names images otherwise.
    """
    names = _read_json(lists, fold)["query"]
    matches = [_PERSON.match(name) for name in names]
    if not all(matches):
        odd = names[matches.index(None)]
        raise ReidkitError(f"{lists}: {odd} is not named <pair>_<person>_…, as in 1_017_2_06.png")
    return sorted({(int(match[1]), int(match[2])) for match in matches if match})


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


def _read_json(file: Path, fold: int) -> dict[str, list[str]]:
    """Return the names of the images in each split of a fold."""
    try:
        folds: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        if fold >= len(folds):
            raise ValueError(f"it holds {len(folds)} folds, not fold {fold}")
        return {split: [re.split(r"[\\/]", row[0])[-1] for row in folds[fold][split]] for split in SPLITS}
    except _BROKEN as error:
        raise ReidkitError(f"{file} cannot be read as torchreid's lists of CUHK03 ({error!r})") from None
