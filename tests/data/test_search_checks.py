"""The doctor knows what a benchmark searches among: outfits, infrared crops, low resolution."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reidkit.data import check_data
from reidkit.data.search_checks import check_search
from reidkit.data.towns.forms import draw_form
from tests.shell import reidkit


def found(crops: pd.DataFrame, word: str) -> tuple[str, str]:
    """Return severity and sentence of the one finding about the search that holds the word."""
    ((severity, what),) = [(f.severity, f.what) for f in check_search(crops) if word in f.what]
    return severity, what


def test_outfits_are_counted_a_person(crops: pd.DataFrame) -> None:
    """LTCC: a cloth-changing search counts matches in other clothes only."""
    crops["clothes"] = pd.array([1, 2, 1, 1, 1, 2, 1, 1], dtype="Int64")
    report = check_data(crops, progress=False)
    assert report.kinds["clothes"].loc["train"].tolist() == [2, 1, 3, 2]
    assert "1 of 2 queries have a match in other clothes" in found(crops, "clothes")[1]
    assert "in several outfits" in str(report)
    crops["clothes"] = pd.NA
    assert check_data(crops, progress=False).kinds == {}


def test_infrared_is_looked_for_among_colours(crops: pd.DataFrame) -> None:
    """SYSU-MM01: cameras 2 and 3 are in one room, so camera 3's queries skip camera 2."""
    crops["dataset"], crops["modality"] = "SYSU-MM01", "rgb"
    crops.loc[crops["split"] == "query", ["modality", "camid"]] = ["infrared", 3]
    crops.loc[crops["split"] == "gallery", "camid"] = [2, 1, 2]
    assert found(crops, "By modality")[1] == "By modality: queries are infrared, the gallery is rgb."
    severity, what = found(crops, "without a match")
    assert severity == "warning"
    assert what.startswith("1 of 2 queries without a match under another camera: d.png.")
    assert what.endswith("for 1 the gallery has the person only in the query's own place.")
    kinds = check_data(crops, progress=False).kinds["modality"]
    assert kinds.loc["infrared"].to_dict() == {
        "train": 0,
        "query": 2,
        "gallery": 0,
        "people": 2,
        "cameras": 1,
    }
    crops["dataset"] = "mine"
    assert not [f for f in check_data(crops, progress=False).findings if "without a match" in f.what]
    crops = crops.rename(columns={"modality": "resolution"})
    assert found(crops, "By resolution")[0] == "note"


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.booleans()), min_size=2)
)
def test_matches_in_other_clothes_are_those_of_the_words(rows: list[tuple[int, int, int, bool]]) -> None:
    crops = pd.DataFrame(rows, columns=["pid", "camid", "clothes", "asked"]).assign(path="/x.png")
    crops["split"] = crops["asked"].map({True: "query", False: "gallery"})
    crops = crops.astype({"pid": "Int64", "camid": "Int64", "clothes": "Int64"})
    queries, gallery = [r for r in rows if r[3]], [r for r in rows if not r[3]]
    changed = sum(any(q[0] == g[0] and q[1] != g[1] and q[2] != g[2] for g in gallery) for q in queries)
    alone = sum(not any(q[0] == g[0] and q[1] != g[1] for g in gallery) for q in queries)
    said = " ".join(finding.what for finding in check_search(crops))
    if queries and gallery:
        assert f"{changed} of {len(queries)} quer" in said
        assert (f"{alone} of {len(queries)} quer" in said) or not alone
    else:
        assert said == ""


@pytest.mark.parametrize(
    ("form", "layout", "told"),
    [
        ("sysu-mm01", "sysu_mm01", "By modality: queries are infrared, the gallery is rgb."),
        ("mlr-cuhk03", "mlr_cuhk03", "By resolution: queries are low, the gallery is high."),
        ("ltcc", "ltcc", "queries have a match in other clothes under another camera"),
        ("prcc", "prcc", "6 of 12 queries have a match in other clothes under another camera"),
        ("cuhk03", "cuhk03:detected:1", "data set: CUHK03 detected, fold 1 (layout cuhk03:detected:1)"),
        ("viper", "viper:3", "data set: VIPeR, fold 3 (layout viper:3)"),
    ],
)
def test_the_benchmarks_through_the_command(tmp_path: Path, form: str, layout: str, told: str) -> None:
    folder = draw_form(form, tmp_path / form, people=3, progress=False)
    status, out, _ = reidkit("data", "check", folder, "--layout", layout)
    words = " ".join(out.split())
    assert status == 0
    assert told in words
    assert f"(layout {layout})" in words
    assert "byte for byte" not in words  # a fold's queries are its gallery: no copies
    assert "without a match" not in words
