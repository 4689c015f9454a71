"""MLR-CUHK03 and VIPeR as miniatures: people from 0, low resolution, folds drawn by us."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reidkit.data import check_data, open_crops, open_folds
from reidkit.data.layouts import viper as viper_layout
from reidkit.errors import ReidkitError
from tests.data.small_sets import Draw, backwards, warned, write

MLR = """train/00000/00000_c0_00000.jpg train/00000/00000_c1_00001.JPG train/00007/00007_c1_00012.jpg
    val/00003/00003_c0_00000.jpg query/00020/00020_c0_00000.jpg
    gallery/00020/00020_c1_00001.jpg gallery/00020/00020_c2_00002.jpg gallery/00021/00021_c1_00000.jpg"""


def test_mlr_cuhk03(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(draw, tmp_path, "00099_c7_0/resolution-reid/MLR-CUHK03", MLR)
    (folder / "query" / "Thumbs.db").write_bytes(b"no image")
    crops = open_crops(folder)
    columns = ["pid", "camid", "split", "resolution"]
    assert crops[columns].astype(object).to_numpy().tolist() == [
        [1, 0, "train", "low"],  # 00000 is a person here, no distractor
        [1, 1, "train", "high"],
        [8, 1, "train", "high"],
        [4, 0, "train", "low"],  # from val
        [21, 0, "query", "low"],
        [21, 1, "gallery", "high"],  # one number in query and gallery
        [21, 2, "gallery", "high"],
        [22, 1, "gallery", "high"],
    ]
    assert set(crops["dataset"]) == {"MLR-CUHK03"}
    (differs,) = warned(crops)
    assert differs.endswith("train people: 3 instead of 1,367; query people: 1 instead of 100.")
    notes = [finding.what for finding in check_data(crops, progress=False).findings]
    assert "No number of images is known for MLR-CUHK03, so it is not checked." in notes
    crops.to_parquet(tmp_path / "crops.parquet")  # as a run keeps them
    assert pd.read_parquet(tmp_path / "crops.parquet").equals(crops)
    pd.testing.assert_frame_equal(open_crops(folder.parent), crops)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), crops)


def test_mlr_cuhk03_under_another_name(draw: Draw, tmp_path: Path) -> None:
    """Other data sets have its form: it is read by that, never as a folder of people, but not so called."""
    for root in ("mine", "MLR-VIPeR"):
        crops = open_crops(write(draw, tmp_path, root, MLR))
        assert crops["resolution"].eq("low").sum() == 3
        assert "dataset" not in crops
    (tmp_path / "mine" / "val" / "00003" / "00003_c0_00000.jpg").rename(tmp_path / "mine/val/00003/a.jpg")
    assert "resolution" not in open_crops(tmp_path / "mine")  # now it is anybody's folder


@pytest.mark.parametrize("part", ["train", "val", "query", "gallery"])
def test_mlr_cuhk03_with_a_part_missing(draw: Draw, tmp_path: Path, part: str) -> None:
    folder = write(draw, tmp_path, "mlr_cuhk03", MLR)
    (folder / part).rename(tmp_path / part)
    with pytest.raises(ReidkitError, match=f"looks like MLR-CUHK03, but has no folder {part};"):
        open_crops(folder)
    (folder / part).mkdir()
    with pytest.raises(ReidkitError, match=rf"there are no images in .*{part}"):
        open_crops(folder)


@pytest.mark.parametrize("name", ["0020_c1_00000.jpg", "00020_1_00000.jpg", "photo.png"])
def test_mlr_cuhk03_with_another_name_in_it(draw: Draw, tmp_path: Path, name: str) -> None:
    folder = write(draw, tmp_path, "MLR-CUHK03", MLR)
    draw(f"MLR-CUHK03/gallery/00020/{name}")
    with pytest.raises(ReidkitError, match="1 images are not named <person, five digits>_c<camera>"):
        open_crops(folder)


PEOPLE = [0, 1, 5, 9, 872]


def viper(draw: Draw, tmp_path: Path, root: str, suffix: str = ".bmp") -> Path:
    """Five people; camera a sees person p from 45 degrees, camera b from 90."""
    names = [f"cam_{c}/{p:03d}_{view}{suffix}" for c, view in (("a", 45), ("b", 90)) for p in PEOPLE]
    return write(draw, tmp_path, root, " ".join(names))


@pytest.mark.parametrize("suffix", [".bmp", ".BMP"])
def test_viper(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    folder = viper(draw, tmp_path, "001_45.c3/VIPeR", suffix)
    (folder / "cam_a" / "Thumbs.db").write_bytes(b"no image")
    crops = open_crops(folder)
    assert set(crops["dataset"]) == {"VIPeR"}
    assert sorted(crops["pid"]) == sorted([pid + 1 for pid in PEOPLE] * 2)  # 000 is a person
    seen = {(row.camid, row.view) for row in crops.itertuples()}
    assert seen == {(1, 45), (2, 90)}
    assert all(("cam_a" in row.path) == (row.camid == 1) for row in crops.itertuples())
    assert all(int(Path(row.path).name[:3]) + 1 == row.pid for row in crops.itertuples())
    (differs,) = warned(crops)
    assert "train images: 4 instead of 632; query images: 3 instead of 316" in differs
    crops.to_parquet(tmp_path / "crops.parquet")  # as a run keeps them
    assert pd.read_parquet(tmp_path / "crops.parquet").equals(crops)
    pd.testing.assert_frame_equal(open_crops(folder.parent), crops)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), crops)


def test_folds_of_viper(draw: Draw, tmp_path: Path) -> None:
    folder = viper(draw, tmp_path, "mine")  # told by its cameras and names
    folds = open_folds(folder)
    assert len(folds) == 20
    for fold, crops in enumerate(folds):
        assert set(crops["fold"]) == {fold}
        parts = {split: crops[crops["split"] == split] for split in ("train", "query", "gallery")}
        assert set(parts["query"]["camid"]) == {1 + fold % 2}
        assert set(parts["gallery"]["camid"]) == {2 - fold % 2}
        people = {split: sorted(part["pid"]) for split, part in parts.items()}
        assert people["query"] == people["gallery"]
        assert sorted({*people["train"], *people["query"]}) == [pid + 1 for pid in PEOPLE]
        assert (len(people["train"]), len(people["query"])) == (4, 3)
        # the halves as documented, so that the numbers of two machines can be compared
        drawn = np.random.RandomState(fold // 2).permutation([pid + 1 for pid in PEOPLE])[:2]
        assert set(people["train"]) == set(drawn)
        pd.testing.assert_frame_equal(open_crops(folder, layout=f"viper:{fold}"), crops)
    assert len({tuple(fold["split"]) + tuple(fold["path"]) for fold in folds}) > 10


def test_the_halves_of_viper_stay_the_same() -> None:
    """A score rests on them: these are the first people of three halves of 632."""
    pids = pd.Series(range(1, 633), dtype="Int64")
    halves = [viper_layout._training_people(pids, half) for half in (0, 1, 9)]
    assert [half[:4].tolist() for half in halves] == HALVES
    assert {len(half) for half in halves} == {316}


HALVES = [[214, 503, 624, 158], [102, 576, 408, 442], [33, 370, 532, 386]]


def test_viper_errors(draw: Draw, tmp_path: Path) -> None:
    folder = viper(draw, tmp_path, "VIPeR")
    with pytest.raises(ReidkitError, match="'20' is none of a fold from 0 to 19"):
        open_crops(folder, layout="viper:20")
    with pytest.raises(ReidkitError, match="viper:1:2 asks for 2 folds"):
        open_crops(folder, layout="viper:1:2")
    draw("VIPeR/cam_b/005_135.bmp", seed=50)
    with pytest.raises(ReidkitError, match=r"005_\d+\.bmp: VIPeR has one crop of a person under a camera"):
        open_crops(folder)
    (folder / "cam_b" / "005_135.bmp").rename(folder / "cam_b" / "photo.bmp")
    with pytest.raises(ReidkitError, match="1 images are not named <person>_<angle>"):
        open_crops(folder)
    (folder / "cam_b").rename(folder / "b")
    with pytest.raises(ReidkitError, match="looks like VIPeR, but has no folder cam_b"):
        open_crops(folder)


def test_a_person_of_viper_under_one_camera_is_said(draw: Draw, tmp_path: Path) -> None:
    folder = viper(draw, tmp_path, "VIPeR")
    (folder / "cam_b" / "009_90.bmp").unlink()
    texts = [" ".join(warned(crops)) for crops in open_folds(folder)]
    assert any("1 of 3 queries without a match" in text for text in texts)
    assert all("differs from what is published" in text for text in texts)


def test_folders_of_cameras_that_are_not_vipers(draw: Draw, tmp_path: Path) -> None:
    folder = write(draw, tmp_path, "prid", "cam_a/person_0001.png cam_b/person_0001.png")
    assert open_crops(folder)["pid"].isna().all()
