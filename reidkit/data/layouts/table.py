"""A CSV file that names the crops: columns ``path, pid, camid, split``.

Only ``path`` is needed, relative to the CSV's own folder or absolute. Further columns are kept.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reidkit.data.crops import COLUMNS, check_crops
from reidkit.data.images import is_image
from reidkit.errors import ReidkitError

NAME = "crops.csv"  # a folder that holds a file of this name is opened by it


_EXPECTED = "a data set is a benchmark's folder, a folder of images, or a CSV with a 'path' column"
_ARCHIVE = re.compile(r"((?<!\.csv)\.zip|\.tar(\.\w+)?|\.tgz|\.7z|\.rar)$")  # pandas reads a packed CSV


def recognises(path: Path) -> bool:
    """Say whether this is a file, or a folder that holds a ``crops.csv``."""
    return path.is_file() or (path / NAME).is_file()


def read(path: Path) -> pd.DataFrame:
    """Return the crops that the CSV names.

    A missing pid or camid (the column, or a cell) is unknown; without a split column, all crops are
    for training.

    Raises:
        ReidkitError: the file is no CSV, or :func:`reidkit.data.check_crops` finds a row wrong.
    """
    file = path / NAME if path.is_dir() else path
    _check_kind(file)
    rows = _read_csv(file)
    if "path" in rows:
        rows["path"] = rows["path"].map(lambda cell: _under(file.parent, cell))
    try:
        return check_crops(rows)
    except ReidkitError as error:
        raise ReidkitError(f"{file}: {error}") from None


def _check_kind(file: Path) -> None:
    """Refuse what is plainly no CSV, and say what to do with it."""
    if not file.is_file():
        raise ReidkitError(f"there is no {file.name} in {file.parent}; {_EXPECTED}")
    if _ARCHIVE.search(file.name.lower()):
        raise ReidkitError(f"{file} is an archive: unpack it, and give the folder")
    if is_image(file.name):
        raise ReidkitError(f"{file} is one image: give the folder that it lies in, or the one around that")
    if file.suffix.lower() in (".npz", ".mat"):
        raise ReidkitError(f"{file} is no table of crops; if it holds features: evaluate --features {file}")


def _read_csv(file: Path) -> pd.DataFrame:
    """Read the CSV, our own columns as text: pandas would round large ids, and drop zeros."""
    try:
        rows = pd.read_csv(file, dtype=dict.fromkeys(COLUMNS, "str"), encoding="utf-8-sig")
    except (ValueError, OSError) as error:  # pandas' own errors are ValueErrors
        raise ReidkitError(f"{file} is not a CSV file that can be read ({error}); {_EXPECTED}") from None
    if not isinstance(rows.index, pd.RangeIndex):  # pandas took the first cells for row names
        raise ReidkitError(f"{file}: its rows have more cells than its first line has names")
    return rows.rename(columns=lambda name: name.strip())


def _under(folder: Path, cell: object) -> str | None:
    """Return the path as it is meant: relative to the CSV's folder. A blank cell stays."""
    return str(folder / cell) if isinstance(cell, str) and cell.strip() else None
