"""Layouts: the ways in which a data set may lie on disk, one short file each.

A layout is a module with two functions: ``recognises(path)`` says whether the path is one of its
own, ``read(path)`` returns the table of crops. To add one, write the file and name it here.

Benchmarks are also found in the folder around them, if they are alone there.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Protocol

import pandas as pd

from reidkit.data.layouts import folder, market1501, msmt17, people, personx, table, veri776
from reidkit.errors import ReidkitError


class Layout(Protocol):
    """What every layout module offers."""

    def recognises(self, path: Path, /) -> bool:
        """Say whether the path (it exists) holds a data set of this layout."""

    def read(self, path: Path, /) -> pd.DataFrame:
        """Return its table of crops, as :func:`reidkit.data.check_crops` does."""


PACKED: dict[str, Layout] = {
    "msmt17": msmt17,
    "personx": personx,
    "veri776": veri776,
    "market1501": market1501,
}
LAYOUTS: dict[str, Layout] = PACKED | {"table": table, "people": people, "folder": folder}
"""By name, in the order in which they are tried."""


def open_crops(path: str | os.PathLike[str], *, layout: str | None = None) -> pd.DataFrame:
    """Return the table of crops of a data set on disk.

    Args:
        path: a benchmark's folder (or the folder around it), a CSV file with a ``path`` column, a
            folder of folders, one a person, or any folder with images in it.
        layout: one of LAYOUTS; None looks at the path and decides.

    Returns:
        The crops, as :func:`reidkit.data.check_crops` describes them. No image is opened.

    Raises:
        ReidkitError: the path does not exist, does not hold what its layout asks for, or holds
            several data sets.
    """
    if layout is not None and layout not in LAYOUTS:
        raise ReidkitError(f"layout {layout!r} is none of {', '.join(LAYOUTS)}")
    place = Path(path).expanduser()
    if not place.exists():
        raise ReidkitError(f"{place} does not exist; {_near(place)}")
    place = place.absolute()
    asked = LAYOUTS if layout is None else {layout: LAYOUTS[layout]}
    place = _the_one_inside(place, [one for name, one in asked.items() if name in PACKED])
    one = next((one for one in asked.values() if one.recognises(place)), None)
    return (one or LAYOUTS[layout or "folder"]).read(place)


def _the_one_inside(path: Path, layouts: list[Layout]) -> Path:
    """Return the folder below that holds a benchmark, if the path only lies around one."""
    if not path.is_dir() or any(one.recognises(path) for one in layouts):
        return path
    below = [folder for folder in sorted(path.iterdir()) if folder.is_dir()]
    found = [folder for folder in below if any(one.recognises(folder) for one in layouts)]
    if len(found) > 1:
        names = ", ".join(folder.name for folder in found)
        raise ReidkitError(f"{path} holds {len(found)} data sets ({names}): open one of them")
    return found[0] if found else path


def _near(path: Path) -> str:
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
