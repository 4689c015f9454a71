"""The data doctor: each illness is found, counted, and a healthy data set gets none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reidkit.data import Report, check_data
from reidkit.errors import ReidkitError

Draw = Callable[..., Path]
HEALTHY = [  # name, pid, camid, split: people 1 and 2 to train on, 3 and 4 to be found
    ("a.png", 1, 1, "train"),
    ("b.png", 1, 2, "train"),
    ("c.png", 2, 1, "train"),
    ("d.png", 3, 1, "query"),
    ("e.png", 4, 2, "query"),
    ("f.png", 3, 2, "gallery"),
    ("g.png", 4, 1, "gallery"),
    ("h.png", 4, 2, "gallery"),
]


@pytest.fixture
def crops(draw: Draw) -> pd.DataFrame:
    """A healthy data set on disk, no two pictures alike."""
    table = pd.DataFrame(HEALTHY, columns=["path", "pid", "camid", "split"])
    table["path"] = [str(draw(name, seed=seed)) for seed, name in enumerate(table["path"])]
    return table.astype({"pid": "Int64", "camid": "Int64"})


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
    severity, what = found(crops, "unreadable")
    assert severity == "error"
    assert what.startswith("2 images of 8 unreadable")
    assert "b.png (" in what
    assert "c.png (No such file" in what
    report = check(crops)
    assert (report.ok, report.exit_status) == (False, 1)
    assert report.verdict == "NOT OK: 1 error, 0 warnings"


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
