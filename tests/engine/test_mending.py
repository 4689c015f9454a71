"""Training from labels that were mended by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from reidkit.data import select
from reidkit.engine.mending import LABELS, Mending, count_edits, origin
from reidkit.engine.progress import describe
from reidkit.engine.record import Record
from reidkit.engine.runs import TEACHER, WEIGHTS, ensure_run, resume, train
from reidkit.errors import ReidkitError
from reidkit.labels.edits import EditLog
from reidkit.labels.statements import share_a_cluster
from tests.engine.small import Killed, assert_same_run, config, kill_at_batch


@pytest.fixture(scope="module")
def first(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    return train(market, tmp_path_factory.mktemp("first") / "run", config(), progress=False)


@pytest.fixture(scope="module")
def log(first: Record) -> EditLog:
    """A run's last labels: the largest cluster is cut in two, two others are joined, a crop is dropped."""
    train_crops = select(first.crops, "train")
    log = EditLog(first.labels(2), train_crops["path"], run=first.path, epoch=2)
    sizes = np.bincount(log.labels[log.labels >= 0])
    large, *others = np.argsort(-sizes, kind="stable")[:3]
    rows = np.flatnonzero(log.labels == large)
    log.split(rows[: len(rows) // 2])
    log.merge(*map(int, others))
    log.drop(rows[-1:])
    return log


@pytest.fixture(scope="module")
def edited(log: EditLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return log.save(tmp_path_factory.mktemp("edits") / "edited.json")


@pytest.fixture(scope="module")
def mended(edited: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    options, data, layout = origin(edited, {"epochs": 3})
    return train(data, tmp_path_factory.mktemp("mended") / "run", options, layout=layout, progress=False)


def test_it_goes_on_with_the_run_of_the_labels(first: Record, mended: Record, log: EditLog) -> None:
    made_with = mended.config
    assert (made_with["init"], made_with["data"]) == (str(first.path / WEIGHTS), first.config["data"])
    changed = {name for name in first.config if made_with[name] != first.config[name]}
    assert changed - {"started"} == {"init", "epochs", "labels"}
    np.testing.assert_array_equal(mended.features(0), first.features(2))
    assert EditLog.load(mended.path / LABELS).edits == log.edits


def test_the_first_pass_has_the_labels_and_later_ones_the_edits(mended: Record, log: EditLog) -> None:
    held = mended.labels(0)
    assert sorted(np.unique(held[held >= 0])) == list(range(held.max() + 1))
    assert len(np.unique(np.stack([held, log.labels]), axis=1).T) == len(np.unique(held))  # but for numbers
    np.testing.assert_array_equal(held == -1, log.labels == -1)
    cut, _, dropped = log.edits
    for epoch in mended.recorded:
        labels = mended.labels(epoch)
        assert not share_a_cluster(np.array(cut.crops), np.array(cut.others), labels)
        assert (labels[list(dropped.crops)] == -1).all()
    told = mended.epochs[["edits_done", "edits_held", "edits_skipped"]]
    assert told.iloc[0].isna().all()
    assert (told.iloc[1:].sum(axis=1) == len(log.edits)).all()
    assert mended.edits(0) is None
    table = mended.edits(1)
    assert table is not None
    assert table["what"].tolist() == ["split", "merge", "drop"]
    assert (table["status"] == "done").sum() == told["edits_done"][1]


def test_labels_can_be_held_longer(first: Record, edited: Path, tmp_path: Path) -> None:
    options, data, _ = origin(edited, {"labels_hold": 2})
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / LABELS).write_text("of a run that was killed before its first epoch")
    record = train(data, tmp_path / "run", options, progress=False)
    np.testing.assert_array_equal(record.labels(0), record.labels(1))
    assert record.epochs["edits_done"].isna().tolist() == [True, True, False]


def test_killed_it_ends_the_same_to_the_bit_whatever_becomes_of_the_file(
    mended: Record, edited: Path, tmp_path: Path
) -> None:
    mine = Path(shutil.copy(edited, tmp_path / "mine.json"))
    options, data, _ = origin(mine, {"epochs": 3})
    with pytest.MonkeyPatch.context() as patch:
        kill_at_batch(patch, 5)
        with pytest.raises(Killed):
            train(data, tmp_path / "run", options, progress=False)
    assert Record(tmp_path / "run").config["labels"] == str(mine.resolve())
    mine.unlink()
    assert_same_run(resume(tmp_path / "run", progress=False).path, mended.path)


def test_a_run_of_labels_that_were_edited_since_is_refused(
    mended: Record, edited: Path, tmp_path: Path
) -> None:
    options, data, _ = origin(edited, {"epochs": 3})
    assert ensure_run(data, mended.path, options, progress=False).recorded == [0, 1, 2, 3]
    before = edited.read_text()
    EditLog.load(edited).undo().save(edited)
    with pytest.raises(ReidkitError, match=r"edited.json was edited since .* began with it"):
        ensure_run(data, mended.path, options, progress=False)
    edited.write_text(before)


def test_with_data_and_options_of_ones_own(
    market: Path, edited: Path, log: EditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder may have moved, the network is another one, and the path is relative."""
    moved = shutil.copytree(market, tmp_path / "moved")
    monkeypatch.chdir(edited.parent)
    record = train(moved, tmp_path / "run", config(epochs=1, labels=edited.name), progress=False)
    assert record.config["labels"] == str(edited)
    assert record.config["init"] == "random"
    np.testing.assert_array_equal(record.labels(0) == -1, log.labels == -1)


def test_both_stages_of_a_method_with_a_teacher_begin_with_them(
    market: Path, edited: Path, tmp_path: Path
) -> None:
    options = config(method="lp", labels=str(edited), epochs=1)
    record = train(market, tmp_path / "run", options, progress=False)
    held = Mending(EditLog.load(edited)).labels
    np.testing.assert_array_equal(record.labels(0), held)
    np.testing.assert_array_equal(Record(record.path / TEACHER).labels(0), held)


def other(edited: Path, path: Path, change: str) -> Path:
    content = json.loads(edited.read_text())
    exec(change, {"content": content})
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("content['labels']['more.png'] = 0", r"other.json is of 109 crops, but there are 108 here"),
        (
            "content['labels'] = {'x' + k: v for k, v in content['labels'].items()}; content['edits'] = []",
            r"other.json is of other crops: its row 0 is .*/x0001_c1s1_.*, where .*/0001.* is here",
        ),
        (
            "content['labels'] = dict.fromkeys(content['labels'], 0); content['edits'] = []",
            r"The edits leave 1 cluster\(s\): there is nothing to contrast",
        ),
        ("content['format'] = 9", "its format is 9"),
    ],
)
def test_labels_that_do_not_fit_are_refused_before_a_run_begins(
    edited: Path, market: Path, change: str, message: str, tmp_path: Path
) -> None:
    path = other(edited, tmp_path / "other.json", change)
    with pytest.raises(ReidkitError, match=message):
        train(market, tmp_path / "run", config(labels=str(path)), progress=False)
    assert not (tmp_path / "run").exists()


def test_methods_without_clusters_are_refused() -> None:
    for method in ("scl", "supervised"):
        with pytest.raises(
            ReidkitError, match=f"Labels are given, but {method} does not learn from clusters"
        ):
            config(method=method, labels="edited.json")


def test_where_there_is_no_run_to_go_on_from_it_is_said(first: Record, log: EditLog, tmp_path: Path) -> None:
    EditLog(log.labels, log.names.all).save(tmp_path / "none.json")
    with pytest.raises(ReidkitError, match="names no run to go on from: give DATA"):
        origin(tmp_path / "none.json", {})
    EditLog(log.labels, log.names.all, run=tmp_path).save(tmp_path / "gone.json")
    with pytest.raises(ReidkitError, match="holds no run"):
        origin(tmp_path / "gone.json", {})
    copy = shutil.copytree(first.path, tmp_path / "copy")
    (copy / WEIGHTS).unlink()
    EditLog(log.labels, log.names.all, run=copy).save(tmp_path / "begun.json")
    with pytest.raises(ReidkitError, match="has not ended: resume it first"):
        origin(tmp_path / "begun.json", {})


def test_mending_numbers_clusters_from_0(log: EditLog) -> None:
    labels, told = Mending(log).mend(log.start)
    assert sorted(np.unique(labels)) == list(range(-1, labels.max() + 1))
    assert count_edits(told) == {"edits_done": 3, "edits_held": 0, "edits_skipped": 0}
    assert count_edits(None) == {}


def test_a_line_says_what_became_of_the_edits() -> None:
    row = {"epoch": 2, "loss": 1.5, "clusters": 8, "outliers": 1}
    counts = {"edits_done": 3, "edits_held": 2, "edits_skipped": 0}
    assert describe(row | counts).endswith("1 outliers, 5 edits hold")
    assert describe(row | counts | {"edits_skipped": 1}).endswith("5 edits hold, 1 do not fit")
