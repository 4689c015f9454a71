"""Where a data set is, given a path near it: deeper or higher."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from reidkit.data.images import is_image, is_passed_over
from reidkit.errors import ReidkitError

Recognises = Callable[[Path], bool]
DEPTH = 3  # levels below a path that are searched: archives unpack into folders of their own
MANY = 100  # a level of more folders than this holds people or days, no benchmarks


def the_one_inside(path: Path, layouts: Mapping[str, Recognises]) -> Path:
    """Return the folder below that holds a benchmark, if the path only lies around one; else the path.

    Args:
        path: a file or folder.
        layouts: by name, what says whether a folder is one of its own.

    Raises:
        ReidkitError: there are several, equally near.
    """
    level = [path]
    for _ in range(DEPTH + 1):
        found = [folder for folder in level if _recognised(folder, layouts.values())]
        if len(found) > 1:
            names = ", ".join(str(folder.relative_to(path)) for folder in found)
            raise ReidkitError(f"{path} holds {len(found)} data sets ({names}): open one of them")
        if found:
            return found[0]
        level = [below for folder in level for below in _folders(folder)]
        if len(level) > MANY:
            break
    return path


def unwrap(path: Path, layouts: Iterable[Recognises]) -> Path:
    """Return what a layout recognises in a folder that holds one folder and no images; else the path."""
    known, inner = list(layouts), path
    while not _recognised(inner, known):
        folders = _folders(inner)
        if len(folders) != 1 or any(is_image(file.name) for file in inner.iterdir()):
            return path
        inner = folders[0]
    return inner


def refuse_a_part(path: Path, layouts: Mapping[str, Recognises]) -> None:
    """Raise if the folder around, or the one around that, is a benchmark's."""
    for around in (path.parent, path.parent.parent):
        for name, recognises in layouts.items():
            if recognises(around):
                raise ReidkitError(
                    f"{path} is a part of {around} (layout {name}): open that. Read alone, its people "
                    "and cameras would not be known; if you want just these images, say --layout folder"
                )


def near(path: Path) -> str:
    """Say what there is where the path was looked for."""
    parent = path.absolute().parent
    missing = path.name
    while not parent.is_dir():
        parent, missing = parent.parent, parent.name
    names = sorted(name for name in os.listdir(parent) if not name.startswith("."))
    if not names:
        return f"{parent} is empty"
    alike = difflib.get_close_matches(missing, names, n=3) or names[:10]
    rest = f" and {len(names) - len(alike)} more" if len(names) > len(alike) else ""
    return f"{parent} holds {', '.join(alike)}{rest}"


def _recognised(folder: Path, layouts: Iterable[Recognises]) -> bool:
    """Say whether one of the layouts knows the folder; one that may not be entered is left to its reader."""
    try:
        return any(one(folder) for one in layouts)
    except PermissionError:
        return False


def _folders(path: Path) -> list[Path]:
    """Return the folders in a folder that a data set may lie in; in a file there are none."""
    try:
        return [x for x in sorted(path.iterdir()) if x.is_dir() and not is_passed_over(x.name)]
    except (NotADirectoryError, PermissionError):
        return []
