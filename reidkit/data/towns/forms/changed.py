"""Forms in which something changes between two crops of a person: clothes, resolution, viewpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from reidkit.data.towns.forms.looks import outfits
from reidkit.data.towns.forms.planning import (
    Drawn,
    Form,
    Picture,
    Way,
    a_town,
    numbered,
    take,
    write_lines,
)
from reidkit.data.towns.plan import GALLERY, QUERY, TRAIN

LTCC_FOLDERS = {TRAIN: "train", QUERY: "query", GALLERY: "test"}
PRCC_CAMERAS = "ABC"
ANGLES = {"front": 0, "left": 90, "right": 90, "back": 180}
"""VIPeR's viewpoints, in degrees; it has 45 and 135 besides."""
SHRINK = (2, 3, 4)
"""How many times smaller the low-resolution pictures of MLR-CUHK03 are."""


def plan_ltcc(seed: int, people: int) -> list[Picture]:
    """Plan LTCC: most people change clothes from camera to camera, every third one never does.

    People are numbered from 000, those of train and of test in turn.
    """
    town = a_town(12, seen_by=(4, 4), train_crops=(1, 2), occlusion=0.0)
    pictures = take(town, seed, people)
    seen_in: dict[int, list[int]] = {}
    for p in pictures:
        cameras = seen_in.setdefault(p.pid, [])
        cameras += [p.camid] if p.camid not in cameras else []
    return [_ltcc(p, seen_in[p.pid].index(p.camid), seed, people) for p in pictures]


def _ltcc(picture: Picture, visit: int, seed: int, people: int) -> Picture:
    """Dress the person for the visit to a camera (counted from 0), and name the file."""
    shot, town_pid = picture.shot, picture.pid
    assert shot.person is not None  # LTCC's town has no empty boxes
    number = 2 * town_pid - 1 if shot.folder == TRAIN else 2 * (town_pid - people - 1)
    many = 1 if town_pid % 3 == 0 else 2 + town_pid % 2
    worn = 1 + visit % many
    dressed = replace(shot, person=outfits(shot.person, many, seed, town_pid)[worn])
    file = f"{LTCC_FOLDERS[shot.folder]}/{number:03d}_{worn}_c{shot.camid}_{shot.frame:06d}.png"
    return replace(picture, file=file, pid=number + 1, shot=dressed, columns={"clothes": worn})


def finish_ltcc(folder: Path, drawn: Drawn) -> None:
    """Write the lists of people who change clothes and of those who do not."""
    for part, splits in (("train", ("train",)), ("test", ("query", "gallery"))):
        worn: dict[str, set[int]] = {}
        for picture, _ in drawn:
            if picture.split in splits:
                number = str(int(Path(picture.file).name[:3]))
                worn.setdefault(number, set()).add(picture.columns["clothes"])
        for name, change in (("cloth-change", True), ("cloth-unchange", False)):
            people = [number for number, clothes in worn.items() if (len(clothes) > 1) is change]
            write_lines(folder / "info" / f"{name}_id_{part}.txt", people)


def plan_prcc(seed: int, people: int) -> list[Picture]:
    """Plan PRCC: in cameras A and B a person wears the same, in C something else.

    The third crop of a training person in a camera is for validation.
    """
    town = a_town(3, seen_by=(3, 3), train_crops=(3, 3), occlusion=0.0)
    pictures = take(town, seed, people)
    named = []
    for p, step in numbered(pictures, first=1):
        assert p.shot.person is not None  # this town has no empty boxes
        worn, camera = (2 if p.camid == 3 else 1), PRCC_CAMERAS[p.camid - 1]
        shot = replace(p.shot, person=outfits(p.shot.person, 2, seed, p.pid)[worn])
        if p.split == "train":
            split, part = ("train", "train") if step < 3 else ("", "val")
            file = f"rgb/{part}/{p.pid:03d}/{camera}_cropped_rgb{step:03d}.jpg"
        else:
            split = "gallery" if camera == "A" else "query"
            file = f"rgb/test/{camera}/{p.pid:03d}/cropped_rgb{step:03d}.jpg"
        named.append(replace(p, file=file, split=split, shot=shot, columns={"clothes": worn}))
    return named


def plan_mlr_cuhk03(seed: int, people: int) -> list[Picture]:
    """Plan MLR-CUHK03: camera c0 gives pictures 2, 3 or 4 times smaller; they are the queries.

    People are numbered from 0; the table of crops counts from 1. The last training person is for validation.
    """
    town = a_town(2, seen_by=(2, 2), train_crops=(2, 2))
    rng = np.random.default_rng([seed, 7])
    pictures = take(town, seed, people)
    named = []
    for p, step in numbered(pictures):
        low, split = p.camid == 1, p.split
        part = "val" if split == "train" and p.pid == people > 1 else split
        if split != "train":
            part = split = "query" if low else "gallery"
        named.append(
            replace(p, file=f"{part}/{p.pid - 1:04d}/{p.pid - 1:05d}_c{p.camid - 1}_{step:05d}.jpg",
                    camid=p.camid - 1, split=split, shrink=int(rng.choice(SHRINK)) if low else 1,
                    columns={"resolution": "low" if low else "high"})
        )  # fmt: skip
    return named


def plan_viper(seed: int, people: int) -> list[Picture]:
    """Plan VIPeR: one crop of each person in each of two cameras, with the viewpoint in the name.

    People are numbered from 000. The folds part them, see :func:`fold_viper`.
    """
    pictures = take(a_town(2, seen_by=(2, 2), back_share=0.4, side_share=0.4), seed, people)
    named = []
    for p in [p for p, step in numbered(pictures) if step == 0]:
        angle = ANGLES[p.shot.view]
        file = f"cam_{'ab'[p.camid - 1]}/{p.pid - 1:03d}_{angle}.bmp"
        named.append(replace(p, file=file, split="", size=(128, 48), columns={"view": angle}))
    return named


def fold_viper(pictures: list[Picture], fold: int) -> list[Picture]:
    """Part the people as :mod:`reidkit.data.layouts.viper` does: half k is that of folds 2k and 2k + 1."""
    people = sorted({p.pid for p in pictures})
    trained = set(np.random.RandomState(fold // 2).permutation(people)[: len(people) // 2].tolist())
    asked = 1 + fold % 2
    return [
        replace(p, split="train" if p.pid in trained else "query" if p.camid == asked else "gallery")
        for p in pictures
    ]


FORMS: dict[str, Form] = {
    "ltcc": Form("people change clothes; lists of who does", "LTCC_ReID", (Way("ltcc"),), plan_ltcc,
                 finish_ltcc),
    "prcc": Form("cameras A and B in the same clothes, C in others", "prcc", (Way("prcc"),), plan_prcc),
    "mlr-cuhk03": Form("queries 2, 3 or 4 times smaller than the gallery", "MLR-CUHK03",
                       (Way("mlr_cuhk03"),), plan_mlr_cuhk03),
    "viper": Form("one crop a person and camera, 128x48, as .bmp", "VIPeR",
                  (Way("viper", folds=True),), plan_viper, fold=fold_viper),
}  # fmt: skip
"""By name."""
