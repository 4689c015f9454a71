"""Data sets on disk, with the traps that other loaders fall into."""

from __future__ import annotations

import os
import string
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.data import SPLITS, check_crops, open_crops
from reidkit.errors import ReidkitError
from tests.data.small_sets import backwards

Draw = Callable[..., Path]


def market(draw: Draw, root: str = "market") -> Path:
    """A small Market-1501 folder with junk, a distractor and odd suffixes."""
    for name in (
        "bounding_box_train/0012_c2s1_000002_00.jpg",
        "bounding_box_train/0002_c1s1_000451_03.JPEG",
        "query/0007_c3s1_000001_00.png",
        "bounding_box_test/0007_c12s3_000001_00.JPG",
        "bounding_box_test/0000_c1s1_000001_00.bmp",
        "bounding_box_test/-1_c1s1_000001_00.webp",
    ):
        path = draw(f"{root}/{name}")
    return path.parent.parent


def test_market_reads_names_not_folders(draw: Draw) -> None:
    root = market(draw, "exp3_c2/9999_c9/market")
    (root / "bounding_box_test" / "Thumbs.db").write_bytes(b"not an image")
    (root / "bounding_box_test" / "._0007_c1s1.jpg").write_bytes(b"left by a Mac")
    crops = open_crops(root)
    rows = crops[["pid", "camid", "split"]].astype(object).to_numpy().tolist()
    assert rows == [
        [2, 1, "train"],
        [12, 2, "train"],
        [7, 3, "query"],
        [-1, 1, "gallery"],
        [0, 1, "gallery"],
        [7, 12, "gallery"],
    ]
    assert all(os.path.isabs(path) and os.path.exists(path) for path in crops["path"])


def test_the_order_of_the_disk_does_not_matter(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    root = market(draw)
    crops = open_crops(root)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(crops, open_crops(root))


def test_the_folder_around_market_is_accepted_if_it_holds_one(draw: Draw, tmp_path: Path) -> None:
    root = market(draw, "downloads/Market-1501-v15.09.15")
    draw("downloads/holiday/beach.jpg")
    pd.testing.assert_frame_equal(open_crops(root.parent), open_crops(root))
    market(draw, "downloads/duke")
    with pytest.raises(ReidkitError, match=r"2 data sets \(Market-1501-v15.09.15, duke\)"):
        open_crops(root.parent)


@pytest.mark.parametrize("part", ["bounding_box_train", "query", "bounding_box_test"])
def test_a_missing_or_empty_part_is_named(draw: Draw, part: str) -> None:
    root = market(draw)
    for file in (root / part).iterdir():
        file.unlink()
    with pytest.raises(ReidkitError, match=f"no images in .*{part}"):
        open_crops(root)
    (root / part).rmdir()
    with pytest.raises(ReidkitError, match=f"no folder {part}"):
        open_crops(root)


def test_names_that_break_the_rule_are_all_told(draw: Draw) -> None:
    root = market(draw)
    for number in range(12):
        draw(f"market/query/person{number:02}_c1.jpg")
    with pytest.raises(ReidkitError) as error:
        open_crops(root)
    text = str(error.value)
    assert text.startswith("12 images are not named")
    assert text.count("person") == 11  # ten files, and the rule's own <person>
    assert ("person09" in text, "person10" in text) == (True, False)  # in order
    assert text.endswith("and 2 more")


def test_a_folder_of_images(draw: Draw, tmp_path: Path) -> None:
    for name in ("b.JPG", "sub/a.png", "a.jpeg", ".hidden.jpg"):
        draw(f"mine/{name}")
    (tmp_path / "mine" / "notes.txt").write_text("no image")
    os.symlink(tmp_path / "mine", tmp_path / "mine" / "sub" / "circle")
    crops = open_crops(tmp_path / "mine")
    expected = [str(tmp_path / "mine" / name) for name in ("a.jpeg", "b.JPG", "sub/a.png")]
    assert crops["path"].tolist() == expected
    assert crops["pid"].isna().all()
    assert crops["camid"].isna().all()
    assert set(crops["split"]) == {"train"}


def test_a_linked_folder_is_followed(draw: Draw, tmp_path: Path) -> None:
    draw("store/a.jpg")
    draw("mine/b.jpg")
    os.symlink(tmp_path / "store", tmp_path / "mine" / "linked")
    names = [Path(path).name for path in open_crops(tmp_path / "mine")["path"]]
    assert names == ["b.jpg", "a.jpg"]


def test_a_name_that_is_no_text_is_told(draw: Draw, tmp_path: Path) -> None:
    os.rename(draw("mine/a.jpg"), os.fsencode(tmp_path) + b"/mine/\xff.jpg")
    with pytest.raises(ReidkitError, match=r"udcff.jpg' is not valid Unicode"):
        open_crops(tmp_path / "mine")


CELL = st.text(string.ascii_letters + " ,'\"é_-", min_size=1, max_size=6).filter(str.strip)
TABLE = st.lists(
    st.tuples(
        CELL.map(lambda name: f"{name}.jpg"),
        st.none() | st.integers(-1, 2**63 - 1),
        st.none() | st.integers(0, 20),
        st.sampled_from(SPLITS),
        CELL.map(lambda name: f"at {name}"),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: (row[0], row[3]),
)


@given(TABLE)
@settings(deadline=None)
def test_a_table_written_is_the_table_read(rows: list[Any]) -> None:
    columns = ["path", "pid", "camid", "split", "place"]
    written = pd.DataFrame(rows, columns=columns, dtype=object)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mine.csv"
        written.to_csv(file, index=False)
        read = open_crops(file)
        written["path"] = [os.path.join(folder, name) for name in written["path"]]
    expected = check_crops(written)
    assert read.drop(columns="place").equals(expected.drop(columns="place"))
    assert read["place"].tolist() == expected["place"].tolist()


def test_a_table_with_paths_alone(tmp_path: Path) -> None:
    (tmp_path / "crops.csv").write_text("\ufeffpath\nimages/b.jpg\n/elsewhere/a.jpg\n", "utf-8")
    crops = open_crops(tmp_path)  # the folder is opened by its crops.csv
    assert crops["path"].tolist() == ["/elsewhere/a.jpg", str(tmp_path / "images" / "b.jpg")]
    assert crops["pid"].isna().all()
    assert set(crops["split"]) == {"train"}
    pd.testing.assert_frame_equal(crops, open_crops(tmp_path / "crops.csv", layout="table"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"file,pid\na.jpg,1\n", ["no 'path' column", "'file'"]),
        (b"path,pid\na.jpg,one\n", ["a.jpg", "'one'"]),
        (b"path,pid\na.jpg,1,2\n", ["more cells"]),
        (b"path,pid\na.jpg,1\nb.jpg,1,2,3\n", ["not a CSV"]),
        (b"path,pid\n,1\n", ["row 0", "no path"]),
        (b"", ["not a CSV"]),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", ["not a CSV"]),
    ],
)
def test_a_table_that_is_wrong_is_named(tmp_path: Path, content: bytes, words: list[str]) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(content)
    with pytest.raises(ReidkitError) as error:
        open_crops(file)
    assert [word for word in [str(file), *words] if word not in str(error.value)] == []


def test_a_path_that_is_not_there_lists_what_is_near(draw: Draw, tmp_path: Path) -> None:
    market(draw, "market1501")
    with pytest.raises(ReidkitError, match=r"does not exist; .* holds market1501$"):
        open_crops(tmp_path / "marke1501" / "deeper")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReidkitError, match="empty is empty"):
        open_crops(tmp_path / "empty" / "x")
    with pytest.raises(ReidkitError, match="no images in"):
        open_crops(tmp_path / "empty")


def test_a_layout_asked_for_by_name(draw: Draw, tmp_path: Path) -> None:
    root = market(draw)
    assert open_crops(root, layout="folder")["pid"].isna().all()
    draw("plain/a.jpg")
    with pytest.raises(ReidkitError, match="no folder bounding_box_train"):
        open_crops(tmp_path / "plain", layout="market1501")
    with pytest.raises(ReidkitError, match=r"there is no crops\.csv in"):
        open_crops(tmp_path / "plain", layout="table")
    with pytest.raises(ReidkitError, match="not a folder"):
        open_crops(tmp_path / "plain" / "a.jpg", layout="folder")
    with pytest.raises(ReidkitError, match=r"market1501, .*, table, people, folder"):
        open_crops(root, layout="duke")
