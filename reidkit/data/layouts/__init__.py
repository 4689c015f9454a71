"""Layouts: the ways in which a data set may lie on disk, one short file each.

A layout is a module with two functions: ``recognises(path)`` says whether the path is one of its
own, ``read(path)`` returns the table of crops. To add one, write the file and name it here.

Benchmarks are also found in the folders around them, if they are alone there. A part of a benchmark,
such as its ``query``, is refused: read as a plain folder it would lose people and cameras.

Some folders hold several data sets: CUHK03 has boxes of two kinds, and twenty ways to part the
people. There, words after the layout's name choose: ``cuhk03:detected``, ``cuhk03:detected:7``. Such
a module names them in ``WORDS``, with what each means, and its ``read(path, *words)`` takes them. If
it has ``FOLDS``, a number below that is a word too, and fold 0 is the one without. ``read_folds`` may
return all of them at once, where reading one after the other would be slow.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pandas as pd

from reidkit.data.layouts import (
    cuhk03,
    folder,
    ltcc,
    market1501,
    mlr_cuhk03,
    msmt17,
    people,
    personx,
    prcc,
    sysu_mm01,
    table,
    veri776,
    viper,
)
from reidkit.data.layouts.places import near, refuse_a_part, the_one_inside, unwrap
from reidkit.errors import ReidkitError, did_you_mean


class Layout(Protocol):
    """What every layout module offers."""

    def recognises(self, path: Path, /) -> bool:
        """Say whether the path (it exists) holds a data set of this layout."""

    read: Callable[..., pd.DataFrame]
    """Of the path, and words if it knows any: its table, as :func:`reidkit.data.check_crops` makes it."""


PACKED: dict[str, Layout] = {
    "msmt17": msmt17,
    "personx": personx,
    "veri776": veri776,
    "sysu_mm01": sysu_mm01,
    "prcc": prcc,
    "ltcc": ltcc,
    "market1501": market1501,
    "cuhk03": cuhk03,
    "mlr_cuhk03": mlr_cuhk03,
    "viper": viper,
}
LAYOUTS: dict[str, Layout] = PACKED | {"table": table, "people": people, "folder": folder}
"""By name, in the order in which they are tried."""


def open_crops(path: str | os.PathLike[str], *, layout: str | None = None) -> pd.DataFrame:
    """Return the table of crops of a data set on disk.

    Args:
        path: a benchmark's folder (or one around it), a CSV file with a ``path`` column, a
            folder of folders, one a person, or any folder with images in it.
        layout: one of LAYOUTS, perhaps with words after a colon; None looks at the path and decides.

    Returns:
        The crops, as :func:`reidkit.data.check_crops` describes them. No image is opened.

    Raises:
        ReidkitError: the path does not exist, does not hold what its layout asks for, holds several
            data sets, or is a part of one.
    """
    place, one, words = _find(path, layout)
    return one.read(place, *words)


def open_folds(path: str | os.PathLike[str], *, layout: str | None = None) -> list[pd.DataFrame]:
    """Return a table of crops for each of a benchmark's folds: the ways to part its people.

    Most benchmarks have one; so has a layout that names a fold.

    Args:
        path, layout: as for :func:`open_crops`.

    Raises:
        ReidkitError: as :func:`open_crops`.
    """
    place, one, words = _find(path, layout)
    if any(word.isdecimal() for word in words):
        return [one.read(place, *words)]
    if hasattr(one, "read_folds"):
        return list(one.read_folds(place, *words))
    folds: int = getattr(one, "FOLDS", 1)
    return [one.read(place, *words, *([str(fold)] if fold else [])) for fold in range(folds)]


def multi_query_crops(path: str | os.PathLike[str], *, layout: str | None = None) -> pd.DataFrame:
    """Return a benchmark's further crops of who is asked for, for the multi-query protocol.

    There, a query stands for every crop of its person under its camera. Only Market-1501 has them:
    boxes drawn by hand, of the people to train on too.

    Args:
        path, layout: as for :func:`open_crops`.

    Returns:
        A table as :func:`reidkit.data.check_crops` makes it, all of it with split ``query``.

    Raises:
        ReidkitError: as :func:`open_crops`, or the benchmark has no such crops.
    """
    place, one, _ = _find(path, layout)
    read: Callable[[Path], pd.DataFrame] | None = getattr(one, "read_multi_query", None)
    if read is None:
        raise ReidkitError(
            f"{place} has layout {_name(one)}, which has no crops for multi-query; only market1501 has"
        )
    return read(place)


def which_layout(path: str | os.PathLike[str], *, layout: str | None = None) -> str:
    """Return the name of the layout that :func:`open_crops` would read, with its words.

    Args:
        path, layout: as for :func:`open_crops`.

    Raises:
        ReidkitError: as :func:`open_crops`, but no name of an image is read.
    """
    _, one, words = _find(path, layout)
    return ":".join([_name(one), *words])


def _name(one: Layout) -> str:
    return next(name for name, known in LAYOUTS.items() if known is one)


def _find(path: str | os.PathLike[str], layout: str | None) -> tuple[Path, Layout, list[str]]:
    """Return the data set's own folder or file, its layout, and the words for it."""
    name, *words = (layout or "").split(":")
    if layout is not None and name not in LAYOUTS:
        raise ReidkitError(f"layout {name!r} is none of {', '.join(LAYOUTS)}{did_you_mean(name, LAYOUTS)}")
    place = Path(path).expanduser()
    if not place.exists():
        raise ReidkitError(f"{place} does not exist; {near(place)}")
    place = place.absolute()
    asked = {name: LAYOUTS[name]} if name else LAYOUTS
    place = the_one_inside(place, {known: one.recognises for known, one in asked.items() if known in PACKED})
    if not name:
        place = unwrap(place, [one.recognises for one in LAYOUTS.values() if one is not folder])
    one = next((one for one in asked.values() if one.recognises(place)), LAYOUTS[name or "folder"])
    if one in (people, folder) and not name:
        refuse_a_part(place, {known: one.recognises for known, one in PACKED.items()})
    _check_words(f"{layout}", words, one)
    return place, one, words


def _check_words(layout: str, words: list[str], one: Layout) -> None:
    """Refuse words that the layout does not know."""
    known: dict[str, str] = getattr(one, "WORDS", {})
    folds: int = getattr(one, "FOLDS", 0)
    for word in words:
        if word not in known and not (word.isdecimal() and int(word) < folds):
            choices = [*known, *([f"a fold from 0 to {folds - 1}"] if folds else [])]
            raise ReidkitError(
                f"layout {layout}: {word!r} is none of {', '.join(choices)}"
                if choices
                else f"layout {layout}: nothing can be chosen there, leave out {word!r}"
            )
