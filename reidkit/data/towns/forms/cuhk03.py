"""CUHK03 as it was published: all pictures in one MATLAB file; and as people extract it.

``cuhk-03.mat`` is MATLAB 7.3, which is HDF5: a cell array is a data set of references, and every
array lies with its dimensions turned round, so a picture is (3, width, height). ``detected`` and
``labeled`` are 5x1 cells, one for each pair of cameras; in each of these, a row a person with ten
cells, the first five for one camera of the pair and the others for the other. Many are empty.
``testsets`` are twenty lists of (pair, number of the person in it), counted from 1.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import savemat

from reidkit.data.towns.forms.packed import boxed_twice
from reidkit.data.towns.forms.planning import Drawn, Form, Picture, Way

BOXES = ("detected", "labeled")
PAIRS, VIEWS, SHOTS, FOLDS = 5, 2, 5, 20
_HEADER = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan 06 12:00:00 2014 HDF5 schema 1.00 ."


def plan_cuhk03(seed: int, people: int) -> list[Picture]:
    """Plan CUHK03: people dealt to five pairs of cameras, each crop detected and labeled.

    The split is that of the new protocol (CUHK03-NP); for the twenty of the classic one see
    :func:`fold_cuhk03`. The name of a picture says where in the .mat it lies.
    """
    pictures = []
    for p, step in boxed_twice(seed, people):
        pair, number = 1 + (p.pid - 1) % PAIRS, 1 + (p.pid - 1) // PAIRS
        missed = p.choice == "detected" and p.pid == 1 and step > 0  # numbers are not without gaps
        image = 1 + SHOTS * (p.camid - 1) + step + missed
        file = f"{pair}_{number:03d}_{p.camid}_{image:02d}.png"
        size = 128 + 4 * (step % 3), 64 - 2 * (step % 4)  # the published ones differ in size, too
        pid = 1000 * (pair - 1) + number
        pictures.append(replace(p, file=file, pid=pid, columns={"pair": pair}, size=size))
    return sorted(pictures, key=lambda p: (p.choice, p.file))


def plan_extracted(seed: int, people: int) -> list[Picture]:
    """Plan CUHK03 as torchreid extracts it: a folder of pictures for each kind of boxes."""
    return [replace(p, file=f"images_{p.choice}/{p.file}") for p in plan_cuhk03(seed, people)]


def _where(picture: Picture) -> tuple[int, int, int]:
    """Return pair, number of the person in it, and number of the image (1-10), from a picture's name."""
    pair, number, _, image = Path(picture.file).stem.split("_")
    return int(pair), int(number), int(image)


def people_tested(pictures: Iterable[Picture], fold: int) -> list[tuple[int, int]]:
    """Return the (pair, number) of the test people of a classic fold (0-19): half of all people."""
    there = sorted({_where(p)[:2] for p in pictures})
    rng = np.random.default_rng([fold, len(there)])
    return [there[row] for row in sorted(rng.permutation(len(there))[: len(there) // 2])]


def fold_cuhk03(pictures: list[Picture], fold: int) -> list[Picture]:
    """Part the people as a classic fold does: a test crop is both query and gallery."""
    tested = set(people_tested(pictures, fold))
    splits = {True: ("query", "gallery"), False: ("train",)}
    return [replace(p, split=split) for p in pictures for split in splits[_where(p)[:2] in tested]]


def finish_cuhk03(folder: Path, drawn: Drawn) -> None:
    """Write ``cuhk03_release/cuhk-03.mat`` and the two files of the new protocol beside its folder."""
    file = folder / "cuhk03_release" / "cuhk-03.mat"
    file.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(file, "w", userblock_size=512) as mat:
        _Cells(mat).write(drawn)
    with file.open("r+b") as stream:  # MATLAB's own header: text, then version 2.0 and the byte order
        stream.write(_HEADER.ljust(116) + bytes(8) + b"\x00\x02IM")
    finish_new_protocol(folder, drawn)


class _Cells:
    """Writes MATLAB's values into an HDF5 file: what a cell refers to lies in ``#refs#``."""

    def __init__(self, mat: h5py.File) -> None:
        self._mat, self._refs = mat, mat.create_group("#refs#")
        self._empty = self._put(np.zeros(2, np.uint64), "canonical empty")
        self._empty.attrs["MATLAB_empty"] = np.uint8(1)

    def write(self, drawn: Drawn) -> None:
        pictures = [picture for picture, _ in drawn]
        for boxes in BOXES:
            one = [(p, pixels) for p, pixels in drawn if p.choice == boxes]
            self._cell([self._pair(one, pair) for pair in range(1, PAIRS + 1)], boxes)
        sets = [np.array(people_tested(pictures, fold), np.float64) for fold in range(FOLDS)]
        self._cell([self._put(people.T, "double") for people in sets], "testsets")

    def _pair(self, drawn: Drawn, pair: int) -> h5py.Dataset:
        """One pair's cell: people x 10 in MATLAB, so (10, people) here."""
        inside = [(_where(p), pixels) for p, pixels in drawn if p.columns["pair"] == pair]
        people = max((number for (_, number, _), _ in inside), default=0)
        cells = np.full((VIEWS * SHOTS, people), self._empty.ref, dtype=h5py.ref_dtype)
        for (_, number, image), pixels in inside:
            picture = self._put(np.ascontiguousarray(pixels.T), "uint8")  # (3, width, height)
            cells[image - 1, number - 1] = picture.ref
        return self._put(cells, "cell", h5py.ref_dtype)

    def _cell(self, values: list[h5py.Dataset], name: str) -> None:
        """A column of cells: n x 1 in MATLAB, so (1, n) here."""
        references = np.array([[value.ref for value in values]], dtype=h5py.ref_dtype)
        self._mat.create_dataset(name, data=references, dtype=h5py.ref_dtype)
        self._mat[name].attrs["MATLAB_class"] = np.bytes_("cell")

    def _put(self, value: np.ndarray, kind: str, dtype: Any = None) -> h5py.Dataset:
        data = self._refs.create_dataset(f"r{len(self._refs):05d}", data=value, dtype=dtype)
        data.attrs["MATLAB_class"] = np.bytes_(kind)
        return data


def finish_new_protocol(folder: Path, drawn: Drawn) -> None:
    """Write ``cuhk03_new_protocol_config_{detected,labeled}.mat`` (Zhong et al., CVPR 2017)."""
    for boxes in BOXES:
        pictures = [p for p, _ in drawn if p.choice == boxes]
        names = np.empty((len(pictures), 1), dtype=object)
        names[:, 0] = [Path(p.file).name for p in pictures]
        rows = {
            f"{split}_idx": _column(i for i, p in enumerate(pictures, start=1) if p.split == split)
            for split in ("train", "query", "gallery")
        }
        order = sorted({p.pid for p in pictures})  # people count through all pairs there
        labels = _column(1 + order.index(p.pid) for p in pictures)
        cameras = _column(p.camid for p in pictures)
        file = io.BytesIO()
        savemat(file, {"filelist": names, "labels": labels, "camId": cameras, **rows})
        text = b"MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Mon Jan 09 12:00:00 2017"
        content = text.ljust(116) + file.getvalue()[116:]  # scipy writes the time of day there
        (folder / f"cuhk03_new_protocol_config_{boxes}.mat").write_bytes(content)


def _column(numbers: Iterable[int]) -> np.ndarray:
    return np.array(list(numbers), dtype=np.float64).reshape(-1, 1)


def finish_extracted(folder: Path, drawn: Drawn) -> None:
    """Write torchreid's four JSON files of splits beside the pictures, as it does.

    An entry is [path, person from 0, camera from 0]; the path counted from where torchreid ran.
    """
    finish_new_protocol(folder, drawn)
    for boxes in BOXES:
        pictures = [p for p, _ in drawn if p.choice == boxes]
        folds = [fold_cuhk03(pictures, fold) for fold in range(FOLDS)]
        for name, tables in (("classic", folds), ("new", [pictures])):
            splits = [_torchreid(table) for table in tables]
            text = json.dumps(splits, indent=4, separators=(",", ": "))
            (folder / f"splits_{name}_{boxes}.json").write_text(text, encoding="utf-8")


def _torchreid(pictures: list[Picture]) -> dict[str, Any]:
    """Return one split as torchreid writes it: training people are numbered anew, and test people."""
    split: dict[str, Any] = {}
    for name in ("train", "query", "gallery"):
        rows = [p for p in pictures if p.split == name]
        labels = {pid: label for label, pid in enumerate(sorted({p.pid for p in rows}))}
        split[name] = [[f"reid-data/cuhk03/{p.file}", labels[p.pid], p.camid - 1] for p in rows]
        split[f"num_{name}_pids"], split[f"num_{name}_imgs"] = len(labels), len(rows)
    return split


_WAYS = (
    *(Way(f"cuhk03:{boxes}", choice=boxes, folds=True) for boxes in BOXES),
    *(Way(f"cuhk03:{boxes}:np", choice=boxes) for boxes in BOXES),
)

FORMS: dict[str, Form] = {
    "cuhk03": Form("one MATLAB 7.3 file, and two of the new protocol", "cuhk03", _WAYS, plan_cuhk03,
                   finish_cuhk03, in_files=False, fold=fold_cuhk03),
    "cuhk03-extracted": Form("folders of pictures, torchreid's JSON files, the new protocol's .mat",
                             "cuhk03", _WAYS, plan_extracted, finish_extracted, fold=fold_cuhk03),
}  # fmt: skip
"""By name."""
