"""PersonX: drawn people, seen from every side, in two forms.

The first (CVPR 2019) has a folder for each of six backgrounds, ``1`` to ``6``, packed like
Market-1501. The second (the challenge ViSDA 2020) is one such folder, in which the six cameras have
the numbers 3, 4, 8, 10, 11 and 12. ``0001_c1s1_33.jpg`` is person 1 under camera 1 from viewpoint
33; the ``s1`` means nothing. Cameras keep the numbers they have.

Source: Sun and Zheng, "Dissecting person re-identification from the viewpoint of viewpoint", CVPR
2019.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import mark, squash
from reidkit.data.crops import check_crops
from reidkit.data.layouts.named import find_images, has_parts, read_names
from reidkit.errors import ReidkitError

BACKGROUNDS = ("1", "2", "3", "4", "5", "6")
_NAME = re.compile(r"(?P<pid>-?\d+)_c(?P<camid>\d+)(?:s\d+_(?P<view>\d+))?")


def recognises(path: Path) -> bool:
    """Say whether this is PersonX, by its name or by several folders of backgrounds."""
    named = (
        squash(path.name).startswith("personx") or squash(path.parent.name + path.name) == "personxsubset1"
    )
    backgrounds = _backgrounds(path)
    return len(backgrounds) > 1 or (named and (bool(backgrounds) or has_parts(path)))


def read(path: Path) -> pd.DataFrame:
    """Return the crops, with ``dataset``, ``view`` and, in the first form, ``background``.

    Raises:
        ReidkitError: a part is missing or empty, or images have names that do not say person and
            camera.
    """
    if has_parts(path):
        return mark(_read_names(find_images(path, like="PersonX")), "PersonX")
    backgrounds = _backgrounds(path)
    if not backgrounds:
        raise ReidkitError(
            f"{path} holds neither PersonX's parts, such as bounding_box_train, nor folders of "
            f"backgrounds ({', '.join(BACKGROUNDS)}) that hold them"
        )
    parts = [find_images(path / name, like="PersonX").assign(background=int(name)) for name in backgrounds]
    return mark(_read_names(pd.concat(parts, ignore_index=True)), "PersonX v1")


def _backgrounds(path: Path) -> list[str]:
    """Return the folders of backgrounds in a folder."""
    return [name for name in BACKGROUNDS if has_parts(path / name)]


def _read_names(files: pd.DataFrame) -> pd.DataFrame:
    return check_crops(read_names(files, _NAME, example="0001_c1s1_33.jpg"))
