"""SYSU-MM01 from disk: the folders say who and where, the lists say which part."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reidkit.data import check_data, open_crops
from reidkit.data.layouts import sysu_mm01
from reidkit.errors import ReidkitError
from tests.data.small_sets import Draw, backwards, rows, said, warned, write

IMAGES = """cam1/0002/0001.jpg cam2/0001/0001.jpg cam3/0001/0001.JPG cam4/0004/0001.jpeg cam6/0002/0001.jpg
    cam3/0011/0001.jpg cam6/0011/0012.jpg cam1/0011/0001.jpg cam5/0011/0001.jpg cam2/0012/0001.jpg
    cam6/0012/0001.jpg"""
LISTS = {"train_id.txt": "1,4\n", "val_id.txt": "2", "test_id.txt": "\ufeff11, 12,\r\n"}


def sysu(draw: Draw, tmp_path: Path, root: str = "SYSU-MM01") -> Path:
    """Three people to train on, one of them in the list for validation, and two to find."""
    folder = write(draw, tmp_path, root, IMAGES)
    (folder / "exp").mkdir()
    for name, text in LISTS.items():
        (folder / "exp" / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("root", ["SYSU-MM01", "cam9/0099/my_code_c3/exp3_c2/SYSU-MM01", "0007/renamed"])
def test_sysu_mm01(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    folder = sysu(draw, tmp_path, root)
    (folder / "cam1" / "Thumbs.db").write_bytes(b"no image")
    (folder / "cam1" / "0002" / "._0001.jpg").write_bytes(b"left by a Mac")
    crops = open_crops(folder)
    assert rows(crops, "modality") == [
        [2, 1, "train", "rgb"],
        [1, 2, "train", "rgb"],
        [1, 3, "train", "infrared"],
        [4, 4, "train", "rgb"],
        [2, 6, "train", "infrared"],
        [11, 3, "query", "infrared"],
        [11, 6, "query", "infrared"],
        [12, 6, "query", "infrared"],
        [11, 1, "gallery", "rgb"],
        [12, 2, "gallery", "rgb"],
        [11, 5, "gallery", "rgb"],
    ]
    assert set(crops["dataset"]) == {"SYSU-MM01"}
    assert "notes" not in crops.attrs
    pd.testing.assert_frame_equal(open_crops(folder.parent), crops)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), crops)
    (differs,) = warned(crops)
    assert "train images: 5 instead of 34,167" in differs
    assert "train people: 3 instead of 395; query people: 2 instead of 96" in differs
    assert "gallery" not in differs  # how many there are is published nowhere
    assert "cameras" not in differs


def test_people_of_no_list_are_left_out_and_said(draw: Draw, tmp_path: Path) -> None:
    folder = sysu(draw, tmp_path)
    crops = open_crops(folder)
    for name in ("cam1/0020/0001.jpg", "cam1/0020/0002.jpg", "cam5/0021/0001.jpg"):
        draw(f"SYSU-MM01/{name}", seed=len(name))
    more = open_crops(folder)
    pd.testing.assert_frame_equal(more, crops)
    assert "3 images of 2 people in none of the lists in exp left out." in said(more)
    more.to_parquet(tmp_path / "crops.parquet")  # as a run keeps them
    assert said(pd.read_parquet(tmp_path / "crops.parquet")) == said(more)
    assert not any("left out" in note for note in said(crops))


def test_sysu_mm01_that_is_not_whole(draw: Draw, tmp_path: Path) -> None:
    folder = sysu(draw, tmp_path)
    (folder / "exp" / "val_id.txt").unlink()
    with pytest.raises(ReidkitError, match=r"looks like SYSU-MM01, but has no exp/val_id.txt; the layout"):
        open_crops(folder)
    (folder / "cam4").rename(tmp_path / "cam4")
    with pytest.raises(ReidkitError, match=r"has no cam4 and no exp/val_id.txt"):
        open_crops(folder)
    for list_ in (folder / "exp").iterdir():
        list_.unlink()
    with pytest.raises(ReidkitError, match=r"has no cam4 and no exp/train_id.txt and no"):
        open_crops(folder)  # known by its name
    assert not sysu_mm01.recognises(folder.rename(tmp_path / "mine"))  # cameras alone may be anybody's


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("test_id.txt", "", "test_id.txt: '' is no person's number; it should read 1,2,4,5"),
        ("test_id.txt", "11,a12", "test_id.txt: 'a12' is no person's number"),
        ("train_id.txt", "0,1", "train_id.txt: '0' is no person's number"),
        ("test_id.txt", "2,11", "test_id.txt: person 2 is also in a list for training"),
        ("val_id.txt", b"\xff\xfe\xff", "val_id.txt is not a list that can be read"),
    ],
)
def test_lists_that_cannot_be_right(
    draw: Draw, tmp_path: Path, name: str, text: str | bytes, words: str
) -> None:
    folder = sysu(draw, tmp_path)
    (folder / "exp" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ReidkitError, match=words):
        open_crops(folder)


def test_lists_of_other_people(draw: Draw, tmp_path: Path) -> None:
    folder = sysu(draw, tmp_path)
    for name, text in {"train_id.txt": "101", "val_id.txt": "102", "test_id.txt": "103"}.items():
        (folder / "exp" / name).write_text(text)
    with pytest.raises(ReidkitError, match="there are no images of the people in its lists"):
        open_crops(folder)


@pytest.mark.parametrize("name", ["cam3/0001.jpg", "cam3/notes/0001.jpg", "cam3/0000/0001.jpg"])
def test_a_stray_image_is_named(draw: Draw, tmp_path: Path, name: str) -> None:
    folder = sysu(draw, tmp_path)
    stray = draw(f"SYSU-MM01/{name}")
    with pytest.raises(ReidkitError) as error:
        open_crops(folder)
    assert str(error.value).startswith(f"{stray} lies in no person's folder, such as cam3/0001: move it")


def test_the_doctor_finds_nothing_wrong_with_the_search(draw: Draw, tmp_path: Path) -> None:
    """Query and gallery never share a camera: no query is without a match."""
    report = check_data(open_crops(sysu(draw, tmp_path)), progress=False)
    assert report.ok
    assert not any("without a match" in finding.what for finding in report.findings)
