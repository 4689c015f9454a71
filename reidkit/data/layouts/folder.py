"""A plain folder of images, with no labels: all of it is for training."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import add_note
from reidkit.data.crops import check_crops
from reidkit.data.images import SUFFIXES, image_files
from reidkit.data.layouts.named import PERSON_AND_CAMERA
from reidkit.errors import ReidkitError


def recognises(path: Path) -> bool:
    """Say whether this is a folder: what no other layout claims is one of these."""
    return path.is_dir()


def read(path: Path) -> pd.DataFrame:
    """Return every image in the folder and below, with person and camera unknown.

    Raises:
        ReidkitError: it is no folder, or there are no images in it.
    """
    if not path.is_dir():
        raise ReidkitError(f"{path} is not a folder")
    files = image_files(path)
    if not files:
        raise ReidkitError(
            f"there are no images in {path} or below (looked for {', '.join(sorted(SUFFIXES))})"
        )
    crops = check_crops(pd.DataFrame({"path": [str(file) for file in files]}))
    if all(PERSON_AND_CAMERA.match(file.name) for file in files):
        return add_note(
            crops,
            f"The names seem to say person and camera, as {files[0].name} does. They are not read from "
            "a plain folder: put the crops into bounding_box_train, query and bounding_box_test, or write "
            "a CSV.",
        )
    return crops
