"""What a run says, and does, when there is nothing to learn from."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from reidkit.data import open_crops
from reidkit.engine.evaluation import evaluate
from reidkit.engine.runs import train
from reidkit.errors import ReidkitError
from tests.engine.small import config


def stopped(data: Path, out: Path, **options: float) -> str:
    """Train on what cannot be learnt from; return the reason in summary.json."""
    record = train(data, out, config(**options), progress=False)
    summary = json.loads((out / "summary.json").read_text())
    assert summary["epochs"] == 0
    assert summary["first"] == summary["last"]
    assert summary["first"]["mAP"] > 0  # judged all the same
    assert record.recorded == [0]
    return summary["stopped"]


def test_no_cluster_stops_with_the_cause_the_figures_and_the_way_out(market: Path, tmp_path: Path) -> None:
    reason = stopped(market, tmp_path / "run", eps=0.01)
    assert "eps is too small" in reason
    assert "0 cluster(s) in 108 crops, 100% outliers at eps = 0.01" in reason
    assert "Raise --eps" in reason


def test_one_cluster_stops_too(market: Path, tmp_path: Path) -> None:
    reason = stopped(market, tmp_path / "run", eps=1.0, k1=30, k2=6)
    assert "eps is too large" in reason
    assert "1 cluster(s)" in reason
    assert "Lower --eps (now 1.0)" in reason


def test_crops_that_are_all_alike_stop_it(tmp_path: Path) -> None:
    for n in range(70):
        (tmp_path / "data").mkdir(exist_ok=True)
        Image.fromarray(np.full((64, 32, 3), 90, np.uint8)).save(tmp_path / "data" / f"{n}.png")
    record = train(tmp_path / "data", tmp_path / "run", config(), progress=False)
    assert "all features are nearly equal" in record.summary["stopped"]


def test_fewer_crops_than_neighbours_stop_it(market: Path, tmp_path: Path) -> None:
    crops = open_crops(market)
    crops[crops["split"] == "train"].head(8).to_csv(tmp_path / "few.csv", index=False)
    record = train(tmp_path / "few.csv", tmp_path / "run", config(k1=30), progress=False)
    assert "only 8 crops for k1 = 30" in record.summary["stopped"]


def test_nearly_all_outliers_warn_and_go_on(
    market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two pictures six times each are two clusters; the strictest eps leaves everybody else out."""
    data = shutil.copytree(market, tmp_path / "data")
    part = data / "bounding_box_train"
    for other in sorted((data / "bounding_box_test").iterdir()):
        shutil.copy(other, part)
    for person, source in ((1, "0001_c1s1_000000_00.png"), (7, "0007_c2s1_000000_00.png")):
        for n in range(5):
            shutil.copy(part / source, part / f"{person:04d}_c1s2_{n:06d}_00.png")
    options = config(eps=0.01, k1=6, k2=1, min_samples=6, epochs=1)
    record = train(data, tmp_path / "run", options, progress=False)
    row = record.epochs.iloc[0]
    assert row["clusters"] >= 2
    assert row["outliers"] > 0.9 * (108 + 108 + 10)
    told = capsys.readouterr().out
    assert "Warning: Hardly any crop has neighbours close enough" in told
    assert "Raise --eps (now 0.01)" in told
    assert record.summary["stopped"] is None
    assert math.isfinite(record.epochs["loss"][1])


def test_a_loss_that_diverges_names_the_learning_rate(market: Path, tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match=r"diverged.*lower learning rate \(--lr, now 1e\+30\)"):
        train(market, tmp_path / "run", config(lr=1e30, iters=6), progress=False)


def test_a_folder_of_unknown_people_trains_and_is_judged_by_its_pseudo_labels(
    market: Path, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    for n, path in enumerate(sorted((market / "bounding_box_train").iterdir())):
        shutil.copy(path, tmp_path / "photos" / f"photo{n}.png")
    record = train(tmp_path / "photos", tmp_path / "run", config(), progress=False)
    table = record.epochs
    assert record.summary["stopped"] is None
    assert table["pseudo_overlap"].between(0, 1).all()
    assert not [name for name in table if name.startswith("train_") or name in ("mAP", "overlap", "ami")]
    assert set(record.pairs(2)["ids"]) == {"pseudo"}
    assert record.crops["pid"].isna().all()
    with pytest.raises(ReidkitError, match="no query and gallery crops with known people"):
        evaluate(tmp_path / "photos", backbone="tiny", init="random", progress=False)


def test_missing_pids_are_left_out_of_the_judgement_only(market: Path, tmp_path: Path) -> None:
    crops = open_crops(market)
    known = crops["split"] != "train"
    crops.loc[crops.index[:54], "pid"] = pd.NA
    crops.to_csv(tmp_path / "half.csv", index=False)
    record = train(tmp_path / "half.csv", tmp_path / "run", config(epochs=1), progress=False)
    row = record.epochs.iloc[0]
    assert len(record.labels(1)) == (~known).sum() == 108
    assert row["train_pos_pairs"] + row["train_neg_pairs"] == 54 * 53 / 2
    assert row["pseudo_pos_pairs"] + row["pseudo_neg_pairs"] > 54 * 53 / 2
    assert row["judged"] == 54


def test_data_without_training_crops_is_refused(market: Path, tmp_path: Path) -> None:
    crops = open_crops(market)
    crops[crops["split"] != "train"].to_csv(tmp_path / "test.csv", index=False)
    with pytest.raises(ReidkitError, match="no training crops"):
        train(tmp_path / "test.csv", tmp_path / "run", config(), progress=False)
    assert not (tmp_path / "run").exists()
