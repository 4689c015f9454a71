"""Drawing a miniature to disk, and saying beforehand what must be read from it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image
from tqdm.auto import tqdm

from reidkit.data.towns.forms import changed, cuhk03, listed, own, packed
from reidkit.data.towns.forms.looks import draw_picture
from reidkit.data.towns.forms.planning import Form, Picture, Pixels
from reidkit.data.towns.town import VERSION as TOWN_VERSION
from reidkit.errors import ReidkitError

VERSION = 1
"""Raised whenever a form with the same seed gives other files than before."""

FORMS: dict[str, Form] = packed.FORMS | listed.FORMS | cuhk03.FORMS | changed.FORMS | own.FORMS
"""By name."""


def draw_form(
    form: str, folder: str | Path, *, seed: int = 0, people: int = 6, progress: bool = True
) -> Path:
    """Draw a miniature: a town's people in the form of a benchmark, 24 to 153 crops with six people a half.

    The same form, seed and number of people give the same bytes. Names, folders and lists are those
    of the benchmark; its counts are not, and the data doctor says so.

    Args:
        form: one of FORMS, such as "sysu-mm01".
        folder: where the data set's own folder goes, and a small file FORM.json that says what it is.
            A finished one with the same settings is kept.
        seed: of everything random.
        people: this many people for training and this many for the test.
        progress: show a progress bar.

    Returns:
        The folder that :func:`reidkit.data.open_crops` opens. Where a form holds several data sets,
        as CUHK03 does, `FORMS[form].ways` has the layouts for the others.

    Raises:
        ReidkitError: no such form, fewer than 1 or too many people, or the folder holds something else.
    """
    one, folder = find_form(form), Path(folder)
    about = {"form": form, "version": VERSION, "town": TOWN_VERSION, "seed": seed, "people": people}
    pictures = one.plan(seed, people)
    root, told = folder / one.root, folder / f"{form}.json"
    if not _already_there(root, told, about):
        unfinished = folder / f"{one.root}.drawing"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _draw(one, pictures, unfinished, f"drawing {form}", progress)
        unfinished.rename(root)
        told.write_text(json.dumps(about, indent=1), encoding="utf-8")
    return root / one.ways[0].folder


def planned_crops(form: str, *, way: int = 0, fold: int = 0, seed: int = 0, people: int = 6) -> pd.DataFrame:
    """Return what must be read from a miniature: the plan, without drawing or reading anything.

    Args:
        form, seed, people: as for :func:`draw_form`.
        way: which of the form's ways to open it.
        fold: which fold, where that way has folds.

    Returns:
        A row for each crop in a split: `file` below the folder FORMS[form].root, `pid`, `camid`,
        `split`, and the columns that the layout adds.

    Raises:
        ReidkitError: no such form, or impossible settings.
    """
    one = find_form(form)
    opened = one.ways[way]
    found = [p for p in one.plan(seed, people) if p.choice in ("", opened.choice)]
    if opened.folds and one.fold is not None:
        found = [replace(p, columns={**p.columns, "fold": fold}) for p in one.fold(found, fold)]
    rows = [{"file": p.file, "pid": p.pid, "camid": p.camid, "split": p.split, **p.columns}
            for p in found if p.split]  # fmt: skip
    return pd.DataFrame(rows)


def find_form(form: str) -> Form:
    """Return a form by its name, or say which there are.

    Raises:
        ReidkitError: there is none of that name.
    """
    if form not in FORMS:
        raise ReidkitError(f"no form is called {form!r}; choose one of {', '.join(FORMS)}")
    return FORMS[form]


def _already_there(root: Path, told: Path, about: dict[str, Any]) -> bool:
    """Whether the finished miniature is in its place; anything else there is an error."""
    if not root.exists():
        return False
    found = json.loads(told.read_text(encoding="utf-8")) if told.is_file() else None
    if found != about:
        raise ReidkitError(
            f"{root} is there already, but not this miniature (another form, seed, number of people or "
            "version); choose another folder or delete it"
        )
    return True


def _draw(form: Form, pictures: list[Picture], root: Path, title: str, progress: bool) -> None:
    """Draw all pictures, and write them as the form has it."""
    drawn = [(p, draw_picture(p)) for p in tqdm(pictures, title, unit="crop", disable=not progress)]
    if form.in_files:
        for picture, pixels in drawn:
            _save(root / picture.file, pixels, picture.camera.quality)
    if form.finish is not None:
        form.finish(root, drawn)


def _save(file: Path, pixels: Pixels, quality: int) -> None:
    """Save a picture in the format that its name says; `quality` is for JPEG, others pass it over."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file, quality=quality)
