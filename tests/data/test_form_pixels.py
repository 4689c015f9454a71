"""Miniatures: what their pictures show, and the MATLAB files that hold some of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.io import loadmat

from reidkit.data.towns.forms import FORMS, Picture, draw_form
from reidkit.data.towns.forms.cuhk03 import fold_cuhk03
from reidkit.data.towns.forms.looks import draw_picture, infrared, outfits
from reidkit.data.towns.people import SUMMER_CLOTHES, Garment
from reidkit.errors import ReidkitError


def colours(picture: Picture) -> dict[str, np.ndarray]:
    """Mean colours of head, trunk and legs in a picture, in [0, 255]."""
    pixels, place = draw_picture(picture).astype(float), picture.shot.place
    high, wide = pixels.shape[:2]
    left, right = (round(wide * (place.middle + side)) for side in (-0.13, 0.13))
    found = {}
    for part, (upper, lower) in {"head": (0.99, 0.875), "trunk": (0.8, 0.5), "legs": (0.48, 0.1)}.items():
        rows = [max(0, round(high * (place.ground - place.size * level))) for level in (upper, lower)]
        found[part] = pixels[rows[0] : rows[1], left:right].mean((0, 1))
    return found


@pytest.mark.parametrize("form", ["ltcc", "prcc"])
def test_clothes_change_and_heads_do_not(form: str) -> None:
    pictures = FORMS[form].plan(0, 6)
    worn = {(p.pid, p.columns["clothes"]): p.shot.person for p in pictures}
    changes = 0
    for picture in {p.pid: p for p in pictures}.values():  # the same moment, in each of the outfits
        first, *others = [
            colours(replace(picture, shot=replace(picture.shot, person=person)))
            for (pid, _), person in worn.items() if pid == picture.pid
        ]  # fmt: skip
        for other in others:
            changes += 1
            apart = {part: np.linalg.norm(first[part] - other[part]) for part in first}
            assert max(apart["trunk"], apart["legs"]) > 25, picture.file
            assert apart["head"] < 5, picture.file
    assert changes >= 8


def test_an_outfit_is_the_same_whenever_it_is_worn() -> None:
    for form in ("ltcc", "prcc"):
        worn: dict[tuple[int, int], Any] = {}
        for p in FORMS[form].plan(1, 6):
            assert worn.setdefault((p.pid, p.columns["clothes"]), p.shot.person) == p.shot.person
        people: dict[int, list[Any]] = {}
        for (pid, _), person in worn.items():
            people.setdefault(pid, []).append(person)
        for dressed in people.values():
            assert len({(one.hair, one.skin, one.hat, one.height, one.build) for one in dressed}) == 1
            assert len({one.top for one in dressed}) == len(dressed)


def test_ltcc_has_people_who_change_and_people_who_do_not() -> None:
    pictures = [p for p in FORMS["ltcc"].plan(0, 6) if p.split in ("query", "gallery")]
    worn = {
        pid: {p.columns["clothes"] for p in pictures if p.pid == pid} for pid in {p.pid for p in pictures}
    }
    assert {len(outfit) for outfit in worn.values()} == {1, 2, 3}
    for query in [p for p in pictures if p.split == "query" and len(worn[p.pid]) > 1]:
        assert any(p.split == "gallery" and p.pid == query.pid and p.camid != query.camid
                   and p.columns["clothes"] != query.columns["clothes"] for p in pictures)  # fmt: skip


def test_ltcc_lists_who_changes(tmp_path: Path) -> None:
    root = draw_form("ltcc", tmp_path, progress=False)
    for part, splits in (("train", {"train"}), ("test", {"query", "gallery"})):
        names = [file.name.split("_") for name in ({"query", "test"} if part == "test" else splits)
                 for file in (root / name).iterdir()]  # fmt: skip
        worn = {int(n[0]): {m[1] for m in names if m[0] == n[0]} for n in names}
        for name, wanted in (("change", True), ("unchange", False)):
            listed = (root / "info" / f"cloth-{name}_id_{part}.txt").read_text().split()
            assert {int(n) for n in listed} == {n for n, c in worn.items() if (len(c) > 1) is wanted}


def test_outfits_are_decided_by_the_seed() -> None:
    person = FORMS["prcc"].plan(0, 2)[0].shot.person
    assert person is not None
    assert outfits(person, 3, 5, 1) == outfits(person, 3, 5, 1)
    assert outfits(person, 3, 5, 1)[1] == person
    assert outfits(person, 3, 5, 1)[2] != outfits(person, 3, 6, 1)[2]


@pytest.mark.parametrize("colour", SUMMER_CLOTHES.colours)
def test_everybody_has_three_outfits(colour: str) -> None:
    person = FORMS["prcc"].plan(0, 2)[0].shot.person
    assert person is not None
    for number, lower in enumerate(SUMMER_CLOTHES.bottom_colours):
        dressed = replace(person, top=Garment("tee", colour), bottom=Garment("shorts", lower))
        assert len(outfits(dressed, 3, 0, number)) == 3


def test_nobody_has_a_hundred_outfits() -> None:
    person = FORMS["prcc"].plan(0, 2)[0].shot.person
    assert person is not None
    with pytest.raises(ReidkitError, match=r"no outfit number \d+"):
        outfits(person, 100, 0, 0)


def test_infrared_is_grey_and_hides_colour(tmp_path: Path) -> None:
    root = draw_form("sysu-mm01", tmp_path, people=2, progress=False)
    for camera in range(1, 7):
        for file in (root / f"cam{camera}").rglob("*.jpg"):
            pixels = np.asarray(Image.open(file).convert("RGB")).astype(int)
            grey = np.ptp(pixels, axis=2).max() <= 2  # JPEG rounds
            assert grey == (camera in (3, 6)), file
    blue, green = (np.full((128, 64, 3), colour, np.uint8) for colour in ((60, 60, 200), (60, 200, 60)))
    assert (infrared(blue) == infrared(green)).all()
    lit = infrared(np.full((128, 64, 3), 200, np.uint8))[..., 0]
    assert lit[64, 32] > lit[0, 0]  # the lamps light the middle


def test_sizes_and_files(tmp_path: Path) -> None:
    root = draw_form("mlr-cuhk03", tmp_path, progress=False)
    sizes = {low: {Image.open(file).size for file in root.rglob(f"*_c{camera}_*.jpg")}
             for camera, low in ((0, "low"), (1, "high"))}  # fmt: skip
    assert sizes == {"low": {(32, 64), (21, 42), (16, 32)}, "high": {(64, 128)}}
    root = draw_form("viper", tmp_path, people=2, progress=False)
    assert {(Image.open(file).format, Image.open(file).size) for file in root.rglob("*.*")} == {
        ("BMP", (48, 128))
    }


def test_only_faces_are_blurred_in_the_second_version() -> None:
    for sharp, blurred in zip(FORMS["msmt17-v1"].plan(0, 3), FORMS["msmt17-v2"].plan(0, 3), strict=True):
        changed = np.flatnonzero((draw_picture(sharp) != draw_picture(blurred)).any(axis=(1, 2)))
        assert len(changed)
        assert changed.max() < 128 * (sharp.shot.place.ground - 0.8 * sharp.shot.place.size)


def test_a_look_that_there_is_not() -> None:
    picture = FORMS["viper"].plan(0, 1)[0]
    with pytest.raises(ReidkitError, match="not 'x-ray'"):
        draw_picture(replace(picture, look="x-ray"))


@pytest.fixture(scope="module")
def cuhk03(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_form("cuhk03", tmp_path_factory.mktemp("cuhk03"), progress=False)


def test_cuhk03_mat_is_what_matlab_would_write(cuhk03: Path) -> None:
    planned = {(p.choice, p.file): draw_picture(p) for p in FORMS["cuhk03"].plan(0, 6)}
    file = cuhk03 / "cuhk03_release" / "cuhk-03.mat"
    header = file.read_bytes()[:128]
    assert header[:20] == b"MATLAB 7.3 MAT-file,"
    assert header[124:] == b"\x00\x02IM"
    empty = 0
    with h5py.File(file, "r") as mat:
        assert mat.userblock_size == 512
        assert all(mat[name].attrs["MATLAB_class"] == b"cell" for name in ("detected", "labeled", "testsets"))
        for boxes in ("detected", "labeled"):
            assert mat[boxes].shape == (1, 5)
            for pair, reference in enumerate(mat[boxes][0], start=1):
                people = mat[reference][:].T  # people x 10, as in MATLAB
                assert people.shape[1] == 10
                for (person, image), cell in np.ndenumerate(people):
                    held = mat[cell]
                    if held.ndim < 3:
                        empty += held.attrs["MATLAB_empty"] == 1 and held[:].tolist() == [0, 0]
                        continue
                    name = f"{pair}_{person + 1:03d}_{1 + image // 5}_{image + 1:02d}.png"
                    assert held.attrs["MATLAB_class"] == b"uint8"
                    assert (np.asarray(held).transpose(2, 1, 0) == planned.pop((boxes, name))).all()
    assert not planned  # each picture is in a cell, and no other cell is full
    assert empty > 50


def test_cuhk03_test_sets_are_the_folds(cuhk03: Path) -> None:
    pictures = FORMS["cuhk03"].plan(0, 6)
    with h5py.File(cuhk03 / "cuhk03_release" / "cuhk-03.mat", "r") as mat:
        assert mat["testsets"].shape == (1, 20)
        for fold, reference in enumerate(mat["testsets"][0]):
            tested = {(int(pair), int(person)) for pair, person in mat[reference][:].T}
            assert len(tested) == 6
            for p in fold_cuhk03(pictures, fold):
                where = int(p.file[0]), int(p.file[2:5])
                assert (where in tested) == (p.split != "train")


@pytest.mark.parametrize("boxes", ["detected", "labeled"])
def test_cuhk03_new_protocol(cuhk03: Path, boxes: str) -> None:
    planned = {p.file: p for p in FORMS["cuhk03"].plan(0, 6) if p.choice == boxes}
    held = loadmat(cuhk03 / f"cuhk03_new_protocol_config_{boxes}.mat")
    names = [str(cell[0]) for cell in held["filelist"].flatten()]
    for split in ("train", "query", "gallery"):
        found = {names[int(row) - 1] for row in held[f"{split}_idx"].flatten()}
        assert found == {name for name, p in planned.items() if p.split == split}
    labels, cameras = held["labels"].flatten(), held["camId"].flatten()
    assert sorted(set(labels.tolist())) == list(range(1, 13))
    assert cameras.tolist() == [planned[name].camid for name in names]
    assert len({(label, planned[n].pid) for label, n in zip(labels.tolist(), names, strict=True)}) == 12
