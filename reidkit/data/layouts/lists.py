"""Lists of images: text files that say which files of a folder belong to a part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from reidkit.data.benchmarks import add_note
from reidkit.data.findings import plural
from reidkit.errors import ReidkitError

_LINE = re.compile(r"(?P<path>\S.*?)(?:\s+(?P<label>\d+))?\s*")


class ImageList(NamedTuple):
    """A list, the folder that its paths count from, and the split of what it names."""

    file: Path
    folder: Path
    split: str


def read_lists(lists: Iterable[ImageList], files: Sequence[str], *, labelled: bool) -> pd.DataFrame:
    """Return the images that lists name, as columns ``path``, ``split`` and, if labelled, ``pid``.

    A line is a path and, in some benchmarks, a person. Case does not matter: ``0001.jpg`` in the list
    finds ``0001.JPG`` on disk. A file that is not there is kept all the same, so that the data doctor
    names it. What no list names is left out: see :func:`note_unlisted`.

    Args:
        lists: the lists.
        files: the images on disk.
        labelled: whether each line must end with a person.

    Raises:
        ReidkitError: a list cannot be read or is empty, or a line lacks its person.
    """
    there = {_plain(file): file for file in files}
    rows = [row for one in lists for row in _read(one, there, labelled)]
    table = pd.DataFrame(rows, columns=["path", "split", "pid"])
    return table if labelled else table.drop(columns="pid")


def note_unlisted(crops: pd.DataFrame, files: Sequence[str]) -> pd.DataFrame:
    """Return the crops with a note for the data doctor on the files that are not among them."""
    rest = set(files) - set(crops["path"])
    if not rest:
        return crops
    return add_note(crops, f"{plural(len(rest), 'image')} in no list, and so left out, such as {min(rest)}.")


def _read(one: ImageList, there: dict[str, str], labelled: bool) -> list[tuple[str, str, str | None]]:
    """Return path, split and person of what one list names; ``there`` has the files by plain path."""
    rows = []
    for line in _lines(one.file):
        match = _LINE.fullmatch(line)
        if match is None or (labelled and match["label"] is None):
            raise ReidkitError(f"{one.file}: there is no person after {line}")
        path = str(one.folder / match["path"].replace("\\", "/"))
        rows.append((there.get(_plain(path), path), one.split, match["label"]))
    if not rows:
        raise ReidkitError(f"{one.file} names no images")
    return rows


def _lines(file: Path) -> list[str]:
    """Return the lines that are not blank."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ReidkitError(f"{file} is not a list that can be read ({error})") from None
    return [line.strip() for line in lines if line.strip()]


def _plain(path: str) -> str:
    return path.replace("\\", "/").lower()
