"""The report: one file, whole on its own, honest about what is missing."""

from __future__ import annotations

import base64
import re
import shutil
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from plots.fake_run import make_run

from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.labels.doctor import examine, precision
from reidkit.plots.album import Album
from reidkit.report import write_report
from reidkit.report.page import score_table
from reidkit.report.pictures import Pictures, choose_queries
from reidkit.report.sections import cameras, story, suspects


class Page(HTMLParser):
    """The images, the addresses and the words of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.images: list[dict] = []
        self.addresses: list[str] = []
        self.ids: set[str] = set()
        self.words = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list) -> None:
        found = dict(attrs)
        self.ids |= {found["id"]} if "id" in found else set()
        if tag == "img":
            self.images.append(found)
        self.addresses += [found[name] for name in ("src", "href") if name in found]

    def handle_data(self, data: str) -> None:
        self.words += " " + " ".join(data.split())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return make_run(tmp_path_factory.mktemp("run"), epochs=2)


@pytest.fixture(scope="module")
def page(run: Record, tmp_path_factory: pytest.TempPathFactory) -> Page:
    out = tmp_path_factory.mktemp("report") / "new folder" / "report.html"
    assert write_report({"baseline": run.path}, out) == out
    assert out.stat().st_size < 5e6
    return Page(out)


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer pixels, for reports of which only the words are read."""
    monkeypatch.setattr("reidkit.report.html.DPI", 40)


def test_nothing_outside_the_file_is_needed(page: Page) -> None:
    assert all(a.startswith(("data:image/", "#")) for a in page.addresses)
    assert {a[1:] for a in page.addresses if a.startswith("#")} <= page.ids
    for image in page.images:
        kind, data = re.fullmatch(r"data:image/(\w+);base64,(.*)", image["src"]).groups()
        assert Image.open(BytesIO(base64.b64decode(data))).format.lower() == kind


def test_every_section_is_there_and_every_figure_is_described(page: Page) -> None:
    assert len(page.images) == 13
    assert all(len(image["alt"]) > 20 and int(image["width"]) > 300 for image in page.images)
    for heading in (
        "Did training help?",
        "Do distances tell people apart?",
        "Which labels look wrong?",
        "What became of the clusters?",
        "Where do the crops lie?",
    ):
        assert heading in page.words
    assert page.words.count("Drawn with true identities") >= 8
    assert "judged with true identities" in page.words
    assert "No picture here" not in page.words


def test_the_table_holds_the_recorded_scores(page: Page, run: Record) -> None:
    first, last = run.epochs.iloc[0], run.epochs.iloc[-1]
    for value in (first["mAP"], last["mAP"], first["overlap"], last["ami"]):
        assert f"{value:.1%}" in page.words
    assert "direct transfer" in page.words
    assert "cluster-contrast" in page.words  # what was done
    assert "versions.numpy" in page.words  # and with what


@pytest.mark.usefixtures("coarse")
def test_two_runs_are_compared(run: Record, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("reidkit.report.page.sections", lambda pictures: [cameras(pictures)])
    copy = shutil.copytree(run.path, tmp_path / "second")
    table = pd.read_csv(copy / "epochs.csv").assign(mAP=0.123)
    table.to_csv(copy / "epochs.csv", index=False)
    page = Page(write_report({"<one>": run.path, "two": copy}, tmp_path / "both.html"))
    assert len(page.images) == 2 + 1  # a section of each run, and both in one picture
    assert page.images[0]["alt"].startswith("Overlap and mAP of every run")
    assert "12.3%" in page.words
    assert "<one>" in page.words  # names are escaped, not obeyed


@pytest.mark.usefixtures("coarse")
def test_a_teacher_is_named_with_its_scores(run: Record, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("reidkit.report.page.sections", lambda pictures: [])
    copy = shutil.copytree(run.path, tmp_path / "run")
    assert "Teacher" not in Page(write_report(copy, tmp_path / "alone.html")).words
    teacher = shutil.copytree(run.path, copy / "teacher")
    table = pd.read_csv(teacher / "epochs.csv").assign(mAP=0.654, ami=0.321)
    table.to_csv(teacher / "epochs.csv", index=False)
    page = Page(write_report(copy, tmp_path / "taught.html"))
    assert "cluster-contrast, 2 epochs: mAP 65.4%, AMI 32.1%" in page.words
    table.drop(columns=["mAP", "ami"]).to_csv(teacher / "epochs.csv", index=False)
    page = Page(write_report(copy, tmp_path / "unjudged.html"))
    assert "cluster-contrast, 2 epochs" in page.words


@pytest.mark.usefixtures("coarse")
def test_missing_images_are_named_and_the_rest_is_written(tmp_path: Path) -> None:
    run = make_run(tmp_path, epochs=1, people=6)
    gone = run.crops["path"][::2]
    for path in gone:
        Path(path).unlink()
    page = Page(write_report(run.path, tmp_path / "some.html"))
    assert f"{len(gone)} of {len(run.crops)} image files are not there" in page.words
    assert min(Path(path).name for path in gone) in page.words
    assert len(page.images) == 13


def test_a_grey_tile_stands_for_a_crop_that_is_gone_or_broken(run: Record, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    paths = [run.crops["path"][0], str(tmp_path / "gone.jpg"), str(tmp_path / "broken.jpg")]
    album = Album(paths)
    assert album.missing == {paths[1]}
    assert [len(np.unique(picture)) == 1 for picture in album] == [False, True, True]
    assert album.missing == set(paths[1:])
    assert not album.is_empty


def test_without_any_image_the_maps_are_dots(run: Record) -> None:
    pictures = Pictures(run)
    pictures.album = Album(f"/nowhere/{i}.jpg" for i in range(3))
    for draw in (pictures.clusters, pictures.suspects, pictures.cameras, lambda: pictures.searches("before")):
        with pytest.raises(ReidkitError, match="None of the image files is there"):
            draw()
    assert all(not ax.get_images() for ax in pictures.maps("label").axes)


@pytest.mark.usefixtures("coarse")
def test_unknown_identities_are_said_and_pseudo_labels_drawn(tmp_path: Path) -> None:
    run = make_run(tmp_path, epochs=1, people=6, known=False)
    page = Page(write_report(run.path, tmp_path / "blind.html"))
    assert "identities unknown" in page.words
    assert "what the network believes, not what is true" in page.words
    assert "Drawn with true identities" not in page.words
    assert "The true people of the training crops are not known" in page.words
    assert "nobody can say what is right" in page.words
    assert "judged with true identities" not in page.words
    assert len(page.images) == 10


@pytest.mark.usefixtures("coarse")
def test_a_live_run_and_a_single_epoch_can_be_reported(tmp_path: Path) -> None:
    run = make_run(tmp_path, epochs=0, people=6)
    (run.path / "summary.json").unlink()
    page = Page(write_report(run.path, tmp_path / "live.html"))
    assert "This run has not ended" in page.words
    assert "there is no before and after" in page.words
    assert "Only one epoch has labels" in page.words


def test_what_cannot_be_reported_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match="holds no run"):
        write_report(tmp_path, tmp_path / "x.html")
    with pytest.raises(ReidkitError, match="No run was given"):
        write_report({}, tmp_path / "x.html")


def test_searches_show_the_same_queries_before_and_after(run: Record) -> None:
    pictures = Pictures(run)
    before, after = (pictures.searches(when) for when in ("before", "after"))
    rankings = {when: found.ranking for when, found in pictures._found.items()}
    assert rankings["after"].ap.mean() == pytest.approx(run.epochs["mAP"].iloc[-1], abs=1e-3)
    rows, cases = choose_queries(rankings["after"].ap)
    for figure, when in ((before, "before"), (after, "after")):
        said = [text.get_text() for text in figure.axes[0].texts]
        for row, case in zip(rows, cases, strict=True):
            assert f"{case}\nAP {rankings[when].ap[row]:.0%}" in said


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 3))
def test_worst_median_and_best_are_what_they_say(ap: list[float], each: int) -> None:
    rows, cases = choose_queries(np.array(ap), each=each)
    assert len(set(rows.tolist())) == len(rows) == min(len(ap), 3 * each)
    assert ap[rows[0]] == min(ap)
    if len(ap) >= 3 * each:
        assert cases == ["worst"] * each + ["median"] * each + ["best"] * each
        assert ap[rows[-1]] == max(ap)
        below = sum(value < ap[rows[each]] for value in ap)
        assert below <= len(ap) / 2


def test_score_table_leaves_out_what_nobody_measured() -> None:
    table = pd.DataFrame({"epoch": [0, 4], "mAP": [0.25, np.nan], "d_prime": [1.0, 2.345]})
    scores = score_table({"run": table})
    assert scores["columns"] == ["mAP", "d′"]
    assert [row["cells"] for row in scores["rows"]] == [["25.0%", "1.00"], ["–", "2.35"]]
    assert [row["when"] for row in scores["rows"]] == ["direct transfer", "after 4 epochs"]


def test_findings_count_the_suspects_and_judge_the_first(run: Record) -> None:
    train = run.crops[run.crops["split"] == "train"]
    table = examine(run.features(2), run.labels(2), train["camid"])
    said = Pictures(run).findings()
    assert said.startswith(f"{len(table)} suspects: ")
    for kind, row in precision(table, train["pid"]).query("judged > 0").iterrows():
        assert f"{kind} {row['right']:.0f} of {row['judged']:.0f}" in said


def test_runs_that_the_doctor_cannot_examine_say_why(run: Record, tmp_path: Path) -> None:
    copy = shutil.copytree(run.path, tmp_path / "run")
    path = copy / "epochs" / "002" / "labels.parquet"
    pd.read_parquet(path).assign(label=-1).to_parquet(path)
    pictures = Pictures(Record(copy))
    section = suspects(pictures)
    assert section.figures[0].reason == "There is no cluster to examine: all crops are outliers."
    assert "Found here" not in section.text
    assert story(pictures).figures[0].figure is not None  # the clusters died, and that can be drawn


def test_runs_without_cameras_and_without_labels_of_their_own(run: Record) -> None:
    record = Record(run.path)
    record.__dict__["crops"] = run.crops.assign(camid=pd.array([pd.NA] * len(run.crops), dtype="Int64"))
    record.__dict__["config"] = run.config | {"method": "scl"}
    pictures = Pictures(record)
    for section in (suspects(pictures), story(pictures)):
        assert section.figures[0].figure is not None
        assert "SCL itself trains on no cluster" in section.text
    assert "SCL" not in story(Pictures(run)).text


def test_long_runs_are_thinned_and_that_is_said(tmp_path: Path) -> None:
    pictures = Pictures(make_run(tmp_path, epochs=13, people=3))
    (shown,) = story(pictures).figures
    assert "12 of 14 epochs are drawn" in shown.caption
    assert sum(text.get_text().startswith("epoch ") for text in shown.figure.axes[0].texts) == 12
