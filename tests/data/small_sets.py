"""Small data sets on disk for the layouts' tests, and what the tests ask of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reidkit.data import check_data

Draw = Callable[..., Path]


def write(draw: Draw, tmp_path: Path, root: str, names: str, *, seed: int = 0) -> Path:
    """Draw a picture, each another, for every name in a text; return the folder."""
    for number, name in enumerate(names.split()):
        draw(f"{root}/{name}", seed=seed + number)
    return tmp_path / root


def rows(crops: pd.DataFrame, *more: str) -> list[list[Any]]:
    """Return pid, camid, split and further columns, row by row."""
    return crops[["pid", "camid", "split", *more]].astype(object).to_numpy().tolist()


def warned(crops: pd.DataFrame) -> list[str]:
    """Return the doctor's warnings; there must be no error."""
    return said(crops, "warning")


def said(crops: pd.DataFrame, severity: str = "note") -> list[str]:
    """Return what the doctor has to say of one severity; there must be no error."""
    report = check_data(crops, progress=False)
    assert report.ok
    return [finding.what for finding in report.findings if finding.severity == severity]


def backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk list its files in another order."""
    scandir, listdir, iterdir = os.scandir, os.listdir, Path.iterdir
    monkeypatch.setattr(os, "scandir", lambda path=".": _Backwards(scandir(path)))  # os.walk's, too
    monkeypatch.setattr(os, "listdir", lambda *path: sorted(listdir(*path), reverse=True))
    monkeypatch.setattr(Path, "iterdir", lambda self: iter(sorted(iterdir(self), reverse=True)))


class _Backwards:
    """A listing of a folder in another order."""

    def __init__(self, entries: Any) -> None:
        self.entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=True))

    def __iter__(self) -> Any:
        return self.entries

    def __next__(self) -> Any:
        return next(self.entries)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def close(self) -> None:
        pass
