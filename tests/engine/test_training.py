"""The loop and what it leaves behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from accelerate.state import AcceleratorState
from safetensors.numpy import load_file

from reidkit.data import open_crops
from reidkit.engine.evaluation import evaluate
from reidkit.engine.record import Record, write_json
from reidkit.engine.runs import ensure_run, train
from reidkit.errors import ReidkitError
from reidkit.models import build_model, save_weights
from tests.engine.small import assert_same_run, comparable, config

FIGURES = ("mAP", "rank1", "overlap", "d_prime", "auc")


@pytest.fixture(scope="module")
def start_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_weights(build_model("tiny", init="random", seed=7),
                        tmp_path_factory.mktemp("weights") / "start.safetensors")  # fmt: skip


@pytest.fixture(scope="module")
def run(market: Path, start_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Two epochs, judged at the ends only."""
    out = tmp_path_factory.mktemp("run") / "run"
    return train(market, out, config(init=str(start_weights), eval_every=2), progress=False)


def table_of(market: Path, path: Path, pids: np.ndarray) -> Path:
    crops = open_crops(market).copy()
    crops["pid"] = pids
    crops.to_csv(path, index=False)
    return path


def test_identities_never_reach_training(market: Path, tmp_path: Path) -> None:
    crops = open_crops(market)
    pids = crops["pid"].to_numpy(np.int64)
    is_train = (crops["split"] == "train").to_numpy()
    shuffled = pids.copy()
    shuffled[is_train] = np.random.default_rng(0).permutation(pids[is_train])
    runs = [
        train(table_of(market, tmp_path / f"{name}.csv", ids), tmp_path / name, config(), progress=False).path
        for name, ids in (("true", pids), ("shuffled", shuffled))
    ]
    assert (runs[0] / "model.safetensors").read_bytes() == (runs[1] / "model.safetensors").read_bytes()
    told = [pd.read_csv(run / "epochs.csv") for run in runs]
    assert (told[0]["loss"].dropna() == told[1]["loss"].dropna()).all()
    # The judge does see them: the same clusters are good in one and chance in the other.
    assert (told[0]["ami"] > told[1]["ami"] + 0.1).all()


def test_the_seed_decides(market: Path, tmp_path: Path) -> None:
    first, again, other = (
        train(market, tmp_path / name, config(seed=seed, epochs=1), progress=False).path
        for name, seed in (("first", 1), ("again", 1), ("other", 2))
    )
    assert_same_run(first, again)
    assert (first / "model.safetensors").read_bytes() != (other / "model.safetensors").read_bytes()


def test_row_0_is_the_first_network_as_evaluate_judges_it(
    run: Record, market: Path, start_weights: Path
) -> None:
    row = run.epochs.iloc[0]
    figures = evaluate(market, backbone="tiny", init=str(start_weights), height=64, width=32, device="cpu",
                       progress=False)  # fmt: skip
    assert row["epoch"] == 0
    assert set(FIGURES) < set(figures)
    assert {"mAP", "rank1", "overlap", "tpr_at_fpr1_cross"} < set(figures) & set(row.index)
    for name in set(figures) & set(row.index):
        assert row[name] == pytest.approx(figures[name], nan_ok=True, abs=1e-12), name
    assert row[["loss", "loss_contrast"]].isna().all()


def test_the_last_row_is_the_network_that_was_saved(run: Record, market: Path) -> None:
    figures = evaluate(market, backbone="tiny", init=str(run.path / "model.safetensors"), height=64, width=32,
                       device="cpu", progress=False)  # fmt: skip
    last = run.epochs.iloc[-1]
    assert last["epoch"] == 2
    for name in FIGURES:
        assert last[name] == pytest.approx(figures[name], abs=1e-12), name


def test_the_columns_of_epochs_csv(run: Record) -> None:
    table = run.epochs
    assert table["epoch"].tolist() == [0, 1, 2]
    separation = [
        *FIGURES[2:],
        "eer",
        "eer_threshold",
        "tpr_at_fpr1",
        "pos_mean",
        "pos_std",
        "neg_mean",
        "neg_std",
    ]
    wanted = {"mAP", "mINP", "rank1", "rank5", "rank10", "clusters", "outliers", "loss", "loss_contrast"}
    wanted |= {"ami", "ari", "pair_precision", "pair_recall", "pair_f1", "people"}
    wanted |= {
        p + name + s
        for name in separation
        for p in ("", "train_", "pseudo_")
        for s in ("", "_same", "_cross")
    }
    wanted |= {f"seconds_{stage}" for stage in ("embed", "cluster", "train", "judge")}
    assert wanted <= set(table)
    assert table["mAP"].isna().tolist() == [False, True, False]  # eval_every = 2
    assert table["loss"].isna().tolist() == [True, False, False]
    np.testing.assert_array_equal(table["loss"], table["loss_contrast"])


def test_the_record_needs_no_reidkit_to_read(run: Record, market: Path) -> None:
    crops = pd.read_parquet(run.path / "crops.parquet")
    count = (crops["split"] == "train").sum()
    for epoch, has_test in ((0, True), (1, False), (2, True)):
        folder = run.path / "epochs" / f"{epoch:03d}"
        features = load_file(folder / "features.safetensors")
        assert set(features) == {"train/global"} | ({"test/global"} if has_test else set())
        assert features["train/global"].dtype == np.float16
        assert features["train/global"].shape == (count, 256)
        if has_test:
            assert features["test/global"].shape == (len(crops) - count, 256)
        labels = pd.read_parquet(folder / "labels.parquet")
        assert labels["path"].tolist() == crops["path"][:count].tolist()
        row = pd.read_csv(run.path / "epochs.csv").iloc[epoch]
        assert labels["label"].max() + 1 == row["clusters"]
        assert (labels["label"] < 0).sum() == row["outliers"]
        pairs = pd.read_parquet(folder / "pairs.parquet")
        assert (
            pairs.query("crops == 'train' and ids == 'identity'")["count"].sum() == count * (count - 1) // 2
        )
        losses = pd.read_parquet(folder / "iterations.parquet")
        assert len(losses) == (3 if epoch else 0)
        if epoch:
            assert losses["loss_contrast"].mean() == pytest.approx(row["loss_contrast"], abs=1e-12)
    told = json.loads((run.path / "config.json").read_text())
    assert told["data"] == str(market)
    assert (told["epochs"], told["eps"], told["backbone"]) == (2, 0.5, "tiny")
    assert {"python", "versions", "threads", "started"} <= set(told)


def test_the_reader_gives_back_what_lies_there(run: Record) -> None:
    assert run.recorded == [0, 1, 2]
    assert [run.has_test(e) for e in run.recorded] == [True, False, True]
    features = run.features(2, split="test")
    assert features.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, atol=1e-6)
    assert run.labels(1).dtype == np.int64
    assert run.iterations(1).columns.tolist() == ["loss_contrast"]
    for ask, complaint in (
        (lambda: run.features(1, split="test"), "not 'test/global'"),
        (lambda: run.labels(9), r"keeps epochs \[0, 1, 2\], not 9"),
        (lambda: Record(run.path / "epochs"), "holds no run"),
    ):
        with pytest.raises(ReidkitError, match=complaint):
            ask()


def test_summary_has_the_first_and_the_last_under_the_same_names(run: Record) -> None:
    summary = json.loads((run.path / "summary.json").read_text())
    assert summary["stopped"] is None
    assert summary["epochs"] == 2
    assert summary["first"].keys() == summary["last"].keys()
    for end, row in (("first", 0), ("last", 2)):
        for name in FIGURES:
            assert summary[end][name] == pytest.approx(run.epochs[name][row], abs=1e-12)
    assert set(summary["seconds"]) == {"embed", "cluster", "train", "judge"}


def test_a_folder_with_a_run_is_refused_and_left_as_it_is(run: Record, market: Path) -> None:
    before = comparable(run.path)
    with pytest.raises(ReidkitError, match=r"already holds a run.*--resume"):
        train(market, run.path, config(), progress=False)
    pd.testing.assert_frame_equal(comparable(run.path), before)


def test_what_failed_before_its_first_epoch_may_be_tried_again(market: Path, tmp_path: Path) -> None:
    data = shutil.copytree(market, tmp_path / "data")
    broken = sorted((data / "query").iterdir())[0]
    kept = broken.read_bytes()
    broken.write_bytes(b"no picture")
    with pytest.raises(ReidkitError, match=broken.name):
        train(data, tmp_path / "out", config(epochs=1), progress=False)
    broken.write_bytes(kept)
    assert train(data, tmp_path / "out", config(epochs=1), progress=False).recorded == [0, 1]


@pytest.mark.skipif(not torch.accelerator.is_available(), reason="there is no GPU here")
@pytest.mark.parametrize("precision", ["no", "bf16"])
def test_a_gpu_trains_too(market: Path, tmp_path: Path, precision: str) -> None:
    AcceleratorState._reset_state(reset_partial_state=True)  # the tests before took the CPU
    record = train(market, tmp_path / "run", config(device="auto", mixed_precision=precision), progress=False)
    assert np.isfinite(record.epochs["loss"][1:]).all()
    assert record.summary["stopped"] is None


def test_a_run_from_before_an_option_was_there_is_still_known(market: Path, tmp_path: Path) -> None:
    options = config(epochs=1)
    record = ensure_run(market, tmp_path / "run", options, progress=False)
    older = {name: value for name, value in record.config.items() if not name.startswith("labels")}
    write_json(record.path / "config.json", older)
    assert ensure_run(market, record.path, options, progress=False).path == record.path
