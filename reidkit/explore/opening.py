"""From what somebody has - a run, a file of features, an array - to a :class:`Scene`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reidkit.data import select
from reidkit.distances.checks import integer_ids, scaled_rows
from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.evaluation.files import SUFFIXES, read_arrays, renaming
from reidkit.explore.scene import Clustering, Recorded, Scene, Source
from reidkit.labels import OUTLIER

ARRAYS = ("labels", "camids", "pids", "paths")
"""What may stand beside the features, in a file or as an argument."""


def open_scene(source: Any, **given: Any) -> Scene:
    """Make a scene from whatever somebody has.

    Args:
        source: the folder of a run, a :class:`~reidkit.engine.record.Record`, a file ``.npz`` or
            ``.mat``, or an array (N, D) of features.
        given: for an array: labels, camids, pids, paths; each (N,), and may be left out.

    Raises:
        ReidkitError: it is none of these, or something in it does not fit; the message says what.
    """
    if isinstance(source, Record):
        return _of_run(source, **given)
    if isinstance(source, (str, Path)):
        path = Path(source)
        if path.suffix.lower() in SUFFIXES:
            return _of_file(path, **given)
        return _of_run(Record(path), **given)
    if isinstance(source, np.ndarray):
        return of_arrays(source, **given)
    raise ReidkitError(
        f"Cannot explore a {type(source).__name__}: give a run's folder, an .npz, a .mat or an array."
    )


def _of_run(record: Record, seed: int = 0) -> Scene:
    options = record.config
    names = ("k1", "k2", "eps", "min_samples")
    how = Clustering(**{name: options[name] for name in names if options.get(name) is not None})
    crops = select(record.crops, "train")
    for column in ("pid", "camid"):
        if column not in crops:
            crops = crops.assign(**{column: pd.array([pd.NA] * len(crops), dtype="Int64")})
    return Scene(record.path.name, crops, Recorded(record), how, record.path, seed)


def _of_file(path: Path, seed: int = 0) -> Scene:
    """Read features that another code has written, with the names that :func:`of_arrays` has.

    Query and gallery of a test set (``query_features`` and so on) are put behind each other. What else
    such a file has, for a protocol, is not shown.
    """
    found: dict[str, Any] = dict(read_arrays(path))
    if "query_features" in found:
        if nearly := renaming(found):
            raise ReidkitError(f"{path} has names that are not ours.{nearly}")
        names = {name for name in ("features", *ARRAYS) if f"query_{name}" in found}
        if lacking := sorted(f"gallery_{name}" for name in names if f"gallery_{name}" not in found):
            raise ReidkitError(f"{path} has query_... but lacks {', '.join(lacking)}.")
        found = {name: _behind(path, name, found) for name in names}
    if "features" not in found:
        raise ReidkitError(
            f"{path} holds {sorted(found)}, but neither features (N, D) nor query_features and "
            f"gallery_features.{renaming(found)}"
        )
    if unknown := sorted(set(found) - {"features", *ARRAYS}):
        raise ReidkitError(f"{path} holds {unknown}; beside features there may be {', '.join(ARRAYS)}.")
    return of_arrays(found.pop("features"), name=path.stem, seed=seed, **found)


def _behind(path: Path, name: str, found: dict[str, Any]) -> NDArray[Any]:
    query, gallery = found[f"query_{name}"], found[f"gallery_{name}"]
    if query.shape[1:] != gallery.shape[1:]:
        raise ReidkitError(
            f"{path}: query_{name} of shape {query.shape} do not fit gallery_{name} of {gallery.shape}."
        )
    return np.concatenate([query, gallery])


def of_arrays(
    features: NDArray[np.floating],
    *,
    labels: Any = None,
    camids: Any = None,
    pids: Any = None,
    paths: Sequence[str] | None = None,
    name: str = "features",
    seed: int = 0,
) -> Scene:
    """Make a scene of plain arrays. Features are scaled to length 1, as every distance here wants them.

    Args:
        features: (N, D).
        labels: (N,) integers, -1 an outlier. None: they are clustered as Cluster Contrast does it.
        camids, pids: (N,) integers, below 0 unknown.
        paths: (N,) image files.

    Raises:
        ReidkitError: something is not N long, not integers, or not finite.
    """
    rows, _ = scaled_rows(features)
    n = len(rows)
    unknown = np.full(n, OUTLIER)
    files = [None] * n if paths is None else [str(path) for path in paths]
    if len(files) != n:
        raise ReidkitError(f"{len(files)} paths for {n} crops; give one per crop.")
    table = pd.DataFrame(
        {
            "path": pd.Series(files, dtype=object),
            "camid": integer_ids(unknown if camids is None else camids, "camids", n),
            "pid": integer_ids(unknown if pids is None else pids, "pids", n),
        }
    )
    given = None if labels is None else integer_ids(labels, "labels", n)
    return Scene(name, table, Source({"global": rows}, given), seed=seed)
