"""The strong baseline against its formula, and its classifier's life from epoch to epoch."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from torch import Tensor

from reidkit.data.samplers import ClusterSampler
from reidkit.engine.checkpoint import load_checkpoint
from reidkit.engine.config import make_config
from reidkit.engine.record import Record
from reidkit.engine.runs import WEIGHTS, make_method, resume, train
from reidkit.errors import ReidkitError
from reidkit.labels import dbscan
from reidkit.methods import (
    Batch,
    ClusteringConfig,
    Composed,
    Setting,
    StrongBaseline,
    StrongBaselineConfig,
)
from reidkit.methods.strong_baseline import NEVER, most_clusters
from reidkit.models import View
from tests.engine.small import assert_same_run, config

LABELS = np.array([0, 0, 1, 1, -1, 2, 2, 2])
ITERS, EPOCHS = 3, 3


def unit_rows(count: int, dim: int = 4, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def started(choices: StrongBaselineConfig | None = None) -> StrongBaseline:
    method = StrongBaseline(8, 4, choices)
    method.start_epoch({"global": unit_rows(8)}, LABELS, 0)
    return method


def slow_soft_triplet(x: Tensor, y: Tensor, share: float) -> Tensor:
    terms = []
    for a in range(len(x)):
        d = [float((x[i] - x[a]).norm()) for i in range(len(x))]
        pair = torch.tensor([max(d[i] for i in range(len(x)) if y[i] == y[a] and i != a),
                             min(d[i] for i in range(len(x)) if y[i] != y[a])])  # fmt: skip
        logs = torch.log_softmax(pair, dim=0)
        terms.append(-share * logs[0] - (1 - share) * logs[1])
    return torch.stack(terms).mean()


def test_the_defaults_are_the_released_values() -> None:
    # OpenUnReID at c3e3ada, tools/strong_baseline/config.yaml: cross_entropy 1, softmax_triplet 1, margin 0;
    # dbscan eps 0.6, min_samples 4, k1 30, k2 6, use_outliers False; num_instances 4, 4 GPUs x 16 crops
    # (batch norm over the 16), 50 x 400, adam 3.5e-4, weight decay 5e-4, no schedule. CrossEntropyLoss
    # smooths by 0.1. The sampler takes positives from other cameras.
    assert StrongBaselineConfig() == StrongBaselineConfig(
        clustering=ClusteringConfig(k1=30, k2=6, eps=0.6, min_samples=4),
        smoothing=0.1,
        triplet=1.0,
        share=0.0,
        sampler=ClusterSampler(16, 4, cameras=True),
    )
    paper = make_config("paper", {"method": "sbl"})
    assert (paper.clusters, paper.instances, paper.bn_images, paper.use_cameras) == (16, 4, 16, True)
    assert (paper.epochs, paper.iters, paper.lr_step) == (50, 400, NEVER)
    assert (paper.optimiser, paper.lr, paper.weight_decay, paper.pooling) == ("adam", 3.5e-4, 5e-4, "gem")
    assert (paper.k1, paper.k2, paper.eps, paper.min_samples) == (30, 6, 0.6, 4)


def test_a_row_of_the_classifier_is_a_clusters_centroid() -> None:
    method, features = started(), torch.from_numpy(unit_rows(8))
    assert method.classifier.shape == (4, 4)
    means = torch.stack([features[k == LABELS].mean(0) for k in range(3)])
    torch.testing.assert_close(method.classifier[:3], means / means.norm(dim=1, keepdim=True))
    assert (method.classifier[3] == 0).all()
    assert method.begins_anew() == list(method.parameters())
    method.start_epoch({"global": unit_rows(8, seed=1)}, np.array([0, 0, 0, 1, 1, 1, 1, 1]), 1)
    assert (method.classifier[2:] == 0).all()


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_the_loss_by_its_formula(share: float) -> None:
    method = started(StrongBaselineConfig(triplet=0.5, share=share))
    pooled, normed = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 0, 2, 2, 1, 1])
    batch = Batch(torch.empty(0), torch.arange(6), labels)
    losses = method.losses({"global": View(pooled, normed, pooled * torch.nan)}, batch)
    logs = torch.log_softmax(normed @ method.classifier[:3].T, dim=1)  # three clusters, four rows
    target = torch.full((6, 3), 0.1 / 3)
    target[torch.arange(6), labels] += 0.9
    assert list(losses) == ["identity", "triplet"]
    torch.testing.assert_close(losses["identity"], -(target * logs).sum(1).mean())
    torch.testing.assert_close(losses["triplet"], 0.5 * slow_soft_triplet(pooled, labels, share))


def test_rows_without_a_cluster_get_no_gradient() -> None:
    method = started()
    pooled, normed = torch.randn(2, 4, 4, generator=torch.Generator().manual_seed(0))
    batch = Batch(torch.empty(0), torch.arange(4), torch.tensor([0, 0, 1, 1]))
    sum(method.losses({"global": View(pooled, normed, normed)}, batch).values()).backward()
    assert method.classifier.grad is not None
    assert (method.classifier.grad[:3] != 0).all()
    assert (method.classifier.grad[3] == 0).all()


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 40),
    min_samples=st.integers(1, 5),
    density=st.floats(0.0, 0.3),
    seed=st.integers(0, 999),
)
def test_dbscan_never_finds_more_clusters_than_there_are_rows(
    n: int, min_samples: int, density: float, seed: int
) -> None:
    near = np.triu(np.random.default_rng(seed).random((n, n)) < density, 1)
    graph = np.where(near | near.T, 0.3, 0.0)
    np.fill_diagonal(graph, 1e-9)
    labels = dbscan(sparse.csr_array(graph), eps=0.5, min_samples=min_samples)
    assert labels.max() + 1 <= most_clusters(n, min_samples)


def test_more_clusters_than_rows_are_refused() -> None:
    with pytest.raises(ReidkitError, match=r"5 clusters, but the classifier has 4 rows: .*min_samples = 4"):
        StrongBaseline(8, 4).start_epoch({"global": unit_rows(8)}, np.array([0, 0, 1, 1, 2, 2, 3, 4]), 0)


@pytest.mark.parametrize(
    ("choices", "complaint"),
    [
        ({"smoothing": 1.0}, r"sbl\.smoothing = 1\.0: it must be at least 0 and below 1"),
        ({"share": -0.1}, r"sbl\.share = -0\.1: it must be at least 0 and below 1"),
        ({"triplet": -1}, r"sbl\.triplet = -1: it must be a number of at least 0"),
    ],
)
def test_values_out_of_range_are_refused(choices: dict[str, float], complaint: str) -> None:
    with pytest.raises(ReidkitError, match=complaint):
        StrongBaselineConfig(**choices)  # type: ignore[arg-type]


def test_options_reach_it() -> None:
    options = make_config("towns", {"method": "sbl", "add": ["gds"], "min_samples": 3, "use_cameras": False,
                                    "settings": {"sbl.triplet": 0.5}})  # fmt: skip
    method = make_method(options, Setting(options.as_dict(), {"global": 6}, np.zeros(9, np.int64)))
    assert isinstance(method, Composed)
    base = method.method
    assert isinstance(base, StrongBaseline)
    assert base.config == StrongBaselineConfig(
        ClusteringConfig(30, 6, 0.6, 3), triplet=0.5, sampler=ClusterSampler(16, 4, cameras=False)
    )
    assert base.classifier.shape == (4, 6)


@pytest.fixture(scope="module")
def run(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Three epochs of three batches, with GDS added."""
    out = tmp_path_factory.mktemp("sbl") / "run"
    options = config(method="sbl", add=["gds"], epochs=EPOCHS, iters=ITERS)
    return train(market, out, options, progress=False)


def test_it_trains_and_gds_can_be_added(run: Record) -> None:
    table = run.epochs
    parts = ["loss_identity", "loss_triplet", "loss_gds", "loss_gds_hard"]
    np.testing.assert_allclose(table["loss"][1:], table[parts][1:].sum(axis=1))
    assert (table["clusters"] >= 2).all()
    for epoch in range(1, EPOCHS + 1):
        trace = run.iterations(epoch)
        assert len(trace) == ITERS
        assert {*parts, "gds_pos_mean", "gds_neg_std"} <= set(trace)
        assert np.isfinite(trace.to_numpy()).all()


def test_the_optimiser_forgets_the_classifiers_past_each_epoch(run: Record) -> None:
    states = load_checkpoint(run.path)["optimiser"]["state"]  # by number; the classifier comes last
    steps = [int(states[number]["step"]) for number in sorted(states)]
    assert set(steps[:-1]) == {EPOCHS * ITERS}
    assert steps[-1] == ITERS


def test_a_run_that_goes_on_ends_the_same_to_the_bit(run: Record, market: Path, tmp_path: Path) -> None:
    options = config(method="sbl", add=["gds"], epochs=EPOCHS - 1, iters=ITERS)
    short = train(market, tmp_path / "short", options, progress=False).path
    (short / WEIGHTS).unlink()  # as if it had been killed just before its last epoch
    settings_of = json.loads((short / "config.json").read_text())
    (short / "config.json").write_text(json.dumps(settings_of | {"epochs": EPOCHS}))
    resume(shutil.move(short, tmp_path / "moved"), progress=False)
    assert_same_run(tmp_path / "moved", run.path)
