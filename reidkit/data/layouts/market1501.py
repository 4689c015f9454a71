"""Market-1501, and every data set that is packed like it.

A folder with ``bounding_box_train``, ``query`` and ``bounding_box_test`` (the gallery). The person
and the camera stand at the beginning of each file's name: ``0002_c1s1_000451_03.jpg`` is person 2
under camera 1. Person -1 is junk and 0000 a distractor (see :mod:`reidkit.data.crops`); both are
kept, the evaluation knows what to do with them.

Source: Zheng et al., "Scalable person re-identification: a benchmark", ICCV 2015, and its readme.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reidkit.data.crops import check_crops
from reidkit.data.images import image_files
from reidkit.errors import ReidkitError

PARTS = {"train": "bounding_box_train", "query": "query", "gallery": "bounding_box_test"}
# Matched against the file's name alone: searched in the whole path, the rule would read the person
# out of a parent folder such as "exp3_c2", for every crop the same.
_NAME = re.compile(r"(-?\d+)_c(\d+)")


def recognises(path: Path) -> bool:
    """Say whether this is a Market-1501 folder, or a folder around one."""
    return bool(_roots(path))


def read(path: Path) -> pd.DataFrame:
    """Return the crops of the three parts.

    Raises:
        ReidkitError: a part is missing or empty, several Market-1501 folders lie here, or images
            have names that do not say person and camera.
    """
    root = _the_one_root(path)
    missing = [part for part in PARTS.values() if not (root / part).is_dir()]
    if missing:
        raise ReidkitError(
            f"{root} looks like Market-1501, but has no folder {' and no '.join(missing)}; "
            f"the layout asks for {', '.join(PARTS.values())}"
        )
    files = [(file, split) for split, part in PARTS.items() for file in _images(root / part)]
    matches = [_NAME.match(file.name) for file, _ in files]
    _refuse_names([file for (file, _), match in zip(files, matches, strict=True) if not match])
    return check_crops(
        pd.DataFrame(
            {
                "path": [str(file) for file, _ in files],
                "pid": [match[1] for match in matches if match],
                "camid": [match[2] for match in matches if match],
                "split": [split for _, split in files],
            }
        )
    )


def _roots(path: Path) -> list[Path]:
    """Return the Market-1501 folders here: the path itself, else those directly below it.

    One of the two bounding_box folders gives it away; a folder named ``query`` alone does not.
    """
    telling = [PARTS["train"], PARTS["gallery"]]
    if not path.is_dir():
        return []
    if any((path / part).is_dir() for part in telling):
        return [path]
    below = [folder for folder in sorted(path.iterdir()) if folder.is_dir()]
    return [folder for folder in below if any((folder / part).is_dir() for part in telling)]


def _the_one_root(path: Path) -> Path:
    """Return the Market-1501 folder that the path means, or say why there is not one."""
    roots = _roots(path)
    if not roots:
        raise ReidkitError(f"{path} holds no folder {PARTS['train']}: it is not Market-1501's own")
    if len(roots) > 1:
        names = ", ".join(root.name for root in roots)
        raise ReidkitError(f"{path} holds {len(roots)} data sets ({names}): open one of them")
    return roots[0]


def _images(part: Path) -> list[Path]:
    """Return the images of one part; an empty part is an error."""
    files = image_files(part)
    if not files:
        raise ReidkitError(f"there are no images in {part}")
    return files


def _refuse_names(files: list[Path]) -> None:
    """Raise if there are images whose names break the rule."""
    if files:
        first = "\n".join(f"  {file}" for file in files[:10])
        more = f"\n  and {len(files) - 10} more" if len(files) > 10 else ""
        raise ReidkitError(
            f"{len(files)} images are not named <person>_c<camera>…, as in 0002_c1s1_000451_03.jpg;"
            f" rename them or take them out:\n{first}{more}"
        )
