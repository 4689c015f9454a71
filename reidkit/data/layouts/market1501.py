"""Market-1501, and every data set that is packed like it.

A folder with ``bounding_box_train``, ``query`` and ``bounding_box_test`` (the gallery). The person
and the camera stand at the beginning of each file's name: ``0002_c1s1_000451_03.jpg`` is person 2
under camera 1. Person -1 is junk and 0000 a distractor (see :mod:`reidkit.data.crops`); both are
kept, the evaluation knows what to do with them.

Two more things may lie there. 500,000 further distractors make the gallery harder; they are read
only when asked for, ``market1501:500k``. And ``gt_bbox`` holds boxes drawn by hand of all people,
for the protocol in which a query is several crops.

Source: Zheng et al., "Scalable person re-identification: a benchmark", ICCV 2015, and its readme.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import add_note, mark, which_benchmark
from reidkit.data.crops import DISTRACTOR, JUNK, check_crops
from reidkit.data.images import image_files
from reidkit.data.layouts import msmt17
from reidkit.data.layouts.named import PERSON_AND_CAMERA, find_images, has_parts, images_in, read_names
from reidkit.errors import ReidkitError

WORDS = {"500k": "with the 500,000 further distractors in the gallery"}
DISTRACTORS = ("images", "distractors_500k", "distractors")  # the zip is the second, unpacks to the first
HAND_DRAWN = "gt_bbox"


def recognises(path: Path) -> bool:
    """Say whether this folder has Market-1501's parts."""
    return has_parts(path)


def read(path: Path, *words: str) -> pd.DataFrame:
    """Return the crops of the three parts, with ``dataset`` if this is a known benchmark.

    Args:
        path: the folder.
        words: ``500k`` reads the further distractors as well; they have pid 0 whatever their names
            say, unless that is junk.

    Raises:
        ReidkitError: a part is missing or empty, or images have names that do not say person and
            camera; or the distractors are asked for, and are not there or belong elsewhere.
    """
    crops = check_crops(read_names(find_images(path), PERSON_AND_CAMERA))
    benchmark = which_benchmark(path, crops)
    if "500k" in words:
        return _with_distractors(path, crops, benchmark)
    if benchmark and benchmark.startswith("MSMT17"):  # re-packed, its folder renamed
        return msmt17.read(path)
    crops = mark(crops, benchmark)
    unread = [name for name in DISTRACTORS if benchmark == "Market-1501" and (path / name).is_dir()]
    if unread:
        there = f"The folder {unread[0]} is not read; if it holds the 500,000 distractors, "
        crops = add_note(crops, f"{there}--layout market1501:500k puts them into the gallery.")
    return crops


def read_multi_query(path: Path) -> pd.DataFrame:
    """Return the boxes drawn by hand: a table of crops with person and camera, all split ``query``.

    In the multi-query protocol a query stands for all of them that show its person under its camera.
    There are 25,259, also of the people to train on.

    Raises:
        ReidkitError: ``gt_bbox`` is missing or empty, or a name does not say person and camera.
    """
    folder = path / HAND_DRAWN
    files = image_files(folder) if folder.is_dir() else []
    if not files:
        raise ReidkitError(
            f"{path} has no folder {HAND_DRAWN} with images in it: the multi-query protocol asks for "
            "the boxes drawn by hand, which come with Market-1501"
        )
    crops = pd.DataFrame({"path": map(str, files), "split": "query"})
    return check_crops(read_names(crops, PERSON_AND_CAMERA))


def _with_distractors(path: Path, crops: pd.DataFrame, benchmark: str | None) -> pd.DataFrame:
    """Return the crops with the further distractors in the gallery."""
    if benchmark not in (None, "Market-1501"):
        raise ReidkitError(f"{path} is {benchmark}: the 500,000 distractors belong to Market-1501")
    files = images_in(_distractors(path))
    more = read_names(pd.DataFrame({"path": map(str, files), "split": "gallery"}), PERSON_AND_CAMERA)
    junk = pd.to_numeric(more["pid"]) == JUNK
    more = more.assign(pid=junk.map({True: JUNK, False: DISTRACTOR}))
    return mark(check_crops(pd.concat([crops, more], ignore_index=True)), "Market-1501+500k")


def _distractors(path: Path) -> Path:
    """Return the one folder that holds the distractors: inside the data set's, or else beside it."""
    for place in (path, path.parent):
        found = [place / name for name in DISTRACTORS if (place / name).is_dir()]
        if len(found) > 1:
            raise ReidkitError(
                f"{found[0]} and {found[1]} might both hold the 500,000 distractors: take one away"
            )
        if found:
            return found[0]
    raise ReidkitError(
        f"{path} has no 500,000 distractors: unpack distractors_500k.zip there, so that they lie in "
        f"{path / DISTRACTORS[0]}"
    )
