"""Weights that were trained on the crops they are judged on: the user is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reidkit.data.towns.forms import draw_form
from tests.shell import reidkit

SMALL = ("--device=cpu", "--height=64", "--width=32")


@pytest.fixture(scope="module")
def viper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_form("viper", tmp_path_factory.mktemp("viper"))


@pytest.fixture(scope="module")
def run(viper: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on fold 2: half 1, asked from camera a to camera b."""
    out = tmp_path_factory.mktemp("runs") / "fold2"
    small = ("--preset=towns", "--epochs=1", "--iters=1", "--k1=3", *SMALL)
    status, _, err = reidkit("train", viper, "--layout=viper:2", f"--out={out}", *small)
    if not (out / "model.safetensors").is_file():
        pytest.fail(f"no weights after status {status}: {err}")
    return out


def judged(*arguments: str | Path) -> dict[str, Any]:
    status, out, err = reidkit("evaluate", *arguments, "--json")
    assert status == 0, err
    return json.loads(out)


def test_a_run_on_one_fold_has_seen_the_people_of_others(viper: Path, run: Path) -> None:
    weights = run / "model.safetensors"
    (told,) = judged(viper, "--init", weights, *SMALL)["careful"]
    assert (
        f"{run} was trained on 12 of the 24 crops that are judged here" in told
    )  # half of 12 people, by hand
    assert "--layout viper:2" in told
    status, out, _ = reidkit("evaluate", viper, "--init", weights, *SMALL)
    assert status == 0
    assert "careful     " in out
    assert "so these figures are too good" in " ".join(out.split())


def test_on_its_own_fold_there_is_nothing_to_say(viper: Path, run: Path) -> None:
    for fold in (2, 3):  # both directions of the half that it has not seen
        found = judged(viper, f"--layout=viper:{fold}", "--init", run / "model.safetensors", *SMALL)
        assert "careful" not in found
    (told,) = judged(viper, "--layout=viper:0", "--init", run / "model.safetensors", *SMALL)["careful"]
    assert "was trained on" in told


def test_of_other_weights_it_is_said_what_must_hold(viper: Path, run: Path, tmp_path: Path) -> None:
    weights = shutil.copy(run / "model.safetensors", tmp_path / "theirs.safetensors")
    (told,) = judged(viper, "--init", weights, *SMALL)["careful"]
    assert told.startswith("one network is judged on all 20 folds")
    assert "--layout viper:7" in told
    assert "careful" not in judged(viper, "--layout=viper:4", "--init", weights, *SMALL)


def test_a_run_that_is_judged_with_other_options(viper: Path, run: Path) -> None:
    weights = run / "model.safetensors"
    (told,) = judged(viper, "--layout=viper:2", "--init", weights, "--device=cpu")["careful"]
    assert told == f"{run} was trained with --height 64 --width 32; without, this is not its score."
