"""The benchmarks' own forms, as miniatures: a few crops each, with the right names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from reidkit.data import check_data, open_crops
from reidkit.data.benchmarks import BENCHMARKS
from reidkit.errors import ReidkitError
from reidkit.evaluation import market1501
from tests.data.small_sets import Draw, backwards, rows, said, warned, write

MSMT17 = {
    "list_train.txt": "0000/0000_000_01_0303morning_0008_0.jpg 0\n0001/0001_000_15_0113noon_0017_2.jpg 1\n",
    "list_val.txt": "0001/0001_001_02_0113noon_0027_2.jpg 1\n",
    "list_query.txt": "0000/0000_000_03_0302noon_0001_0.jpg 0\n0001/0001_000_04_0302noon_0001_0.jpg 1\n",
    "list_gallery.txt": "0001/0001_001_05_0302noon_0002_0.jpg 1\n0000/0000_001_06_0302noon_0002_0.jpg 0\n",
}


def msmt17(draw: Draw, tmp_path: Path, root: str, train: str, test: str) -> Path:
    """MSMT17 with lists: two people to train on, two others to be found, all numbered from 0."""
    images = " ".join(
        f"{train if name in ('list_train.txt', 'list_val.txt') else test}/{line.split()[0]}"
        for name, lines in MSMT17.items()
        for line in lines.splitlines()
    )
    folder = write(draw, tmp_path, root, images)
    for name, lines in MSMT17.items():
        (folder / name).write_text(lines)
    return folder


@pytest.mark.parametrize(
    ("train", "test", "dataset", "word"),
    [
        ("train", "test", "MSMT17 V1", "with faces"),
        ("mask_train_v2", "mask_test_v2", "MSMT17 V2", "blurred faces"),
    ],
)
def test_msmt17_by_its_lists(
    draw: Draw,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    train: str,
    test: str,
    dataset: str,
    word: str,
) -> None:
    folder = msmt17(draw, tmp_path, "0007_c3/msmt", train, test)
    crops = open_crops(folder)
    assert rows(crops) == [
        [1, 1, "train"],  # 0000 is a person here, no distractor
        [2, 15, "train"],
        [2, 2, "train"],
        [3, 3, "query"],  # 0000 again, but another person
        [4, 4, "query"],
        [3, 6, "gallery"],
        [4, 5, "gallery"],
    ]
    assert crops["time"].tolist()[:2] == ["0303morning", "0113noon"]
    crops.to_parquet(tmp_path / "crops.parquet")  # as a run keeps them
    assert pd.read_parquet(tmp_path / "crops.parquet").equals(crops)
    assert set(crops["dataset"]) == {dataset}
    (differs,) = warned(crops)
    assert "train images: 3 instead of 32,621" in differs
    assert "train people: 2 instead of 1,041" in differs
    assert word in " ".join(finding.what for finding in check_data(crops, progress=False).findings)
    assert len(market1501(*(crops[crops["split"] == s][c] for s in ("query", "gallery")
                            for c in ("pid", "camid"))).judged) == 2  # fmt: skip
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), crops)


def test_msmt17_packed_like_market1501(draw: Draw, tmp_path: Path) -> None:
    names = """bounding_box_train/0000_c1_0000.jpg bounding_box_train/0001_c15_0001.JPG
        query/0000_c3_0000.jpg bounding_box_test/0000_c14_0003.jpg bounding_box_test/0001_c0_0001.jpg"""
    expected = [[1, 1], [2, 15], [3, 3], [3, 14], [4, 0]]
    for root, dataset in {
        "MSMT17_V1": "MSMT17 V1",
        "v2/MSMT17_V2": "MSMT17 V2",
        "a/msmt17": "MSMT17",
    }.items():
        crops = open_crops(write(draw, tmp_path, root, names))
        assert crops[["pid", "camid"]].astype(object).to_numpy().tolist() == expected
        assert set(crops["dataset"]) == {dataset}
        (differs,) = warned(crops)
        assert differs.startswith(f"This is called {dataset}, but differs")
    notes = [finding.what for finding in check_data(crops, progress=False).findings]
    assert any("which version of MSMT17" in note for note in notes)


def test_msmt17_packed_like_market1501_and_renamed(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known by its counts, its person 0 is still no distractor."""
    small = replace(BENCHMARKS["MSMT17"], images={"train": 2, "query": 1, "gallery": 3})
    monkeypatch.setitem(BENCHMARKS, "MSMT17", small)
    names = """bounding_box_train/0000_c1_0000.jpg bounding_box_train/0001_c15_0001.jpg query/0000_c3_0000.jpg
        bounding_box_test/0000_c14_0003.jpg bounding_box_test/0001_c2_0001.jpg
        bounding_box_test/0001_c2_0002.jpg"""
    crops = open_crops(write(draw, tmp_path, "renamed", names))
    assert crops["pid"].tolist() == [1, 2, 3, 3, 4, 4]
    assert set(crops["dataset"]) == {"MSMT17"}


def test_msmt17_that_is_not_whole(draw: Draw, tmp_path: Path) -> None:
    folder = msmt17(draw, tmp_path, "MSMT17_V1", "train", "test")
    image = folder / "test" / "0001" / "0001_001_05_0302noon_0002_0.jpg"
    image.rename(image.with_suffix(".JPG"))  # found all the same
    (folder / "train" / "0000" / "Thumbs.db").write_bytes(b"no image")
    draw("MSMT17_V1/train/0000/0000_009_01_0303morning_0008_0.jpg")  # in no list, so no part of it
    (folder / "list_val.txt").unlink()
    crops = open_crops(folder)
    assert len(crops) == 6
    assert any("train images: 2 instead of 32,621" in what for what in warned(crops))
    image.with_suffix(".JPG").unlink()
    report = check_data(open_crops(folder), progress=False)
    assert "1 image of 6 not there" in report.findings[0].what
    assert image.name in report.findings[0].what
    (folder / "list_gallery.txt").unlink()
    with pytest.raises(ReidkitError, match=r"looks like MSMT17, but has no list_gallery.txt"):
        open_crops(folder)


def test_msmt17_without_its_lists_is_no_folder_of_people(draw: Draw, tmp_path: Path) -> None:
    """0000 in train and 0000 in test are two people: guessed from folders, they would be one."""
    names = "{}/0000/0000_000_01_0303morning_0008_0.jpg {}/0000/0000_000_03_0302noon_0001_0.jpg"
    for root, parts in {"MSMT17_V1": ("train", "test"), "mine": ("mask_train_v2", "mask_test_v2")}.items():
        folder = write(draw, tmp_path, root, names.format(*parts))
        with pytest.raises(ReidkitError, match=r"looks like MSMT17, but has no list_train.txt"):
            open_crops(folder)


def test_msmt17_errors(draw: Draw, tmp_path: Path) -> None:
    folder = msmt17(draw, tmp_path, "MSMT17", "train", "test")
    query = folder / "list_query.txt"
    for text, words in {
        "": "names no images",
        "0000/0000_000_03_0302noon_0001_0.jpg\n": "there is no person after .*0000_000_03",
        "0000/photo.jpg 0\n": "1 images are not named <person>_<image>_<camera>",
    }.items():
        query.write_text(text)
        with pytest.raises(ReidkitError, match=words):
            open_crops(folder)
    query.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ReidkitError, match=r"list_query.txt is not a list"):
        open_crops(folder)
    (folder / "mask_test_v2").mkdir()
    with pytest.raises(ReidkitError, match="holds both versions of MSMT17"):
        open_crops(folder)
    with pytest.raises(ReidkitError, match=r"no list_train.txt and no .* and no train and no test"):
        open_crops(tmp_path / "MSMT17" / "test", layout="msmt17")


def test_benchmarks_side_by_side_are_not_mixed(draw: Draw, tmp_path: Path) -> None:
    msmt17(draw, tmp_path, "data/MSMT17_V1", "train", "test")
    assert len(open_crops(tmp_path / "data")) == 7  # the folder around the only one
    msmt17(draw, tmp_path, "data/MSMT17_V2", "mask_train_v2", "mask_test_v2")
    with pytest.raises(ReidkitError, match=r"2 data sets \(MSMT17_V1, MSMT17_V2\): open one"):
        open_crops(tmp_path / "data")


CUHK03 = """bounding_box_train/0001_c1_1.png bounding_box_train/0001_c2_6.PNG
    query/0012_c1_2.png bounding_box_test/0012_c2_7.png bounding_box_test/0012_c1_3.png"""


@pytest.mark.parametrize("box", ["detected", "labeled"])
def test_cuhk03_np(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, box: str) -> None:
    folder = write(draw, tmp_path, f"0099_c7/CUHK03-NP/{box}", CUHK03)
    (folder / "query" / "Thumbs.db").write_bytes(b"no image")
    crops = open_crops(folder)
    assert rows(crops) == [
        [1, 1, "train"],
        [1, 2, "train"],
        [12, 1, "query"],
        [12, 1, "gallery"],
        [12, 2, "gallery"],
    ]
    assert set(crops["dataset"]) == {f"CUHK03-NP {box}"}
    (differs,) = warned(crops)
    assert "train images: 2 instead of 7,36" in differs
    pd.testing.assert_frame_equal(open_crops(folder.parent), crops)  # the only one in there
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), crops)
    (folder / "bounding_box_test").rename(folder / "gone")
    with pytest.raises(ReidkitError, match="has no folder bounding_box_test"):
        open_crops(folder)


def test_cuhk03_np_is_two_data_sets(draw: Draw, tmp_path: Path) -> None:
    write(draw, tmp_path, "CUHK03-NP/detected", CUHK03)
    write(draw, tmp_path, "CUHK03-NP/labeled", CUHK03)
    with pytest.raises(ReidkitError, match=r"2 data sets \(detected, labeled\): open one of them"):
        open_crops(tmp_path / "CUHK03-NP")
    write(draw, tmp_path, "mine/detected", CUHK03)
    assert "dataset" not in open_crops(tmp_path / "mine" / "detected")


VERI = """image_train/0001_c001_00016450_0.jpg image_train/0001_c020_00016460_0.jpg
    image_query/0002_c002_00030600_0.jpg
    image_test/0002_c002_00030605_1.jpg image_test/0002_c003_00084280_0.jpg"""


def test_veri776(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(draw, tmp_path, "0099_c007/VeRi", VERI)
    (folder / "train_label.xml").write_text("<no-image/>")
    crops = open_crops(folder)
    assert rows(crops) == [
        [1, 1, "train"],
        [1, 20, "train"],
        [2, 2, "query"],
        [2, 2, "gallery"],
        [2, 3, "gallery"],
    ]
    assert crops["frame"].tolist() == [16450, 16460, 30600, 30605, 84280]
    assert set(crops["dataset"]) == {"VeRi-776"}
    (differs,) = warned(crops)
    assert "train images: 2 instead of 37,778" in differs
    assert "cameras: 4 instead of 20" in differs
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), crops)


def test_veri776_lists_say_which_files_count(draw: Draw, tmp_path: Path) -> None:
    folder = write(draw, tmp_path, "veri", VERI)
    everything = open_crops(folder)
    draw("veri/image_train/0001_c004_00000001_0.jpg", seed=90)  # named by no list
    (folder / "image_train/0001_c001_00016450_0.jpg").rename(folder / "image_train/0001_c001_00016450_0.JPG")
    lists = {"train": "image_train", "query": "image_query", "test": "image_test"}
    for name, part in lists.items():
        names = [line.split("/")[1] for line in VERI.split() if line.startswith(part)]
        (folder / f"name_{name}.txt").write_text("\ufeff" + "\r\n".join(names) + "\r\n\r\n", "utf-8")
    listed = open_crops(folder)
    assert rows(listed) == rows(everything)
    assert any("1 image in no list, and so left out" in note for note in said(listed))
    assert "notes" not in everything.attrs
    with (folder / "name_test.txt").open("a") as file:
        file.write("0002_c009_00000001_0.jpg\n")
    assert "0002_c009_00000001_0.jpg" in check_data(open_crops(folder), progress=False).findings[0].what


def test_veri776_errors(draw: Draw, tmp_path: Path) -> None:
    folder = write(draw, tmp_path, "veri", VERI)
    draw("veri/image_query/000001.jpg")  # another benchmark with these folders
    with pytest.raises(ReidkitError, match=r"1 images are not named <vehicle>_c<camera>"):
        open_crops(folder)
    (folder / "image_query").rename(folder / "query")
    with pytest.raises(ReidkitError, match="looks like VeRi-776, but has no folder image_query"):
        open_crops(folder)


PERSONX = """bounding_box_train/0001_c{a}s1_33.jpg bounding_box_train/0001_c{b}s1_1.JPG
    query/0411_c{a}s1_2.jpg bounding_box_test/0411_c{b}s1_36.jpg bounding_box_test/0411_c{a}s1_3.jpg"""


def test_personx_with_its_own_numbers_of_cameras(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(draw, tmp_path, "0099_c7s1_5/PersonX/subset1", PERSONX.format(a=3, b=12))
    crops = open_crops(folder)
    assert rows(crops) == [
        [1, 12, "train"],
        [1, 3, "train"],
        [411, 3, "query"],
        [411, 12, "gallery"],
        [411, 3, "gallery"],
    ]
    assert crops["view"].tolist() == [1, 33, 2, 36, 3]
    assert set(crops["dataset"]) == {"PersonX"}
    (differs,) = warned(crops)
    assert "train images: 2 instead of 9,840" in differs
    assert "people: 2 instead of 1,266; cameras: 2 instead of 6" in differs
    pd.testing.assert_frame_equal(open_crops(folder.parent), crops)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), crops)
    moved = write(draw, tmp_path, "personX", PERSONX.format(a=4, b=8))
    assert open_crops(moved)["camid"].tolist() == [4, 8, 4, 4, 8]


def test_personx_by_backgrounds(draw: Draw, tmp_path: Path) -> None:
    for root in ("PersonX_v1", "mine"):
        for background in range(1, 7):
            write(draw, tmp_path, f"{root}/{background}", PERSONX.format(a=background, b=background))
    crops = open_crops(tmp_path / "mine")  # six folders of backgrounds give it away
    assert set(crops["dataset"]) == {"PersonX v1"}
    crops = open_crops(tmp_path / "PersonX_v1")
    assert crops["camid"].eq(crops["background"]).all()
    assert crops.groupby("split", sort=False).size().to_dict() == {"train": 12, "query": 6, "gallery": 12}
    assert (crops["camid"].nunique(), crops["pid"].nunique()) == (6, 2)
    notes = [finding.what for finding in check_data(crops, progress=False).findings]
    assert "No number of images is known for PersonX v1, so it is not checked." in notes
    (tmp_path / "PersonX_v1" / "6").rename(tmp_path / "PersonX_v1" / "six")
    differs = next(what for what in warned(open_crops(tmp_path / "PersonX_v1")) if "PersonX" in what)
    assert differs.endswith("people: 2 instead of 1,266; cameras: 5 instead of 6.")


def test_personx_errors(draw: Draw, tmp_path: Path) -> None:
    folder = write(draw, tmp_path, "PersonX_v1/4", PERSONX.format(a=4, b=4)).parent
    assert len(open_crops(folder)) == 5  # its name tells where one background alone would not
    (folder / "4" / "query").rename(folder / "query")
    with pytest.raises(ReidkitError, match=r"4 looks like PersonX, but has no folder query"):
        open_crops(folder)
    with pytest.raises(ReidkitError, match=r"neither PersonX's parts"):
        open_crops(folder / "query", layout="personx")


def test_a_folder_of_folders_one_a_person(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = "0012/a_c2.jpg 0012/b_c10_001.JPG 0007/c0_x.png 0007/sack_cloth.png 0007/abc2.jpg"
    folder = write(draw, tmp_path, "0099_c7/mine", names)
    (folder / "0007" / "Thumbs.db").write_bytes(b"no image")
    (folder / "notes.txt").write_text("not a person")
    crops = open_crops(folder)
    found = ["abc2.jpg", "c0_x.png", "sack_cloth.png", "a_c2.jpg", "b_c10_001.JPG"]
    assert [Path(path).name for path in crops["path"]] == found
    assert crops["pid"].tolist() == [7, 7, 7, 12, 12]
    assert crops["camid"].fillna(-1).tolist() == [-1, 0, -1, 2, 10]  # only where the name says one
    assert crops["person"].tolist() == ["0007"] * 3 + ["0012"] * 2
    assert set(crops["split"]) == {"train"}
    assert "dataset" not in crops
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), crops)


def test_people_in_parts(draw: Draw, tmp_path: Path) -> None:
    names = """train/person_2/a_c1.jpg train/person_10/a_c2.jpg
        query/person_3/a_c1.jpg test/person_3/a_c2.jpg test/person_3/b_c1.jpg"""
    crops = open_crops(write(draw, tmp_path, "mine", names))
    assert rows(crops) == [
        [3, 2, "train"],  # person_10 counts after person_3
        [1, 1, "train"],
        [2, 1, "query"],
        [2, 2, "gallery"],
        [2, 1, "gallery"],
    ]
    assert check_data(crops, progress=False).ok


@pytest.mark.parametrize(
    "names",
    [
        "cam1/a.jpg cam2/b.jpg",  # cameras, no people
        "anna/a.jpg ben/b.jpg",  # perhaps people: must be asked for
        "0001/a.jpg holiday/b.jpg",
        "0001/a.jpg b.jpg",
        "0001/deeper/a.jpg 0002/b.jpg",
        "cam1/0001/a.jpg cam2/0001/a.jpg",
        "train/0001/a.jpg holiday/0001/a.jpg",
    ],
)
def test_folders_that_need_not_be_people_are_not_taken_for_them(
    draw: Draw, tmp_path: Path, names: str
) -> None:
    crops = open_crops(write(draw, tmp_path, "mine", names))
    assert crops["pid"].isna().all()
    assert len(crops) == len(names.split())


def test_people_that_are_asked_for(draw: Draw, tmp_path: Path) -> None:
    folder = write(draw, tmp_path, "mine", "ben/x/a.jpg ben/b.jpg anna/b.jpg")
    crops = open_crops(folder, layout="people")
    assert list(zip(crops["person"], crops["pid"], strict=True)) == [("anna", 1), ("ben", 2), ("ben", 2)]
    draw("mine/lost.jpg")
    with pytest.raises(ReidkitError, match=r"lost.jpg lies in no person's folder"):
        open_crops(folder, layout="people")
    with pytest.raises(ReidkitError, match="is not a folder"):
        open_crops(folder / "lost.jpg", layout="people")
    (tmp_path / "empty" / "0001").mkdir(parents=True)
    with pytest.raises(ReidkitError, match="no folders with images in them"):
        open_crops(tmp_path / "empty", layout="people")


@pytest.mark.parametrize("names", ["0/a.jpg 1/a.jpg 7/a.jpg", "1/a.jpg 01/a.jpg 3/a.jpg"])
def test_people_whose_numbers_cannot_stay(draw: Draw, tmp_path: Path, names: str) -> None:
    """A 0 would mean a distractor, and 1 and 01 be one person."""
    crops = open_crops(write(draw, tmp_path, "mine", names))
    assert sorted(crops["pid"]) == [1, 2, 3]


def test_a_table_in_a_folder_of_people_comes_first(draw: Draw, tmp_path: Path) -> None:
    folder = write(draw, tmp_path, "mine", "0001/a.jpg 0002/a.jpg")
    (folder / "crops.csv").write_text("path,pid\n0001/a.jpg,5\n")
    assert open_crops(folder)["pid"].tolist() == [5]
