"""Forms that are packed like Market-1501: folders for the parts, person and camera in the name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from reidkit.data.towns.crop import OCCLUDERS
from reidkit.data.towns.forms.planning import Form, Picture, Way, a_town, numbered, take
from reidkit.data.towns.people import SUMMER_CLOTHES, sample_person
from reidkit.data.towns.plan import GALLERY, QUERY, TRAIN, Shot

PERSONX_CAMERAS = (3, 4, 8, 10, 11, 12)
"""The numbers that PersonX's six cameras have in its second form."""

VIEWPOINTS = {"front": 1, "right": 10, "back": 19, "left": 28}
"""PersonX goes round a person in 36 steps of ten degrees; these are the first of each side."""


def plan_market1501(seed: int, people: int) -> list[Picture]:
    """Plan Market-1501: with junk, distractors, boxes drawn by hand, and more distractors."""
    town = a_town(6, distractors=1.0, junk=0.5)
    pictures = take(town, seed, people, name=lambda shot: shot.file)
    return pictures + _by_hand(pictures) + _more_distractors(pictures, seed, people)


def _by_hand(pictures: list[Picture]) -> list[Picture]:
    """Plan ``gt_bbox``: boxes drawn by hand around all people, for queries of several crops."""
    boxes = []
    for picture in pictures:
        if picture.pid > 0:
            shot = replace(picture.shot, folder="gt_bbox", box=0, seed=picture.shot.seed + 1)
            shot = replace(shot, place=replace(shot.place, middle=0.5, ground=0.96, size=0.88))
            boxes.append(replace(picture, file=shot.file, split="", shot=shot))
    return boxes


def _more_distractors(pictures: list[Picture], seed: int, people: int) -> list[Picture]:
    """Plan ``images``: passers-by in places where others were seen."""
    rng = np.random.default_rng([seed, 5])
    crowd = []
    for picture in [p for p in pictures if p.split == "train"][: 2 * people]:
        passer = sample_person(SUMMER_CLOTHES, rng)
        shot = replace(picture.shot, folder="images", pid=0, person=passer, seed=int(rng.integers(2**31)))
        crowd.append(replace(picture, file=shot.file, pid=0, split="gallery", shot=shot, choice="500k"))
    return crowd


def plan_dukemtmc(seed: int, people: int) -> list[Picture]:
    """Plan DukeMTMC-reID: eight cameras, and the frame in the name."""
    return take(a_town(8), seed, people, name=_duke)


def plan_occluded_duke(seed: int, people: int) -> list[Picture]:
    """Plan Occluded-Duke: the same, but something stands before each person in a query."""
    rng = np.random.default_rng([seed, 6])
    pictures = []
    for picture in take(a_town(8, occlusion=0.1), seed, people, name=_duke):
        if picture.split == "query":
            thing, side = str(rng.choice(OCCLUDERS[1:4])), float(rng.choice([-1.0, 1.0]))
            place = replace(picture.shot.place, occluder=thing, occluder_at=0.5 + 0.12 * side)
            picture = replace(picture, shot=replace(picture.shot, place=place))
        pictures.append(picture)
    return pictures


def _duke(shot: Shot) -> str:
    return f"{shot.folder}/{shot.pid:04d}_c{shot.camid}_f{shot.frame:07d}.jpg"


def plan_cuhk03_np(seed: int, people: int) -> list[Picture]:
    """Plan CUHK03-NP: two cameras, and each crop twice, by a detector and drawn by hand."""
    pictures = []
    for picture, step in boxed_twice(seed, people):
        number = step + (1 if picture.camid == 1 else 6)
        name = f"{picture.pid:04d}_c{picture.camid}_{number}.png"
        pictures.append(replace(picture, file=f"{picture.choice}/{picture.shot.folder}/{name}"))
    return pictures


def boxed_twice(seed: int, people: int) -> Iterator[tuple[Picture, int]]:
    """Yield CUHK03's pictures, first with boxes of a detector and then with boxes drawn by hand.

    Beside each stands its number, from 0, among its person's in that camera.
    """
    for boxes, jitter in (("detected", 2.0), ("labeled", 0.6)):
        town = a_town(2, seen_by=(2, 2), train_crops=(2, 3), test_crops=(2, 4), jitter=jitter)
        yield from numbered(take(town, seed, people, choice=boxes))


def plan_msmt17_packed(seed: int, people: int) -> list[Picture]:
    """Plan MSMT17 packed like Market-1501: people from 0, in train and again in test."""
    return [
        replace(p, file=f"{p.shot.folder}/{number_from_0(p, people):04d}_c{p.camid}_{number:04d}.jpg")
        for p, number in numbered(take(a_town(15), seed, people), lambda p: (p.shot.folder, p.pid))
    ]


def number_from_0(picture: Picture, people: int) -> int:
    """Return the person's number in MSMT17, which starts at 0 in train and again in test."""
    return picture.pid - 1 if picture.split == "train" else picture.pid - 1 - people


def plan_personx(seed: int, people: int) -> list[Picture]:
    """Plan PersonX's second form: six cameras with numbers of their own."""
    pictures = take(a_town(6), seed, people)
    return _with_viewpoints(pictures, "{part}/{pid:04d}_c{camid}s1_{view}.jpg", PERSONX_CAMERAS)


def plan_personx_v1(seed: int, people: int) -> list[Picture]:
    """Plan PersonX's first form: a folder for each of six backgrounds."""
    pictures = take(a_town(6, seen_by=(6, 6), train_crops=(1, 1)), seed, people)
    named = _with_viewpoints(pictures, "{camid}/{part}/{pid:04d}_c{camid}s1_{view}.jpg", range(1, 7))
    return [replace(p, columns={**p.columns, "background": p.camid}) for p in named]


def _with_viewpoints(pictures: list[Picture], name: str, cameras: tuple[int, ...] | range) -> list[Picture]:
    named = []
    for picture, step in numbered(pictures):
        camid, view = cameras[picture.camid - 1], VIEWPOINTS[picture.shot.view] + step
        file = name.format(part=picture.shot.folder, pid=picture.pid, camid=camid, view=view)
        named.append(replace(picture, file=file, camid=camid, columns={"view": view}))
    return named


_PARTS = f"{TRAIN}, {QUERY} and {GALLERY}"

FORMS: dict[str, Form] = {
    "market1501": Form(
        f"{_PARTS}; junk -1, distractors 0000, gt_bbox, and images with more distractors",
        "Market-1501-v15.09.15",
        (Way("market1501"), Way("market1501:500k", choice="500k")),
        plan_market1501,
    ),
    "dukemtmc": Form("packed like Market-1501, eight cameras", "DukeMTMC-reID", (Way("market1501"),),
                     plan_dukemtmc),
    "occluded-duke": Form("the same, every query partly hidden", "Occluded_Duke", (Way("market1501"),),
                          plan_occluded_duke),
    "cuhk03-np": Form(
        "two data sets: boxes of a detector, and drawn by hand",
        "CUHK03-NP",
        (Way("market1501", "detected", "detected"), Way("market1501", "labeled", "labeled")),
        plan_cuhk03_np,
    ),
    "msmt17-packed": Form("packed like Market-1501, people from 0", "MSMT17_V1", (Way("msmt17"),),
                          plan_msmt17_packed),
    "personx": Form("cameras 3, 4, 8, 10, 11 and 12; viewpoints", "PersonX", (Way("personx"),),
                    plan_personx),
    "personx-v1": Form("a folder for each of six backgrounds", "PersonX_v1", (Way("personx"),),
                       plan_personx_v1),
}  # fmt: skip
"""By name."""
