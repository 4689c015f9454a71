"""A folder of folders, one a person: how most people sort pictures of their own.

Either the people lie in the folder itself, and all crops are for training, or in folders ``train``,
``query`` and ``gallery`` (``test`` will do), where one name is one person. Folders that are all
whole numbers from 1 keep them; otherwise people are numbered from 1 in the order of their names. A
camera is read from a file's name where it says one, ``c2`` at its beginning or after a ``_``.

Folders may just as well mean days or cameras, so the layout is recognised only where every folder
is called by a number, or by ``person``, ``pid`` or ``id`` and a number. Otherwise it is asked for.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reidkit.data.crops import check_crops
from reidkit.data.images import image_files, is_image, is_passed_over
from reidkit.data.layouts.named import outside
from reidkit.errors import ReidkitError

PARTS = {"train": "train", "query": "query", "gallery": "gallery", "test": "gallery"}
"""What a part's folder may be called, and its split."""

_PERSON = re.compile(r"(?:(?:person|pid|id)[ _-]?)?\d+", re.IGNORECASE)
_CAMERA = re.compile(r"(?:^|_)c(?:am(?:era)?)?(\d+)", re.IGNORECASE)


def recognises(path: Path) -> bool:
    """Say whether this is a folder of folders that are called like people, and of nothing else."""
    try:
        parts = [part for part, _ in _parts(path)] if path.is_dir() else []
        people = [person for part in parts for person in _folders(part)]
        outside = any(_has_images(part) for part in parts)
        return bool(people) and not outside and all(_is_a_person(person) for person in people)
    except OSError:  # a folder that cannot be listed: left to the plain folder, which says so
        return False


def read(path: Path) -> pd.DataFrame:
    """Return the crops, with the name of each person's folder in column ``person``.

    Raises:
        ReidkitError: it is no folder, there are no folders in it, or an image lies outside them.
    """
    if not path.is_dir():
        raise ReidkitError(f"{path} is not a folder")
    rows = [row for part, split in _parts(path) for row in _part(part, split)]
    if not rows:
        raise ReidkitError(f"{path} holds no folders with images in them, one a person")
    crops = pd.DataFrame(rows, columns=["path", "person", "camid", "split"])
    return check_crops(crops.assign(pid=crops["person"].map(_numbers(set(crops["person"])))))


def _is_a_person(folder: Path) -> bool:
    named = bool(_PERSON.fullmatch(folder.name))
    return named and _has_images(folder) and not _folders(folder)


def _has_images(folder: Path) -> bool:
    return any(is_image(file.name) for file in folder.iterdir())


def _folders(path: Path) -> list[Path]:
    return [
        folder for folder in sorted(path.iterdir()) if folder.is_dir() and not is_passed_over(folder.name)
    ]


def _parts(path: Path) -> list[tuple[Path, str]]:
    """Return the folders that hold people, with their splits."""
    folders = _folders(path)
    parts = [(folder, PARTS[folder.name.lower()]) for folder in folders if folder.name.lower() in PARTS]
    return parts if parts and len(parts) == len(folders) else [(path, "train")]


def _part(part: Path, split: str) -> list[tuple[str, str, int | None, str]]:
    """Return path, person, camera and split of each image in a part."""
    rows = []
    for file in image_files(part):
        if file.parent == part:
            raise outside(file)
        camera = _CAMERA.search(file.stem)
        person = file.relative_to(part).parts[0]
        rows.append((str(file), person, int(camera[1]) if camera else None, split))
    return rows


def _numbers(names: set[str]) -> dict[str, int]:
    """Return each person's pid. 0 would mean a distractor, so it makes all of them count anew."""
    if all(name.isdecimal() and int(name) > 0 for name in names) and len({int(n) for n in names}) == len(
        names
    ):
        return {name: int(name) for name in names}
    order = sorted(names, key=lambda name: [int(x) if x.isdecimal() else x for x in re.split(r"(\d+)", name)])
    return {name: number for number, name in enumerate(order, start=1)}
