"""A folder of crops and nothing else: it trains, and says what cannot be known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from reidkit.data import open_crops
from reidkit.engine.limits import cannot_know
from reidkit.engine.record import Record
from reidkit.explore.opening import open_scene
from reidkit.report import write_report
from tests.engine.small import command
from tests.report.test_report import Page
from tests.shell import reidkit

UNKNOWN = (
    "mAP, Rank-1 and the overlap by identity: there are no query and gallery crops",
    "How right the pseudo-labels are (AMI, F1): no person is known",
    "Pairs of one camera and of two: no camera is known",
)


@pytest.fixture(scope="module")
def plain(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The training crops of the small market, with names that say nothing."""
    folder = tmp_path_factory.mktemp("plain")
    for number, file in enumerate(sorted((market / "bounding_box_train").iterdir())):
        shutil.copy(file, folder / f"img{number * 7919 % 1000:03}.png")
    return folder


@pytest.fixture(scope="module")
def run(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "plain"
    assert reidkit(*command(plain, out))[0] == 0
    return out


def test_training_says_what_it_measured_and_what_nobody_can(plain: Path, tmp_path: Path) -> None:
    status, told, _ = reidkit(*command(plain, tmp_path / "run", epochs=1))
    assert status == 0
    assert [line.startswith("cannot be known: ") for line in told.splitlines()[:3]] == [True] * 3
    assert all(what in told for what in UNKNOWN)
    assert "overlap by pseudo-label" in told
    assert "pseudo_overlap" in told
    assert "not whether they are people" in told
    assert "mAP  " not in told


def test_the_record_has_separations_by_pseudo_label_alone(run: Path) -> None:
    record = Record(run)
    last = record.epochs.iloc[-1]
    assert 0 < last["pseudo_overlap"] < 1
    assert {"mAP", "overlap", "ami", "train_overlap"}.isdisjoint(record.epochs.columns)
    told = json.loads((run / "summary.json").read_text())["cannot_know"]
    assert [sentence.startswith(start) for sentence, start in zip(told, UNKNOWN, strict=True)] == [True] * 3
    assert record.crops["pid"].isna().all()


def test_the_report_says_so(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reidkit.report.html.DPI", 40)
    assert reidkit("report", run, "--out", tmp_path / "report.html")[0] == 0
    page = Page(tmp_path / "report.html")
    assert "What this run cannot know" in page.words
    assert all(what in page.words for what in UNKNOWN)
    first, last = (Record(run).epochs["pseudo_overlap"].iloc[end] for end in (0, -1))
    for words in ("overlap by pseudo-label", f"{first:.1%}", f"{last:.1%}"):
        assert words in page.words
    assert "Pairs within one camera" not in page.words


def test_other_commands_say_why_they_cannot(plain: Path, run: Path) -> None:
    status, _, err = reidkit("evaluate", plain, "--backbone=tiny", "--init=random")
    assert status == 2
    assert "no query and gallery crops with known people" in err
    status, _, err = reidkit("pretrain", plain, "--preset=towns-pretrain", f"--out={run.parent / 'no'}")
    assert status == 2
    assert "needs a pid for every training crop" in err
    status, out, _ = reidkit("data", "check", plain)
    told = " ".join(out.split())
    assert status == 0
    assert "a data set of your own (layout folder)" in told
    assert "mAP and the overlap by identity cannot be known" in told
    assert "108 training crops of 108 without a pid" in told


def test_several_runs_are_not_ranked(
    plain: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, _, err = reidkit(
        "compare", "cluster-contrast", "scl", "--data", plain, "--out", tmp_path / "both"
    )
    assert status == 2
    assert "no method can be called better than another" in err
    assert not (tmp_path / "both").exists()  # told before the training
    monkeypatch.setattr("reidkit.report.html.DPI", 40)
    monkeypatch.setattr("reidkit.report.page.sections", lambda pictures: [])
    other = shutil.copytree(run, tmp_path / "other")
    page = Page(write_report({"one": run, "other": other}, tmp_path / "two.html"))
    assert "this does not say which one is better" in page.words
    assert len(page.images) == 1


def test_the_explorer_opens_it(run: Path) -> None:
    scene = open_scene(run)
    assert not scene.known
    assert (scene.labels(2) == Record(run).labels(2)).all()


def test_a_labelled_set_leaves_nothing_unknown(market: Path) -> None:
    crops = open_crops(market)
    assert cannot_know(crops) == []
    (one,) = cannot_know(crops[crops["split"] != "query"])
    assert one.startswith(UNKNOWN[0])
