"""The table of crops: one row for each picture of a person.

Every part of reidkit that speaks of people takes this one table, a pandas DataFrame:

========  ======  =====================================================================
column    type    meaning
========  ======  =====================================================================
path      str     the image file, absolute
pid       Int64   the person (her identity); <NA> unknown, -1 junk, 0 distractor
camid     Int64   the camera; <NA> unknown
split     str     ``train``, or for the test ``query`` (who is asked for) and ``gallery``
                  (where she is looked for)
========  ======  =====================================================================

*Junk* and *distractor* are Market-1501's words. A junk box shows no whole person: the evaluation
ignores it. A distractor is a false detection that nobody asks for: it stays in the gallery, where
ranking it high costs score. More columns are welcome and are carried along.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pandas as pd

from reidkit.errors import ReidkitError

JUNK = -1
DISTRACTOR = 0
SPLITS = ("train", "query", "gallery")
COLUMNS = ("path", "pid", "camid", "split")

_WHOLE = re.compile(r"([-+]?\d+)(\.0*)?")  # "12", "-1", and the "12.0" that spreadsheets write
_INT64 = 2**63


def check_crops(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table in its one normal form, or say which row is wrong.

    Only ``path`` must be there. A missing ``pid`` or ``camid`` column means unknown (<NA>), a
    missing ``split`` column means that every crop is for training. A relative path counts from the
    working directory. The files themselves are not opened: that is :func:`check_data`'s work.

    Returns:
        A new DataFrame with columns ``path, pid, camid, split`` (then any others) and a RangeIndex:
        train first, then query, then gallery; inside a split sorted by path, whatever the disk's
        own order.

    Raises:
        ReidkitError: no ``path`` column, no rows, a missing path, a pid or camid that is no whole
            number, pid < -1, camid < 0, an unknown split, or a path twice in one split.

    >>> crops = check_crops(pd.DataFrame({"path": ["/b.jpg", "/a.jpg"], "pid": ["7", None]}))
    >>> crops[["path", "pid", "camid", "split"]]
         path   pid  camid  split
    0  /a.jpg  <NA>   <NA>  train
    1  /b.jpg     7   <NA>  train
    """
    if "path" not in frame.columns:
        raise ReidkitError(f"the table of crops has no 'path' column; its columns are {list(frame.columns)}")
    if frame.empty:
        raise ReidkitError("the table of crops has no rows")
    crops = frame.reset_index(drop=True)
    crops["path"] = _absolute(crops["path"])
    crops["pid"] = _whole_numbers(crops, "pid", smallest=JUNK)
    crops["camid"] = _whole_numbers(crops, "camid", smallest=0)
    crops["split"] = _known_splits(crops)
    _refuse_twice(crops)
    ranks, paths = [SPLITS.index(split) for split in crops["split"]], list(crops["path"])
    order = sorted(range(len(crops)), key=lambda row: (ranks[row], paths[row]))
    others = [column for column in crops.columns if column not in COLUMNS]
    return crops.iloc[order][[*COLUMNS, *others]].reset_index(drop=True)


def select(crops: pd.DataFrame, split: str) -> pd.DataFrame:
    """Return the crops of one split, with a RangeIndex of their own.

    Args:
        crops: the table, as :func:`check_crops` returns it.
        split: ``train``, ``query``, ``gallery``, or ``test`` for the queries and then the gallery.

    Raises:
        ReidkitError: the split has another name.
    """
    wanted = {"test": ["query", "gallery"]} | {name: [name] for name in SPLITS}
    if split not in wanted:
        raise ReidkitError(f"split {split!r} is none of {', '.join(SPLITS)}, test")
    return crops[crops["split"].isin(wanted[split])].reset_index(drop=True)


def without_identities(crops: pd.DataFrame) -> pd.DataFrame:
    """Return the table without its ``pid`` column: what training is given.

    Unsupervised training must not see who is who. A column that is not there cannot leak.
    """
    return crops.drop(columns="pid")


def _absolute(paths: pd.Series) -> pd.Series:
    """Return the paths as absolute strings; a missing one is an error."""
    for row, path in enumerate(paths):
        if pd.isna(path) or not str(path).strip():
            raise ReidkitError(f"row {row} of the table of crops has no path")
    return pd.Series([os.path.abspath(path) for path in paths], index=paths.index).astype(str)


def _whole_numbers(crops: pd.DataFrame, column: str, *, smallest: int) -> pd.Series:
    """Return the column as Int64, read cell by cell.

    A detour over floats would be shorter, but would merge people whose ids are above 2**53.
    """
    if column not in crops:
        return pd.Series(pd.NA, index=crops.index, dtype="Int64")
    numbers = []
    for row, cell in enumerate(crops[column]):
        number = _whole_number(cell)
        if number is not None and not smallest <= number < _INT64:
            raise _bad_row(crops, row, f"{column} {number} must be {smallest} or more (64 bits)")
        if number is None and not _is_blank(cell):
            raise _bad_row(crops, row, f"{column} {cell!r} is not a whole number")
        numbers.append(number)
    return pd.Series(pd.array(numbers, dtype="Int64"), index=crops.index)


def _whole_number(cell: Any) -> int | None:
    """Return the cell as an int, or None if it holds no whole number."""
    match = _WHOLE.fullmatch(str(cell).strip())
    return int(match[1]) if match else None


def _is_blank(cell: Any) -> bool:
    """Say whether the cell is empty: the value is unknown, not wrong."""
    return bool(pd.isna(cell)) or not str(cell).strip()


def _known_splits(crops: pd.DataFrame) -> pd.Series:
    """Return the split column as strings, each one of SPLITS."""
    if "split" not in crops:
        return pd.Series("train", index=crops.index).astype(str)
    for row, split in enumerate(crops["split"]):
        if pd.isna(split) or split not in SPLITS:
            raise _bad_row(crops, row, f"split {split!r} is none of {', '.join(SPLITS)}")
    return crops["split"].astype(str)


def _refuse_twice(crops: pd.DataFrame) -> None:
    """Raise if one split names the same file twice."""
    twice = crops.duplicated(["split", "path"])
    if twice.any():
        row = int(twice.to_numpy().argmax())
        raise _bad_row(
            crops,
            row,
            f"this file is already in split {crops['split'][row]!r} "
            f"({int(twice.sum())} such rows); name each file once in a split",
        )


def _bad_row(crops: pd.DataFrame, row: int, what: str) -> ReidkitError:
    return ReidkitError(f"row {row} of the table of crops ({crops['path'][row]}): {what}")
