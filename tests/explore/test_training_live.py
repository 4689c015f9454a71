"""A training that is watched: it runs beside the notebook, stops, goes on, and says what went wrong."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reidkit.engine.record import Record
from reidkit.engine.runs import train
from reidkit.errors import ReidkitError
from reidkit.explore import train_live
from tests.engine.small import OPTIONS, assert_same_run, config

PATIENCE = 240


def until(asked: object, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not asked():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def test_it_is_watched_stopped_and_gone_on_with(market: Path, tmp_path: Path) -> None:
    options = OPTIONS | {"iters": 40}  # long enough to be stopped
    training = train_live(market, tmp_path / "run", preset="towns", **options)
    until((tmp_path / "run" / "epochs" / "000").is_dir)
    assert training.running
    assert not training.halt.disabled
    assert training.go.disabled
    training.halt.click()
    training.wait(PATIENCE)
    assert "Stopped" in training.status.value
    assert training.trouble == ""
    assert not training.go.disabled
    seen = Record(tmp_path / "run").recorded
    training.go.click()
    training.wait(PATIENCE)
    assert "Finished" in training.status.value, training.status.value
    assert training.explorer.session.scene.epochs == [0, 1, 2]
    assert training.explorer.epoch == 2, seen  # whoever looks at the last epoch moves on
    assert training.explorer.trouble.value == ""
    assert "image/png" in training._repr_mimebundle_()
    train(market, tmp_path / "alone", config(iters=40), progress=False)
    assert_same_run(tmp_path / "run", tmp_path / "alone")


def test_what_goes_wrong_is_said(tmp_path: Path) -> None:
    training = train_live(tmp_path / "nowhere", tmp_path / "run", preset="towns", **OPTIONS)
    training.wait(PATIENCE)
    assert "nowhere" in training.trouble
    assert training.trouble in training.status.value
    assert not training.go.disabled


def test_an_unknown_option_is_refused_at_once(market: Path, tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match="epoch"):
        train_live(market, tmp_path / "run", preset="towns", epoch=3)
