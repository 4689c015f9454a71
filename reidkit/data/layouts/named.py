"""What layouts share: a folder for each split, folders of people, and what each file's name says.

Rules are matched against the file's name alone. Searched in the whole path, they would read the
person out of a parent folder such as ``exp3_c2``, for every crop the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from itertools import islice
from pathlib import Path

import pandas as pd

from reidkit.data.images import image_files
from reidkit.errors import ReidkitError

PARTS = {"train": "bounding_box_train", "query": "query", "gallery": "bounding_box_test"}
"""Market-1501's folders, which many benchmarks have taken over."""

PERSON_AND_CAMERA = re.compile(r"(?P<pid>-?\d+)_c(?P<camid>\d+)")
"""Market-1501's rule: person 2 under camera 1 is ``0002_c1…``. A name may go on as it likes."""

NUMBERS = ("clothes", "frame", "pair", "view")
"""Groups of rules that become columns of whole numbers. Of pid and camid ``check_crops`` makes them."""


def has_parts(path: Path, parts: Mapping[str, str] = PARTS) -> bool:
    """Say whether a folder has these parts.

    The folder of the training or of the gallery crops gives it away; one named ``query`` does not.
    """
    return (path / parts["train"]).is_dir() or (path / parts["gallery"]).is_dir()


def has_names(folder: Path, rule: re.Pattern[str]) -> bool:
    """Say whether any of the first files that a folder itself lists is named by this rule.

    A folder that is not there has none, nor has one that cannot be listed: that is left to the plain
    folder's layout, which says so.
    """
    try:
        with os.scandir(folder) as files:
            return any(rule.match(file.name) for file in islice(files, 20))
    except OSError:
        return False


def need_all(root: Path, names: Collection[str], *, like: str, asks: str = "") -> None:
    """Refuse a folder in which files or folders of a benchmark are missing.

    Args:
        root: the benchmark's folder.
        names: what must lie below it.
        like: the benchmark, for the message.
        asks: what the layout asks for, in words; without, that is the names.

    Raises:
        ReidkitError: something is missing; all of it is named.
    """
    missing = [name for name in names if not (root / name).exists()]
    if missing:
        folder = "" if any(Path(name).suffix for name in missing) else "folder "
        raise ReidkitError(
            f"{root} looks like {like}, but has no {folder}{' and no '.join(missing)}; "
            f"{asks or 'the layout asks for ' + ', '.join(names)}"
        )


def images_in(folder: Path) -> list[Path]:
    """Return the images in a folder and below, sorted by path.

    Raises:
        ReidkitError: there are none.
    """
    files = image_files(folder)
    if not files:
        raise ReidkitError(f"there are no images in {folder}")
    return files


def find_images(root: Path, parts: Mapping[str, str] = PARTS, *, like: str = "Market-1501") -> pd.DataFrame:
    """Return columns ``path`` and ``split`` of the images in each part.

    Args:
        root: the folder that holds the parts.
        parts: the folder's name for each split.
        like: the benchmark, for the messages.

    Raises:
        ReidkitError: a part is missing or has no images.
    """
    if not has_parts(root, parts):
        raise ReidkitError(f"{root} holds no folder {parts['train']}: it is not laid out as {like}")
    need_all(root, parts.values(), like=like)
    rows = [(str(file), split) for split, part in parts.items() for file in images_in(root / part)]
    return pd.DataFrame(rows, columns=["path", "split"])


def find_people(folder: Path, *, example: str) -> pd.DataFrame:
    """Return columns ``path`` and ``pid`` of images that lie in folders called by a person's number.

    Args:
        folder: it holds a folder for each person.
        example: one of these, for the message.

    Raises:
        ReidkitError: there are no images, or one lies elsewhere. People count from 1.
    """
    rows = []
    for file in images_in(folder):
        person = file.relative_to(folder).parts[0]
        if not (person.isdecimal() and int(person) > 0):
            raise outside(file, f", such as {folder.name}/{example}")
        rows.append((str(file), int(person)))
    return pd.DataFrame(rows, columns=["path", "pid"])


def outside(file: Path, such_as: str = "") -> ReidkitError:
    """Return the error for an image that lies in no person's folder."""
    return ReidkitError(f"{file} lies in no person's folder{such_as}: move it into one, or take it out")


def read_names(
    crops: pd.DataFrame,
    rule: re.Pattern[str],
    *,
    says: str = "<person>_c<camera>…",
    example: str = "0002_c1s1_000451_03.jpg",
) -> pd.DataFrame:
    """Return the crops with one column more for each named group of the rule.

    Groups called as in :data:`NUMBERS` become Int64, all others stay text.

    Args:
        crops: a table with a ``path`` column.
        rule: matched against the beginning of each file's name.
        says, example: the rule in words and a name that keeps it, for the message.

    Raises:
        ReidkitError: images have names that break the rule.
    """
    matches = [rule.match(Path(path).name) for path in crops["path"]]
    bad = [path for path, match in zip(crops["path"], matches, strict=True) if not match]
    if bad:
        first = "\n".join(f"  {path}" for path in bad[:10])
        more = f"\n  and {len(bad) - 10} more" if len(bad) > 10 else ""
        raise ReidkitError(
            f"{len(bad)} images are not named {says}, as in {example};"
            f" rename them or take them out:\n{first}{more}"
        )
    read = pd.DataFrame([match.groupdict() for match in matches if match], index=crops.index)
    numbers = {name: read[name].astype("Int64") for name in NUMBERS if name in read}
    return crops.assign(**{str(name): read[name] for name in read} | numbers)
