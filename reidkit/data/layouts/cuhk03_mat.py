"""cuhk-03.mat: CUHK03's images and its twenty test sets, all in one file of MATLAB 7.3, which is HDF5.

``detected`` and ``labeled`` hold five pairs of cameras. A pair is a cell array of people × 10 images:
five of the first view, then five of the second, and empty cells where a person has fewer.
``testsets`` holds twenty lists of 100 rows (pair, person), both counted from 1.

MATLAB writes an array column by column, HDF5 reads it row by row. So everything arrives transposed:
a list of 100 × 2 as 2 × 100, a pair as 10 × people, an image of height × width × 3 as
(3, width, height). A cell is a reference to what it holds.

Training and the data doctor want files, so the images are written out once, into reidkit's cache.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from reidkit.data.layouts.cuhk03_lists import People
from reidkit.data.pixels import cache_folder
from reidkit.errors import ReidkitError

MAT = "cuhk-03.mat"
IMAGES_A_VIEW = 5
_DAY = 24 * 3600.0  # seconds


def read_test_people(mat: Path, folds: Sequence[int]) -> list[People]:
    """Return the test people of some folds.

    Raises:
        ReidkitError: the file cannot be read, or holds no such fold.
    """
    with _open(mat) as file:
        testsets = _cells(mat, file, "testsets").ravel()
        if max(folds) >= len(testsets):
            raise ReidkitError(f"{mat} holds {len(testsets)} test sets: there is no fold {max(folds)}")
        lists = [_array(mat, file, testsets[fold]) for fold in folds]
    return [{(int(pair), int(person)) for pair, person in rows} for rows in lists]


def extract(mat: Path, boxes: str) -> Path:
    """Return a folder with the images of one kind of boxes, which is filled the first time.

    It lies in reidkit's cache, under the file's size and time of change: another file gets another
    folder. It appears there whole or not at all, so what was interrupted is done again. Names are
    ``{pair}_{person:03d}_{view}_{image:02d}.png``, as torchreid has them, all counted from 1.

    Args:
        mat: the file ``cuhk-03.mat``.
        boxes: ``detected`` or ``labeled``.

    Raises:
        ReidkitError: the file cannot be read, or holds no such images.
    """
    state = mat.stat()
    folder = cache_folder() / "cuhk03" / f"{state.st_size}-{state.st_mtime_ns}" / f"images_{boxes}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    unfinished = folder.with_name(f"{uuid.uuid4().hex}.part")  # two that extract at once do not meet
    unfinished.mkdir()
    try:
        _write_images(mat, boxes, unfinished)
        if not folder.is_dir():
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _write_images(mat: Path, boxes: str, folder: Path) -> None:
    """Write each cell that is not empty as a PNG."""
    with _open(mat) as file:
        cells = list(_image_cells(mat, file, boxes))
        for name, cell in tqdm(cells, desc=f"extract {boxes}", unit="crop"):
            image = _array(mat, file, cell)
            if image.ndim < 3:  # MATLAB writes the size of an empty array in its place
                continue
            if image.dtype != np.uint8 or image.shape[2] != 3:
                raise ReidkitError(
                    f"{mat}: {boxes} image {name} is {image.shape} of {image.dtype}, not "
                    "(height, width, 3) of uint8"
                )
            Image.fromarray(np.ascontiguousarray(image)).save(folder / name)
    if not any(folder.iterdir()):
        raise ReidkitError(f"{mat} holds no {boxes} images: all cells are empty")


def _image_cells(mat: Path, file: h5py.File, boxes: str) -> Iterator[tuple[str, Any]]:
    """Yield the name and the cell of every image, the empty ones too."""
    for pair, people in enumerate(_cells(mat, file, boxes).ravel(), start=1):
        for person, images in enumerate(_array(mat, file, people), start=1):
            for number, image in enumerate(images, start=1):
                view = 1 if number <= IMAGES_A_VIEW else 2
                yield f"{pair}_{person:03d}_{view}_{number:02d}.png", image


def _open(mat: Path) -> h5py.File:
    try:
        return h5py.File(mat, "r")
    except OSError as error:
        raise ReidkitError(f"{mat} cannot be read as a file of MATLAB 7.3 ({error}): copy it anew") from None


def _cells(mat: Path, file: h5py.File, name: str) -> np.ndarray:
    """Return the cells of one of the file's arrays."""
    if name not in file:
        held = ", ".join(sorted(key for key in file if not key.startswith("#"))) or "nothing"
        raise ReidkitError(f"{mat} holds no {name}, as CUHK03's does; it holds {held}")
    return _array(mat, file, name)


def _array(mat: Path, file: h5py.File, cell: Any) -> np.ndarray:
    """Return an array as MATLAB has it."""
    try:
        return np.asarray(file[cell][()]).T
    except (OSError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        raise ReidkitError(f"{mat} is damaged, or is not CUHK03's ({error}): copy it anew") from None


def _sweep(folder: Path) -> None:
    """Remove what extractions that were killed more than a day ago left behind."""
    for unfinished in folder.glob("*.part"):
        if time.time() - unfinished.stat().st_mtime > _DAY:
            shutil.rmtree(unfinished, ignore_errors=True)
