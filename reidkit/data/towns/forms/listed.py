"""Forms with lists: text files that say which pictures or people belong to which part."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reidkit.data.towns.forms.packed import number_from_0
from reidkit.data.towns.forms.planning import Drawn, Form, Picture, Way, a_town, numbered, take, write_lines
from reidkit.data.towns.plan import GALLERY, QUERY, TRAIN

MSMT17_FOLDERS = {"V1": ("train", "test"), "V2": ("mask_train_v2", "mask_test_v2")}
MSMT17_TIMES = ("0113morning", "0113noon", "0302afternoon", "0303morning")
VERI = {TRAIN: "image_train", QUERY: "image_query", GALLERY: "image_test"}
INFRARED = (3, 6)
"""The infrared cameras of SYSU-MM01."""


def plan_msmt17(version: str, seed: int, people: int) -> list[Picture]:
    """Plan MSMT17 V1 or V2: fifteen cameras, people from 0, and the time of day in the name."""
    pictures = take(a_town(15), seed, people)
    train, test = MSMT17_FOLDERS[version]
    look = "plain" if version == "V1" else "blurred face"
    named = []
    for p, number in numbered(pictures, lambda p: p.pid):
        person, time = number_from_0(p, people), MSMT17_TIMES[(p.pid + p.camid) % len(MSMT17_TIMES)]
        name = f"{person:04d}_{number:03d}_{p.camid:02d}_{time}_{p.shot.frame:04d}_{p.shot.box}.jpg"
        file = f"{train if p.split == 'train' else test}/{person:04d}/{name}"
        named.append(replace(p, file=file, look=look, columns={"time": time}))
    return named


def finish_msmt17(folder: Path, drawn: Drawn) -> None:
    """Write the four lists; every fourth training crop is in the one for validation."""
    lines: dict[str, list[str]] = {"train": [], "val": [], "query": [], "gallery": []}
    for place, (picture, _) in enumerate(drawn):
        name = "val" if picture.split == "train" and place % 4 == 3 else picture.split
        person, image = picture.file.split("/")[1:]
        lines[name].append(f"{person}/{image} {int(person)}")
    for name, entries in lines.items():
        write_lines(folder / f"list_{name}.txt", entries)


def plan_veri776(seed: int, people: int) -> list[Picture]:
    """Plan VeRi-776: people stand in for vehicles. The queries lie in the gallery, too."""
    pictures = [
        replace(p, file=_veri(p, VERI[p.shot.folder]), columns={"frame": p.shot.frame})
        for p in take(a_town(20), seed, people)
    ]
    again = [
        replace(p, file=_veri(p, VERI[GALLERY]), split="gallery") for p in pictures if p.split == "query"
    ]
    return pictures + again


def _veri(picture: Picture, part: str) -> str:
    return f"{part}/{picture.pid:04d}_c{picture.camid:03d}_{picture.shot.frame:08d}_{picture.shot.box}.jpg"


def finish_veri776(folder: Path, drawn: Drawn) -> None:
    """Write a list of names for each part."""
    for split, name in (("train", "train"), ("query", "query"), ("gallery", "test")):
        files = [Path(p.file).name for p, _ in drawn if p.split == split]
        write_lines(folder / f"name_{name}.txt", sorted(files))


def plan_sysu_mm01(seed: int, people: int) -> list[Picture]:
    """Plan SYSU-MM01: six cameras, two of them infrared, and the person in the folder's name.

    Test people have even numbers and the others odd ones: as in the benchmark, only the lists tell. One
    passer-by, whom a single camera saw, is in no list.
    """
    pictures = take(a_town(6, seen_by=(6, 6), train_crops=(1, 1)), seed, people)
    named = []
    for p, number in numbered(pictures, first=1):
        pid, dark = 2 * p.pid - 1 if p.split == "train" else 2 * (p.pid - people), p.camid in INFRARED
        split = "train" if p.split == "train" else "query" if dark else "gallery"
        named.append(
            replace(p, file=f"cam{p.camid}/{pid:04d}/{number:04d}.jpg", pid=pid, split=split,
                    look="infrared" if dark else "plain",
                    columns={"modality": "infrared" if dark else "rgb"})
        )  # fmt: skip
    stray = 2 * people + 1
    passer = replace(named[0].shot, person=named[-1].shot.person, seed=named[-1].shot.seed + 1)
    return [*named, replace(named[0], file=f"cam1/{stray:04d}/0001.jpg", pid=stray, split="", shot=passer)]


def finish_sysu_mm01(folder: Path, drawn: Drawn) -> None:
    """Write the lists of people: a line with commas each. The last training person is for validation."""
    train = sorted({p.pid for p, _ in drawn if p.split == "train"})
    test = sorted({p.pid for p, _ in drawn if p.split in ("query", "gallery")})
    held = train[-1:] if len(train) > 1 else []
    lists = {"train": [pid for pid in train if pid not in held], "val": held, "test": test}
    for name, pids in lists.items():
        write_lines(folder / "exp" / f"{name}_id.txt", [",".join(str(pid) for pid in pids)])


FORMS: dict[str, Form] = {
    "msmt17-v1": Form("four lists; people from 0 in train and again in test", "MSMT17_V1",
                      (Way("msmt17"),), lambda seed, people: plan_msmt17("V1", seed, people),
                      finish_msmt17),
    "msmt17-v2": Form("the same with blurred faces", "MSMT17_V2", (Way("msmt17"),),
                      lambda seed, people: plan_msmt17("V2", seed, people), finish_msmt17),
    "veri776": Form("people stand in for vehicles; twenty cameras", "VeRi", (Way("veri776"),),
                    plan_veri776, finish_veri776),
    "sysu-mm01": Form("four cameras of colour, two of infrared; lists of people", "SYSU-MM01",
                      (Way("sysu_mm01"),), plan_sysu_mm01, finish_sysu_mm01),
}  # fmt: skip
"""By name."""
