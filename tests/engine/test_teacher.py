"""A run that has a teacher: two stages, one command, interrupted in either."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from reidkit.engine.config import TrainConfig
from reidkit.engine.record import Record
from reidkit.engine.runs import TEACHER, WEIGHTS, ensure_run, resume, train
from reidkit.errors import ReidkitError
from tests.engine.small import Killed, assert_same_run, kill_at_batch
from tests.engine.small import config as small

VIEWS = ("global", "upper", "lower")


def config(*, settings: dict[str, Any] | None = None, **changes: Any) -> TrainConfig:
    """LP with the released weight of the halves' loss: every view has one."""
    return small(method="lp", settings={"lp.parts_in_loss": 0.2} | (settings or {}), **changes)


@pytest.fixture(scope="module")
def undisturbed(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    return train(market, tmp_path_factory.mktemp("run") / "run", config(), progress=False)


def test_killed_in_either_stage_it_ends_the_same_to_the_bit(
    undisturbed: Record, market: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patch:
        kill_at_batch(patch, 5)  # the teacher's second pass
        with pytest.raises(Killed):
            train(market, run, config(), progress=False)
    assert Record(run / TEACHER).recorded == [0, 1]
    assert not (run / "epochs.csv").exists()
    with pytest.MonkeyPatch.context() as patch:
        kill_at_batch(patch, 2 + 6 + 2)  # what is left of the teacher, the student's doubled first pass
        with pytest.raises(Killed):
            resume(run, progress=False)
    assert (run / TEACHER / WEIGHTS).exists()
    assert Record(run).recorded == [0, 1]
    record = ensure_run(market, run, config(), progress=False)
    assert record.recorded == [0, 1, 2, 3]
    assert_same_run(run / TEACHER, undisturbed.path / TEACHER)
    assert_same_run(run, undisturbed.path)
    assert [path.name for path in run.rglob("*.new")] == []


def test_the_record_of_both_stages(undisturbed: Record) -> None:
    """Row 0 is the student's first network, with the labels that the teacher's last network gives."""
    teacher = undisturbed.teacher
    assert teacher is not None
    assert teacher.path == undisturbed.path / TEACHER
    assert teacher.teacher is None
    assert teacher.epochs["epoch"].tolist() == [0, 1, 2]
    assert undisturbed.epochs["epoch"].tolist() == [0, 1, 2, 3]
    assert (teacher.config["method"], undisturbed.config["method"]) == ("lp-teacher", "lp")
    np.testing.assert_array_equal(undisturbed.labels(0), teacher.labels(2))
    for view in VIEWS:
        np.testing.assert_array_equal(undisturbed.features(0, view), teacher.features(0, view))
        assert undisturbed.features(3, view, split="test").shape == (120, 256)
    assert undisturbed.epochs["mAP"][0] == teacher.epochs["mAP"][0]
    assert [len(undisturbed.iterations(epoch)) for epoch in (1, 2, 3)] == [6, 3, 3]
    losses = [f"loss_{kind}_{view}" for kind in ("contrast", "distillation") for view in VIEWS]
    assert undisturbed.iterations(1).columns.tolist() == losses
    np.testing.assert_allclose(undisturbed.epochs[losses].sum(axis=1)[1:], undisturbed.epochs["loss"][1:])
    assert load_file(undisturbed.path / WEIGHTS).keys() == load_file(teacher.path / WEIGHTS).keys()


def test_a_finished_run_is_returned_and_one_of_other_options_refused(
    undisturbed: Record, market: Path
) -> None:
    before = (undisturbed.path / "epochs.csv").stat().st_mtime_ns
    assert ensure_run(market, undisturbed.path, config(), progress=False).recorded == [0, 1, 2, 3]
    assert (undisturbed.path / "epochs.csv").stat().st_mtime_ns == before
    with pytest.raises(ReidkitError, match=r"0.2}, not {.*'lp.distillation': 0.5}"):
        ensure_run(market, undisturbed.path, config(settings={"lp.distillation": 0.5}), progress=False)


def test_students_may_share_a_teacher(undisturbed: Record, market: Path, tmp_path: Path) -> None:
    """What is the student's alone leaves its teacher as it is, so a copy of it need not be trained again."""
    copy = shutil.copytree(undisturbed.path / TEACHER, tmp_path / "run" / TEACHER)
    with pytest.MonkeyPatch.context() as patch:
        kill_at_batch(patch, 4)  # the first pass is not doubled, so that is its end
        with pytest.raises(Killed):
            train(market, tmp_path / "run", config(settings={"lp.first_pass": False}), progress=False)
    assert_same_run(copy, undisturbed.path / TEACHER)
    assert Record(tmp_path / "run").recorded == [0, 1]
    # But the parts' weights are the teacher's too: with others it is another teacher.
    shutil.copytree(copy, tmp_path / "other" / TEACHER)
    with pytest.raises(ReidkitError, match=r"teacher holds a run with settings = .*0.2}, not {'lp-t"):
        train(market, tmp_path / "other", config(settings={"lp.parts_in_loss": 0.1}), progress=False)


def test_a_choice_that_cannot_be_is_refused_before_the_teacher_is_trained(
    market: Path, tmp_path: Path
) -> None:
    with pytest.raises(ReidkitError, match=r"Unknown setting lp\.kappa"):
        train(market, tmp_path / "run", config(settings={"lp.kappa": 1}), progress=False)
    assert not (tmp_path / "run" / TEACHER).exists()


def test_a_teacher_that_found_nothing_stops_the_run(market: Path, tmp_path: Path) -> None:
    for _ in range(2):  # and again, when it is tried again
        with pytest.raises(ReidkitError, match=r"The teacher in .*teacher stopped: .*Raise --eps"):
            train(market, tmp_path / "run", config(eps=0.01), progress=False)


def test_an_added_term_is_added_in_both_stages(market: Path, tmp_path: Path) -> None:
    choices = {"gds.kappa": 2, "lp.parts_in_loss": 0.1, "lp.distillation": 0.5}
    options = config(add=("gds",), epochs=1, iters=1, settings=choices)
    record = train(market, tmp_path / "run", options, progress=False)
    teacher = Record(record.path / TEACHER)
    assert teacher.config["add"] == ["gds"]
    assert teacher.config["settings"] == {"gds.kappa": 2, "lp-teacher.parts_in_loss": 0.1}
    for one in (teacher, record):
        assert np.isfinite(one.epochs[["loss_gds", "loss_contrast_lower"]][1:]).all(axis=None)
    assert ensure_run(market, record.path, options, progress=False).path == record.path
