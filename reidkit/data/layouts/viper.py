"""VIPeR: 632 people, each seen once by each of two cameras, mostly from another side.

Folders ``cam_a`` and ``cam_b``; ``000_45.bmp`` is person 0, seen from 45 degrees, which column ``view``
keeps. People are numbered from 0, with gaps. Here 0 would mean a distractor, so every number is one
more. Camera 1 is ``cam_a``, camera 2 is ``cam_b``.

No parting of the people is published with it. The custom is: draw one half of them for training, ask
for the others, in both directions, and take the mean over ten such halves. So there are 20 folds. Fold
2k asks for the crops of ``cam_a`` in ``cam_b``, fold 2k + 1 the other way round, both for half k, which
NumPy's ``RandomState(k).permutation`` draws. Others drew others: a score differs from theirs by chance.

Source: Gray, Brennan and Tao, "Evaluating appearance models for recognition, reacquisition, and
tracking", PETS 2007; ten random halves: Gray and Tao, "Viewpoint invariant pedestrian recognition with
an ensemble of localized features", ECCV 2008.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from reidkit.data.benchmarks import mark, squash
from reidkit.data.crops import check_crops
from reidkit.data.layouts.named import find_images, has_names, read_names
from reidkit.errors import ReidkitError

FOLDS = 20
CAMERAS = {"train": "cam_a", "gallery": "cam_b"}  # the splits are told later
_NAME = re.compile(r"(?P<pid>\d{3,})_(?P<view>\d+)\.")


def recognises(path: Path) -> bool:
    """Say whether this folder is called so and has a camera, or has both cameras and such names."""
    if squash(path.name).startswith("viper"):
        return any((path / camera).is_dir() for camera in CAMERAS.values())
    return all(has_names(path / camera, _NAME) for camera in CAMERAS.values())


def read(path: Path, *words: str) -> pd.DataFrame:
    """Return the crops of one fold, 0 without a word, with ``dataset``, ``view`` and ``fold``.

    Raises:
        ReidkitError: a camera is missing or empty, images have names that do not say person and
            angle, a person has several crops under one camera, or two folds are asked for.
    """
    if len(words) > 1:
        raise ReidkitError(f"viper:{':'.join(words)} asks for {len(words)} folds: leave one")
    fold = int(words[0]) if words else 0
    crops = _read_cameras(path)
    train = crops["pid"].isin(_training_people(crops["pid"], fold // 2))
    asked = crops["camid"] == 1 + fold % 2
    split = np.select([train, asked], ["train", "query"], "gallery")
    fold_column = pd.Series(fold, index=crops.index, dtype="Int64")
    return mark(check_crops(crops.assign(split=split, fold=fold_column)), "VIPeR")


def _read_cameras(path: Path) -> pd.DataFrame:
    """Return path, pid, camid and view of all crops."""
    found = find_images(path, CAMERAS, like="VIPeR")
    camid = found["split"].map({"train": 1, "gallery": 2})
    crops = read_names(found.assign(camid=camid), _NAME, says="<person>_<angle>", example="000_45.bmp")
    crops = check_crops(crops)
    crops = crops.assign(pid=crops["pid"] + 1)
    if (twice := crops[crops.duplicated(["pid", "camid"])]).size:
        raise ReidkitError(f"{twice['path'].iloc[0]}: VIPeR has one crop of a person under a camera, not two")
    return crops


def _training_people(pids: pd.Series, half: int) -> np.ndarray:
    """Return the pids of one half. RandomState is the generator that NumPy promises never to change."""
    people = np.unique(pids.to_numpy(dtype=np.int64))
    return np.random.RandomState(half).permutation(people)[: len(people) // 2]
