"""LTCC and PRCC from disk: who wears what is in names and folders."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reidkit.data import check_data, open_crops
from reidkit.errors import ReidkitError
from tests.data.small_sets import Draw, backwards, rows, said, warned, write

TRAP = "my_code_c3/exp3_c2/0099_9_c9"
"""Rules that look at the whole path read person 3, 99 or clothes ``my`` out of this."""

LTCC = """train/000_1_c1_000001.png train/000_2_c12_006327.PNG train/151_1_c5_002106.png
    query/094_1_c9_015923.png query/010_1_c2_000005.png
    test/094_1_c3_015924.png test/094_14_c9_015930.jpeg test/010_1_c11_000006.png"""


@pytest.mark.parametrize("root", ["LTCC_ReID", f"{TRAP}/LTCC_ReID", "renamed"])
def test_ltcc(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    folder = write(draw, tmp_path, root, LTCC)
    (folder / "info").mkdir()
    (folder / "info" / "cloth-change_id_test.txt").write_text("94\n")  # the others are read all the same
    (folder / "test" / "Thumbs.db").write_bytes(b"no image")
    crops = open_crops(folder)
    assert rows(crops, "clothes") == [
        [1, 1, "train", 1],  # 000 is a person here, no distractor
        [1, 12, "train", 2],
        [152, 5, "train", 1],
        [11, 2, "query", 1],
        [95, 9, "query", 1],
        [11, 11, "gallery", 1],
        [95, 9, "gallery", 14],
        [95, 3, "gallery", 1],
    ]
    assert crops["clothes"].dtype == "Int64"
    assert set(crops["dataset"]) == {"LTCC"}
    pd.testing.assert_frame_equal(open_crops(folder.parent), crops)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), crops)
    (differs,) = warned(crops)
    assert "train images: 3 instead of 9,576" in differs
    assert "train people: 2 instead of 77; query people: 2 instead of 75" in differs


def test_ltcc_that_is_not_whole(draw: Draw, tmp_path: Path) -> None:
    for root in ("LTCC_ReID", "renamed"):
        folder = write(draw, tmp_path, root, LTCC)
        (folder / "query").rename(folder / "probe")
        with pytest.raises(
            ReidkitError, match=r"looks like LTCC, but has no folder query; .* train, query, test"
        ):
            open_crops(folder)
    folder = write(draw, tmp_path, "ltcc", LTCC)
    draw("ltcc/train/0001_c1s1_000001_00.jpg")
    with pytest.raises(ReidkitError, match=r"1 images are not named <person>_<clothes>_c<camera>…"):
        open_crops(folder)
    for file in (folder / "test").iterdir():
        file.unlink()
    with pytest.raises(ReidkitError, match=r"there are no images in .*test"):
        open_crops(folder)


def test_folders_of_people_are_not_ltcc(draw: Draw, tmp_path: Path) -> None:
    """The same three folders, but in them a folder a person: one of her own making."""
    names = "train/0001/000_1_c1.png query/0002/a_c1.png test/0002/b_c2.png"
    crops = open_crops(write(draw, tmp_path, "mine", names))
    assert rows(crops) == [[1, 1, "train"], [2, 1, "query"], [2, 2, "gallery"]]
    assert "clothes" not in crops
    flat = open_crops(write(draw, tmp_path, "flat", "train/a.png query/b.png test/c.png"))
    assert flat["pid"].isna().all()


PRCC = """rgb/train/092/A_cropped_rgb010.jpg rgb/train/092/C_cropped_rgb001.JPG
    rgb/train/121/B_cropped_rgb052.jpeg rgb/val/092/B_cropped_rgb003.jpg
    rgb/test/A/001/cropped_rgb010.jpg rgb/test/B/001/cropped_rgb010.jpg rgb/test/C/001/cropped_rgb010.jpg
    rgb/test/A/214/cropped_rgb001.jpg rgb/test/C/214/cropped_rgb001.jpg"""
LEFT_OUT = (
    "1 image in val left out: they show the people of train again, and published results "
    "(Gu et al., CVPR 2022) train without them."
)


@pytest.mark.parametrize("root", ["prcc", f"{TRAP}/prcc", "0007/A_renamed"])
def test_prcc(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    folder = write(draw, tmp_path, root, PRCC)
    (folder / "rgb" / "test" / "A" / "001" / "Thumbs.db").write_bytes(b"no image")
    crops = open_crops(folder)
    assert rows(crops, "clothes") == [
        [92, 1, "train", 1],
        [92, 3, "train", 2],
        [121, 2, "train", 1],
        [1, 2, "query", 1],
        [1, 3, "query", 2],
        [214, 3, "query", 2],
        [1, 1, "gallery", 1],
        [214, 1, "gallery", 1],
    ]
    assert crops["clothes"].dtype == "Int64"
    assert list(crops.columns[4:]) == ["clothes", "dataset"]
    assert set(crops["dataset"]) == {"PRCC"}
    pd.testing.assert_frame_equal(open_crops(folder / "rgb"), crops)
    pd.testing.assert_frame_equal(open_crops(folder.parent), crops)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), crops)
    (differs,) = warned(crops)
    assert "train images: 3 instead of 17,896; query images: 3 instead of 7,416" in differs
    assert LEFT_OUT in said(crops)
    for file in (folder / "rgb" / "val").rglob("*.jpg"):
        file.unlink()
    whole = open_crops(folder)
    pd.testing.assert_frame_equal(whole, crops)
    assert LEFT_OUT not in said(whole)


def test_prcc_that_is_not_whole(draw: Draw, tmp_path: Path) -> None:
    folder = write(draw, tmp_path, "prcc", PRCC)
    (folder / "rgb" / "test" / "B").rename(tmp_path / "B")
    with pytest.raises(ReidkitError, match=r"rgb looks like PRCC, but has no folder test/B; the layout asks"):
        open_crops(folder)
    (folder / "rgb" / "test").rename(folder / "rgb" / "tests")
    with pytest.raises(ReidkitError, match="has no folder test/A and no test/B and no test/C"):
        open_crops(folder)  # known by its name
    sketches = write(draw, tmp_path, "PRCC/sketch", PRCC.replace("rgb/", "").replace("cropped_", ""))
    with pytest.raises(ReidkitError, match="holds PRCC's contour sketches; the images lie in rgb"):
        open_crops(sketches)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "train/092/cropped_rgb001.jpg",
            r"1 images are not named A_…, B_… or C_…, as in A_cropped_rgb010.jpg",
        ),
        ("train/A_cropped_rgb001.jpg", "lies in no person's folder, such as train/092"),
        ("test/C/cropped_rgb001.jpg", "lies in no person's folder, such as C/092"),
        ("test/C/000/cropped_rgb001.jpg", "lies in no person's folder, such as C/092"),
    ],
)
def test_a_stray_image_of_prcc_is_named(draw: Draw, tmp_path: Path, name: str, words: str) -> None:
    folder = write(draw, tmp_path, "prcc", PRCC)
    draw(f"prcc/rgb/{name}")
    with pytest.raises(ReidkitError, match=words) as error:
        open_crops(folder)
    assert name in str(error.value)


def test_an_empty_part_of_prcc_is_named(draw: Draw, tmp_path: Path) -> None:
    folder = write(draw, tmp_path, "prcc", PRCC)
    for file in (folder / "rgb" / "test" / "B").rglob("*.jpg"):
        file.unlink()
    with pytest.raises(ReidkitError, match=r"there are no images in .*B"):
        open_crops(folder)


def test_every_query_has_a_match(draw: Draw, tmp_path: Path) -> None:
    for root, names in {"prcc": PRCC, "LTCC_ReID": LTCC}.items():
        report = check_data(open_crops(write(draw, tmp_path, root, names)), progress=False)
        assert report.ok
        assert not any("without a match" in finding.what for finding in report.findings)
