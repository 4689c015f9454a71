"""What is said when clustering gives nothing to learn from."""

from __future__ import annotations

import numpy as np
import pytest

from reidkit.errors import ReidkitError
from reidkit.labels import dbscan, diagnose
from reidkit.neighbours import jaccard_graph


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def verdict(f: np.ndarray, *, eps: float, k1: int = 30):  # type: ignore[no-untyped-def]
    labels = dbscan(jaccard_graph(f, k1=k1, eps=eps), eps=eps)
    return diagnose(labels, f, k1=k1, k2=6, eps=eps)


@pytest.fixture
def people() -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(20, 32))
    return unit(np.repeat(centres, 15, axis=0) + 0.3 * rng.normal(size=(300, 32)))


def test_usable_labels_need_no_diagnosis(people: np.ndarray) -> None:
    assert verdict(people, eps=0.6) is None


def test_too_small_an_eps_is_named_with_a_better_one(people: np.ndarray) -> None:
    found = verdict(people, eps=0.001)
    assert found is not None
    assert found.fatal
    assert "eps is too small" in found.cause
    assert "100% outliers at eps = 0.001" in found.figures
    better = float(found.advice.split("about ")[1].split(",")[0])
    labels = dbscan(jaccard_graph(people, eps=better), eps=better)
    assert labels.max() >= 10, "the advice leads out"


def test_it_speaks_of_the_distances_that_were_clustered(people: np.ndarray) -> None:
    graph = jaccard_graph(people)
    graph.data = (0.5 + 0.5 * graph.data).astype(np.float32)
    labels = dbscan(graph, eps=0.4)
    found = diagnose(labels, people, k1=30, k2=6, eps=0.4, graph=lambda: graph)
    assert found is not None
    better = float(found.advice.split("about ")[1].split(",")[0])
    assert better > 0.5
    assert dbscan(graph, eps=better).max() >= 10, "the advice leads out"


def test_too_large_an_eps_is_named_with_a_better_one() -> None:
    rng = np.random.default_rng(1)
    people = unit(np.repeat(rng.normal(size=(20, 32)), 15, axis=0) + 1.2 * rng.normal(size=(300, 32)))
    found = verdict(people, eps=0.99)
    assert found is not None
    assert found.fatal
    assert "eps is too large" in found.cause
    assert "1 cluster(s)" in found.figures
    better = float(found.advice.split("about ")[1].rstrip("."))
    labels = dbscan(jaccard_graph(people, eps=better), eps=better)
    assert labels.max() >= 10, "the advice leads out"
    assert (labels >= 0).mean() > 0.7, "and leaves few outliers"


def test_a_collapsed_network_is_named() -> None:
    rng = np.random.default_rng(0)
    same = unit(np.ones((200, 16)) + 1e-4 * rng.normal(size=(200, 16)))
    found = verdict(same, eps=0.05)
    assert found is not None
    assert "collapsed" in found.cause


def test_too_few_crops_for_k1_are_named() -> None:
    rng = np.random.default_rng(0)
    found = verdict(unit(rng.normal(size=(24, 16))), eps=0.6)
    assert found is not None
    assert "only 24 crops for k1 = 30" in found.cause


@pytest.mark.parametrize("eps", [0.0, 1.5])
def test_dbscan_refuses_an_eps_that_no_jaccard_distance_has(people: np.ndarray, eps: float) -> None:
    with pytest.raises(ReidkitError, match="eps"):
        dbscan(jaccard_graph(people), eps=eps)
