"""LTCC: people over months, in other clothes.

Folders ``train``, ``query`` and ``test`` (the gallery) of images such as
``103_1_c9_017008.png``: person 103 in her first outfit under camera 9. Outfits are numbered anew for
each person. Cameras keep their numbers, 1 to 12.

People are numbered from 0 to 151, train and test together. Here 0 would mean a distractor, so all of
them go up by one: the person in ``000_…`` is pid 1.

Lists in ``info`` say who changes clothes. They are not used: as its authors do, the whole test set
is read, and the protocol says which matches count.

Source: Qian et al., "Long-term cloth-changing person re-identification", ACCV 2020, and its page.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import mark, squash
from reidkit.data.crops import check_crops
from reidkit.data.layouts.named import find_images, has_names, has_parts, read_names

PARTS = {"train": "train", "query": "query", "gallery": "test"}
_NAME = re.compile(r"(?P<pid>\d+)_(?P<clothes>\d+)_c(?P<camid>\d+)")


def recognises(path: Path) -> bool:
    """Say whether this folder is called so, or images in its parts themselves have such names.

    Other data sets have a ``train`` and a ``test`` as well: there, people lie in folders.
    """
    parts = [path / part for part in PARTS.values() if (path / part).is_dir()]
    named = squash(path.name).startswith("ltcc")
    return has_parts(path, PARTS) and (named or all(has_names(part, _NAME) for part in parts))


def read(path: Path) -> pd.DataFrame:
    """Return the crops of the three parts, with ``clothes`` and ``dataset``.

    Raises:
        ReidkitError: a part is missing or empty, or images have names that do not say person,
            clothes and camera.
    """
    says, example = "<person>_<clothes>_c<camera>…", "103_1_c9_017008.png"
    crops = read_names(find_images(path, PARTS, like="LTCC"), _NAME, says=says, example=example)
    crops = check_crops(crops)
    return mark(crops.assign(pid=crops["pid"] + 1), "LTCC")
