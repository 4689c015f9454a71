"""Which data set this is, in words: its name, and the folders it lies in."""

from __future__ import annotations

import os

import pandas as pd

from reidkit.data.crops import SPLITS
from reidkit.data.findings import first_few, plural

_FEW = 3  # folders of a split that are named; more are counted


def say_name(crops: pd.DataFrame, layout: str | None = None) -> str:
    """Say which data set a table of crops is, and in which layout.

    Args:
        crops: the table; its ``dataset`` column names a public benchmark.
        layout: the layout's name, where it is known.

    >>> say_name(pd.DataFrame({"dataset": ["MSMT17 V2"]}), "msmt17")
    'MSMT17 V2 (layout msmt17)'
    >>> say_name(pd.DataFrame({"path": ["a.jpg"]}), "people")
    'a data set of your own (layout people)'
    """
    named = list(dict.fromkeys(crops["dataset"].dropna())) if "dataset" in crops else []
    name = first_few(named) if named else "a data set of your own"
    if "fold" in crops and crops["fold"].nunique() == 1:
        name += f", fold {crops['fold'].iloc[0]}"
    return f"{name} (layout {layout})" if layout else name


def say_form(crops: pd.DataFrame) -> str:
    """Say where the splits lie, below the folder that holds all of them: the form of a benchmark.

    >>> rows = [("/d/mask_train_v2/1.jpg", "train"), ("/d/mask_test_v2/2.jpg", "query")]
    >>> say_form(pd.DataFrame(rows, columns=["path", "split"]))
    'train in mask_train_v2, query in mask_test_v2'
    """
    folders = [os.path.dirname(path) for path in crops["path"]]
    root = os.path.commonpath(folders)
    parts = {folder: _first_part(folder, root) for folder in set(folders)}
    first = pd.Series([parts[folder] for folder in folders], index=crops.index)
    said = {}
    for split in SPLITS:
        names = sorted(set(first[crops["split"] == split]))
        if names:
            said[split] = plural(len(names), "folder") if len(names) > _FEW else " and ".join(names)
    if set(said.values()) == {os.curdir}:
        return f"all in one folder, {os.path.basename(root)}"
    return ", ".join(f"{split} in {where}" for split, where in said.items())


def _first_part(folder: str, root: str) -> str:
    return os.path.relpath(folder, root).split(os.sep)[0] if folder != root else os.curdir
