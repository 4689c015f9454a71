"""SCL's file against the equations it states, and a training of a few seconds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from reidkit.engine.config import make_config
from reidkit.engine.record import Record
from reidkit.engine.runs import WEIGHTS, make_method, resume, train
from reidkit.errors import ReidkitError
from reidkit.losses import selective_contrast
from reidkit.methods import METHODS, SCL, Batch, ClusteringConfig, SCLConfig, Setting
from reidkit.methods.scl import STRIPES, combine
from reidkit.models import View, build_model
from tests.engine.small import assert_same_run, config

COUNT, DIM = 30, 16
SMALL: dict[str, Any] = {"dim": DIM, "positives": 3, "negatives": 8, "batch": 6, "warmup": 0}


def views_of(seed: int, count: int) -> dict[str, View]:
    """Unit vectors for every view."""
    generator = torch.Generator().manual_seed(seed)
    views = {}
    for name in SCL.views:
        normed = torch.randn(count, DIM if name == "global" else DIM // 8, generator=generator)
        views[name] = View(normed, normed, functional.normalize(normed, dim=1))
    return views


def features_of(views: dict[str, View]) -> dict[str, np.ndarray]:
    return {name: view.unit.numpy() for name, view in views.items()}


def scl(camids: np.ndarray | None = None, **changes: Any) -> SCL:
    """A method at the beginning of its first epoch."""
    camids = np.zeros(COUNT, np.int64) if camids is None else camids
    method = SCL(camids, SCLConfig(**SMALL | changes), seed=3)
    method.start_epoch(features_of(views_of(0, COUNT)), np.zeros(COUNT, np.int64), 0)
    return method


def batch_of(rows: list[int]) -> Batch:
    return Batch(torch.empty(0), torch.tensor(rows), torch.zeros(len(rows), dtype=torch.int64))


def step(method: SCL, seed: int, rows: list[int]) -> dict[str, Tensor]:
    """A batch from the loss to the memories; returns what was kept."""
    views, batch = views_of(seed, len(rows)), batch_of(rows)
    method.losses(views, batch)
    kept = method.keep(views, batch)
    method.update(kept)
    return kept


def slow_distances(views: dict[str, View], bank: dict[str, View], lambda_g: float) -> np.ndarray:
    """Step 2 of the method's text, without cameras."""
    count, size = len(bank["global"].unit), len(views["global"].unit)
    d = np.zeros((size, count))
    for i in range(size):
        for n in range(count):
            squared = {v: float((views[v].unit[i] - bank[v].unit[n]).square().sum()) for v in SCL.views}
            d[i, n] = lambda_g * squared["global"]
            d[i, n] += (1 - lambda_g) / 8 * sum(squared[name] for name in STRIPES)
    return d


def test_the_defaults_are_the_released_values_but_for_the_cameras() -> None:
    # Unsup_ReID at 5c6f46d, configs/test.yml; there lambda_c (camera) is 0.05.
    assert SCLConfig() == SCLConfig(
        dim=2048, positives=7, negatives=500, lambda_g=0.5, lambda_t=0.5, lambda_p=0.5, alpha=1.75, scale=10,
        camera=0, momentum=0.5, warmup=3, selector="rank", batch=8, clustering=ClusteringConfig(),
    )  # fmt: skip
    options = make_config("paper", {"method": "scl"})
    released = {"optimiser": "sgd", "lr": 1e-3, "weight_decay": 5e-4, "clusters": 8, "instances": 1,
                "epochs": 50, "iters": None, "augment": "flip", "pooling": "avg", "settings": {}}  # fmt: skip
    assert {name: getattr(options, name) for name in released} == released
    assert options.lr_step > options.epochs  # the learning rate stays
    assert SCLConfig.of(options.as_dict()) == SCLConfig()


def test_the_network_has_a_projection_and_a_learned_bias_for_every_view() -> None:
    options = make_config("towns", {"method": "scl", "settings": {"scl.dim": 64}}).as_dict()
    model = build_model("tiny", init="tiny", **SCL.network(options))
    assert model.dims == {"global": 64} | dict.fromkeys(STRIPES, 8)
    assert all(neck.bias.requires_grad for neck in model.necks.values())


def test_options_reach_it() -> None:
    options = {"method": "scl", "clusters": 3, "instances": 2, "k1": 9, "seed": 5,
               "settings": {"scl.dim": 16, "scl.selector": "groups", "scl.positives": 12}}  # fmt: skip
    chosen = make_config("paper", options)
    method = make_method(chosen, Setting(chosen.as_dict(), {"global": 16}, np.zeros(40, np.int64)))
    assert isinstance(method, SCL)
    assert method.config == SCLConfig(
        dim=16, selector="groups", positives=12, batch=6, clustering=ClusteringConfig(k1=9)
    )
    assert len(method.mixture.rows) == 40


@pytest.mark.parametrize("lambda_g", [0.5, 0.2, 1.0])
def test_distances_by_hand_and_as_searched(lambda_g: float) -> None:
    method = scl(lambda_g=lambda_g)
    views, bank = views_of(1, 5), views_of(0, COUNT)
    expected = slow_distances(views, bank, lambda_g)
    whole, local = views["global"].unit, torch.cat([views[name].unit for name in STRIPES], dim=1)
    np.testing.assert_allclose(method.distances(whole, local), expected, atol=1e-5)
    one, other = method.embedding(features_of(views)), combine(features_of(bank), lambda_g)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(((one[:, None] - other[None]) ** 2).sum(2), expected, atol=1e-5)


def test_the_camera_term_by_hand() -> None:
    """Crops of the same camera are pushed back; unknown cameras are nobody's own."""
    camids = np.random.default_rng(2).integers(-1, 3, COUNT)
    method, rows = scl(camids, camera=0.3), [4, 9, 11, 20, 26, 2]
    assert (camids[rows] == -1).any()
    kept = step(method, 1, rows)
    d = slow_distances(views_of(1, 6), views_of(0, COUNT), 0.5)
    same = (camids[rows][:, None] == camids[None, :]) & (camids[None, :] >= 0)
    without = [np.argsort(d[n])[:4].tolist() for n in range(6)]
    for n, row in enumerate(rows):
        order = [int(m) for m in np.argsort(d[n] + 0.3 * same[n]) if m != row]
        assert kept["positives"][n].tolist() == order[:3]
    assert any(kept["positives"][n].tolist() != [m for m in without[n] if m != rows[n]][:3] for n in range(6))


def test_a_step_by_hand() -> None:
    """Steps 3 to 5, crop by crop."""
    method, rows = scl(lambda_p=0.3), [4, 9, 11, 20, 26, 2]
    step(method, 7, [0, 1, 2, 3, 4, 5])  # the mixture bank is no longer empty
    views, batch = views_of(1, 6), batch_of(rows)
    whole, local = views["global"].unit, torch.cat([views[name].unit for name in STRIPES], dim=1)
    torch.testing.assert_close(local.norm(dim=1), torch.full((6,), 8**0.5))

    mixture, order = method.mixture.rows.clone(), method.distances(whole, local)
    order = [[m for m in row.argsort().tolist() if m != own] for row, own in zip(order, rows, strict=True)]
    positives, negatives = (torch.tensor([o[a:b] for o in order]) for a, b in ((0, 3), (3, 11)))
    losses = method.losses(views, batch)
    expected = {
        "local": 0.3 * selective_contrast(local, mixture, batch.rows, positives, negatives),
        "global": 0.7 * selective_contrast(whole, mixture, batch.rows, positives, negatives),
    }
    assert losses.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value)

    bank = method.whole.rows.clone()
    method.update(method.keep(views, batch))
    for row, g in zip(rows, whole, strict=True):
        bank[row, 0] = functional.normalize(bank[row, 0] + g, dim=0)
    for z in (local, whole):
        for row, chosen, vector in zip(rows, positives.tolist(), z, strict=True):
            for y in (row, *chosen):
                mixture[y] = functional.normalize((mixture[y] + vector) / 2, dim=0)
    torch.testing.assert_close(method.whole.rows, bank)
    torch.testing.assert_close(method.mixture.rows, mixture)


def test_the_warm_up_has_chance_for_negatives_and_nobody_for_positives() -> None:
    method, rows = scl(warmup=1), [4, 9, 11, 20, 26, 2]
    views, batch = views_of(1, 6), batch_of(rows)
    losses = method.losses(views, batch)
    # Nothing is in the mixture bank yet: a uniform softmax over the crop itself and 3 + 8 others.
    assert losses["local"].item() == pytest.approx(0.5 * 0.5 * math.log(12), abs=1e-6)
    kept = method.keep(views, batch)
    assert (kept["positives"] == -1).all()
    assert [len(pairs) for pairs in method.pairs(views, batch)] == [0, 6 * 11]
    assert method.trace()["positives"] == 0
    first = method._chosen
    method.losses(views, batch)
    assert not torch.equal(first.negatives, method._chosen.negatives)
    for own, negatives in zip(rows, first.negatives.tolist(), strict=True):
        assert len({own, *negatives}) == 12
    method.update(kept)
    assert method.mixture.rows.any(dim=1).nonzero().flatten().tolist() == sorted(rows)
    method.start_epoch(features_of(views_of(5, COUNT)), np.zeros(COUNT, np.int64), 1)
    method.losses(views, batch)
    assert (method.keep(views, batch)["positives"] >= 0).all()


def test_the_banks_are_filled_once() -> None:
    method = scl()
    before = method.whole.rows.clone()
    method.start_epoch(features_of(views_of(5, COUNT)), np.zeros(COUNT, np.int64), 1)
    assert torch.equal(method.whole.rows, before)


def test_pairs_lie_between_the_batch_and_the_banks() -> None:
    method, rows = scl(), [4, 9, 11, 20, 26, 2]
    views, batch = views_of(1, 6), batch_of(rows)
    views["global"] = views["global"]._replace(unit=views["global"].unit.requires_grad_())
    method.losses(views, batch)
    positive, negative = method.pairs(views, batch)
    bank = combine(features_of(views_of(0, COUNT)))
    mine = combine({name: view.unit.detach().numpy() for name, view in views.items()})
    for found, chosen in zip((positive, negative), method._chosen, strict=True):
        expected = np.linalg.norm(mine[:, None] - bank[chosen.numpy()], axis=2).ravel()
        np.testing.assert_allclose(found.detach(), expected, atol=1e-5)
    positive.sum().backward()
    assert views["global"].unit.grad.any()
    trace = method.trace()
    assert trace["positives"] == 3
    assert trace["positive_distance"] == pytest.approx(positive.mean().item(), abs=1e-6)
    assert trace["negative_distance"] == pytest.approx(negative.mean().item(), abs=1e-6)


def test_the_selector_of_ours_takes_between_one_and_k() -> None:
    method = scl(selector="groups", positives=12)
    kept = step(method, 1, [4, 9, 11, 20, 26, 2])
    taken = (kept["positives"] >= 0).sum(dim=1)
    assert taken.min() >= 1
    assert len(taken.unique()) > 1
    assert method.trace()["positives"] == pytest.approx(taken.float().mean().item())


def test_batches_pass_over_all_crops_and_leave_the_tail_out() -> None:
    method, labels = scl(batch=8), np.full(COUNT, -1)
    assert method.iterations(None, 8, labels, 0) == 3
    assert method.iterations(5, 8, labels, 0) == 5
    batches = list(method.batches(labels, np.zeros(COUNT), 6, np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == [8] * 6
    passes = [np.concatenate(batches[n : n + 3]) for n in (0, 3)]
    assert [len(set(rows)) for rows in passes] == [24, 24]
    assert not np.array_equal(*passes)


def test_two_processes_write_what_one_writes() -> None:
    """Each sees a half of the batch; what they kept is joined in rank order."""
    rows, alone, processes = [4, 9, 11, 20, 26, 2], scl(), [scl(), scl()]
    step(alone, 7, rows)
    step(alone, 1, rows)
    kept = {}
    for seed in (7, 1):
        parts = []
        for method, half in zip(processes, (slice(0, 3), slice(3, 6)), strict=True):
            views = {v: View(*(t[half] for t in view)) for v, view in views_of(seed, 6).items()}
            batch = batch_of(rows[half])
            method.losses(views, batch)
            parts.append(method.keep(views, batch))
        kept = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
        for method in processes:
            method.update(kept)
    for method in processes:
        for name, value in alone.state_dict().items():
            assert torch.equal(method.state_dict()[name], value), name


def test_a_saved_state_goes_on_the_same() -> None:
    rows, one, other = [4, 9, 11, 20, 26, 2], scl(warmup=1), scl(warmup=1)
    step(one, 7, rows)
    other.load_state_dict(one.state_dict())
    for method in (one, other):
        step(method, 1, rows)
    for name, value in one.state_dict().items():
        assert torch.equal(other.state_dict()[name], value), name


def test_labels_are_for_the_record_and_never_stop_a_run() -> None:
    features = features_of(views_of(0, COUNT))
    labels, trouble = scl(clustering=ClusteringConfig(eps=0.01)).relabel(features, 0)
    assert labels.tolist() == [-1] * COUNT
    assert trouble is None


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"dim": 20}, "scl.dim = 20: eight stripes"),
        ({"positives": 0}, "scl.positives = 0: it must lie between 1 and"),
        ({"lambda_t": 1.5}, "scl.lambda_t = 1.5: it must lie between 0 and 1"),
        ({"camera": -1.0}, "scl.camera = -1.0: it must lie between 0 and"),
        ({"scale": math.nan}, "scl.scale = nan"),
        ({"selector": "magic"}, "scl.selector = 'magic': use rank or groups"),
        ({"positives": 29}, "30 training crops are too few"),
        ({"batch": 31}, "too few for batches of 31"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ReidkitError, match=complaint):
        scl(**changes)


def run_options(**changes: Any) -> Any:
    """A small training; the map needs a row for each stripe."""
    settings = {"scl.dim": 64, "scl.warmup": 1, "scl.negatives": 40}
    return config(method="scl", height=128, settings=settings, **changes)


def test_a_run_from_end_to_end_and_resumed(market: Path, tmp_path: Path) -> None:
    record = train(market, tmp_path / "run", run_options(add=["gds"]), progress=False)
    table = record.epochs
    assert np.isfinite(table[["loss_local", "loss_global", "loss_gds"]][1:]).all(axis=None)
    assert record.features(2, "stripe3").shape == (108, 8)
    assert record.iterations(1)["positives"].tolist() == [0, 0, 0]
    assert record.iterations(2)["positives"].tolist() == [7, 7, 7]
    assert np.isfinite(record.iterations(2)["gds_pos_mean"]).all()

    half = train(market, tmp_path / "half", run_options(add=["gds"], epochs=1), progress=False).path
    (half / WEIGHTS).unlink()  # as if it had been killed after the first epoch
    told = (half / "config.json").read_text().replace('"epochs": 1', '"epochs": 2')
    (half / "config.json").write_text(told)
    assert_same_run(resume(half, progress=False).path, record.path)
    assert isinstance(Record(half), Record)


def test_it_is_found_by_its_name() -> None:
    assert METHODS["scl"] is SCL
