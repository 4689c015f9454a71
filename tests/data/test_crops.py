"""The table of crops: one normal form, and errors that name the row."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reidkit.data import SPLITS, check_crops, select, without_identities
from reidkit.errors import ReidkitError

ROWS = st.lists(
    st.tuples(
        st.text("abAB_0", min_size=1, max_size=4).map(lambda name: f"/crops/{name}.jpg"),
        st.none() | st.integers(-1, 2**63 - 1),
        st.none() | st.integers(0, 20),
        st.sampled_from(SPLITS),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: (row[0], row[3]),
)


def frame(**columns: Any) -> pd.DataFrame:
    """Two crops, with the given columns replaced."""
    usual = {"path": ["/a.jpg", "/b.jpg"], "pid": [1, 2], "camid": [1, 2], "split": ["train"] * 2}
    return pd.DataFrame(usual | columns)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_given_does_not_matter(rows: list[Any], random: Any) -> None:
    columns = ["path", "pid", "camid", "split"]
    crops = check_crops(pd.DataFrame(rows, columns=columns, dtype=object))
    random.shuffle(rows)
    again = check_crops(pd.DataFrame(rows, columns=columns, dtype=object))
    pd.testing.assert_frame_equal(crops, again)
    pd.testing.assert_frame_equal(crops, check_crops(crops))
    expected = sorted(rows, key=lambda row: (["train", "query", "gallery"].index(row[3]), row[0]))
    known = [tuple(None if pd.isna(cell) else cell for cell in row) for row in crops.to_numpy()]
    assert known == expected


def test_types_and_columns() -> None:
    crops = check_crops(frame(pid=["0002", "-1"], camid=[3.0, None], place=["yard", "gate"]))
    assert list(crops.columns) == ["path", "pid", "camid", "split", "place"]
    assert crops["pid"].dtype == "Int64"
    assert crops["camid"].dtype == "Int64"
    assert crops["pid"].tolist() == [2, -1]
    assert crops["camid"].isna().tolist() == [False, True]
    assert isinstance(crops.index, pd.RangeIndex)


def test_large_ids_do_not_merge_next_to_a_missing_one() -> None:
    crops = check_crops(
        frame(path=["/a", "/b", "/c"], pid=[str(2**53), str(2**53 + 1), ""], camid=0, split="train")
    )
    assert crops["pid"].nunique() == 2


def test_missing_columns_mean_unknown_and_train() -> None:
    crops = check_crops(pd.DataFrame({"path": ["b.jpg", "a.jpg"]}, index=[7, 7]))
    assert crops["path"].tolist() == [os.path.abspath("a.jpg"), os.path.abspath("b.jpg")]
    assert crops["pid"].isna().all()
    assert crops["camid"].isna().all()
    assert crops["split"].tolist() == ["train", "train"]


def test_the_table_given_is_left_alone() -> None:
    given_frame = frame(pid=["1", "2"])
    before = given_frame.copy()
    check_crops(given_frame)
    pd.testing.assert_frame_equal(given_frame, before)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"pid": [1, "Ann"]}, ["row 1", "/b.jpg", "pid 'Ann'", "whole number"]),
        ({"pid": [1, "1_2"]}, ["row 1", "pid '1_2'"]),
        ({"pid": [1.5, 2]}, ["row 0", "pid 1.5"]),
        ({"pid": [1, -2]}, ["row 1", "pid -2"]),
        ({"pid": [1, str(2**63)]}, ["row 1", f"pid {2**63}"]),
        ({"pid": [True, False]}, ["row 0", "pid True"]),
        ({"camid": [1, -1]}, ["row 1", "camid -1"]),
        ({"camid": [float("inf"), 1]}, ["row 0", "camid inf"]),
        ({"split": ["train", "test"]}, ["row 1", "split 'test'", "query"]),
        ({"split": ["train", None]}, ["row 1", "split"]),
        ({"path": ["/a.jpg", None]}, ["row 1", "no path"]),
        ({"path": ["/a.jpg", " "]}, ["row 1", "no path"]),
        ({"path": ["/a.jpg", "/x/../a.jpg"]}, ["row 1", "/a.jpg", "'train'", "once"]),
    ],
)
def test_a_wrong_row_is_named(columns: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ReidkitError) as error:
        check_crops(frame(**columns))
    assert [word for word in words if word not in str(error.value)] == []


def test_no_path_column_and_no_rows() -> None:
    with pytest.raises(ReidkitError, match=r"no 'path' column.*\['file'\]"):
        check_crops(pd.DataFrame({"file": ["a"]}))
    with pytest.raises(ReidkitError, match="no rows"):
        check_crops(pd.DataFrame({"path": []}))


def test_one_file_may_lie_in_two_splits() -> None:
    crops = check_crops(frame(path=["/a.jpg"] * 2, split=["gallery", "query"]))
    assert crops["split"].tolist() == ["query", "gallery"]


def test_select_and_without_identities() -> None:
    crops = check_crops(
        frame(path=["/a", "/b", "/c"], pid=[1, 2, 3], camid=1, split=["gallery", "train", "query"])
    )
    assert select(crops, "gallery")["path"].tolist() == ["/a"]
    assert select(crops, "test")["path"].tolist() == ["/c", "/a"]
    assert select(crops, "test").index.tolist() == [0, 1]
    assert "pid" not in without_identities(crops)
    with pytest.raises(ReidkitError, match="'val'"):
        select(crops, "val")
