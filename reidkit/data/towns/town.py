"""The two towns, and drawing one to disk in Market-1501's own layout."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import joblib
from PIL import Image
from tqdm.auto import tqdm

from reidkit.data.towns.cameras import Camera
from reidkit.data.towns.crop import draw_crop
from reidkit.data.towns.people import SUMMER_CLOTHES, WINTER_CLOTHES
from reidkit.data.towns.plan import GALLERY, QUERY, TRAIN, Shot, plan_town
from reidkit.data.towns.settings import Town
from reidkit.errors import ReidkitError

VERSION = 4
"""Raised whenever the same settings and seed give other pixels than before."""

AGAIN = 97
"""JPEG quality of a crop that is saved a second time, its colours in full resolution: so little changes."""

_SUMMER_CAMERAS = (
    Camera("park", gain=1.08, balance=(1.03, 1.02, 0.92), saturation=1.08, shadow=0.42, lean=1.2),
    Camera("shops", gain=0.96, balance=(1.06, 1.0, 0.92), blur=0.35, noise=0.010, shadow=0.30),
    Camera("plaza", gain=1.20, contrast=0.94, noise=0.008, shadow=0.46, lean=-1.0, stretch=1.05),
    Camera("brick", gain=0.90, balance=(1.04, 0.99, 0.95), noise=0.014, blur=0.3, shadow=0.26,
           quality=84),
    Camera("street", gain=1.04, balance=(0.97, 1.0, 1.05), resolution=0.8, shadow=0.38, lean=-0.6),
    Camera("station", gain=0.86, balance=(0.98, 1.03, 0.96), saturation=0.9, noise=0.018,
           shadow=0.18, quality=78),
)  # fmt: skip

_WINTER_CAMERAS = (
    Camera("park", True, gain=0.92, balance=(0.90, 0.98, 1.14), contrast=0.90, haze=0.16,
           noise=0.015, shadow=0.16, snowfall=26),
    Camera("shops", True, gain=0.74, balance=(1.16, 0.98, 0.80), noise=0.030, blur=0.45,
           shadow=0.22, quality=80),
    Camera("plaza", True, gain=0.80, balance=(0.86, 0.96, 1.18), haze=0.10, blur=0.5,
           saturation=0.85, shadow=0.14, snowfall=14, stretch=0.95),
    Camera("brick", True, gain=0.58, balance=(0.92, 0.98, 1.14), noise=0.036, contrast=1.06,
           shadow=0.20, quality=72),
    Camera("street", True, gain=0.70, balance=(0.88, 1.0, 1.12), resolution=0.62, noise=0.022,
           shadow=0.18, snowfall=8, stretch=1.06),
    Camera("station", True, gain=0.84, balance=(0.92, 1.08, 0.94), saturation=0.72, noise=0.026,
           blur=0.35, shadow=0.16, quality=70),
)  # fmt: skip

TOWNS: dict[str, Town] = {
    "summer": Town("summer", SUMMER_CLOTHES, _SUMMER_CAMERAS, camera_gap=0.6),
    "winter": Town("winter", WINTER_CLOTHES, _WINTER_CAMERAS, camera_gap=0.35),
}
"""Summer town is the labelled source, Winter town the target whose identities nobody tells."""

_DONE, _DRAWING = "town.json", "town.drawing.json"


def draw_town(
    town: str | Town,
    folder: str | Path,
    *,
    seed: int = 0,
    people: int | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> Path:
    """Draw a town into a folder in Market-1501's layout, and return the folder.

    The same town, seed and number of people give the same pixels, however many workers draw. A
    town that is already there, complete and with the same settings, is kept; one whose drawing
    was interrupted is drawn again. town.json, with settings and counts, is written last.

    Args:
        town: "summer", "winter" or a :class:`Town` of your own.
        folder: where bounding_box_train, query and bounding_box_test go; made when missing.
        seed: of everything random.
        people: this many train and this many test people, instead of the town's own numbers.
        workers: processes that draw; None for all cores.
        progress: show a progress bar.

    Raises:
        ReidkitError: no such town, impossible settings, or the folder holds something else.
    """
    town = _find(town)
    folder = Path(folder)
    shots = plan_town(town, seed=seed, people=people)
    about = about_town(town, seed, people, shots)
    return draw_plan(shots, town, folder, about, workers=workers, progress=progress)


def draw_plan(
    shots: list[Shot],
    town: Town,
    folder: Path,
    about: dict[str, Any],
    *,
    workers: int | None,
    progress: bool,
) -> Path:
    """Draw planned crops into a folder, unless the town that `about` describes is already there."""
    if _already_there(folder, about):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _DRAWING).write_text(json.dumps(about, indent=1), encoding="utf-8")
    for name in (TRAIN, QUERY, GALLERY):
        (folder / name).mkdir()
    _draw_all(shots, town, folder, workers, progress)
    (folder / _DRAWING).replace(folder / _DONE)
    return folder


def _find(town: str | Town) -> Town:
    if isinstance(town, Town):
        return town
    if town not in TOWNS:
        raise ReidkitError(f"no town is called {town!r}; choose one of {list(TOWNS)} or pass a Town")
    return TOWNS[town]


def about_town(town: Town, seed: int, people: int | None, shots: list[Shot]) -> dict[str, Any]:
    """What town.json says, as plain JSON values."""
    counts = dict(Counter(shot.folder for shot in shots))
    about = {"version": VERSION, "seed": seed, "people": people, "counts": counts,
             "town": asdict(town)}  # fmt: skip
    plain: dict[str, Any] = json.loads(json.dumps(about))
    return plain


def _already_there(folder: Path, about: dict[str, Any]) -> bool:
    """Whether the complete town is in the folder; an interrupted one is cleared away first."""
    if not folder.exists():
        return False
    if not folder.is_dir():
        raise ReidkitError(f"{folder} is a file; a town needs a folder of its own")
    names = {path.name for path in folder.iterdir()}
    ours = {TRAIN, QUERY, GALLERY, _DONE, _DRAWING}
    if not names:
        return False
    if names - ours or not names & {_DONE, _DRAWING}:
        stranger = sorted(names - ours or names)[0]
        raise ReidkitError(f"{folder} holds {stranger!r}, which is not a town of ours; "
                           "choose another folder")  # fmt: skip
    if _DONE in names:
        found = json.loads((folder / _DONE).read_text(encoding="utf-8"))
        if found != about:
            raise ReidkitError(f"{folder} holds another town (other settings, people, seed or "
                               "version); choose another folder or delete it")  # fmt: skip
        if all(_count(folder / name) == number for name, number in about["counts"].items()):
            return True
    for name in names:
        shutil.rmtree(folder / name) if (folder / name).is_dir() else (folder / name).unlink()
    return False


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.jpg"))


def _draw_all(shots: list[Shot], town: Town, folder: Path, workers: int | None, progress: bool) -> None:
    """Draw in batches, in this process or, for many crops, in several."""
    batches = [shots[start : start + 48] for start in range(0, len(shots), 48)]
    bar = tqdm(total=len(shots), desc=f"drawing {town.name} town", unit="crop",
               disable=not progress)  # fmt: skip
    count = min(workers or joblib.cpu_count(), len(batches))
    parallel = joblib.Parallel(n_jobs=count, return_as="generator_unordered")
    with bar:
        for done in parallel(joblib.delayed(_draw_batch)(b, town, folder) for b in batches):
            bar.update(done)


def _draw_batch(shots: list[Shot], town: Town, folder: Path) -> int:
    """Draw and write some crops; returns how many."""
    for shot in shots:
        camera = town.camera(shot.camid)
        red, green, blue = (a * b for a, b in zip(camera.balance, shot.balance, strict=True))
        camera = replace(camera, balance=(red, green, blue))
        pixels = draw_crop(shot.person, camera, view=shot.view, phase=shot.phase,
                           place=shot.place, seed=shot.seed)  # fmt: skip
        Image.fromarray(pixels).save(folder / shot.file, quality=camera.quality)
        if shot.copy:
            with Image.open(folder / shot.file) as picture:
                picture.load()
            picture.save(folder / shot.file, quality=AGAIN, subsampling=0)
    return len(shots)
