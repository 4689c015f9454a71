"""Lists of images: text files that say which files of a folder belong to a part."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reidkit.data.images import image_files
from reidkit.errors import ReidkitError

_LINE = re.compile(r"(?P<path>\S.*?)(?:\s+(?P<label>\d+))?\s*")


def read_list(file: Path, folder: Path) -> pd.DataFrame:
    """Return the images that a list names, as columns ``path`` and ``label``.

    A line is a path below the folder and, in some benchmarks, a label (<NA> in the others). Case
    does not matter: ``0001.jpg`` in the list finds ``0001.JPG`` on disk. A file that is not there
    is kept all the same, so that the data doctor names it. What no list names is left out.

    Args:
        file: the list.
        folder: what its paths count from.

    Raises:
        ReidkitError: the list cannot be read or is empty.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ReidkitError(f"{file} is not a list that can be read ({error})") from None
    there = {_plain(str(path.relative_to(folder))): str(path) for path in image_files(folder)}
    rows = []
    for line in lines:
        if match := _LINE.fullmatch(line.strip()):
            path = match["path"].replace("\\", "/")
            label = pd.NA if match["label"] is None else int(match["label"])
            rows.append((there.get(_plain(path), str(folder / path)), label))
    if not rows:
        raise ReidkitError(f"{file} names no images")
    return pd.DataFrame(rows, columns=["path", "label"])


def _plain(path: str) -> str:
    return path.replace("\\", "/").lower()
