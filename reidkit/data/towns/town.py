"""A whole town: its people, its cameras, who passes where, and all of it written in Market-1501's layout."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from PIL import Image
from tqdm.auto import tqdm

from reidkit.data.towns.cameras import OCCLUDERS, VIEWS, Camera, Shot, draw_crop
from reidkit.data.towns.people import (
    SUMMER_CLOTHES,
    WINTER_CLOTHES,
    Person,
    Wardrobe,
    sample_people,
)
from reidkit.errors import ReidkitError

VERSION = 1
"""Raise it when the same settings would give other pixels."""
PARTS = ("bounding_box_train", "query", "bounding_box_test")


@dataclass(frozen=True)
class Town:
    """A town and how hard it is.

    Attributes:
        name: "summer", "winter", or your own.
        clothes: what its people wear.
        cameras: camera 1, 2, ...
        snow: whether it is winter.
        train_people, test_people: how many; nobody is in both.
        crops: of one person under one camera, least and most.
        passes: under how many cameras a person is seen, least and most.
        lookalikes: share of the people that belong to a family with the same colours.
        camera_gap: how much the cameras' light differs; 1 as they are, 0 not at all.
        occlusion: share of the crops with something in front of the person.
        jitter: how badly boxes are cut; the standard deviation, as a share of the crop.
        distractors: boxes in the gallery that show a stranger or nobody, as a share of it (pid 0).
        junk: badly cut boxes of test people, as a share of the gallery (pid -1).
    """

    name: str
    clothes: Wardrobe
    cameras: tuple[Camera, ...]
    snow: bool = False
    train_people: int = 100
    test_people: int = 100
    crops: tuple[int, int] = (3, 6)
    passes: tuple[int, int] = (2, 5)
    lookalikes: float = 0.5
    camera_gap: float = 1.0
    occlusion: float = 0.15
    jitter: float = 0.03
    distractors: float = 0.08
    junk: float = 0.03


SUMMER = Town(
    "summer",
    SUMMER_CLOTHES,
    (
        Camera("street", gain=1.1, white=(1.04, 1.0, 0.92), scale=0.88),
        Camera("grass", gain=1.15, white=(1.0, 1.05, 0.95), views=(0.2, 0.3, 0.3, 0.2)),
        Camera("shop", gain=0.95, white=(1.08, 1.0, 0.88), views=(0.3, 0.2, 0.2, 0.3), scale=0.92),
        Camera("paving", gain=1.05, views=(0.25, 0.1, 0.1, 0.55), scale=0.82, stretch=1.12),
        Camera("brick", gain=0.85, white=(1.02, 1.0, 1.0), views=(0.5, 0.15, 0.15, 0.2), blur=0.5),
    ),
)
WINTER = Town(
    "winter",
    WINTER_CLOTHES,
    (
        Camera("street", gain=0.62, white=(0.86, 0.95, 1.2), noise=0.03, blur=0.6, quality=60),
        Camera("grass", gain=0.95, white=(0.92, 1.0, 1.12), haze=0.25, views=(0.2, 0.3, 0.3, 0.2), scale=0.84),
        Camera("station", gain=0.8, white=(1.06, 1.06, 0.8), views=(0.45, 0.1, 0.1, 0.35), contrast=1.15),
        Camera("paving", gain=0.7, white=(0.88, 0.96, 1.16), views=(0.25, 0.1, 0.1, 0.55), scale=0.8, stretch=1.15,
               blur=0.8),
        Camera("shop", gain=0.75, white=(1.25, 1.0, 0.7), views=(0.3, 0.2, 0.2, 0.3), contrast=1.1, noise=0.02),
        Camera("brick", gain=0.45, white=(1.1, 0.98, 0.86), noise=0.045, blur=0.7, quality=45,
               views=(0.5, 0.15, 0.15, 0.2)),
    ),
    snow=True,
)  # fmt: skip
TOWNS: dict[str, Town] = {town.name: town for town in (SUMMER, WINTER)}


@dataclass(frozen=True)
class Box:
    """A crop with its place in the data set: part, pid, camid (from 1), and file name."""

    part: str
    name: str
    camid: int
    shot: Shot


def draw_town(
    town: str | Town,
    folder: str | Path,
    *,
    seed: int = 0,
    people: int | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> Path:
    """Draw a town into a folder, in Market-1501's layout.

    Args:
        town: a key of :data:`TOWNS`, or a :class:`Town`.
        folder: where to; a town that is already there, complete and the same, is kept.
        seed: the same seed draws the same pixels, whatever the number of workers.
        people: train and test people each, instead of the town's own numbers.
        workers: processes; None: as many as there are cores.
        progress: show a bar.

    Returns:
        The folder. town.json in it says what was drawn.

    Raises:
        ReidkitError: no such town, or the folder holds something else (another town, other files).
    """
    town = _find(town)
    if people is not None:
        town = replace(town, train_people=people, test_people=people)
    folder = Path(folder)
    settings = json.loads(json.dumps({"version": VERSION, "seed": seed, "town": asdict(town)}))
    if _is_there(folder, settings):
        return folder
    boxes = list(plan(town, seed))
    for part in PARTS:
        shutil.rmtree(folder / part, ignore_errors=True)
        (folder / part).mkdir(parents=True)
    chunks = [boxes[at : at + 64] for at in range(0, len(boxes), 64)]
    jobs = (delayed(_draw_boxes)(town, seed, folder, chunk) for chunk in chunks)
    drawn = Parallel(n_jobs=workers or -1, return_as="generator_unordered")(jobs)
    with tqdm(total=len(boxes), desc=f"drawing {town.name} town", unit="crop", disable=not progress) as bar:
        for done in drawn:
            bar.update(done)
    counts = {part: sum(box.part == part for box in boxes) for part in PARTS}
    fresh = folder / ".town.json"
    fresh.write_text(json.dumps(settings | {"counts": counts}, indent=2) + "\n")
    fresh.replace(folder / "town.json")
    return folder


def town_people(town: str | Town, *, seed: int = 0) -> dict[int, Person]:
    """Return the people of a town by pid: the training people first, then those of the test."""
    town = _find(town)
    rng = np.random.default_rng([seed, *town.name.encode()])
    everyone = sample_people(
        town.train_people + town.test_people, town.clothes, rng, lookalikes=town.lookalikes
    )
    # A family lives in one half: the last of the training people and the first of the test may be kin.
    return dict(enumerate(everyone, start=1))


def plan(town: Town, seed: int) -> Iterator[Box]:
    """Decide who passes which camera when: every crop of the town, not yet drawn."""
    rng = np.random.default_rng([seed, *town.name.encode(), 1])
    frame = count(1)
    gallery = 0
    for pid, person in town_people(town, seed=seed).items():
        is_test = pid > town.train_people
        for camid in _passes(town, rng):
            shots = _track(town, camid, person, rng, (seed, pid, camid))
            for box, shot in enumerate(shots):
                part = "bounding_box_train" if not is_test else "query" if box == 0 else "bounding_box_test"
                gallery += part == "bounding_box_test"
                yield Box(part, f"{pid:04d}_c{camid}s1_{next(frame):06d}_{box:02d}.jpg", camid, shot)
            if is_test and rng.random() < town.junk * len(shots):
                yield _junk(town, camid, person, rng, (seed, pid, camid, 9), next(frame))
    strangers = sample_people(max(round(gallery * town.distractors), 1), town.clothes, rng, lookalikes=0.0)
    for number, stranger in enumerate(strangers):
        camid = int(rng.integers(len(town.cameras))) + 1
        shot = _track(town, camid, stranger, rng, (seed, 0, number))[0]
        shot = shot if rng.random() < 0.6 else replace(shot, person=None)
        yield Box("bounding_box_test", f"0000_c{camid}s1_{next(frame):06d}_00.jpg", camid, shot)


def _passes(town: Town, rng: np.random.Generator) -> list[int]:
    most = min(town.passes[1], len(town.cameras))
    seen = int(rng.integers(town.passes[0], most + 1))
    return sorted((rng.permutation(len(town.cameras))[:seen] + 1).tolist())


def _track(
    town: Town, camid: int, person: Person, rng: np.random.Generator, seed: tuple[int, ...]
) -> list[Shot]:
    """The crops of one person passing one camera: she walks on, the box wobbles."""
    camera = town.cameras[camid - 1]
    view = str(rng.choice(VIEWS, p=np.array(camera.views) / sum(camera.views)))
    phase, place = rng.uniform(0, 2 * np.pi), rng.uniform(0, 1)
    zoom = rng.normal(1, 0.04)
    shots = []
    for step in range(int(rng.integers(town.crops[0], town.crops[1] + 1))):
        shift, drop = rng.normal(0, town.jitter, 2)
        hidden = rng.random() < town.occlusion
        shots.append(
            Shot(
                person, view, phase + 0.9 * step, shift=float(shift), drop=float(drop),
                zoom=float(zoom * rng.normal(1, 0.03)), place=(place + 0.01 * step) % 1.0,
                occluder=str(rng.choice(list(OCCLUDERS))) if hidden else "", seed=(*seed, step),
            )
        )  # fmt: skip
    return shots


def _junk(
    town: Town, camid: int, person: Person, rng: np.random.Generator, seed: tuple[int, ...], frame: int
) -> Box:
    """A box that missed most of a test person."""
    shot = _track(town, camid, person, rng, seed)[0]
    shot = replace(shot, shift=float(rng.choice([-0.5, 0.5])), zoom=1.5)
    return Box("bounding_box_test", f"-1_c{camid}s1_{frame:06d}_00.jpg", camid, shot)


def _draw_boxes(town: Town, seed: int, folder: Path, boxes: list[Box]) -> int:
    for box in boxes:
        camera = town.cameras[box.camid - 1].nearer_to_neutral(town.camera_gap)
        pixels = draw_crop(box.shot, camera, snow=town.snow, scene_seed=1000 * seed + box.camid)
        Image.fromarray(pixels).save(folder / box.part / box.name, quality=camera.quality)
    return len(boxes)


def _find(town: str | Town) -> Town:
    if isinstance(town, Town):
        return town
    if town not in TOWNS:
        raise ReidkitError(f"No town is called {town!r}; there are {', '.join(TOWNS)}.")
    return TOWNS[town]


def _is_there(folder: Path, settings: dict[str, Any]) -> bool:
    """Whether the very town is there and complete; refuses a folder with anything else in it."""
    if not folder.exists():
        return False
    if foreign := sorted({p.name for p in folder.iterdir()} - {*PARTS, "town.json", ".town.json"}):
        raise ReidkitError(f"{folder} holds other things ({foreign[0]}): give an empty folder for the town.")
    marker = folder / "town.json"
    if not marker.is_file():
        return False  # an interrupted drawing: it is drawn again
    there = json.loads(marker.read_text())
    if any(there.get(key) != value for key, value in settings.items()):
        raise ReidkitError(
            f"{folder} holds another town ({there['town']['name']}, seed {there['seed']}, or other settings). "
            "Give another folder, or delete this one."
        )
    return True
