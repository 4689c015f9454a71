"""The data doctor: each illness is found, counted, and a healthy data set gets none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reidkit.data import Report, check_data
from reidkit.data.findings import Finding
from reidkit.data.naming import say_form
from reidkit.errors import ReidkitError

Draw = Callable[..., Path]


def check(crops: pd.DataFrame) -> Report:
    return check_data(crops, progress=False)


def found(crops: pd.DataFrame, word: str) -> tuple[str, str]:
    """Return severity and sentence of the one finding that holds the word."""
    ((severity, what),) = [(f.severity, f.what) for f in check(crops).findings if word in f.what]
    return severity, what


def test_a_healthy_data_set(crops: pd.DataFrame) -> None:
    report = check(crops)
    assert report.ok
    assert report.exit_status == 0
    assert [f.what for f in report.findings] == ["2 cameras, numbered 1 to 2 (1-based)."]
    assert str(report).endswith("verdict: OK")
    assert report.splits[["crops", "people", "cameras"]].to_numpy().tolist() == [
        [3, 2, 2],
        [2, 2, 2],
        [3, 2, 2],
        [8, 4, 2],
    ]
    each = report.splits.loc["gallery", ["fewest a person", "median a person", "most a person"]]
    assert each.tolist() == [1, 1, 2]
    assert report.cameras.loc["1"].to_dict() == {"train": 2, "query": 1, "gallery": 1, "people": 4}


def test_unreadable_images_are_an_error(crops: pd.DataFrame) -> None:
    cut = Path(crops["path"][1])
    cut.write_bytes(cut.read_bytes()[:-200])  # the header stays fine
    Path(crops["path"][2]).unlink()
    severity, what = found(crops, "unreadable: ")
    assert severity == "error"
    assert what.startswith("1 image of 8 unreadable: ")
    assert "b.png (" in what
    severity, what = found(crops, "not there")
    assert severity == "error"
    assert what.startswith("1 image of 8 not there, though a list or table names it: ")
    assert what.endswith("c.png.")
    report = check(crops)
    assert (report.ok, report.exit_status) == (False, 1)
    assert report.verdict == "NOT OK: 2 errors, 0 warnings"


def test_an_image_in_query_and_gallery_is_unreadable_once(crops: pd.DataFrame) -> None:
    """In a fold, both rows name one file."""
    Path(crops["path"][5]).write_bytes(b"")
    again = pd.concat(
        [crops, crops.iloc[[5]].assign(split="gallery" if crops["split"][5] == "query" else "query")]
    )
    assert found(again.reset_index(drop=True), "unreadable: ")[1].startswith("1 image of 8 unreadable: ")


def test_paths_are_not_broken_between_lines() -> None:
    path = "/data/my-long-folder-of-data/" + "re-identification-" * 6 + "1.jpg"
    assert path in str(Finding("error", f"This is a sentence about {path}.", f"Do {path} something."))


def test_tiny_images(crops: pd.DataFrame, draw: Draw) -> None:
    draw("a.png", seed=90, height=16, width=8)  # just large enough
    draw("b.png", seed=91, height=15, width=8)
    draw("c.png", seed=92, height=16, width=7)
    severity, what = found(crops, "smaller")
    assert severity == "warning"
    assert what == "2 images smaller than 16×8 pixels (height × width): b.png, c.png."


def test_a_copy_across_train_and_test_is_worse_than_one_inside(crops: pd.DataFrame) -> None:
    folder = Path(crops["path"][0]).parent
    shutil.copy(folder / "a.png", folder / "b.png")
    severity, what = found(crops, "more than once")
    assert (severity, what[:46]) == ("warning", "1 picture found more than once, byte for byte ")
    assert check(crops).ok
    shutil.copy(folder / "c.png", folder / "f.png")
    severity, what = found(crops, "leak")
    assert severity == "error"
    assert what.startswith("1 picture found both in train and in the test set")
    assert "c.png, f.png" in what
    assert "1 picture found with different pids" in found(crops, "different pids")[1]
    assert "(2 files): a.png, b.png" in found(crops, "more than once")[1]


def test_people_in_train_and_test(crops: pd.DataFrame) -> None:
    crops.loc[2, "pid"] = 3
    severity, what = found(crops, "again in the test set")
    assert severity == "warning"
    assert what == "1 person of 2 in train found again in the test set: pid 3."


def test_one_camera_for_everything_leaves_queries_without_match(crops: pd.DataFrame) -> None:
    crops["camid"] = 0
    severity, what = found(crops, "without a match")
    assert severity == "error"
    assert what.startswith("2 of 2 queries without a match under another camera: d.png, e.png.")
    assert "for 2 the cause is that every test crop has the same camera." in what
    assert found(crops, "Every crop has the same camera (0)")[0] == "warning"
    assert "1 camera, numbered 0 to 0 (0-based)." in found(crops, "numbered")[1]


@pytest.mark.parametrize(
    ("row", "column", "value", "cause"),
    [
        (5, "pid", 9, "for 1 the person is absent from the gallery."),
        (5, "camid", 1, "for 1 the gallery has the person under the query's camera only."),
    ],
)
def test_some_queries_without_match(
    crops: pd.DataFrame, row: int, column: str, value: int, cause: str
) -> None:
    crops.loc[row, column] = value
    severity, what = found(crops, "without a match")
    assert severity == "warning"
    assert what == (f"1 of 2 queries without a match under another camera: d.png. Likely cause: {cause}")


def test_an_unknown_camera_is_an_error_where_people_are_judged(crops: pd.DataFrame) -> None:
    crops["camid"] = pd.NA
    unknown = check(crops).cameras.loc["unknown"]
    assert unknown.to_dict() == {"train": 3, "query": 2, "gallery": 3, "people": 4}
    severity, what = found(crops, "without a camera")
    assert severity == "error"
    assert what.startswith("8 crops of 8 without a camera. The test cannot be judged")
    assert not [f for f in check(crops).findings if "without a match" in f.what]
    train = crops[:3].copy()
    assert found(train, "without a camera") == ("note", "3 crops of 3 without a camera.")
    train.loc[0, "camid"] = 3
    assert found(train, "without a camera") == ("warning", "2 crops of 3 without a camera.")


def test_missing_pids_matter_in_the_test_set_only(crops: pd.DataFrame) -> None:
    crops.loc[crops["split"] == "train", "pid"] = pd.NA
    assert found(crops, "without a pid") == ("note", "3 training crops of 3 without a pid.")
    assert check(crops).verdict == "OK"
    crops.loc[3, "pid"] = pd.NA
    assert found(crops, "test crop")[0] == "warning"
    crops["pid"] = pd.NA
    severity, what = found(crops, "test crop")
    assert (severity, what) == ("error", "5 test crops of 5 without a pid: left out, like junk.")


def test_junk_and_distractors(crops: pd.DataFrame) -> None:
    crops.loc[7, "pid"] = -1
    assert found(crops, "junk") == (
        "note",
        "1 gallery crop with pid -1 (junk): left out of the ranking.",
    )
    crops.loc[0, "pid"] = 0
    severity, what = found(crops, "distractors")
    assert severity == "warning"
    assert what == "1 crop in train or query with pid 0, which means distractors: a.png."
    assert check(crops).splits.loc["all", ["junk", "distractors", "people"]].tolist() == [1, 1, 4]


@pytest.mark.parametrize(
    ("kept", "severity", "word"),
    [
        (["train"], "note", "no test set"),
        (["query", "gallery"], "note", "no crops to train on"),
        (["train", "query"], "error", "no gallery crops"),
        (["train", "gallery"], "error", "no query crops"),
    ],
)
def test_missing_parts(crops: pd.DataFrame, kept: list[str], severity: str, word: str) -> None:
    assert found(crops[crops["split"].isin(kept)], word)[0] == severity


def test_the_report_as_a_table_and_as_text(crops: pd.DataFrame) -> None:
    crops.loc[2, "pid"] = 3
    crops.loc[5, "camid"] = 1
    crops.loc[crops["split"] == "query", "pid"] = 9
    report = check(crops)
    table = report.table()
    assert list(table.columns) == ["severity", "finding", "what to do"]
    assert table["severity"].tolist() == ["error", "warning", "note"]
    lines = str(report).splitlines()
    assert lines[-1] == "verdict: NOT OK: 1 error, 1 warning"
    assert sum(line.startswith(("error ", "warning ", "note ")) for line in lines) == 3
    assert max(map(len, lines)) <= 120


def test_a_wrong_table_is_an_error_at_once(crops: pd.DataFrame) -> None:
    crops: Any = crops.rename(columns={"path": "file"})
    with pytest.raises(ReidkitError, match="no 'path' column"):
        check(crops)


def test_the_first_lines_say_which_data_set_it_is(crops: pd.DataFrame) -> None:
    lines = str(check_data(crops, layout="people", progress=False)).splitlines()
    assert lines[:2] == [
        "data set: a data set of your own (layout people)",
        f"all in one folder, {Path(crops['path'][0]).parent.name}",
    ]
    named = check_data(crops.assign(dataset="CUHK03 detected", fold=3), layout="cuhk03:3", progress=False)
    assert named.name == "CUHK03 detected, fold 3 (layout cuhk03:3)"


def test_the_form_names_folders_or_counts_them() -> None:
    rows = [(f"/d/train/{person}/1.jpg", "train") for person in range(9)] + [("/d/test/1/2.jpg", "query")]
    crops = pd.DataFrame(rows, columns=["path", "split"])
    assert say_form(crops) == "train in train, query in test"
    assert say_form(crops[:9]) == "train in 9 folders"


def test_a_path_in_query_and_gallery_is_one_file(crops: pd.DataFrame) -> None:
    """As in the folds of CUHK03 and VIPeR, where all test crops are looked for and looked among."""
    query = crops[crops["split"] == "gallery"].assign(split="query")
    both = pd.concat([crops[crops["split"] != "query"], query])
    report = check(both)
    assert report.ok
    assert not [f for f in report.findings if "byte for byte" in f.what]
    assert report.splits["crops"].tolist() == [3, 3, 3, 6]
    assert len(report.images) == 9
    leak = pd.concat([crops, crops[:1].assign(split="gallery")])  # the very file that is trained on
    severity, what = found(leak, "a leak")
    assert severity == "error"
    assert what.endswith("byte for byte (a leak): a.png.")


def test_queries_that_also_lie_in_the_gallery_are_harmless(crops: pd.DataFrame) -> None:
    folder = Path(crops["path"][0]).parent
    shutil.copy(folder / "e.png", folder / "h.png")  # person 4 under camera 2, both
    severity, what = found(crops, "in the gallery too")
    assert (severity, what[:45]) == ("note", "1 query found in the gallery too, byte for by")
    shutil.copy(folder / "d.png", folder / "f.png")  # another camera says: one of them is wrong
    assert found(crops, "more than once")[0] == "warning"


def test_findings_name_all_their_files(crops: pd.DataFrame, draw: Draw) -> None:
    folder = Path(crops["path"][0]).parent
    shutil.copy(folder / "a.png", folder / "b.png")
    draw("c.png", height=4, width=4)
    files = {f.what.split(",")[0]: [Path(x).name for x in f.files] for f in check(crops).findings if f.files}
    assert files == {
        "1 image smaller than 16×8 pixels (height × width): c.png.": ["c.png"],
        "1 picture found more than once": ["a.png", "b.png"],
    }
