"""The supervised baseline against its formula."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from reidkit.data.samplers import ClusterSampler
from reidkit.engine.config import make_config
from reidkit.errors import ReidkitError
from reidkit.methods import METHODS, Batch, Setting, Supervised, SupervisedConfig
from reidkit.models import View

PIDS = np.array([7, 7, 40, 40, 9, 9])


def slow_triplet(x: Tensor, y: Tensor, margin: float) -> Tensor:
    terms = []
    for a in range(len(x)):
        d = (x - x[a]).norm(dim=1)
        positives = [float(d[i]) for i in range(len(x)) if y[i] == y[a] and i != a]
        negatives = [float(d[i]) for i in range(len(x)) if y[i] != y[a]]
        terms.append(max(0.0, margin + max(positives) - min(negatives)))
    return torch.tensor(terms).mean()


def test_the_defaults_are_the_strong_baselines() -> None:
    # Luo et al., CVPRW 2019: label smoothing 0.1, margin 0.3, both losses with weight 1, P = 16, K = 4.
    assert SupervisedConfig() == SupervisedConfig(0.1, 0.3, 1.0, ClusterSampler(16, 4, False))


def test_labels_are_the_people_in_order_of_their_pid() -> None:
    labels, trouble = Supervised(PIDS, 4).relabel({}, 0)
    assert labels.tolist() == [0, 0, 2, 2, 1, 1]
    assert trouble is None


def test_the_loss_by_its_formula() -> None:
    method = Supervised(PIDS, 4, SupervisedConfig(triplet=0.5), seed=3)
    generator = torch.Generator().manual_seed(0)
    pooled, normed = torch.randn(2, 6, 4, generator=generator)
    labels = torch.tensor([0, 0, 2, 2, 1, 1])
    batch = Batch(torch.empty(0), torch.arange(6), labels)
    losses = method.losses({"global": View(pooled, normed, normed)}, batch)
    logs = torch.log_softmax(normed @ method.classifier.weight.T, dim=1)
    target = torch.full((6, 3), 0.1 / 3)
    target[torch.arange(6), labels] += 0.9
    torch.testing.assert_close(losses["identity"], -(target * logs).sum(1).mean())
    torch.testing.assert_close(losses["triplet"], 0.5 * slow_triplet(pooled, labels, 0.3), atol=1e-6, rtol=0)


def test_the_seed_makes_the_classifier() -> None:
    weights = [Supervised(PIDS, 4, seed=seed).classifier.weight for seed in (1, 1, 2)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("pids", [[3, 3, 3], [], [1, 2, -1]])
def test_it_needs_the_identities_of_two_people(pids: list[int]) -> None:
    with pytest.raises(ReidkitError, match="needs a pid for every training crop, and at least two people"):
        Supervised(np.array(pids, dtype=np.int64), 4)


def test_it_is_the_one_method_that_may_read_pids() -> None:
    assert [name for name, method in METHODS.items() if method.needs_identities] == ["supervised"]


def test_options_reach_it() -> None:
    config = make_config("towns-pretrain", {"settings": {"supervised.margin": 0.5}})
    method = Supervised.build(Setting(config.as_dict(), {"global": 4}, np.zeros(6, np.int64), PIDS))
    assert method.config == SupervisedConfig(margin=0.5, sampler=ClusterSampler(16, 4, False))
