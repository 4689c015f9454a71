"""LP's file against the equations it states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from reidkit.data.samplers import ClusterSampler
from reidkit.engine.config import make_config
from reidkit.engine.runs import make_method
from reidkit.engine.trainer import make_optimiser
from reidkit.errors import ReidkitError
from reidkit.losses import batch_pairs
from reidkit.methods import (
    LP,
    METHODS,
    Batch,
    ClusterContrast,
    ClusterContrastConfig,
    ClusteringConfig,
    Composed,
    LPConfig,
    LPTeacher,
    LPTeacherConfig,
    Setting,
)
from reidkit.models import Embedder, View, build_model
from reidkit.models.ghost_norm import GhostBatchNorm2d

VIEWS = ("global", "upper", "lower")
WEIGHTS = {"global": 0.8, "upper": 0.2, "lower": 0.2}
TARGETS = torch.tensor([0, 0, 2, 1])


def unit_rows(count: int, dim: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def crowd(seed: int, people: int = 6, each: int = 10) -> dict[str, np.ndarray]:
    """Features of three views in which people are told apart."""
    features = {}
    for n, view in enumerate(VIEWS):
        rows = np.repeat(unit_rows(people, 256, 10 * seed + n), each, axis=0)
        rows = rows + 0.3 * unit_rows(people * each, 256, 1000 + 10 * seed + n)
        features[view] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return features


def views_of(seed: int, count: int = 4, dim: int = 256) -> dict[str, View]:
    units = {view: torch.from_numpy(unit_rows(count, dim, seed + n)) for n, view in enumerate(VIEWS)}
    return {view: View(unit * 7, unit * 3, unit) for view, unit in units.items()}


def batch_of(targets: torch.Tensor = TARGETS, seed: int = 0) -> Batch:
    images = torch.randn(len(targets), 3, 64, 32, generator=torch.Generator().manual_seed(seed))
    return Batch(images, torch.arange(len(targets)), targets)


def teacher_network(**options: Any) -> Embedder:
    return build_model("tiny", init="random", views=VIEWS, seed=5, **options)


def student(features: dict[str, np.ndarray] | None = None, **choices: Any) -> LP:
    clustering = ClusteringConfig(k1=12, k2=3)
    return LP(
        LPConfig(clustering=clustering, **choices),
        teacher=teacher_network(),
        teacher_features=crowd(9) if features is None else features,
    )


def contrast(units: torch.Tensor, centroids: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    logits = units @ centroids.T / 0.05
    return (torch.logsumexp(logits, 1) - logits[torch.arange(len(targets)), targets]).mean()


def means(features: np.ndarray, labels: np.ndarray) -> torch.Tensor:
    rows = [features[labels == k].mean(0) for k in range(labels.max() + 1)]
    return functional.normalize(torch.from_numpy(np.stack(rows)), dim=1)


def test_the_defaults_are_the_released_values() -> None:
    # tengxiao14/Purification_ReID at de659b8: examples/Purification_train_usl_{teacher,student}.py and its
    # README's commands: lambda1 0.15, lambda2 0.2, mu 1.0, the teacher never put into eval mode; the rest is
    # Cluster Contrast's (k1 30, k2 6, eps 0.6, DBSCAN min_samples 4, temp 0.05, momentum 0.1, 16 x 16).
    common = {
        "clustering": ClusteringConfig(k1=30, k2=6, eps=0.6, min_samples=4),
        "temperature": 0.05,
        "momentum": 0.1,
        "sampler": ClusterSampler(16, 16, cameras=True),
        "parts_in_clustering": 0.15,
        "parts_in_loss": 0.2,
    }
    assert vars(LPTeacherConfig()) == common
    assert vars(LPConfig()) == common | {"distillation": 1.0, "first_pass": True, "teacher_mode": "train"}
    released = make_config("paper").as_dict()
    for name in ("lp", "lp-teacher"):
        assert make_config("paper", {"method": name}).as_dict() == released | {"method": name}


@pytest.mark.parametrize("name", ["lp", "lp-teacher"])
def test_on_the_towns_the_halves_only_help_to_cluster(name: str) -> None:
    config = make_config("towns", {"method": name})
    assert config.settings == {f"{name}.parts_in_loss": 0.0}
    read = METHODS[name].configure(config.as_dict())
    assert (read.parts_in_loss, read.parts_in_clustering) == (0.0, 0.15)
    assert config.eps == 0.6
    assert make_config("paper", {"method": name}).settings == {}


def test_the_weights_of_the_views() -> None:
    method = LPTeacher()
    assert method.weights == pytest.approx(WEIGHTS)
    assert sum(method.weights.values()) == pytest.approx(1.2)  # as released: not 1
    assert method.clustering.views == pytest.approx({"global": 0.7, "upper": 0.15, "lower": 0.15})
    plain = LPTeacher(LPTeacherConfig(parts_in_clustering=0.0, parts_in_loss=0.0))
    assert plain.clustering.views == {"global": 1.0}
    assert plain.weights == {"global": 1.0}


def test_the_teachers_pass_by_hand() -> None:
    """Centroids in each view, the weighted losses of a batch, the centroids after it."""
    method = LPTeacher()
    features = {view: unit_rows(9, 256, n) for n, view in enumerate(VIEWS)}
    labels = np.array([0, 0, 0, 1, 1, 1, -1, 2, 2])
    method.start_epoch(features, labels, 0)
    views = views_of(20)
    losses = method.losses(views, batch_of())
    kept = method.keep(views, batch_of())
    method.update(kept)
    for view in VIEWS:
        centroids = means(features[view], labels)
        expected = WEIGHTS[view] * contrast(views[view].unit, centroids, TARGETS)
        torch.testing.assert_close(losses[f"contrast_{view}"], expected)
        for f, y in zip(views[view].unit, TARGETS, strict=True):
            centroids[y] = functional.normalize(0.1 * centroids[y] + 0.9 * f, dim=0)
        torch.testing.assert_close(method.memories[view].centroids, centroids)
    assert list(losses) == [f"contrast_{view}" for view in VIEWS]


def test_without_parts_the_teacher_is_cluster_contrast() -> None:
    clustering = ClusteringConfig(k1=12, k2=3)
    plain = LPTeacher(LPTeacherConfig(clustering=clustering, parts_in_clustering=0.0, parts_in_loss=0.0))
    base = ClusterContrast(ClusterContrastConfig(clustering=clustering))
    features = crowd(1)
    labels = plain.relabel(features, 0)[0]
    np.testing.assert_array_equal(labels, base.relabel(features, 0)[0])
    for method in (plain, base):
        method.start_epoch(features, labels, 0)
    views, batch = views_of(20), batch_of()
    losses = plain.losses(views, batch)
    assert list(losses) == ["contrast_global"]
    assert losses["contrast_global"] == base.losses(views, batch)["contrast"]


def test_halves_without_a_loss_are_frozen() -> None:
    """They still make labels, and nothing of theirs changes: no gradient, and so no weight decay either."""
    choices = {"method": "lp", "settings": {"lp.parts_in_loss": 0.0}}
    plain, common = LP.network(make_config("paper", choices).as_dict()), LP.network(make_config().as_dict())
    assert (plain["views"], plain["frozen"]) == (VIEWS, ["upper", "lower"])
    assert (common["views"], common["frozen"]) == (VIEWS, [])
    network = build_model("tiny", init="random", seed=1, **plain)
    method = student(parts_in_loss=0.0)
    method.start_epoch(crowd(3), np.repeat(np.arange(6), 10), 1)
    before = {name: value.clone() for name, value in network.named_parameters()}
    optimiser, batch = make_optimiser(network, make_config()), batch_of()
    losses = method.losses(network(batch.images), batch)
    assert list(losses) == ["contrast_global", "distillation_global"]
    torch.stack(list(losses.values())).sum().backward()
    optimiser.step()
    for name, value in network.named_parameters():
        frozen = (name.endswith("bias") and name.startswith("necks")) or "upper" in name or "lower" in name
        assert torch.equal(value, before[name]) == frozen, name


def test_the_halves_change_the_labels() -> None:
    """Two people whom the global view and the upper half confuse: the lower half tells them apart."""
    apart, together = crowd(2, people=8), crowd(2, people=7, each=20)
    features = {view: together[view][: len(apart[view])] for view in VIEWS} | {"lower": apart["lower"]}
    clustering = ClusteringConfig(k1=14, k2=3, eps=0.3)
    alone, joint = (
        LPTeacher(LPTeacherConfig(clustering=clustering, parts_in_clustering=share)).relabel(features, 0)[0]
        for share in (0.0, 0.4)
    )
    assert len(set(alone[:20])) == 1
    assert len(set(joint[:20])) == 2


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_the_students_loss_by_hand(mode: str) -> None:
    method = student(distillation=0.5, teacher_mode=mode)
    features, labels = crowd(3), np.repeat(np.arange(6), 10)
    method.start_epoch(features, labels, 1)
    method.train()
    views, batch = views_of(20), batch_of()
    losses = method.losses(views, batch)
    copy = teacher_network()
    copy.train(mode == "train")
    with torch.no_grad():
        taught = copy(batch.images)
    for view in VIEWS:
        cosines = (views[view].unit * taught[view].unit).sum(1)
        expected = WEIGHTS[view] * 0.5 * (2 - 2 * cosines).mean()
        torch.testing.assert_close(losses[f"distillation_{view}"], expected)
        expected = WEIGHTS[view] * contrast(views[view].unit, means(features[view], labels), TARGETS)
        torch.testing.assert_close(losses[f"contrast_{view}"], expected)
    assert len(losses) == 6


def test_without_distillation_the_teacher_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    method = student(distillation=0.0)
    method.start_epoch(crowd(3), np.repeat(np.arange(6), 10), 1)
    monkeypatch.setattr(method.teacher_network, "forward", None)
    assert list(method.losses(views_of(20), batch_of())) == [f"contrast_{view}" for view in VIEWS]


def test_the_first_pass_is_the_teachers_frozen_and_doubled() -> None:
    taught, own = crowd(4), crowd(5, people=8, each=7)
    own = {view: np.concatenate([rows, rows])[:60] for view, rows in own.items()}
    method = student(taught)
    assert method.extra_passes == 1
    labels, _ = method.relabel(own, 0)
    np.testing.assert_array_equal(labels, method.clustering.label(taught)[0])
    assert method.iterations(200, 256, labels, 0) == 400
    assert method.iterations(None, 16, labels, 0) == 2 * -(-int((labels >= 0).sum()) // 16)
    method.start_epoch(own, labels, 0)
    method.update(method.keep(views_of(20), batch_of()))
    for view in VIEWS:
        torch.testing.assert_close(method.memories[view].centroids, means(taught[view], labels))

    labels, _ = method.relabel(own, 1)
    np.testing.assert_array_equal(labels, method.clustering.label(own)[0])
    assert method.iterations(200, 256, labels, 1) == 200
    method.start_epoch(own, labels, 1)
    before = {view: method.memories[view].centroids.clone() for view in VIEWS}
    torch.testing.assert_close(before["global"], means(own["global"], labels))
    method.update(method.keep(views_of(20), batch_of()))
    for view in VIEWS:
        moved = (method.memories[view].centroids - before[view]).norm(dim=1) > 0.1
        assert moved[:3].all()
        assert not moved[3:].any()


def test_the_first_pass_can_be_left_out() -> None:
    method, own = student(first_pass=False), crowd(5)
    assert method.extra_passes == 0
    labels, _ = method.relabel(own, 0)
    np.testing.assert_array_equal(labels, method.clustering.label(own)[0])
    assert method.iterations(200, 256, labels, 0) == 200
    method.start_epoch(own, labels, 0)
    torch.testing.assert_close(method.memories["upper"].centroids, means(own["upper"], labels))
    assert method.memories["upper"].momentum == 0.1


def test_the_teacher_is_saved_but_never_trained() -> None:
    method = student()
    assert list(method.parameters())
    with pytest.raises(ValueError, match="empty parameter list"):
        make_optimiser(method, make_config("paper"))
    before = {name: value.clone() for name, value in method.teacher_network.state_dict().items()}
    method.start_epoch(crowd(3), np.repeat(np.arange(6), 10), 1)
    method.train()
    network = build_model("tiny", init="random", views=VIEWS, seed=1)
    batch = batch_of()
    torch.stack(list(method.losses(network(batch.images), batch).values())).sum().backward()
    assert all(p.grad is not None for p in network.parameters() if p.requires_grad)
    assert all(p.grad is None for p in method.parameters())
    for name, value in method.teacher_network.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(value, before[name]), name
    other = student()
    other.load_state_dict(method.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(other.buffers(), method.buffers(), strict=True))


@pytest.mark.parametrize(("mode", "training"), [("train", True), ("eval", False)])
def test_the_teachers_mode(mode: str, training: bool) -> None:
    method = student(teacher_mode=mode)
    parts = list(method.teacher_network.modules())
    method.train()
    assert {part.training for part in parts} == {training}
    method.eval()
    assert not any(part.training for part in parts)


def test_ghost_batch_norm_holds_for_the_teacher_too() -> None:
    """In chunks of 4 it sees two halves of a batch as if each had come alone."""
    network = teacher_network(bn_images=4)
    assert any(isinstance(part, GhostBatchNorm2d) for part in network.modules())
    method = LP(teacher=network, teacher_features=crowd(9))
    method.train()
    images = batch_of(torch.zeros(8, dtype=torch.int64)).images
    with torch.no_grad():
        whole = method.teacher_network(images)["upper"].unit
        halves = [method.teacher_network(half)["upper"].unit for half in images.split(4)]
    torch.testing.assert_close(whole, torch.cat(halves))


def made(**options: Any) -> Any:
    """The student, as a run makes it."""
    config = make_config("paper", {"method": "lp", **options})
    setting = Setting(
        config.as_dict(), {"global": 256}, np.zeros(60, np.int64),
        teacher=teacher_network(), teacher_features=crowd(9),
    )  # fmt: skip
    return make_method(config, setting)


def test_options_reach_both_stages() -> None:
    settings = {"lp.parts_in_clustering": 0.1, "lp.distillation": 2, "lp.first_pass": False, "gds.kappa": 2}
    options = {"k1": 20, "eps": 0.7, "momentum": 0.2, "instances": 4, "add": ["gds"], "settings": settings}
    base = made(**options).method
    assert isinstance(base, LP)
    common = {
        "clustering": ClusteringConfig(k1=20, eps=0.7), "momentum": 0.2, "sampler": ClusterSampler(16, 4),
        "parts_in_clustering": 0.1,
    }  # fmt: skip
    assert base.config == LPConfig(**common, distillation=2, first_pass=False)
    config = make_config("paper", {"method": "lp", **options})
    taught = LP.teacher_settings(config.as_dict())
    assert taught == {"lp-teacher.parts_in_clustering": 0.1}
    options |= {"method": "lp-teacher", "settings": taught, "add": []}
    setting = Setting(make_config("paper", options).as_dict(), {"global": 256}, np.zeros(60, np.int64))
    assert METHODS["lp-teacher"].build(setting).config == LPTeacherConfig(**common)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"lp.parts": 0.1}, r"Unknown setting lp\.parts; lp has parts_in_clustering, .*teacher_mode"),
        ({"lp.parts_in_clustering": 0.6}, r"parts_in_clustering = 0\.6: it must be a number from 0 to 0\.5"),
        ({"lp.parts_in_loss": -0.1}, r"parts_in_loss = -0\.1: it must be a number from 0 to 1"),
        ({"lp.distillation": -1}, "distillation = -1: it must be a number from 0"),
        ({"lp.distillation": "much"}, "distillation = 'much'"),
        ({"lp.teacher_mode": "test"}, "teacher_mode = 'test': use train or eval"),
    ],
)
def test_what_cannot_be_is_refused_before_the_teacher_is_trained(
    settings: dict[str, Any], complaint: str
) -> None:
    config = make_config("paper", {"method": "lp", "settings": settings})
    with pytest.raises(ReidkitError, match=complaint):
        LP.teacher_settings(config.as_dict())


def test_an_added_term_sees_the_global_pairs() -> None:
    method = made(add=["gds"])
    assert isinstance(method, Composed)
    assert (method.views, method.extra_passes) == (VIEWS, 1)
    features, labels = crowd(3), np.repeat(np.arange(6), 10)
    method.start_epoch(features, labels, 1)
    views, batch = views_of(20), batch_of()
    losses = method.losses(views, batch)
    pairs = batch_pairs(views["global"].unit, batch.labels)
    assert losses["gds"] == method.terms[0].losses(*pairs)["gds"]
    method.update(method.keep(views, batch))
    assert {"contrast_upper", "distillation_lower", "gds", "gds_hard"} < losses.keys()


@pytest.mark.parametrize(("height", "rows"), [(128, 4), (64, 2), (32, 1)])
def test_halves_of_low_crops_have_few_rows_and_still_differ(height: int, rows: int) -> None:
    network = teacher_network()
    images = torch.randn(3, 3, height, 32, generator=torch.Generator().manual_seed(0))
    feature_map = network.backbone(images)
    assert feature_map.shape[2] == 2 * rows
    views = network(images)
    torch.testing.assert_close(views["lower"].pooled, network.pools["lower"](feature_map[:, :, rows:]))
    assert not torch.allclose(views["upper"].unit, views["lower"].unit)


def test_crops_too_low_for_halves_are_refused() -> None:
    with pytest.raises(ReidkitError, match="a map of 1 row has no upper half; use taller crops"):
        teacher_network()(torch.zeros(2, 3, 16, 16))
