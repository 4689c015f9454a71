"""PRCC: people under three cameras, in other clothes under the third.

In ``rgb``, training images are ``train/092/A_cropped_rgb010.jpg`` (person 92 under camera A) and
test images ``test/C/001/cropped_rgb010.jpg`` (person 1 under camera C). Cameras A, B and C are 1, 2
and 3. A person wears the same under A and B, here ``clothes`` 1, and something else under C, here 2.
What A saw is the gallery; B asks for the same clothes, C for changed ones.

``val`` shows the people of ``train`` again. Published results train without it (Gu et al., CVPR
2022), so it is left out, and the data doctor says so. The contour sketches beside ``rgb`` are not
read either.

Source: Yang, Wu and Zheng, "Person re-identification by contour sketch under moderate clothing
change", TPAMI 2021.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import add_note, mark, squash
from reidkit.data.crops import check_crops
from reidkit.data.findings import plural
from reidkit.data.images import image_files
from reidkit.data.layouts.named import find_people, need_all, read_names
from reidkit.errors import ReidkitError

CAMERAS = {"A": 1, "B": 2, "C": 3}
CLOTHES = {"A": 1, "B": 1, "C": 2}
PARTS = {"train": "train", "test/A": "gallery", "test/B": "query", "test/C": "query"}
VALIDATION = "val"
_CAMERA = re.compile(r"(?P<camera>[ABC])_")


def recognises(path: Path) -> bool:
    """Say whether this folder, or the ``rgb`` in it, has the cameras, or is called so and has a part."""
    root = _root(path)
    tests = [(root / part).is_dir() for part in PARTS if part != "train"]
    named = squash(path.name) == "prcc" and any((root / part).is_dir() for part in ("train", "test"))
    return named or sum(tests) > 1


def read(path: Path) -> pd.DataFrame:
    """Return the crops of train and test, with ``clothes`` and ``dataset``.

    Raises:
        ReidkitError: a part is missing or empty, an image lies in no person's folder, or training
            images have names that do not say the camera.
    """
    root = _root(path)
    need_all(root, PARTS, like="PRCC")
    if root.name.lower() == "sketch":
        raise ReidkitError(f"{root} holds PRCC's contour sketches; the images lie in rgb, beside it")
    train, *test = (
        find_people(root / part, example="092").assign(split=split, camera=part[-1])
        for part, split in PARTS.items()
    )
    train = read_names(train, _CAMERA, says="A_…, B_… or C_…", example="A_cropped_rgb010.jpg")
    crops = pd.concat([train, *test], ignore_index=True)
    clothes = crops["camera"].map(CLOTHES).astype("Int64")
    crops = crops.assign(camid=crops["camera"].map(CAMERAS), clothes=clothes).drop(columns="camera")
    return mark(_without_validation(root, check_crops(crops)), "PRCC")


def _root(path: Path) -> Path:
    """Return the folder that holds the parts."""
    return path / "rgb" if (path / "rgb").is_dir() else path


def _without_validation(root: Path, crops: pd.DataFrame) -> pd.DataFrame:
    """Return the crops with a note on the images that are not among them."""
    folder = root / VALIDATION
    files = image_files(folder) if folder.is_dir() else []
    if not files:
        return crops
    return add_note(
        crops,
        f"{plural(len(files), 'image')} in {VALIDATION} left out: they show the people of train again, "
        "and published results (Gu et al., CVPR 2022) train without them.",
    )
