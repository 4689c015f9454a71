"""The weighted sum of several views' distances against the sum of their full tables."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from reidkit.errors import ReidkitError
from reidkit.neighbours import dense_distances, jaccard_graph, weighted_graph
from tests.neighbours.oracle import people

WEIGHTS = [0.7, 0.15, 0.15]


@pytest.fixture(scope="module")
def views() -> list[np.ndarray]:
    """Three noisy looks at the same crops."""
    rng = np.random.default_rng(0)
    noisy = [people(240) + 0.1 * rng.normal(size=(240, 24)) for _ in WEIGHTS]
    return [(x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32) for x in noisy]


def dense_sum(graphs: list[sparse.csr_array]) -> np.ndarray:
    return sum(w * dense_distances(graph) for w, graph in zip(WEIGHTS, graphs, strict=True))  # type: ignore[return-value]


@pytest.mark.parametrize("eps", [None, 0.5])
def test_equals_the_sum_of_the_full_tables(views: list[np.ndarray], eps: float | None) -> None:
    graphs = [jaccard_graph(view, k1=12) for view in views]
    summed, table = weighted_graph(graphs, WEIGHTS, eps=eps), dense_sum(graphs)
    expected = table if eps is None else np.where(table <= eps, table, 1)
    np.testing.assert_allclose(dense_distances(summed), expected, atol=1e-6)
    assert (summed.diagonal() == 0).all()
    assert summed.diagonal().shape == (240,)
    assert summed.has_sorted_indices
    assert summed.dtype == np.float32


def test_a_single_view_is_left_as_it_is(views: list[np.ndarray]) -> None:
    graph = jaccard_graph(views[0], k1=12)
    np.testing.assert_allclose(
        dense_distances(weighted_graph([graph], [1.0])), dense_distances(graph), atol=1e-6
    )


def test_graphs_cut_by_eps_cannot_be_summed(views: list[np.ndarray]) -> None:
    """Why the docstring says so: what was cut counts as 1, and the sum comes out too large."""
    whole = dense_distances(weighted_graph([jaccard_graph(view, k1=12) for view in views], WEIGHTS))
    cut = dense_distances(weighted_graph([jaccard_graph(view, k1=12, eps=0.5) for view in views], WEIGHTS))
    assert ((whole <= 0.5) & (cut > 0.5)).any()


def test_the_given_graphs_are_not_changed(views: list[np.ndarray]) -> None:
    graphs = [jaccard_graph(view, k1=12) for view in views]
    before = [graph.copy() for graph in graphs]
    weighted_graph(graphs, WEIGHTS, eps=0.3)
    for graph, copy in zip(graphs, before, strict=True):
        np.testing.assert_array_equal(graph.data, copy.data)
        np.testing.assert_array_equal(graph.indices, copy.indices)


@pytest.mark.parametrize(
    ("weights", "complaint"),
    [([0.5, 0.4], "sum to 1"), ([1.5, -0.5], "none be negative"), ([1.0], "2 graphs and 1 weights")],
)
def test_refuses_impossible_weights(weights: list[float], complaint: str) -> None:
    graph = sparse.csr_array((4, 4), dtype=np.float32)
    with pytest.raises(ReidkitError, match=complaint):
        weighted_graph([graph, graph], weights)


def test_refuses_graphs_of_different_crops() -> None:
    graphs = [sparse.csr_array((4, 4)), sparse.csr_array((5, 5))]
    with pytest.raises(ReidkitError, match="same crops"):
        weighted_graph(graphs, [0.5, 0.5])
    with pytest.raises(ReidkitError, match="0 graphs"):
        weighted_graph([], [])
