"""SYSU-MM01: people in colour by day and in infrared in the dark.

Folders ``cam1`` to ``cam6``, in each a folder a person: ``cam3/0001/0012.jpg`` is person 1 under
camera 3. Cameras 3 and 6 are infrared. Three lists in ``exp`` part the people, each one line of
numbers with commas. Those of ``train_id.txt`` and ``val_id.txt`` are for training, as published
results do it. Of those in ``test_id.txt``, infrared crops are asked for and colour ones are the
gallery: all of them, from which the benchmark's protocol draws.

The folders also hold people of no list, whom fewer than two cameras saw. They are left out, and the
data doctor says how many.

Source: Wu et al., "RGB-infrared cross-modality person re-identification", ICCV 2017, and its readme.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import add_note, mark, squash
from reidkit.data.crops import check_crops
from reidkit.data.findings import plural
from reidkit.data.layouts.named import find_people, need_all
from reidkit.errors import ReidkitError

CAMERAS = {f"cam{camid}": camid for camid in range(1, 7)}
INFRARED = frozenset({3, 6})
LISTS = {"exp/train_id.txt": "train", "exp/val_id.txt": "train", "exp/test_id.txt": "test"}


def recognises(path: Path) -> bool:
    """Say whether this folder has cameras and lists, or is called so and has any of them."""
    cameras = any((path / name).is_dir() for name in CAMERAS)
    lists = any((path / name).is_file() for name in LISTS)
    return (cameras and lists) or (squash(path.name).startswith("sysumm01") and (cameras or lists))


def read(path: Path) -> pd.DataFrame:
    """Return the crops of the people in the lists, with ``modality`` and ``dataset``.

    Raises:
        ReidkitError: a folder or a list is missing, a list is no list of people or shares people
            with another, or an image lies in no person's folder.
    """
    asks = f"the layout asks for folders cam1 to cam6 and for the lists {', '.join(LISTS)}"
    need_all(path, [*CAMERAS, *LISTS], like="SYSU-MM01", asks=asks)
    parts = _parts(path)
    cameras = [
        find_people(path / name, example="0001").assign(camid=camid) for name, camid in CAMERAS.items()
    ]
    every = pd.concat(cameras, ignore_index=True)
    listed = every["pid"].isin(parts)
    if not listed.any():
        raise ReidkitError(f"{path}: there are no images of the people in its lists")
    crops = check_crops(_part(every[listed], parts))
    return mark(_without(every[~listed], crops), "SYSU-MM01")


def _parts(path: Path) -> dict[int, str]:
    """Return the part of each person in the lists."""
    parts: dict[int, str] = {}
    for name, part in LISTS.items():
        people = _people(path / name)
        twice = sorted(pid for pid in people if parts.get(pid, part) != part)
        if twice:
            raise ReidkitError(f"{path / name}: person {twice[0]} is also in a list for training")
        parts |= dict.fromkeys(people, part)
    return parts


def _people(file: Path) -> list[int]:
    """Return the people of one list: whole numbers from 1, with commas or spaces between them."""
    try:
        words = re.split(r"[,\s]+", file.read_text(encoding="utf-8-sig").strip(", \r\n\t"))
    except (OSError, ValueError) as error:
        raise ReidkitError(f"{file} is not a list that can be read ({error})") from None
    wrong = [word for word in words if not (word.isdecimal() and int(word) > 0)]
    if wrong:
        raise ReidkitError(f"{file}: {wrong[0]!r} is no person's number; it should read 1,2,4,5 …")
    return [int(word) for word in words]


def _part(crops: pd.DataFrame, parts: dict[int, str]) -> pd.DataFrame:
    """Return the crops with their modality, and with the split that follows from it."""
    infrared = crops["camid"].isin(INFRARED)
    test = crops["pid"].map(parts) == "test"
    split = infrared.map({True: "query", False: "gallery"}).where(test, "train")
    return crops.assign(split=split, modality=infrared.map({True: "infrared", False: "rgb"}))


def _without(unlisted: pd.DataFrame, crops: pd.DataFrame) -> pd.DataFrame:
    """Return the crops with a note on the people who are in no list."""
    if unlisted.empty:
        return crops
    people = plural(unlisted["pid"].nunique(), "person", many="people")
    return add_note(
        crops, f"{plural(len(unlisted), 'image')} of {people} in none of the lists in exp left out."
    )
