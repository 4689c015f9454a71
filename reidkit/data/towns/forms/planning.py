"""What all forms share: the plan of a miniature, before any drawing.

A form is a benchmark's way to lay people on disk. Its plan is a list of pictures: each says where it
lies, what the table of crops will say of it, and how it is drawn. The people, their walks past the
cameras and the split into queries and gallery are those of a town; a form only chooses the cameras,
names the files, and changes what its benchmark is about (clothes, light, resolution).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reidkit.data.towns.cameras import Camera
from reidkit.data.towns.plan import GALLERY, QUERY, TRAIN, Shot, plan_town
from reidkit.data.towns.settings import Town
from reidkit.data.towns.town import TOWNS

SPLIT = {TRAIN: "train", QUERY: "query", GALLERY: "gallery"}
"""The split that a town's folder means."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Picture:
    """One planned picture.

    Attributes:
        file: where it lies below the data set's folder. In a .mat it is no file: then its name there.
        pid, camid, split: what the table of crops says of it; split "" when no split has it.
        shot: who is seen, from where and at which moment.
        camera: the camera that takes it.
        choice: which of a folder's several data sets it belongs to ("detected", say); "" is all.
        columns: further columns of the table.
        look: what is done to the drawn crop: "plain", "infrared" or "blurred face".
        shrink: how many times smaller the picture is stored.
        size: height and width in pixels before that.
    """

    file: str
    pid: int
    camid: int
    split: str
    shot: Shot
    camera: Camera
    choice: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    look: str = "plain"
    shrink: int = 1
    size: tuple[int, int] = (128, 64)


@dataclass(frozen=True)
class Way:
    """One way to open a form's folder: what to give to :func:`reidkit.data.open_crops`.

    Attributes:
        layout: the layout, perhaps with words.
        folder: the folder below the form's own.
        choice: the pictures of this choice, and those of none, are what it finds.
        folds: whether a number may follow the layout, and part the people in another way.
    """

    layout: str
    folder: str = ""
    choice: str = ""
    folds: bool = False


Plan = Callable[[int, int], list[Picture]]
"""Of a seed and a number of people: the pictures."""
Drawn = Sequence[tuple[Picture, Pixels]]


@dataclass(frozen=True)
class Form:
    """A benchmark's form.

    Attributes:
        says: what is special about it, in a line.
        root: the data set's folder, as the benchmark itself calls it.
        ways: how it can be opened, the usual one first.
        plan: plans the pictures.
        finish: writes what lies beside the pictures (lists, tables) into the folder.
        in_files: whether each picture is a file; if not, `finish` has to write all of them.
        fold: parts the planned pictures as a fold does; a picture may come back in two splits.
    """

    says: str
    root: str
    ways: tuple[Way, ...]
    plan: Plan
    finish: Callable[[Path, Drawn], None] | None = None
    in_files: bool = True
    fold: Callable[[list[Picture], int], list[Picture]] | None = None


def a_town(cameras: int, **settings: Any) -> Town:
    """Return Summer town with so many cameras, and settings of your own.

    The first six are its own, then come Winter town's, then both again.
    """
    summer = TOWNS["summer"]
    there = (summer.cameras + TOWNS["winter"].cameras) * 2
    usual: dict[str, Any] = {"train_crops": (1, 2), "test_crops": (2, 2), "seen_by": (3, 3),
                             "distractors": 0.0, "junk": 0.0, "occlusion": 0.05}  # fmt: skip
    return replace(summer, cameras=there[:cameras], **(usual | settings))


def take(
    town: Town, seed: int, people: int, *, name: Callable[[Shot], str] | None = None, choice: str = ""
) -> list[Picture]:
    """Plan a picture for each of the town's shots, numbered as the town numbers them.

    Args:
        town, seed, people: as for :func:`reidkit.data.towns.plan_town`.
        name: the file of a shot; without, the form names the pictures later.
        choice: which of a folder's several data sets they belong to.
    """
    return [
        Picture(name(shot) if name else "", shot.pid, shot.camid, SPLIT[shot.folder], shot,
                town.camera(shot.camid), choice)
        for shot in plan_town(town, seed=seed, people=people)
    ]  # fmt: skip


def numbered(
    pictures: Iterable[Picture],
    key: Callable[[Picture], object] = lambda p: (p.pid, p.camid),
    *,
    first: int = 0,
) -> Iterator[tuple[Picture, int]]:
    """Yield each picture with its number in its group.

    Args:
        pictures: the pictures.
        key: what pictures of one group share; without, person and camera.
        first: the first number of each group.
    """
    seen: Counter[object] = Counter()
    for picture in pictures:
        yield picture, first + seen[key(picture)]
        seen[key(picture)] += 1


def write_lines(file: Path, lines: Iterable[str]) -> None:
    """Write a list, one entry a line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
