"""CUHK03 in small, as it was published and as torchreid unpacks it, and how the paper parts it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from PIL import Image
from scipy.io import savemat

SIZES = (4, 3, 1, 1, 1)  # people in the five pairs
TESTS = [[(1, 1 + fold % 4), (2, 1 + fold % 3)] for fold in range(20)]
EMPTY = {(1, 2, 5), (1, 2, 10), (2, 3, 1)}  # cells without an image: pair, person, image from 1


def picture(boxes: str, pair: int, person: int, image: int) -> np.ndarray:
    """An image of height 20 and width 9 that no other has, and that is not symmetric."""
    rng = np.random.default_rng([len(boxes), pair, person, image])
    return rng.integers(0, 256, (20, 9, 3), np.uint8)


def write_mat(file: Path, tests: list[list[tuple[int, int]]] = TESTS, **others: Any) -> Path:
    """Write a file as MATLAB 7.3 does: transposed arrays, cells as references, empty cells as sizes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(file, "w", userblock_size=512) as mat:
        refs = mat.create_group("#refs#")

        def keep(array: np.ndarray) -> h5py.Reference:
            return refs.create_dataset(str(len(refs)), data=array).ref

        def cells(held: list[list[h5py.Reference]]) -> np.ndarray:
            array = np.empty((len(held), len(held[0])), dtype=h5py.ref_dtype)
            for row, refs_in_row in enumerate(held):
                for column, ref in enumerate(refs_in_row):
                    array[row, column] = ref
            return array.T

        empty = refs.create_dataset("empty", data=np.zeros(2, np.uint64))
        empty.attrs["MATLAB_empty"] = np.uint8(1)
        for boxes in ("detected", "labeled"):
            pairs = []
            for pair, size in enumerate(SIZES, 1):
                people = [
                    [
                        empty.ref if (pair, p, i) in EMPTY else keep(picture(boxes, pair, p, i).T)
                        for i in range(1, 11)
                    ]
                    for p in range(1, size + 1)
                ]
                pairs.append([refs.create_dataset(f"{boxes}{pair}", data=cells(people)).ref])
            mat.create_dataset(boxes, data=cells(pairs))
        lists = [[keep(np.array(test, float).T)] for test in tests]
        mat.create_dataset("testsets", data=cells(lists))
        for name, value in others.items():
            del mat[name]
            if value is not None:
                mat.create_dataset(name, data=value)
    with file.open("r+b") as start:
        start.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
    return file


def names_of(boxes: str) -> list[str]:
    cells = [(c, p, i) for c, size in enumerate(SIZES, 1) for p in range(1, size + 1) for i in range(1, 11)]
    kept = [cell for cell in cells if cell not in EMPTY]
    return [f"{c}_{p:03d}_{1 if i < 6 else 2}_{i:02d}.png" for c, p, i in kept]


def unpack(folder: Path, boxes: str, suffix: str = ".png") -> Path:
    """Write the images as torchreid does."""
    (folder / f"images_{boxes}").mkdir(parents=True)
    for name in names_of(boxes):
        pair, person, _, image = (int(x) for x in name[:-4].split("_"))
        stem = folder / f"images_{boxes}" / name[:-4]
        Image.fromarray(picture(boxes, pair, person, image)).save(f"{stem}{suffix}")
    return folder


def write_lists(folder: Path, boxes: str) -> None:
    """Write torchreid's lists of the classic folds, with paths of another machine and pids anew."""
    folds = []
    for test in TESTS:
        tested = [n for n in names_of(boxes) if (int(n[0]), int(n[2:5])) in test]
        rows = [[f"C:\\reid\\c3_x\\images_{boxes}\\{n}", k, int(n[6]) - 1] for k, n in enumerate(tested)]
        folds.append({"train": [], "query": rows, "gallery": rows, "num_train_pids": 8})
    (folder / f"splits_classic_{boxes}.json").write_text(json.dumps(folds))


def write_config(folder: Path, boxes: str, *, first: int = 1, **changed: Any) -> Path:
    """Write the new protocol: pairs 1 and 3 to 5 train, of pair 2 the first crop of a view is a query."""
    names = names_of(boxes)
    people = sorted({name[:5] for name in names})
    test = [k for k, name in enumerate(names) if name[0] == "2"]
    query = [k for k in test if names[k][-6:-4] in ("02", "06")]
    index = {"train": [k for k in range(len(names)) if k not in test], "query": query}
    index["gallery"] = [k for k in test if k not in query]
    held: dict[str, Any] = {f"{s}_idx": np.array(rows)[:, None] + first for s, rows in index.items()}
    held["filelist"] = np.array(names, dtype=object)[:, None]
    held["labels"] = np.array([people.index(name[:5]) + 1.0 for name in names])[:, None]
    held["camId"] = np.array([float(name[6]) for name in names])[:, None]
    file = folder / f"cuhk03_new_protocol_config_{boxes}.mat"
    savemat(file, held | changed)
    return file


def oracle(boxes: str, fold: int) -> list[tuple[str, int, int, int, str]]:
    """Part the people as the paper words it, one image at a time."""
    rows = []
    for name in names_of(boxes):
        pair, person, view = int(name[0]), int(name[2:5]), int(name[6])
        splits = ("query", "gallery") if (pair, person) in TESTS[fold] else ("train",)
        rows += [(name, 1000 * (pair - 1) + person, view, pair, split) for split in splits]
    return sorted(rows)


def rows(crops: pd.DataFrame) -> list[tuple[Any, ...]]:
    columns = ["pid", "camid", "pair", "split"]
    names = [f"{Path(path).stem}.png" for path in crops["path"]]
    table = crops[columns].astype(object).itertuples(index=False, name=None)
    return sorted((name, *row) for name, row in zip(names, table, strict=True))
