"""CUHK03 from its MATLAB file and from folders that torchreid unpacked, as miniatures."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from reidkit.data import check_crops, check_data, open_crops, open_folds
from reidkit.data.layouts import cuhk03_mat
from reidkit.errors import ReidkitError
from tests.data.cuhk03_set import TESTS, oracle, picture, rows, unpack, write_config, write_lists, write_mat
from tests.data.small_sets import backwards, said

Draw = Callable[..., Path]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REIDKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("boxes", ["detected", "labeled"])
def test_the_matlab_file(tmp_path: Path, cache: Path, boxes: str) -> None:
    mat = write_mat(tmp_path / "0007_c3" / "cuhk03_release" / "cuhk-03.mat")
    before = sorted(mat.parent.iterdir())
    crops = open_crops(mat.parent, layout=f"cuhk03:{boxes}")
    assert rows(crops) == oracle(boxes, 0)
    assert set(crops["dataset"]) == {f"CUHK03 {boxes}"}
    assert crops["fold"].dtype == crops["pair"].dtype == "Int64"
    for path in crops["path"]:  # upright, with its colours in order
        pair, person, _, image = (int(x) for x in Path(path).stem.split("_"))
        np.testing.assert_array_equal(np.asarray(Image.open(path)), picture(boxes, pair, person, image))
    assert all(Path(path).is_relative_to(cache) for path in crops["path"])
    assert sorted(mat.parent.iterdir()) == before  # nothing is written beside the data
    pd.testing.assert_frame_equal(open_crops(mat.parent.parent, layout=f"cuhk03:{boxes}"), crops)
    crops.to_parquet(tmp_path / "crops.parquet")  # as a run keeps them
    assert pd.read_parquet(tmp_path / "crops.parquet").equals(crops)


def test_folds(tmp_path: Path) -> None:
    folder = write_mat(tmp_path / "cuhk03_release" / "cuhk-03.mat").parent
    folds = open_folds(folder, layout="cuhk03:labeled")
    assert [set(fold["fold"]) for fold in folds] == [{k} for k in range(20)]
    for fold in folds[:3]:
        pd.testing.assert_frame_equal(check_crops(fold), fold)
    for k in (0, 1, 7, 19):
        assert rows(folds[k]) == oracle("labeled", k)
    (seventh,) = open_folds(folder, layout="cuhk03:labeled:7")
    pd.testing.assert_frame_equal(seventh, folds[7])
    pd.testing.assert_frame_equal(open_crops(folder, layout="cuhk03:7:labeled"), folds[7])


def test_the_doctor_on_a_fold(tmp_path: Path) -> None:
    folder = write_mat(tmp_path / "cuhk03_release" / "cuhk-03.mat").parent
    report = check_data(open_crops(folder, layout="cuhk03:detected"), progress=False)
    assert report.ok
    (differs,) = [finding.what for finding in report.findings if finding.severity == "warning"]
    assert "images: 97 instead of 14,097" in differs  # those that are query and gallery count once
    assert "train people: 8 instead of 1,367; query people: 2 instead of 100." in differs


def test_which_boxes_must_be_said(tmp_path: Path) -> None:
    folder = write_mat(tmp_path / "cuhk03_release" / "cuhk-03.mat").parent
    for layout in (None, "cuhk03", "cuhk03:7", "cuhk03:detected:labeled"):
        with pytest.raises(ReidkitError, match=r"boxes of both kinds: choose one, --layout cuhk03:detected"):
            open_crops(folder, layout=layout)
    with pytest.raises(ReidkitError, match=r"'drawn' is none of detected, labeled, np, a fold from 0 to 19"):
        open_crops(folder, layout="cuhk03:drawn")
    with pytest.raises(ReidkitError, match="'20' is none of"):
        open_crops(folder, layout="cuhk03:detected:20")
    for words in ("3:4", "np:4"):
        with pytest.raises(ReidkitError, match="asks for two partings"):
            open_crops(folder, layout=f"cuhk03:detected:{words}")
    unpack(tmp_path / "other", "labeled")
    write_lists(tmp_path / "other", "labeled")
    assert set(open_crops(tmp_path / "other")["dataset"]) == {"CUHK03 labeled"}  # the only kind there


def test_images_are_extracted_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mat = write_mat(tmp_path / "cuhk03_release" / "cuhk-03.mat")
    first = open_crops(mat.parent, layout="cuhk03:detected")

    def never(*_: Any) -> None:
        raise AssertionError("extracted again")

    with monkeypatch.context() as patch:
        patch.setattr(cuhk03_mat, "_write_images", never)
        pd.testing.assert_frame_equal(open_crops(mat.parent, layout="cuhk03:detected"), first)
        os.utime(mat, ns=(1, mat.stat().st_mtime_ns + 10**9))
        with pytest.raises(AssertionError, match="extracted again"):  # another file, for all we know
            open_crops(mat.parent, layout="cuhk03:detected")
    assert len(list((cache / "cuhk03").glob("*/images_*"))) == 1


def test_an_interrupted_extraction_is_done_again(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mat = write_mat(tmp_path / "cuhk03_release" / "cuhk-03.mat")
    save, saved = Image.Image.save, []

    def interrupted(image: Image.Image, path: Path) -> None:
        if len(saved) == 5:
            raise KeyboardInterrupt
        saved.append(path)
        save(image, path)

    with monkeypatch.context() as patch:
        patch.setattr(Image.Image, "save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            open_crops(mat.parent, layout="cuhk03:detected")
    (place,) = (cache / "cuhk03").iterdir()
    assert list(place.iterdir()) == []
    killed = {name: place / f"{name}.part" for name in ("old", "new")}  # what no handler could clear away
    for folder in killed.values():
        folder.mkdir()
    os.utime(killed["old"], (0, 0))
    assert rows(open_crops(mat.parent, layout="cuhk03:detected")) == oracle("detected", 0)
    assert not killed["old"].exists()
    assert killed["new"].exists()  # another process may be at it


@pytest.mark.parametrize("place", ["beside", "inside"])
@pytest.mark.parametrize("suffix", [".png", ".PNG"])
def test_what_torchreid_unpacked(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, place: str, suffix: str
) -> None:
    folder = tmp_path / "1_000_c3" / "cuhk03"
    mat = write_mat(folder / "cuhk03_release" / "cuhk-03.mat")
    unpack(folder if place == "beside" else mat.parent, "detected", suffix)
    (mat.parent / "README.md").write_text("no image")
    backwards(monkeypatch)
    for opened in (folder, mat.parent):
        crops = open_crops(opened, layout="cuhk03:detected:2")
        assert rows(crops) == oracle("detected", 2)
        assert not cache.exists()  # there is no need to extract
    write_lists(folder, "detected")
    mat.unlink()
    pd.testing.assert_frame_equal(open_crops(folder, layout="cuhk03:detected:2"), crops)


def test_a_folder_that_torchreid_could_not_fill(tmp_path: Path) -> None:
    folder = tmp_path / "cuhk03"
    mat = write_mat(folder / "cuhk03_release" / "cuhk-03.mat")
    (folder / "images_detected").mkdir()
    assert rows(open_crops(folder, layout="cuhk03:detected")) == oracle("detected", 0)
    write_lists(folder, "detected")
    mat.unlink()
    with pytest.raises(ReidkitError, match=r"neither images in a folder images_detected nor cuhk-03\.mat"):
        open_crops(folder, layout="cuhk03:detected")


def test_a_folder_of_images_alone_is_not_enough(tmp_path: Path) -> None:
    folder = unpack(tmp_path / "cuhk03", "detected")
    with pytest.raises(ReidkitError, match=r"asks for cuhk-03.mat or torchreid's splits_classic_detected"):
        open_crops(folder)
    with pytest.raises(ReidkitError, match=r"neither cuhk03_new_protocol_config_detected.mat nor splits_new"):
        open_crops(folder, layout="cuhk03:np")
    write_config(folder, "labeled")
    with pytest.raises(ReidkitError, match=r"neither images in a folder images_labeled nor cuhk-03\.mat"):
        open_crops(folder, layout="cuhk03:labeled:np")
    shutil.rmtree(folder / "images_detected")
    with pytest.raises(ReidkitError, match=r"has no images: CUHK03 asks for cuhk-03\.mat"):
        open_crops(folder)


def test_people_numbered_from_0_are_refused(tmp_path: Path, draw: Draw) -> None:
    """The test sets count from 1: they would name the wrong people."""
    folder = unpack(tmp_path / "cuhk03", "detected")
    write_lists(folder, "detected")
    draw("cuhk03/images_detected/1_000_1_01.png")
    with pytest.raises(ReidkitError, match=r"1 images are not named .*counted from 1[\s\S]*1_000_1_01"):
        open_crops(folder)


def test_other_folders_of_that_name_are_left_alone(tmp_path: Path, draw: Draw) -> None:
    draw("mine/images_labeled/cat.png")
    assert open_crops(tmp_path / "mine")["pid"].isna().all()


@pytest.mark.parametrize("boxes", ["detected", "labeled"])
def test_the_new_protocol(tmp_path: Path, boxes: str) -> None:
    folder = tmp_path / "cuhk03"
    write_mat(folder / "cuhk03_release" / "cuhk-03.mat")
    write_config(folder, boxes)
    crops = open_crops(folder, layout=f"cuhk03:{boxes}:np")
    expected = []
    for name, pid, view, pair, _ in oracle(boxes, 0):
        split = "train" if pair != 2 else "query" if name[-6:-4] in ("02", "06") else "gallery"
        expected.append((name, pid, view, pair, split))
    assert rows(crops) == sorted(set(expected))
    assert set(crops["dataset"]) == {f"CUHK03-NP {boxes}"}
    assert "fold" not in crops
    assert "label" not in crops
    (only,) = open_folds(folder, layout=f"cuhk03:{boxes}:np")
    pd.testing.assert_frame_equal(only, crops)
    report = check_data(crops, progress=False)
    assert report.ok
    assert f"This is called CUHK03-NP {boxes}, but differs" in str(report)

    names = {s: [Path(p).name for p in crops["path"][crops["split"] == s]] for s in set(crops["split"])}
    listed = {s: [[f"/home/me/c1_x/images_{boxes}/{n}", 0, 0] for n in ns] for s, ns in names.items()}
    (folder / f"splits_new_{boxes}.json").write_text(json.dumps([listed]))
    (folder / f"cuhk03_new_protocol_config_{boxes}.mat").unlink()
    pd.testing.assert_frame_equal(open_crops(folder, layout=f"cuhk03:{boxes}:np"), crops)


def test_an_image_of_the_new_protocol_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = unpack(tmp_path / "cuhk03", "detected")
    write_config(folder, "detected")
    (folder / "images_detected" / "1_001_1_01.png").unlink()
    report = check_data(open_crops(folder, layout="cuhk03:np"), progress=False)
    assert "1_001_1_01.png" in report.findings[0].what


def test_an_image_that_the_new_protocol_does_not_name_is_said(tmp_path: Path) -> None:
    folder = unpack(tmp_path / "cuhk03", "detected")
    write_config(folder, "detected", train_idx=np.array([[2], [3]]))
    crops = open_crops(folder, layout="cuhk03:np")
    left_out = 97 - len(crops)
    assert any(f"{left_out} images in no list, and so left out" in note for note in said(crops))


def test_a_config_that_does_not_fit(tmp_path: Path) -> None:
    folder = unpack(tmp_path / "cuhk03", "detected")
    for first in (0, 2):
        write_config(folder, "detected", first=first)
        with pytest.raises(ReidkitError, match="train_idx, counted from 1, does not fit its 97 images"):
            open_crops(folder, layout="cuhk03:np")
    write_config(folder, "detected", labels=np.ones((97, 1)))
    with pytest.raises(ReidkitError, match="labels and the people in its file names do not agree"):
        open_crops(folder, layout="cuhk03:np")
    file = write_config(folder, "detected")
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(ReidkitError, match="cannot be read as the new protocol"):
        open_crops(folder, layout="cuhk03:np")


def test_lists_that_do_not_fit(tmp_path: Path) -> None:
    folder = unpack(tmp_path / "cuhk03", "detected")
    lists = folder / "splits_classic_detected.json"
    query = {"train": [], "gallery": [], "query": [["a/photo.png", 0, 0]]}
    for text, words in {
        "{": "cannot be read as torchreid's lists",
        "[]": "it holds 0 folds, not fold 0",
        json.dumps([{"train": []}]): "cannot be read as torchreid's lists",
        json.dumps([query]): "photo.png is not named <pair>_<person>",
        json.dumps(
            [query | {"query": [["a/1_999_1_01.png", 0, 0]]}]
        ): "no image shows any test person of fold 0",
    }.items():
        lists.write_text(text)
        with pytest.raises(ReidkitError, match=words):
            open_crops(folder)


def test_a_matlab_file_that_cannot_be_read(tmp_path: Path, cache: Path) -> None:
    mat = write_mat(tmp_path / "cuhk03_release" / "cuhk-03.mat", tests=TESTS[:3])
    with pytest.raises(ReidkitError, match="holds 3 test sets: there is no fold 3"):
        open_crops(mat.parent, layout="cuhk03:detected:3")
    write_mat(mat, detected=None)
    with pytest.raises(ReidkitError, match="holds no detected, as CUHK03's does; it holds labeled, testsets"):
        open_crops(mat.parent, layout="cuhk03:detected")
    write_mat(mat, detected=np.ones((1, 5)))
    with pytest.raises(ReidkitError, match="is damaged"):
        open_crops(mat.parent, layout="cuhk03:detected")
    mat.write_bytes(mat.read_bytes()[:5000])  # half a download
    with pytest.raises(ReidkitError, match=r"cannot be read as a file of MATLAB 7\.3 .*copy it anew"):
        open_crops(mat.parent, layout="cuhk03:labeled")
    assert not list(cache.glob("cuhk03/*/*"))


def test_beside_other_benchmarks_it_is_not_taken_for_all(tmp_path: Path, draw: Draw) -> None:
    write_mat(tmp_path / "data" / "cuhk03_release" / "cuhk-03.mat")
    for part in ("bounding_box_train", "query", "bounding_box_test"):
        draw(f"data/market1501/{part}/0002_c1s1_000451_03.jpg")
    with pytest.raises(ReidkitError, match=r"2 data sets \(cuhk03_release, market1501\): open one"):
        open_crops(tmp_path / "data")
