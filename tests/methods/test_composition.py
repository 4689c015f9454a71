"""Methods are found by name, terms can be added to any, and options reach both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from reidkit.data.samplers import ClusterSampler
from reidkit.engine.config import TrainConfig, make_config
from reidkit.engine.runs import make_method
from reidkit.errors import ReidkitError
from reidkit.losses import GlobalDistanceSeparationConfig, batch_pairs
from reidkit.methods import (
    GDS,
    METHODS,
    TERMS,
    Batch,
    ClusterContrast,
    ClusteringConfig,
    Composed,
    Setting,
    Term,
    compose,
)
from reidkit.models import View


def setting(**options: Any) -> tuple[TrainConfig, Setting]:
    config = make_config("paper", options)
    return config, Setting(config.as_dict(), {"global": 4}, np.zeros(8, np.int64))


class Nearness(Term):
    """A term of a test: the mean distances, and how often it was updated."""

    @classmethod
    def build(cls, options: Mapping[str, Any]) -> Nearness:
        return cls()

    def __init__(self) -> None:
        super().__init__()
        self.seen, self.batches = 0, 0

    def losses(self, positive: Tensor, negative: Tensor) -> dict[str, Tensor]:
        self.seen = len(positive)
        return {"near": positive.mean(), "far": -negative.mean()}

    def keep(self) -> dict[str, Tensor]:
        return {"pairs": torch.tensor([self.seen])}

    def update(self, kept: Mapping[str, Tensor]) -> None:
        self.batches += int(kept["pairs"].sum())

    def trace(self) -> dict[str, float]:
        return {"updates": float(self.batches)}


@pytest.fixture
def scene() -> tuple[dict[str, View], Batch, np.ndarray, np.ndarray]:
    rows = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    labels = np.arange(8) // 2
    unit = torch.from_numpy(rows)
    batch = Batch(torch.empty(0), torch.arange(8), torch.from_numpy(labels))
    return {"global": View(unit, unit, unit)}, batch, rows, labels


def test_every_method_and_term_is_found_by_its_name() -> None:
    assert METHODS["cluster-contrast"] is ClusterContrast
    assert TERMS["gds"] is GDS
    assert all(method.name == name for name, method in METHODS.items())


def test_a_composed_method_sums_losses_and_passes_the_rest_on(scene) -> None:
    views, batch, rows, labels = scene
    alone, base, term = ClusterContrast(), ClusterContrast(), Nearness()
    method = compose(base, term)
    for one in (alone, method):
        one.start_epoch({"global": rows}, labels, 0)
    losses = method.losses(views, batch)
    positive, negative = batch_pairs(views["global"].unit, batch.labels)
    assert losses.keys() == {"contrast", "near", "far"}
    assert losses["contrast"] == alone.losses(views, batch)["contrast"]
    assert (losses["near"], losses["far"]) == (positive.mean(), -negative.mean())
    method.update(method.keep(views, batch))
    alone.update(alone.keep(views, batch))
    assert method.trace() == {"updates": 4.0}
    torch.testing.assert_close(base.memory.centroids, alone.memory.centroids)
    np.testing.assert_array_equal(method.embedding({"global": rows}), rows)


def test_without_a_term_it_is_the_method_itself() -> None:
    method = ClusterContrast()
    assert compose(method) is method


def test_the_terms_state_is_saved_with_the_method(scene) -> None:
    views, batch, rows, labels = scene
    one, other = (compose(ClusterContrast(), GDS()) for _ in range(2))
    one.start_epoch({"global": rows}, labels, 0)
    one.losses(views, batch)
    one.update(one.keep(views, batch))
    other.load_state_dict(one.state_dict())
    assert other.trace() == one.trace()
    assert np.isfinite(list(one.trace().values())).all()


def test_two_processes_pool_their_pairs(scene) -> None:
    views, batch, *_ = scene
    terms = [GDS(), GDS()]
    halves = [slice(0, 4), slice(4, 8)]
    kept = []
    for term, half in zip(terms, halves, strict=True):
        term.losses(*batch_pairs(views["global"].unit[half], batch.labels[half]))
        kept.append(term.keep())
    together = {"statistics": torch.cat([part["statistics"] for part in kept])}
    for term in terms:
        term.update(together)
    assert terms[0].trace() == terms[1].trace()
    both = [batch_pairs(views["global"].unit[half], batch.labels[half]) for half in halves]
    positive = torch.cat([pairs[0] for pairs in both])
    assert terms[0].trace()["gds_pos_mean"] == pytest.approx(positive.mean().item(), abs=1e-6)
    assert terms[0].trace()["gds_pos_std"] == pytest.approx(positive.std(correction=0).item(), abs=1e-6)


def test_options_reach_the_method_and_the_term() -> None:
    options = {"k1": 20, "k2": 4, "eps": 0.4, "min_samples": 3, "temperature": 0.1, "momentum": 0.2,
               "clusters": 8, "instances": 6, "use_cameras": False, "add": ["gds"],
               "settings": {"gds.kappa": 2, "gds.gradient": "rescaled"}}  # fmt: skip
    method = make_method(*setting(**options))
    assert isinstance(method, Composed)
    base, (term,) = method.method, method.terms
    assert isinstance(base, ClusterContrast)
    assert isinstance(term, GDS)
    assert base.config.clustering == ClusteringConfig(20, 4, 0.4, 3)
    assert (base.memory.temperature, base.memory.momentum) == (0.1, 0.2)
    assert base.config.sampler == ClusterSampler(8, 6, cameras=False)
    assert term.loss.config == GlobalDistanceSeparationConfig(kappa=2, gradient="rescaled")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"method": "magic"}, "Unknown method 'magic'; there are .*cluster-contrast"),
        ({"add": ["magic"]}, "Unknown addition 'magic'; there are .*gds"),
        ({"method": "supervised", "add": ["reliability"]}, "filters clusters, but supervised makes none"),
        ({"settings": {"gds.kappa": 2}}, "'gds.kappa'.* PART is cluster-contrast"),
        ({"augment": "none"}, "augment = 'none': use full or flip"),
        ({"optimiser": "lion"}, "optimiser = 'lion': use adam or sgd"),
    ],
)
def test_what_does_not_go_together_is_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ReidkitError, match=complaint):
        make_config("paper", options)


def test_an_unknown_choice_of_a_term_is_named() -> None:
    with pytest.raises(ReidkitError, match=r"Unknown setting gds\.kapa; gds has beta, .*kappa"):
        make_method(*setting(add=["gds"], settings={"gds.kapa": 2}))


def test_a_config_survives_the_way_through_json() -> None:
    config = make_config("towns", {"add": ["gds"], "settings": {"gds.beta": 0.5}})
    assert TrainConfig(**json.loads(json.dumps(config.as_dict()))) == config
