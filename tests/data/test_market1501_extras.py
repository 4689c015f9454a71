"""Market-1501's further distractors, and its boxes for the multi-query protocol."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from reidkit.data import multi_query_crops, open_crops
from reidkit.data.benchmarks import BENCHMARKS
from reidkit.data.layouts.market1501 import read_multi_query
from reidkit.errors import ReidkitError
from tests.data.small_sets import Draw, backwards, rows, said, warned, write

MARKET = """bounding_box_train/0002_c1s1_000451_03.jpg query/0003_c6s1_015971_00.jpg
    bounding_box_test/0003_c3s3_064744_02.jpg bounding_box_test/0000_c1s1_000151_01.jpg"""
DISTRACTORS = "0000_c1s1_000151_01.JPG 0003_c2s1_000001_00.jpeg -1_c6s1_000001_00.jpg"
UNREAD = "--layout market1501:500k puts them into the gallery."


def market(draw: Draw, tmp_path: Path, root: str = "Market-1501-v15.09.15") -> Path:
    return write(draw, tmp_path, root, MARKET)


@pytest.mark.parametrize("name", ["images", "distractors_500k", "distractors"])
@pytest.mark.parametrize("beside", [False, True])
def test_the_distractors_are_read_when_asked_for(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, beside: bool
) -> None:
    folder = market(draw, tmp_path, "0099_c3/market1501/Market-1501-v15.09.15")
    without = open_crops(folder)
    place = folder.parent if beside else folder
    write(draw, tmp_path, str((place / name).relative_to(tmp_path)), DISTRACTORS, seed=50)
    (place / name / "Thumbs.db").write_bytes(b"no image")
    pd.testing.assert_frame_equal(open_crops(folder), without)
    crops = open_crops(folder, layout="market1501:500k")
    more = crops[crops["path"].str.contains(f"/{name}/")]
    assert rows(more) == [[-1, 6, "gallery"], [0, 1, "gallery"], [0, 2, "gallery"]]
    assert rows(crops.drop(more.index)) == rows(without)
    assert set(crops["dataset"]) == {"Market-1501+500k"}
    (differs,) = warned(crops)
    assert "gallery images: 4 instead of 515,913" in differs  # junk is not counted
    assert any("round number" in note for note in said(crops))
    pd.testing.assert_frame_equal(open_crops(folder.parent, layout="market1501:500k"), crops)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder, layout="market1501:500k"), crops)


def test_the_doctor_says_that_they_are_there(draw: Draw, tmp_path: Path) -> None:
    folder = market(draw, tmp_path)
    assert not any(UNREAD in note for note in said(open_crops(folder)))
    write(draw, tmp_path, f"{folder.name}/images", DISTRACTORS, seed=50)
    (note,) = [note for note in said(open_crops(folder)) if UNREAD in note]
    assert note.startswith("The folder images is not read; if it holds the 500,000 distractors, ")


def test_distractors_of_a_market_that_was_renamed(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = market(draw, tmp_path, "renamed")
    write(draw, tmp_path, "renamed/images", DISTRACTORS, seed=50)
    assert set(open_crops(folder, layout="market1501:500k")["dataset"]) == {"Market-1501+500k"}
    assert not any(UNREAD in note for note in said(open_crops(folder)))
    small = replace(BENCHMARKS["Market-1501"], images={"train": 1, "query": 1, "gallery": 2})
    monkeypatch.setitem(BENCHMARKS, "Market-1501", small)  # then it is known by its counts
    assert any(UNREAD in note for note in said(open_crops(folder)))


def test_distractors_that_are_not_there(draw: Draw, tmp_path: Path) -> None:
    folder = market(draw, tmp_path)
    with pytest.raises(ReidkitError, match=r"has no 500,000 distractors: unpack distractors_500k.zip"):
        open_crops(folder, layout="market1501:500k")
    (folder / "images").mkdir()
    with pytest.raises(ReidkitError, match=r"there are no images in .*images"):
        open_crops(folder, layout="market1501:500k")
    draw(f"{folder.name}/images/photo.jpg")
    with pytest.raises(ReidkitError, match=r"1 images are not named <person>_c<camera>…"):
        open_crops(folder, layout="market1501:500k")
    (folder / "distractors").mkdir()
    with pytest.raises(ReidkitError, match=r"images and .*distractors might both hold"):
        open_crops(folder, layout="market1501:500k")
    with pytest.raises(ReidkitError, match=r"layout market1501:5k: '5k' is none of 500k"):
        open_crops(folder, layout="market1501:5k")
    duke = market(draw, tmp_path, "DukeMTMC-reID")
    with pytest.raises(
        ReidkitError, match=r"is DukeMTMC-reID: the 500,000 distractors belong to Market-1501"
    ):
        open_crops(duke, layout="market1501:500k")


def test_boxes_for_multi_query(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = market(draw, tmp_path, "0099_c3/Market-1501-v15.09.15")
    names = "0003_c6s1_000002_00.JPG 0003_c6s1_000001_00.jpg 0003_c1s1_000001_00.jpeg 0002_c1s1_000451_00.jpg"
    write(draw, tmp_path, "0099_c3/Market-1501-v15.09.15/gt_bbox", names)
    (folder / "gt_bbox" / "Thumbs.db").write_bytes(b"no image")
    boxes = multi_query_crops(folder)
    assert rows(boxes) == [[2, 1, "query"], [3, 1, "query"], [3, 6, "query"], [3, 6, "query"]]
    assert [Path(path).name for path in boxes["path"]] == sorted(names.split())
    pd.testing.assert_frame_equal(read_multi_query(folder), boxes)
    for path, layout in ((folder.parent, None), (folder, "market1501"), (folder, "market1501:500k")):
        pd.testing.assert_frame_equal(multi_query_crops(path, layout=layout), boxes)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(multi_query_crops(folder), boxes)
    assert not open_crops(folder)["path"].str.contains("gt_bbox").any()  # no part of the data set itself


def test_multi_query_without_boxes(draw: Draw, tmp_path: Path) -> None:
    folder = market(draw, tmp_path)
    with pytest.raises(ReidkitError, match=r"Market-1501.* has no folder gt_bbox with images in it"):
        multi_query_crops(folder)
    draw(f"{folder.name}/gt_bbox/photo.jpg")
    with pytest.raises(ReidkitError, match=r"1 images are not named <person>_c<camera>…"):
        multi_query_crops(folder)
    people = write(draw, tmp_path, "mine", "0001/a.jpg 0002/a.jpg")
    with pytest.raises(ReidkitError, match=r"mine has layout people, which has no crops for multi-query"):
        multi_query_crops(people)
    with pytest.raises(ReidkitError, match="does not exist"):
        multi_query_crops(tmp_path / "nowhere")
