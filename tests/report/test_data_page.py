"""The data doctor's page: whole on its own, true to the report, and light."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from reidkit.cli.app import app
from reidkit.data import check_data, open_crops
from reidkit.report import write_data_page
from tests.report.test_report import Page


@pytest.fixture
def sick(market: Path, tmp_path: Path) -> Path:
    """The small market with a leak, a broken file, junk and a distractor."""
    folder = tmp_path / "DukeMTMC-reID"
    shutil.copytree(market, folder)
    train, test = (sorted((folder / f"bounding_box_{part}").iterdir()) for part in ("train", "test"))
    shutil.copy(train[0], test[0])
    train[5].write_bytes(b"no image")
    for name, source in (("-1_c1_0", test[3]), ("0000_c2_0", test[4])):
        source.rename(source.with_name(f"{name}.png"))
    return folder


def test_the_page_holds_the_report(sick: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "page.html"
    result = CliRunner().invoke(app, ["data", "check", str(sick), "--html", str(out)])
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "data set: DukeMTMC-reID (layout market1501)\ntrain in bounding_box_train"
    )
    assert result.stdout.endswith(f"page: {out}\n")
    page = Page(out)
    report = check_data(open_crops(sick), progress=False)
    for finding in report.findings:
        assert " ".join(finding.what.split()) in page.words
    for said in (
        report.verdict,
        "DukeMTMC-reID (layout market1501)",
        "withdrawn",
        "Splits",
        "Cameras",
        "Sizes",
    ):
        assert said in page.words
    assert all(a.startswith("data:image/") for a in page.addresses)
    shown = [image["alt"] for image in page.images]
    assert any(alt.startswith("The images: ") and "0001_c1s1" in alt for alt in shown)  # the leak's two files
    assert sum(alt.startswith("Contact sheet of") for alt in shown) == 3
    assert any(alt.startswith("Some distractors") for alt in shown)
    assert "No picture here" not in page.words
    assert out.stat().st_size < 1.5e6


def test_a_folder_without_labels_has_a_page_too(market: Path, tmp_path: Path) -> None:
    for place, file in enumerate(sorted((market / "query").iterdir())):
        shutil.copy(file, tmp_path / f"{place}.png")
    report = check_data(open_crops(tmp_path), layout="folder", progress=False)
    page = Page(write_data_page(report, tmp_path / "page.html"))
    assert "a data set of your own (layout folder)" in page.words
    assert "No person is known" in page.words
    assert len(page.images) == 2  # sizes, and the crops of the one split


def test_many_named_images_are_not_all_drawn(market: Path, tmp_path: Path) -> None:
    first = next((market / "query").iterdir())
    (tmp_path / "mine").mkdir()
    for place in range(20):
        shutil.copy(first, tmp_path / "mine" / f"{place}.png")
    report = check_data(open_crops(tmp_path / "mine"), progress=False)
    page = Page(write_data_page(report, tmp_path / "page.html", title="<mine>"))
    assert "8 more are not shown" in page.words
    assert "<mine>" in page.words  # escaped, not obeyed


def test_nothing_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no image")
    report = check_data(open_crops(tmp_path), progress=False)
    page = Page(write_data_page(report, tmp_path / "page.html"))
    assert "No image could be read" in page.words
    assert page.images == []


def test_the_report_for_machines(sick: Path) -> None:
    result = CliRunner().invoke(app, ["data", "check", str(sick), "--json"])
    told = json.loads(result.stdout)
    report = check_data(open_crops(sick), progress=False)
    assert (told["ok"], told["verdict"]) == (False, report.verdict)
    assert [f["what"] for f in told["findings"]] == [f.what for f in report.findings]
    assert pd.DataFrame(told["splits"]).T["crops"].tolist() == report.splits["crops"].tolist()
