"""Files of features that another code has written: .npz, or .mat as the MATLAB-era tools have them."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import pandas as pd
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from reidkit.distances.checks import integer_ids, scaled_rows
from reidkit.errors import ReidkitError

SUFFIXES = (".npz", ".mat")
PARTS, COLUMNS = ("query", "gallery"), ("features", "pids", "camids")
MORE = ("clothes", "modality", "resolution", "fold")
"""What protocols of some benchmarks ask for; see :mod:`reidkit.evaluation.protocols`."""
SHORT_PARTS = {"query": "query", "gallery": "gallery", "multi": "mquery"}
SHORT = {"features": "f", "pids": "label", "camids": "cam"}
"""What a .mat may call them: ``query_f``, ``query_label``, ``query_cam`` and the same of the gallery, as
layumi's Person_reID_baseline_pytorch writes them for MATLAB."""
OURS = {
    f"{short}_{SHORT[column]}": f"{part}_{column}"
    for part, short in SHORT_PARTS.items()
    for column in COLUMNS
}
_NEARLY = re.compile(
    r"(?P<part>query|probe|q|gallery|gal|g)_?"
    r"((?P<features>f|feat\w*|emb\w*)|(?P<pids>p|pid\w*|ids?|labels?|person\w*|ident\w*)|(?P<camids>c|cam\w*))"
)
BROKEN = (
    OSError,
    ValueError,
    TypeError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    MatReadError,
)
"""What NumPy, SciPy and h5py raise for a file that is cut off, pickled, or something else."""


class CropFeatures(NamedTuple):
    """Features of N crops, whose they are and from which camera."""

    features: NDArray[np.float32]
    """(N, D), scaled to length 1."""
    pids: NDArray[np.int64]
    """(N,); -1 is junk, 0 a distractor."""
    camids: NDArray[np.int64]
    """(N,)."""
    lengths: tuple[float, float]
    """The smallest and the largest length of a row, before it was scaled."""
    more: dict[str, NDArray[Any]]
    """What else is said of the crops, (N,) each, such as ``clothes``."""

    def table(self) -> pd.DataFrame:
        """Return a table with pid, camid and what else is said of the crops."""
        return pd.DataFrame({"pid": self.pids, "camid": self.camids} | self.more)


@dataclass(frozen=True)
class FeatureFile:
    """A test set whose features somebody has computed.

    Attributes:
        query, gallery: its two parts.
        unused: names of arrays of the file that an evaluation has no use for.
    """

    query: CropFeatures
    gallery: CropFeatures
    unused: tuple[str, ...] = ()


def read_arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    """Read all arrays of a file, those of a .mat by our names; see :data:`SHORT`.

    MATLAB knows no vectors, so what is one row or one column becomes one, but for features.

    Raises:
        ReidkitError: it is no .npz and no .mat, or cannot be read.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ReidkitError(
            f"{path} is no file of features: expected {' or '.join(SUFFIXES)}. NumPy writes one, "
            "np.savez('features.npz', query_features=..., query_pids=..., ...)."
        )
    if not path.exists():
        raise ReidkitError(f"{path} does not exist.")
    try:
        found = _npz(path) if path.suffix.lower() == ".npz" else _mat(path)
    except BROKEN as error:
        raise ReidkitError(f"{path} cannot be read as {path.suffix.lower()} ({error}).") from error
    named = {OURS.get(name, name): values for name, values in found.items()}
    return {name: values if name.endswith("features") else _vector(values) for name, values in named.items()}


def read_features(path: str | Path) -> FeatureFile:
    """Read query and gallery of a test set: the features, whose they are, and from which camera.

    Args:
        path: an .npz or .mat with the arrays query_features (Q, D), query_pids (Q,), query_camids (Q,),
            gallery_features (G, D), gallery_pids (G,), gallery_camids (G,); in a .mat the short names do
            as well. What a protocol asks for besides lies in arrays of the same kind, such as query_clothes
            and gallery_clothes (see :data:`MORE`). Other arrays may lie beside them.

    Raises:
        ReidkitError: an array is missing, not a number per crop, or of another length; ids that are no
            integers; features with NaN, infinity or a row of zeros. The message names file and array.
    """
    found = read_arrays(path)
    _check_names(path, found, PARTS)
    query, gallery = (_crops(path, found, part) for part in PARTS)
    if query.features.shape[1] != gallery.features.shape[1]:
        raise ReidkitError(
            f"{path}: query_features have {query.features.shape[1]} dimensions, gallery_features "
            f"{gallery.features.shape[1]}."
        )
    used = {f"{part}_{column}" for part in PARTS for column in (*COLUMNS, *MORE)}
    return FeatureFile(query, gallery, unused=tuple(sorted(set(found) - used)))


def read_multi_query(path: str | Path) -> CropFeatures:
    """Read the crops that :func:`~reidkit.evaluation.protocols.multi_query` averages.

    Args:
        path: an .npz or .mat with multi_features (M, D), multi_pids (M,) and multi_camids (M,); in a .mat
            mquery_f, mquery_label and mquery_cam do as well. It may be the file of the gallery, too.

    Raises:
        ReidkitError: as :func:`read_features`.
    """
    found = read_arrays(path)
    _check_names(path, found, ("multi",))
    return _crops(path, found, "multi")


def _check_names(path: str | Path, found: dict[str, NDArray[Any]], parts: tuple[str, ...]) -> None:
    if lacking := [_both(p, c) for p in parts for c in COLUMNS if f"{p}_{c}" not in found]:
        held = ", ".join(sorted(found)) or "nothing"
        raise ReidkitError(f"{path} lacks {', '.join(lacking)}; it holds {held}.{renaming(found)}")


def renaming(found: Iterable[str]) -> str:
    """Return which arrays to rename, where names are nearly ours, or nothing.

    >>> renaming(["qf", "gallery_ids", "gallery_camids"])
    ' Rename gallery_ids to gallery_pids, qf to query_features.'
    """
    names = {name: _meant(name) for name in sorted(found)}
    wrong = [f"{name} to {ours}" for name, ours in names.items() if ours and ours not in found]
    return f" Rename {', '.join(wrong)}." if wrong else ""


def _meant(name: str) -> str | None:
    """Return our name for what others call ``probe_feats``, ``q_pid`` or ``gallery_cams``."""
    match = _NEARLY.fullmatch(name.lower())
    if match is None:
        return None
    part = "query" if match["part"] in ("query", "probe", "q") else "gallery"
    return f"{part}_{next(column for column in COLUMNS if match[column])}"


def _crops(path: str | Path, found: dict[str, NDArray[Any]], part: str) -> CropFeatures:
    given, pids, camids = (found[f"{part}_{column}"] for column in COLUMNS)
    _check_table(path, f"{part}_features", given, np.size(pids))
    rows, lengths = scaled_rows(given, f"{path}: {part}_features")
    return CropFeatures(
        rows,
        _ids(path, f"{part}_pids", pids, len(rows)),
        _ids(path, f"{part}_camids", camids, len(rows)),
        (float(lengths.min()), float(lengths.max())),
        {name: _said(path, f"{part}_{name}", found, len(rows)) for name in MORE if f"{part}_{name}" in found},
    )


def _said(path: str | Path, name: str, found: dict[str, NDArray[Any]], crops: int) -> NDArray[Any]:
    if np.shape(found[name]) != (crops,):
        raise ReidkitError(f"{path}: {name} has shape {np.shape(found[name])}, for {crops} crops.")
    return found[name]


def _npz(path: Path) -> dict[str, NDArray[Any]]:
    archive = np.load(path, allow_pickle=False)
    if not isinstance(archive, NpzFile):
        raise ValueError("it holds a single array; np.savez writes several, by name")
    with archive:
        try:
            return {name: archive[name] for name in archive.files}
        except ValueError as error:
            raise ValueError(f"{error}; save arrays of numbers, as np.asarray makes them of lists") from error


def _mat(path: Path) -> dict[str, NDArray[Any]]:
    if h5py.is_hdf5(path):  # MATLAB's version 7.3
        with h5py.File(path, "r") as file:
            return {name: _matlab(file, file[name]) for name in file if not name.startswith("#")}
    return {name: values for name, values in loadmat(path).items() if not name.startswith("__")}


def _matlab(file: h5py.File, item: Any) -> NDArray[Any]:
    """Return an array of a .mat of version 7.3 as MATLAB has it: in HDF5 it is transposed."""
    if isinstance(item, h5py.Group):  # a struct, of no use here: kept under its name only
        return np.empty(0, dtype=object)
    kind = item.attrs.get("MATLAB_class", b"")
    if item.attrs.get("MATLAB_empty", 0):  # its size stands in its place
        return np.empty(tuple(int(size) for size in item[()]))
    values = np.asarray(item[()]).T
    if kind == b"cell":
        texts = [_matlab(file, file[cell]) for cell in values.ravel()]
        return np.array([str(text.ravel()[0]) if text.size else "" for text in texts]).reshape(values.shape)
    if kind == b"char":
        return np.array(["".join(map(chr, row)) for row in np.atleast_2d(values)])
    return values


def _vector(values: NDArray[Any]) -> NDArray[Any]:
    flat = np.ravel(values) if np.ndim(values) == 2 and 1 in np.shape(values) else values
    return np.strings.rstrip(flat) if flat.dtype.kind == "U" else flat  # .mat pads all texts to one length


def _both(part: str, column: str) -> str:
    return f"{part}_{column} (in a .mat also {SHORT_PARTS[part]}_{SHORT[column]})"


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
