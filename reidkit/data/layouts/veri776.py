"""VeRi-776: vehicles in place of people, the best known benchmark of its kind.

A folder with ``image_train``, ``image_query`` and ``image_test`` (the gallery), and names much like
Market-1501's: ``0002_c002_00030600_0.jpg`` is vehicle 2 under camera 2 in frame 30600. Lists
``name_train.txt``, ``name_query.txt`` and ``name_test.txt`` lie beside them; where one is there, it
says which files count.

Source: Liu et al., "A deep learning-based approach to progressive vehicle re-identification for
urban surveillance", ECCV 2016.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import mark
from reidkit.data.crops import check_crops
from reidkit.data.layouts.lists import ImageList, note_unlisted, read_lists
from reidkit.data.layouts.named import find_images, has_parts, read_names

PARTS = {"train": "image_train", "query": "image_query", "gallery": "image_test"}
LISTS = {"train": "name_train.txt", "query": "name_query.txt", "gallery": "name_test.txt"}
_NAME = re.compile(r"(?P<pid>\d+)_c(?P<camid>\d+)(?:_(?P<frame>\d+))?")


def recognises(path: Path) -> bool:
    """Say whether this folder has VeRi's parts."""
    return has_parts(path, PARTS)


def read(path: Path) -> pd.DataFrame:
    """Return the crops of the three parts, with ``dataset`` and ``frame``.

    Raises:
        ReidkitError: a part is missing or empty, or images have names that do not say vehicle and
            camera.
    """
    found = find_images(path, PARTS, like="VeRi-776")
    files, there = list(found["path"]), [split for split, name in LISTS.items() if (path / name).is_file()]
    lists = [ImageList(path / LISTS[split], path / PARTS[split], split) for split in there]
    crops = pd.concat([read_lists(lists, files, labelled=False), found[~found["split"].isin(there)]])
    example = "0002_c002_00030600_0.jpg"
    crops = read_names(note_unlisted(crops, files), _NAME, says="<vehicle>_c<camera>…", example=example)
    return mark(check_crops(crops), "VeRi-776")
