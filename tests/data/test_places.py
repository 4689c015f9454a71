"""Where a data set is found, given a path near it; and what the messages say when it is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from reidkit.data import open_crops
from reidkit.data.layouts import LAYOUTS, which_layout
from reidkit.data.towns.forms import FORMS, draw_form
from reidkit.errors import ReidkitError

OWN = ("table", "people", "folder")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Some miniatures, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("drawn")
    names = (
        "market1501",
        "cuhk03-np",
        "msmt17-v1",
        "sysu-mm01",
        "prcc",
        "viper",
        "table",
        "people",
        "folder",
    )
    return {name: draw_form(name, folder / name) for name in names}


def paths(folder: Path, layout: str | None = None) -> set[str]:
    """Return what is read, without the folders that tell two copies apart."""
    return set(open_crops(folder, layout=layout)["path"].map(lambda path: "/".join(Path(path).parts[-2:])))


@pytest.mark.parametrize("name", ["market1501", "msmt17-v1", "sysu-mm01", "prcc", "viper"])
def test_a_benchmark_is_found_some_folders_deeper(name: str, drawn: dict[str, Path], tmp_path: Path) -> None:
    """Archives unpack into folders of their own, and people keep them in more."""
    deep = tmp_path / "data" / "downloads" / "unpacked" / drawn[name].name
    shutil.copytree(drawn[name], deep)
    (tmp_path / "data" / "readme.txt").write_text("mine")
    (tmp_path / "data" / "pictures" / "of_us").mkdir(parents=True)  # no data set, and in nobody's way
    for around in (deep.parent, deep.parent.parent, tmp_path / "data"):
        assert paths(around) == paths(deep)
        assert which_layout(around) == which_layout(deep)


def test_two_data_sets_deeper_are_named(drawn: dict[str, Path]) -> None:
    with pytest.raises(
        ReidkitError, match=r"2 data sets \(CUHK03-NP/detected, CUHK03-NP/labeled\): open one"
    ):
        open_crops(drawn["cuhk03-np"].parent.parent)


@pytest.mark.parametrize("name", ["table", "people"])
def test_labels_of_your_own_are_not_lost_one_folder_deeper(
    name: str, drawn: dict[str, Path], tmp_path: Path
) -> None:
    """Read as a plain folder, their people would be unknown."""
    shutil.copytree(drawn[name], tmp_path / "one" / "two" / name)
    (tmp_path / "one" / "__MACOSX").mkdir()
    assert which_layout(tmp_path / "one") == name
    assert open_crops(tmp_path / "one")["pid"].notna().any()


def test_a_plain_folder_stays_the_one_that_is_given(drawn: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(drawn["folder"], tmp_path / "mine" / "photos")
    shutil.copytree(drawn["table"], tmp_path / "two" / "table")
    shutil.copytree(drawn["folder"], tmp_path / "two" / "photos")
    assert which_layout(tmp_path / "mine") == "folder"
    assert len(open_crops(tmp_path / "two")) > len(
        open_crops(tmp_path / "two" / "photos")
    )  # nothing is dropped


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("market1501", "query"),
        ("msmt17-v1", "test"),
        ("sysu-mm01", "cam3"),
        ("prcc", "rgb/test"),
        ("viper", "cam_a"),
    ],
)
def test_a_part_of_a_benchmark_is_refused(name: str, part: str, drawn: dict[str, Path]) -> None:
    """Silently, it would be a folder of nobody's crops under no camera."""
    folder = drawn[name] / part
    with pytest.raises(ReidkitError, match=rf"{part} is a part of .*open that.*--layout folder"):
        open_crops(folder)
    assert open_crops(folder, layout="folder")["pid"].isna().all()


@pytest.mark.parametrize("name", list(FORMS))
def test_what_programs_leave_behind_is_no_data(name: str, tmp_path: Path) -> None:
    """A Mac's zip brings __MACOSX, a NAS keeps thumbnails in @eaDir, Jupyter copies in hidden folders."""
    given = tmp_path / "given"
    folder = draw_form(name, given)
    boxes = ":detected" if name.startswith("cuhk03") and name != "cuhk03-np" else ""
    layout = "cuhk03" + boxes if boxes else None
    before, known = open_crops(folder, layout=layout), which_layout(folder, layout=layout)
    for place in [folder, *(below for below in folder.rglob("*") if below.is_dir())]:
        for left in ("__MACOSX", "@eaDir", ".ipynb_checkpoints"):
            (place / left).mkdir()
            Image.fromarray(np.zeros((32, 16, 3), np.uint8)).save(place / left / "0001_c1_thumb.jpg")
        for file in ("Thumbs.db", ".DS_Store", "desktop.ini"):
            (place / file).write_bytes(b"not an image")
    assert which_layout(folder, layout=layout) == known
    pd.testing.assert_frame_equal(open_crops(folder, layout=layout), before)


def test_lists_from_windows(tmp_path: Path) -> None:
    """A byte order mark, and other line ends."""
    for name in ("cuhk03-extracted", "veri776", "msmt17-v1", "sysu-mm01", "table"):
        folder = draw_form(name, tmp_path / name)
        layout = "cuhk03:detected" if name.startswith("cuhk03") else None
        before = open_crops(folder, layout=layout)
        lists = [x for x in folder.rglob("*") if x.suffix in (".txt", ".csv", ".json")]
        assert lists
        for file in lists:
            file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
        pd.testing.assert_frame_equal(open_crops(folder, layout=layout), before)


@pytest.mark.parametrize(
    ("layout", "meant"), [("Market-1501", "market1501"), ("sysu-mm01", "sysu_mm01"), ("cuhk3", "cuhk03")]
)
def test_a_layout_spelled_otherwise(layout: str, meant: str, tmp_path: Path) -> None:
    assert meant in LAYOUTS
    with pytest.raises(ReidkitError, match=rf"is none of .*; did you mean {meant}\?"):
        open_crops(tmp_path, layout=layout)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("market.zip", "is an archive: unpack it, and give the folder"),
        ("market.tar.gz", "is an archive: unpack it, and give the folder"),
        ("0001_c1.jpg", "is one image: give the folder that it lies in"),
        ("found.npz", r"evaluate --features .*found\.npz"),
    ],
)
def test_files_that_are_no_data_set(name: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"something")
    with pytest.raises(ReidkitError, match=says):
        open_crops(tmp_path / name)


def test_a_packed_table_is_read(drawn: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(drawn["table"], tmp_path / "table")
    rows, before = pd.read_csv(folder / "crops.csv"), open_crops(folder)
    for name in ("packed.csv.zip", "packed.csv.gz"):
        rows.to_csv(folder / name, index=False)
        pd.testing.assert_frame_equal(open_crops(folder / name), before)


def test_names_that_a_plain_folder_does_not_read_are_noted(drawn: dict[str, Path], tmp_path: Path) -> None:
    """A part of Market-1501, copied out of it: nothing around it tells any more."""
    copied = shutil.copytree(drawn["market1501"] / "query", tmp_path / "shop")
    (note,) = open_crops(copied).attrs["notes"]
    assert note.startswith("The names seem to say person and camera, as 0007_c")
    assert "notes" not in open_crops(drawn["folder"]).attrs


def test_a_renamed_set_of_several_resolutions_says_how_it_is_judged(tmp_path: Path) -> None:
    folder = draw_form("mlr-cuhk03", tmp_path)
    assert "notes" not in open_crops(folder).attrs
    crops = open_crops(folder.rename(tmp_path / "my_data"))
    assert "dataset" not in crops
    assert "--protocol mlr-cuhk03" in crops.attrs["notes"][0]
