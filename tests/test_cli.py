"""The command line: help, one-line errors, JSON, and the ways through."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from reidkit import cli
from reidkit.bench.features import draw_crowd
from reidkit.data import LAYOUTS, select
from reidkit.engine.record import Record
from reidkit.evaluation import PROTOCOLS
from reidkit.labels.edits import EditLog
from reidkit.models import build_model, save_weights
from tests.engine.small import command

Cli = Callable[..., tuple[int, str, str]]
COMMANDS = (
    ["towns"],
    ["data", "check"],
    ["pretrain"],
    ["train"],
    ["bench"],
    ["compare"],
    ["calibrate"],
    ["evaluate"],
    ["report"],
    ["explore"],
    ["demo"],
    ["lab"],
)
SMALL = ("--backbone=tiny", "--init=random", "--device=cpu", "--preset=laptop")


@pytest.fixture
def reidkit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Return a function that runs ``reidkit ARGUMENTS`` and gives back status, stdout, stderr."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["reidkit", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
        return status, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_weights(build_model("tiny", init="random"), tmp_path_factory.mktemp("w") / "tiny.safetensors")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_help_shows_an_example(reidkit: Cli, words: list[str]) -> None:
    status, out, _ = reidkit(*words, "--help")
    assert status == 0
    assert "Example" in out
    assert f"reidkit {' '.join(words)}" in out.split("Example")[1]


def test_help_names_every_layout_and_protocol(reidkit: Cli) -> None:
    """They are written out there: a help text must not wait for pandas."""
    _, out, _ = reidkit("evaluate", "--help")
    assert {*LAYOUTS, *PROTOCOLS} <= set(re.findall(r"[\w-]+", out))


def error(told: tuple[int, str, str]) -> str:
    """Check that a command ended as a user's error must; return the line."""
    status, _, err = told
    assert status == 2, err
    assert "Traceback" not in err
    (line,) = [line for line in err.splitlines() if "error:" in line]
    assert line.startswith("error: ")
    assert line == err.splitlines()[-1]
    return line


TRAIN_ERRORS = {
    "height": (["--height=8"], ["height = 8", "at least 16"]),
    "clusters": (["--clusters=1"], ["clusters = 1", "at least 2"]),
    "epochs": (["--epochs=0"], ["epochs = 0", "at least 1"]),
    "eps": (["--eps=2"], ["eps = 2", "at most 1"]),
    "seed": (["--seed=-1"], ["seed = -1"]),
    "backbone": (["--backbone=resnet49"], ["resnet49", "resnet50", "tiny"]),
    "preset": (["--preset=fast"], ["preset 'fast'", "laptop"]),
    "layout": (["--layout=duke"], ["layout 'duke'", "table, people, folder"]),
    "device": (["--device=tpu"], ["device = 'tpu'", "auto or cpu"]),
    "precision": (["--mixed-precision=fp4"], ["fp4"]),
    "pooling": (["--pooling=max"], ["max", "gem"]),
    "method": (["--method=magic"], ["Unknown method 'magic'", "cluster-contrast"]),
    "supervised": (["--method=supervised"], ["identities", "reidkit pretrain"]),
    "init": (["--init=nowhere.pth"], ["nowhere.pth", "random"]),
    "imagenet": (["--init=imagenet"], ["imagenet", "tiny"]),
    "bn": (["--bn-images=1"], ["bn_images = 1"]),
}


@pytest.mark.parametrize("case", TRAIN_ERRORS)
def test_a_bad_option_of_train_is_one_line(reidkit: Cli, market: Path, tmp_path: Path, case: str) -> None:
    options, words = TRAIN_ERRORS[case]
    line = error(reidkit("train", market, "--out", tmp_path / "run", *SMALL, *options))
    assert all(word in line for word in words), line
    assert not (tmp_path / "run").exists()


def test_a_path_that_does_not_exist(reidkit: Cli, tmp_path: Path) -> None:
    (tmp_path / "market").mkdir()
    for words in (["data", "check"], ["evaluate"], ["train", f"--out={tmp_path / 'run'}", *SMALL]):
        line = error(reidkit(*words, tmp_path / "markt"))
        assert f"{tmp_path / 'markt'} does not exist" in line
        assert "holds market" in line


def test_a_csv_without_paths(reidkit: Cli, tmp_path: Path) -> None:
    (tmp_path / "crops.csv").write_text("file,pid\na.jpg,1\n")
    line = error(reidkit("train", tmp_path / "crops.csv", "--out", tmp_path / "run", *SMALL))
    assert "crops.csv: the table of crops has no 'path' column" in line


def test_weights_of_another_backbone(reidkit: Cli, market: Path, weights: Path) -> None:
    line = error(reidkit("evaluate", market, "--backbone=osnet_x0_25", f"--init={weights}"))
    assert "tiny.safetensors holds weights of tiny, not of osnet_x0_25; use --backbone tiny" in line


def test_a_file_that_is_no_weights(reidkit: Cli, market: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.pth").write_text("no weights")
    assert "notes.pth" in error(
        reidkit("evaluate", market, "--backbone=tiny", f"--init={tmp_path / 'notes.pth'}")
    )


def test_nothing_to_evaluate(reidkit: Cli, market: Path, weights: Path) -> None:
    train = (market / "bounding_box_train", "--layout=folder")
    line = error(reidkit("evaluate", *train, "--backbone=tiny", f"--init={weights}"))
    assert "no query and gallery crops with known people" in line


def test_nothing_to_resume(reidkit: Cli, tmp_path: Path) -> None:
    assert "holds no run" in error(reidkit("train", "--resume", tmp_path / "nothing"))
    assert "--out RUN" in error(reidkit("train"))


def test_nothing_to_explore(reidkit: Cli, market: Path, tmp_path: Path) -> None:
    """Told at once: no server has been started."""
    assert "nothing does not exist" in error(reidkit("explore", tmp_path / "nothing"))
    assert "holds no run (no config.json)" in error(reidkit("explore", market))
    (tmp_path / "config.json").write_text("{}")
    assert "has no epoch yet" in error(reidkit("explore", tmp_path))
    assert "config.json is neither a run's folder nor an .npz" in error(
        reidkit("explore", tmp_path / "config.json")
    )


def test_training_goes_on_from_edited_labels(reidkit: Cli, market: Path, tmp_path: Path) -> None:
    status, _, err = reidkit(*command(market, tmp_path / "run", epochs=1))
    assert status == 0, err
    record = Record(tmp_path / "run")
    log = EditLog(record.labels(1), select(record.crops, "train")["path"], run=record.path, epoch=1)
    log.drop([0])
    edited = log.save(tmp_path / "edited.json")
    status, out, err = reidkit("train", f"--labels={edited}", f"--out={tmp_path / 'mended'}", "--iters=1")
    assert status == 0, err
    assert f"data: {market}\nweights: {tmp_path / 'run' / 'model.safetensors'}" in out
    assert [Record(tmp_path / "mended").labels(epoch)[0] for epoch in (0, 1)] == [-1, -1]
    line = error(reidkit("train", f"--labels={edited}", f"--out={tmp_path / 'other'}", "--preset=towns"))
    assert "--preset and --layout go with DATA" in line
    line = error(reidkit("train", f"--labels={edited}", f"--resume={tmp_path / 'mended'}"))
    assert "--resume goes on with the labels that the run began with" in line
    line = error(reidkit("train", f"--labels={tmp_path / 'none.json'}", f"--out={tmp_path / 'other'}"))
    assert "Cannot read" in line


def test_an_out_that_is_a_file(reidkit: Cli, market: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    line = error(reidkit(*command(market, tmp_path / "file")))
    assert "Cannot write a run" in line
    assert (tmp_path / "file").read_text() == "mine"


def test_a_run_that_stops_ends_with_status_2(reidkit: Cli, market: Path, tmp_path: Path) -> None:
    line = error(reidkit(*command(market, tmp_path / "run", eps=0.01)))
    assert "Training stopped at epoch 0: " in line
    assert "Raise --eps" in line


def test_evaluate_prints_one_json_object(reidkit: Cli, market: Path, weights: Path) -> None:
    options = ("--backbone=tiny", f"--init={weights}", "--height=64", "--width=32", "--device=cpu")
    status, out, _ = reidkit("evaluate", market, *options, "--json")
    assert status == 0
    figures = json.loads(out)
    assert {"mAP", "rank1", "overlap", "d_prime", "auc"} < set(figures)
    assert 0 < figures["mAP"] < 1
    status, out, _ = reidkit("evaluate", market, *options)
    assert status == 0
    words = " ".join(out.split())
    assert f"mAP {100 * figures['mAP']:.2f} %" in words
    assert f"queries {figures['queries_counted']} of {figures['queries']} count" in words
    assert "protocol Market-1501, single query" in words


def test_features_of_another_code_are_judged(reidkit: Cli, tmp_path: Path) -> None:
    crowd = draw_crowd(120, 16)
    given = {f"query_{name}": column[:30] for name, column in crowd._asdict().items()}
    given |= {f"gallery_{name}": column[30:] for name, column in crowd._asdict().items()}
    given["query_pids"] = np.where(np.arange(30) < 2, 999, given["query_pids"])
    given["gallery_pids"] = np.where(np.arange(90) < 5, np.arange(90) % 2 - 1, given["gallery_pids"])
    np.savez(tmp_path / "theirs.npz", **given, epoch=7)
    status, out, err = reidkit("evaluate", "--features", tmp_path / "theirs.npz", "--json")
    assert (status, err) == (0, "")
    figures = json.loads(out)
    assert (figures["queries"], figures["queries_counted"]) == (30, 28)
    assert (figures["junk"], figures["distractors"]) == (3, 2)
    status, out, _ = reidkit("evaluate", "--features", tmp_path / "theirs.npz")
    assert status == 0
    words = " ".join(out.split())
    for told in (
        "Market-1501, single query", "finite sum", "scaled to length 1", "28 of 30 count", "not used epoch",
        "2 do not: no gallery crop shows this person", "3 junk, 2 distractors",
        f"mAP {100 * figures['mAP']:.2f} %", f"Rank-20 {100 * figures['rank20']:.2f} %",
        f"TPR at FPR 1 % {figures['tpr_at_fpr1']:.4f}", f"EER {figures['eer']:.4f} {figures['eer_same']:.4f}",
    ):  # fmt: skip
        assert told in words
    for more, message in (("--init=tiny", "no --init goes"), (tmp_path, "without DATA")):
        assert message in error(reidkit("evaluate", "--features", tmp_path / "theirs.npz", more))
    assert "nowhere.mat does not exist" in error(reidkit("evaluate", "--features", tmp_path / "nowhere.mat"))
    assert "Give DATA, or --features" in error(reidkit("evaluate"))


def test_features_of_another_code_and_many_crops_for_a_query(reidkit: Cli, tmp_path: Path) -> None:
    crowd = draw_crowd(120, 16)._asdict()
    given = {f"query_{name}": column[:30] for name, column in crowd.items()}
    given |= {f"gallery_{name}": column[30:] for name, column in crowd.items()}
    given |= {f"multi_{name}": column for name, column in crowd.items()}
    path = tmp_path / "theirs.npz"
    np.savez(path, **given)
    status, out, _ = reidkit("evaluate", "--features", path, "--multi-query", path)
    assert status == 0
    assert "Market-1501, multi-query: a query is the mean" in out
    assert f"averaged    {path}" in out
    assert "not used" not in out


def test_train_pretrain_and_resume_end_well(reidkit: Cli, market: Path, tmp_path: Path) -> None:
    status, out, err = reidkit(*command(market, tmp_path / "run", epochs=1), "--no-cam")
    assert status == 0, err
    assert f"record: {tmp_path / 'run'}" in out
    assert "mAP" in out
    assert "->" in out
    assert json.loads((tmp_path / "run" / "config.json").read_text())["use_cameras"] is False
    assert "has ended" in error(reidkit("train", "--resume", tmp_path / "run"))
    assert "already holds a run" in error(reidkit(*command(market, tmp_path / "run")))
    small = ("--epochs=1", "--iters=2", "--height=64", "--width=32", "--device=cpu")
    status, _, err = reidkit(
        "pretrain", market, "--preset=towns-pretrain", f"--out={tmp_path / 'source'}", *small
    )
    assert status == 0, err
    columns = (tmp_path / "source" / "epochs.csv").read_text().splitlines()[0].split(",")
    assert {"loss_identity", "loss_triplet"} <= set(columns)
    assert (tmp_path / "source" / "model.safetensors").exists()


def test_pretrain_needs_identities(reidkit: Cli, market: Path, tmp_path: Path) -> None:
    plain = (market / "query", "--layout=folder")
    line = error(reidkit("pretrain", *plain, "--preset=towns-pretrain", f"--out={tmp_path / 'run'}"))
    assert "needs a pid for every training crop" in line
