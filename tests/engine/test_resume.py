"""A run that was killed, at any moment, ends as if nothing had happened."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reidkit.engine.checkpoint import FILE
from reidkit.engine.record import Record
from reidkit.engine.runs import WEIGHTS, resume, train
from reidkit.errors import ReidkitError
from tests.engine.small import assert_same_run, command, config, environment, start

EPOCHS = 3


def rows(run: Path) -> int:
    """Rows of epochs.csv so far."""
    table = run / "epochs.csv"
    return len(table.read_text().splitlines()) - 1 if table.exists() else 0


def stop_when(
    process: subprocess.Popen[str], seen: Callable[[], bool], kind: signal.Signals
) -> tuple[int, str]:
    """Watch the record's folder; send the signal as soon as it looks as wished. Returns status and stderr."""
    deadline = time.monotonic() + 120
    while not seen():
        assert process.poll() is None, f"ended before it could be stopped: {process.communicate()[1]}"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(kind)
    return process.wait(timeout=60), process.communicate()[1]


def finish(process: subprocess.Popen[str]) -> None:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err


def test_killed_at_four_moments_it_ends_the_same_to_the_bit(market: Path, tmp_path: Path) -> None:
    env = environment(REIDKIT_CACHE=str(tmp_path / "cache"))
    run, undisturbed = tmp_path / "run", tmp_path / "undisturbed"
    alongside = start(command(market, undisturbed, epochs=EPOCHS), env=environment())
    moments: list[tuple[str, Callable[[], bool]]] = [
        ("the pixels are decoded", lambda: (run / "config.json").exists()),
        ("it trains", lambda: rows(run) == 1),
        ("a checkpoint was written, its row not", lambda: (run / FILE).exists()),
        ("a later epoch is written", lambda: (run / "epochs" / "002.new").exists() or rows(run) == 3),
    ]
    going_on = ["train", "--resume", str(run)]
    arguments = command(market, run, epochs=EPOCHS)
    for moment, seen in moments:
        status, _ = stop_when(start(arguments, env=env), seen, signal.SIGKILL)
        assert status == -signal.SIGKILL, moment
        assert not (run / WEIGHTS).exists(), moment
        arguments = going_on
    finish(start(going_on, env=env))
    finish(alongside)
    assert rows(run) == EPOCHS + 1
    assert_same_run(run, undisturbed)
    assert [p.name for p in run.rglob("*.new")] == []
    with pytest.raises(ReidkitError, match="has ended"):
        resume(run)


def test_ctrl_c_says_how_to_go_on(market: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = start(command(market, run, epochs=50), env=environment())
    status, told = stop_when(process, lambda: rows(run) >= 1, signal.SIGINT)
    assert status == 130
    assert "Interrupted. A training run goes on with `reidkit train --resume RUN`." in told
    assert "Traceback" not in told


@pytest.fixture(scope="module")
def unfinished(market: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run of which an epoch is left to do, and its data, which may be spoilt."""
    folder = tmp_path_factory.mktemp("unfinished")
    data = shutil.copytree(market, folder / "data")
    run = train(data, folder / "run", config(epochs=1), progress=False).path
    (run / WEIGHTS).unlink()  # as if it had been killed just before
    return run, data


def test_other_crops_are_refused(unfinished: tuple[Path, Path]) -> None:
    run, data = unfinished
    gone = sorted((data / "bounding_box_train").iterdir())[0]
    kept = gone.read_bytes()
    gone.unlink()
    with pytest.raises(ReidkitError, match=r"not those that this run began with \(228 then, 227 now\)"):
        resume(run, progress=False)
    gone.write_bytes(kept)


def test_other_pictures_under_the_same_names_are_refused(unfinished: tuple[Path, Path]) -> None:
    run, data = unfinished
    changed = sorted((data / "bounding_box_train").iterdir())[0]
    kept = changed.read_bytes()
    Image.fromarray(np.zeros((64, 32, 3), np.uint8)).save(changed)
    with pytest.raises(ReidkitError, match="not their content"):
        resume(run, progress=False)
    changed.write_bytes(kept)


def test_a_damaged_checkpoint_is_named(unfinished: tuple[Path, Path]) -> None:
    run, _ = unfinished
    whole = (run / FILE).read_bytes()
    (run / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ReidkitError, match=r"checkpoint\.pt is no readable checkpoint"):
        resume(run, progress=False)
    (run / FILE).write_bytes(whole)


def test_without_its_checkpoint_it_starts_anew(unfinished: tuple[Path, Path], tmp_path: Path) -> None:
    run, _ = unfinished
    copy = shutil.copytree(run, tmp_path / "copy")
    (copy / FILE).unlink()
    record = resume(copy, progress=False)
    assert record.recorded == [0, 1]
    assert record.epochs["epoch"].tolist() == [0, 1]
    assert_same_run(copy, Record(resume(run, progress=False).path).path)


def test_a_run_on_a_linked_folder_goes_on(market: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(market)
    run = train(link, tmp_path / "run", config(epochs=1), progress=False).path
    (run / WEIGHTS).unlink()
    assert resume(run, progress=False).recorded == [0, 1]
