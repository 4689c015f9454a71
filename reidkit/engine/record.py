"""The record of a run: a folder that needs no reidkit to read.

::

    RUN/config.json               how to repeat it: every option, versions, device, seed
    RUN/crops.parquet             the table of crops (pids are there for judging only)
    RUN/epochs.csv                one row an epoch; row e is the network AFTER e epochs of training
    RUN/epochs/003/features.safetensors   float16: "train/global", ... and "test/global", ...
    RUN/epochs/003/labels.parquet         path, label (-1: outlier) of each training crop
    RUN/epochs/003/pairs.parquet          histograms of all pairs' distances
    RUN/epochs/003/iterations.parquet     one row a batch of the pass that led here: losses, a term's state
    RUN/labels.json               the edited labels that it began with, where it was given any
    RUN/epochs/003/edits.parquet          what became of each edit in this clustering, where there were edits
    RUN/teacher/                  the record of the run that taught this one, where there was one
    RUN/model.safetensors         the trained network
    RUN/summary.json              first and last epoch, written when the run ends
    RUN/checkpoint.pt             everything needed to go on (the only file that torch reads)

Every file is written beside its place and moved there whole, so a killed run leaves no half file.
Nothing here imports torch: a run made on a GPU last week opens on a laptop.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from reidkit.errors import ReidkitError
from reidkit.files import replace_file

TEACHER = "teacher"
"""Folder in a run of the run that taught it."""
WEIGHTS = "model.safetensors"
"""File in a run: the trained network, there once the run has ended."""


class Record:
    """Read a run.

    Args:
        path: the run's folder.

    Raises:
        ReidkitError: the folder holds no run.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not (self.path / "config.json").is_file():
            raise ReidkitError(
                f"{self.path} holds no run (no config.json). Give the folder that `reidkit train --out` "
                "was given."
            )

    @cached_property
    def config(self) -> dict[str, Any]:
        """Every option of the run, and the versions it ran with."""
        return json.loads((self.path / "config.json").read_text())

    @cached_property
    def crops(self) -> pd.DataFrame:
        """The table of crops: path, pid, camid, split, ..."""
        return pd.read_parquet(self.path / "crops.parquet")

    @property
    def epochs(self) -> pd.DataFrame:
        """epochs.csv as it stands now (a live run grows)."""
        path = self.path / "epochs.csv"
        if not path.is_file():
            raise ReidkitError(f"{self.path} has no epoch yet: its first row is written in a moment.")
        return _read_rows(path)

    @property
    def summary(self) -> dict[str, Any]:
        """summary.json: the same figures for the first and the last epoch."""
        path = self.path / "summary.json"
        if not path.is_file():
            raise ReidkitError(f"{self.path} has not ended: `reidkit train --resume {self.path}` goes on.")
        return json.loads(path.read_text())

    @property
    def teacher(self) -> Record | None:
        """The record of the run that taught this one; None where there was none, or it has not begun."""
        path = self.path / TEACHER
        return Record(path) if (path / "config.json").is_file() else None

    @property
    def recorded(self) -> list[int]:
        """The epochs whose features, labels and pairs are kept, ascending."""
        folders = (self.path / "epochs").glob("[0-9]*")
        return sorted(int(f.name) for f in folders if f.name.isdigit())

    def features(self, epoch: int, view: str = "global", split: str = "train") -> np.ndarray:
        """Return the unit features of an epoch, (N, D) float32 (kept as float16).

        Args:
            epoch: one of :attr:`recorded`.
            view: "global", or another view that the method used.
            split: "train", or "test" (the query rows, then the gallery rows).
        """
        arrays = self._arrays(epoch)
        key = f"{split}/{view}"
        if key not in arrays:
            raise ReidkitError(f"Epoch {epoch} of {self.path} keeps {sorted(arrays)}, not {key!r}.")
        features = arrays[key].astype(np.float32)
        return features / np.linalg.norm(features, axis=1, keepdims=True)

    def views(self, epoch: int) -> list[str]:
        """Name the views whose features of an epoch are kept."""
        arrays = self._arrays(epoch)
        return [key.removeprefix("train/") for key in arrays if key.startswith("train/")]

    def has_test(self, epoch: int) -> bool:
        """Whether the test features of an epoch are kept."""
        arrays = self._arrays(epoch)
        return any(key.startswith("test/") for key in arrays)

    def labels(self, epoch: int) -> np.ndarray:
        """Return the pseudo-labels that the features of an epoch gave, (N_train,) int64."""
        return self._table(epoch, "labels")["label"].to_numpy(np.int64)

    def pairs(self, epoch: int) -> pd.DataFrame:
        """Return the histograms of all pairs: crops, ids, pair, cameras, left, width, count."""
        return self._table(epoch, "pairs")

    def iterations(self, epoch: int) -> pd.DataFrame:
        """Return one row a batch of the pass that led to an epoch: loss_..., and what the method traces."""
        return self._table(epoch, "iterations")

    def _arrays(self, epoch: int) -> dict[str, np.ndarray]:
        return load_file(self._file(epoch, "features.safetensors"))

    def _table(self, epoch: int, name: str) -> pd.DataFrame:
        return pd.read_parquet(self._file(epoch, f"{name}.parquet"))

    def _file(self, epoch: int, name: str) -> Path:
        path = self._folder(epoch) / name
        if not path.is_file():
            raise ReidkitError(
                f"{path} is not there: an older reidkit made this run, or it was copied in part. Train it "
                "anew, or copy it whole."
            )
        return path

    def edits(self, epoch: int) -> pd.DataFrame | None:
        """Return what became of each edit of the labels that the run began with (EditLog.replay).

        None where an epoch was not clustered and mended: there are no edits, or the labels were held.
        """
        path = self._folder(epoch) / "edits.parquet"
        return pd.read_parquet(path) if path.is_file() else None

    def _folder(self, epoch: int) -> Path:
        folder = self.path / "epochs" / f"{epoch:03d}"
        if not folder.is_dir():
            raise ReidkitError(f"{self.path} keeps epochs {self.recorded}, not {epoch}.")
        return folder


class RecordWriter(Record):
    """Write a run, epoch by epoch.

    Args:
        path: the run's folder; made if it is not there.
        config: what :attr:`Record.config` will give back.
        crops: the table of crops, pids included where they are known.
    """

    def __init__(self, path: str | Path, config: Mapping[str, Any], crops: pd.DataFrame) -> None:
        try:
            Path(path).mkdir(parents=True, exist_ok=True)
            replace_file(Path(path) / "crops.parquet", crops.to_parquet)
            write_json(Path(path) / "config.json", config)
        except OSError as error:
            raise ReidkitError(
                f"Cannot write a run to {path} ({error.strerror}): give another --out."
            ) from error
        super().__init__(path)

    def write_epoch(
        self,
        row: Mapping[str, Any],
        *,
        features: Mapping[str, np.ndarray],
        labels: np.ndarray,
        pairs: pd.DataFrame,
        iterations: pd.DataFrame,
        edits: pd.DataFrame | None = None,
    ) -> None:
        """Add an epoch, or replace it and whatever came after it (a resumed run does that).

        Args:
            row: the figures of epochs.csv; "epoch" says which.
            features: "train/global" and the like -> (N, D) floating point.
            labels: (N_train,) int64.
            pairs: see :meth:`Record.pairs`.
            iterations: see :meth:`Record.iterations`; empty for epoch 0.
            edits: see :meth:`Record.edits`.
        """
        epoch = int(row["epoch"])
        tables = {"pairs": pairs, "iterations": iterations} | ({} if edits is None else {"edits": edits})
        self._write_folder(epoch, features, labels, tables)
        table = self.path / "epochs.csv"
        rows = [pd.DataFrame([dict(row)])]
        if table.is_file():
            before = _read_rows(table)
            rows.insert(0, before[before["epoch"] < epoch])
        whole = pd.concat([r for r in rows if len(r)], ignore_index=True)
        replace_file(table, lambda path: whole.to_csv(path, index=False))

    def _write_folder(
        self,
        epoch: int,
        features: Mapping[str, np.ndarray],
        labels: np.ndarray,
        tables: Mapping[str, pd.DataFrame],
    ) -> None:
        folder = self.path / "epochs" / f"{epoch:03d}"
        fresh = folder.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        save_file(
            {k: np.ascontiguousarray(v, dtype=np.float16) for k, v in features.items()},
            fresh / "features.safetensors",
        )
        paths = self.crops.loc[self.crops["split"] == "train", "path"].to_numpy()
        pd.DataFrame({"path": paths, "label": labels}).to_parquet(fresh / "labels.parquet")
        for name, table in tables.items():
            table.to_parquet(fresh / f"{name}.parquet")
        for later in [e for e in self.recorded if e > epoch]:
            shutil.rmtree(self.path / "epochs" / f"{later:03d}")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.replace(folder)

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write summary.json: the run has ended."""
        write_json(self.path / "summary.json", summary)


def _read_rows(path: Path) -> pd.DataFrame:
    """Read epochs.csv to the last bit: the faster C engine may be off by one, and rows are rewritten."""
    return pd.read_csv(path, engine="python")


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON whole."""
    replace_file(path, lambda fresh: fresh.write_text(plain_json(content) + "\n"))


def plain_json(content: Mapping[str, Any]) -> str:
    """Return JSON text; NaN becomes null, so that every reader takes it."""
    return json.dumps(_plain(content), indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value
