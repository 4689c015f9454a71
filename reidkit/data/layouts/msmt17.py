"""MSMT17, in its three forms.

V1 and V2 hold the same people; in V2 the faces are blurred, which costs score. They are told apart
by their folders, ``train`` and ``test`` or ``mask_train_v2`` and ``mask_test_v2``, with four lists
beside them. A line such as ``0000/0000_000_01_0303morning_0008_0.jpg 0`` names an image and its
person; the camera is the third number in the file's name, the fourth is the date and time of day.
The third form is packed like Market-1501, with names such as ``0781_c11_0015.jpg``.

People are numbered from 0, in train and again in test, where they are others. Here 0 would mean a
distractor, and one number in train and test one person. So training people count from 1, and the
people of the test go on after them: 1 to 1,041 and 1,042 to 4,101 when all are there.

Source: Wei et al., "Person transfer GAN to bridge domain gap for person re-identification", CVPR
2018.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import mark, squash
from reidkit.data.crops import JUNK, check_crops
from reidkit.data.images import image_files
from reidkit.data.layouts.lists import ImageList, note_unlisted, read_lists
from reidkit.data.layouts.named import PERSON_AND_CAMERA, find_images, has_parts, need_all, read_names
from reidkit.errors import ReidkitError

FORMS = {"V1": ("train", "test"), "V2": ("mask_train_v2", "mask_test_v2")}
LISTS = {"train": "list_train.txt", "query": "list_query.txt", "gallery": "list_gallery.txt"}
VALIDATION = "list_val.txt"  # everybody counts these crops among those for training
_NAME = re.compile(r"\d+_\d+_(?P<camid>\d+)(?:_(?P<time>[^_.]+))?")


def recognises(path: Path) -> bool:
    """Say whether this folder has MSMT17's lists or V2's folders, or is called so and has any part."""
    listed, forms = any((path / name).is_file() for name in LISTS.values()), _forms(path)
    if squash(path.name).startswith("msmt17"):
        return listed or bool(forms) or has_parts(path)
    return (listed and bool(forms)) or "V2" in forms


def read(path: Path) -> pd.DataFrame:
    """Return the crops, with ``dataset`` and, in V1 and V2, ``time`` (``0303morning``).

    Raises:
        ReidkitError: a list or a part is missing, both versions lie in one folder, or images have
            names that do not say person and camera.
    """
    if has_parts(path):
        crops = read_names(find_images(path, like="MSMT17"), PERSON_AND_CAMERA)
        version = next((v for v in FORMS if squash(path.name).endswith(v.lower())), "")
    else:
        version = _the_one_form(path)
        crops = _read_lists(path, *FORMS[version])
    crops = check_crops(crops)
    return mark(_renumber(crops), f"MSMT17 {version}".strip())


def _forms(path: Path) -> list[str]:
    """Return the versions whose folders are here."""
    return [v for v, folders in FORMS.items() if any((path / name).is_dir() for name in folders)]


def _the_one_form(path: Path) -> str:
    """Return the version in a folder, or say what stands in the way of reading it."""
    forms = _forms(path)
    if len(forms) > 1:
        raise ReidkitError(f"{path} holds both versions of MSMT17: give each a folder of its own")
    wanted = [*LISTS.values(), *FORMS[forms[0] if forms else "V1"]]
    v1, v2 = (" and ".join(folders) for folders in FORMS.values())
    asks = f"V1 asks for folders {v1}, V2 for {v2}, both for the lists {', '.join(LISTS.values())}"
    need_all(path, wanted, like="MSMT17", asks=asks)
    return forms[0]


def _read_lists(path: Path, train: str, test: str) -> pd.DataFrame:
    """Return the crops that the lists name; the one for validation may be missing."""
    lists = [(name, split) for split, name in LISTS.items()]
    if (path / VALIDATION).is_file():
        lists.append((VALIDATION, "train"))
    folders = {"train": path / train, "query": path / test, "gallery": path / test}
    files = [str(file) for folder in (train, test) for file in image_files(path / folder)]
    named = [ImageList(path / name, folders[split], split) for name, split in lists]
    crops = note_unlisted(read_lists(named, files, labelled=True), files)
    example = "0000_000_01_0303morning_0008_0.jpg"
    return read_names(crops, _NAME, says="<person>_<image>_<camera>…", example=example)


def _renumber(crops: pd.DataFrame) -> pd.DataFrame:
    """Return the crops with people from 1, those of the test after those of the training."""
    person, train = crops["pid"] > JUNK, crops["split"] == "train"
    pids = crops["pid"].where(~person, crops["pid"] + 1)
    last = pids[train].max() if train.any() else 0
    return crops.assign(pid=pids.where(train | ~person, pids + last))
