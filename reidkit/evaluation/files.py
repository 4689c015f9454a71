"""Files of features that another code has written: .npz, or .mat as the MATLAB-era tools have them."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from reidkit.distances.checks import integer_ids, scaled_rows
from reidkit.errors import ReidkitError

SUFFIXES = (".npz", ".mat")
PARTS, COLUMNS = ("query", "gallery"), ("features", "pids", "camids")
SHORT = {"features": "f", "pids": "label", "camids": "cam"}
"""What a .mat may call them: ``query_f``, ``query_label``, ``query_cam`` and the same of the gallery, as
layumi's Person_reID_baseline_pytorch writes them for MATLAB."""
OURS = {f"{part}_{SHORT[column]}": f"{part}_{column}" for part in PARTS for column in COLUMNS}
BROKEN = (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error, MatReadError)
"""What NumPy and SciPy raise for a file that is cut off, pickled, or something else."""


@dataclass(frozen=True)
class FeatureFile:
    """A test set whose features somebody has computed. Q queries, G gallery crops.

    Attributes:
        query_features: float32 (Q, D), scaled to length 1.
        query_pids, query_camids: int64 (Q,).
        gallery_features: float32 (G, D), scaled to length 1.
        gallery_pids, gallery_camids: int64 (G,); pid -1 is junk, 0 a distractor.
        lengths: the smallest and the largest length of a row, before it was scaled.
        unused: names of arrays of the file that an evaluation has no use for.
    """

    query_features: NDArray[np.float32]
    query_pids: NDArray[np.int64]
    query_camids: NDArray[np.int64]
    gallery_features: NDArray[np.float32]
    gallery_pids: NDArray[np.int64]
    gallery_camids: NDArray[np.int64]
    lengths: tuple[float, float]
    unused: tuple[str, ...] = ()


def read_arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    """Read all arrays of a file, those of a .mat by our names; see :data:`SHORT`.

    MATLAB knows no vectors, so what is one row or one column becomes one, but for features.

    Raises:
        ReidkitError: it is no .npz and no .mat, or cannot be read.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ReidkitError(f"{path} is no file of features: expected {' or '.join(SUFFIXES)}.")
    try:
        found = _npz(path) if path.suffix.lower() == ".npz" else _mat(path)
    except NotImplementedError as error:
        raise ReidkitError(f"{path} is of MATLAB's version 7.3; save it with '-v7'.") from error
    except BROKEN as error:
        raise ReidkitError(f"{path} cannot be read as {path.suffix.lower()} ({error}).") from error
    named = {OURS.get(name, name): values for name, values in found.items()}
    return {name: values if name.endswith("features") else _vector(values) for name, values in named.items()}


def read_features(path: str | Path) -> FeatureFile:
    """Read query and gallery of a test set: the features, whose they are, and from which camera.

    Args:
        path: an .npz or .mat with the arrays query_features (Q, D), query_pids (Q,), query_camids (Q,),
            gallery_features (G, D), gallery_pids (G,), gallery_camids (G,); in a .mat the short names do
            as well. Other arrays may lie beside them.

    Raises:
        ReidkitError: an array is missing, not a number per crop, or of another length; ids that are no
            integers; features with NaN, infinity or a row of zeros. The message names file and array.
    """
    found = read_arrays(path)
    if lacking := [_both(p, c) for p in PARTS for c in COLUMNS if f"{p}_{c}" not in found]:
        held = ", ".join(sorted(found)) or "nothing"
        raise ReidkitError(f"{path} lacks {', '.join(lacking)}; it holds {held}.")
    columns: dict[str, NDArray[Any]] = {}
    lengths: list[float] = []
    for part in PARTS:
        given = found[f"{part}_features"]
        _check_table(path, f"{part}_features", given, len(found[f"{part}_pids"]))
        columns[f"{part}_features"], before = scaled_rows(given, f"{path}: {part}_features")
        lengths += [float(before.min()), float(before.max())]
        for ids in COLUMNS[1:]:
            columns[f"{part}_{ids}"] = _ids(path, f"{part}_{ids}", found[f"{part}_{ids}"], len(given))
    q, g = (columns[f"{part}_features"].shape[1] for part in PARTS)
    if q != g:
        raise ReidkitError(f"{path}: query_features have {q} dimensions, gallery_features {g}.")
    unused = tuple(sorted(set(found) - set(columns)))
    return FeatureFile(**columns, lengths=(min(lengths), max(lengths)), unused=unused)


def _npz(path: Path) -> dict[str, NDArray[Any]]:
    archive = np.load(path, allow_pickle=False)
    if not isinstance(archive, NpzFile):
        raise ValueError("it holds a single array; np.savez writes several, by name")
    with archive:
        return {name: archive[name] for name in archive.files}


def _mat(path: Path) -> dict[str, NDArray[Any]]:
    return {name: values for name, values in loadmat(path).items() if not name.startswith("__")}


def _vector(values: NDArray[Any]) -> NDArray[Any]:
    flat = np.ravel(values) if np.ndim(values) == 2 and 1 in np.shape(values) else values
    return np.strings.rstrip(flat) if flat.dtype.kind == "U" else flat  # .mat pads all texts to one length


def _both(part: str, column: str) -> str:
    return f"{part}_{column} (in a .mat also {part}_{SHORT[column]})"


def _check_table(path: str | Path, name: str, rows: NDArray[Any], crops: int) -> None:
    if np.ndim(rows) == 2 and len(rows) != crops == np.shape(rows)[1]:
        raise ReidkitError(
            f"{path}: {name} is {rows.shape[0]} × {rows.shape[1]}, for {crops} crops. Transpose it: one "
            "row a crop."
        )


def _ids(path: str | Path, name: str, values: NDArray[Any], crops: int) -> NDArray[np.int64]:
    if values.dtype.kind == "f" and (missing := int(np.isnan(values).sum())):
        raise ReidkitError(f"{path}: {missing} of {len(values)} {name} are NaN; give -1 for unknown.")
    return integer_ids(values, f"{path}: {name}", crops)
