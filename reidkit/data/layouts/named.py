"""What folders of names share: a folder for each split, and what each file's name says.

Rules are matched against the file's name alone. Searched in the whole path, they would read the
person out of a parent folder such as ``exp3_c2``, for every crop the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from reidkit.data.images import image_files
from reidkit.errors import ReidkitError

PARTS = {"train": "bounding_box_train", "query": "query", "gallery": "bounding_box_test"}
"""Market-1501's folders, which many benchmarks have taken over."""

PERSON_AND_CAMERA = re.compile(r"(?P<pid>-?\d+)_c(?P<camid>\d+)")
"""Market-1501's rule: person 2 under camera 1 is ``0002_c1…``. A name may go on as it likes."""


def has_parts(path: Path, parts: Mapping[str, str] = PARTS) -> bool:
    """Say whether a folder has these parts.

    The folder of the training or of the gallery crops gives it away; one named ``query`` does not.
    """
    return (path / parts["train"]).is_dir() or (path / parts["gallery"]).is_dir()


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
    missing = [part for part in parts.values() if not (root / part).is_dir()]
    if missing:
        raise ReidkitError(
            f"{root} looks like {like}, but has no folder {' and no '.join(missing)}; "
            f"the layout asks for {', '.join(parts.values())}"
        )
    rows = [(str(file), split) for split, part in parts.items() for file in _images(root / part)]
    return pd.DataFrame(rows, columns=["path", "split"])


def read_names(
    crops: pd.DataFrame,
    rule: re.Pattern[str],
    *,
    says: str = "<person>_c<camera>…",
    example: str = "0002_c1s1_000451_03.jpg",
) -> pd.DataFrame:
    """Return the crops with one column more for each named group of the rule.

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
    return crops.assign(**{str(name): read[name] for name in read})


def _images(part: Path) -> list[Path]:
    """Return the images of one part; an empty part is an error."""
    files = image_files(part)
    if not files:
        raise ReidkitError(f"there are no images in {part}")
    return files
