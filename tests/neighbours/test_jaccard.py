"""The sparse Jaccard distance against the definition written out densely."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from reidkit.errors import ReidkitError
from reidkit.labels import dbscan
from reidkit.neighbours import dense_distances, jaccard_graph, nearest
from tests.neighbours.oracle import dense_jaccard, lattice, people


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 150),
    k1=st.integers(1, 40),
    k2=st.integers(1, 8),
    seed=st.integers(0, 99),
    draw=st.sampled_from([people, lattice]),
)
def test_equals_the_dense_definition(n, k1, k2, seed, draw) -> None:  # type: ignore[no-untyped-def]
    f = draw(n, seed=seed)
    order = nearest(f, max(k1, k2))[1]
    expected = dense_jaccard(f, order, k1, k2)
    np.testing.assert_allclose(dense_distances(jaccard_graph(f, k1=k1, k2=k2)), expected, atol=1e-5)


def test_dbscan_gives_the_labels_of_the_dense_definition() -> None:
    f = people(600, spread=0.8)
    expected = dense_jaccard(f, nearest(f, 30)[1], 30, 6)
    labels = DBSCAN(eps=0.6, min_samples=4, metric="precomputed").fit_predict(expected)
    np.testing.assert_array_equal(dbscan(jaccard_graph(f, eps=0.6), eps=0.6), labels)
    assert labels.max() > 5, "the example has clusters"
    assert labels.min() == -1, "and outliers"


def test_is_symmetric_sorted_and_has_a_zero_diagonal() -> None:
    graph = jaccard_graph(people(300), k1=10)
    dense = dense_distances(graph)
    np.testing.assert_array_equal(dense, dense.T)
    assert (np.diag(dense) == 0).all()
    columns = [graph.indices[a:b] for a, b in zip(graph.indptr, graph.indptr[1:], strict=False)]
    assert all((np.diff(row) > 0).all() for row in columns)
    assert (graph.dtype, graph.indices.dtype) == (np.float32, np.int32), "8 bytes an entry"
    assert graph.nnz < 300 * 300 / 2, "most pairs share nobody and are not stored"


@pytest.mark.parametrize("eps", [0.0, 0.5, 0.9])
def test_eps_keeps_what_is_within_and_no_more(eps: float) -> None:
    f = people(400, spread=0.8)
    whole, cut = dense_distances(jaccard_graph(f)), jaccard_graph(f, eps=eps)
    np.testing.assert_array_equal(dense_distances(cut), np.where(whole <= np.float32(eps), whole, 1))
    assert cut.nnz == (whole <= np.float32(eps)).sum()


@pytest.mark.parametrize("k", [30, 45])
def test_given_neighbours_are_as_good_as_own_ones(k: int) -> None:
    f = people(200)
    shared = jaccard_graph(f, neighbours=nearest(f, k))
    np.testing.assert_allclose(dense_distances(shared), dense_distances(jaccard_graph(f)), atol=1e-6)


def test_refuses_neighbours_of_something_else() -> None:
    f = people(50)
    distances, indices = nearest(f, 30)
    with pytest.raises(ReidkitError, match="for 50 crops"):
        jaccard_graph(f, neighbours=(distances[:40], indices[:40]))
    with pytest.raises(ReidkitError, match="for 50 crops"):
        jaccard_graph(f, neighbours=(indices, distances))
    with pytest.raises(ReidkitError, match="12 neighbours a crop: max"):
        jaccard_graph(f, neighbours=nearest(f, 12))
    with pytest.raises(ReidkitError, match="begin with itself"):
        jaccard_graph(f, neighbours=(distances, indices[::-1]))


def test_the_same_features_everywhere() -> None:
    graph = jaccard_graph(np.repeat(people(1), 700, axis=0), k1=8, k2=3)
    assert graph.shape == (700, 700)
    # All are at distance 0, but a list of 8 holds the first few only: they are everyone's neighbours.
    table = dense_distances(graph)
    assert table[:5, :5].max() < 1e-6
    np.testing.assert_array_equal(table, table.T)


def test_a_single_crop_is_at_distance_zero_from_itself() -> None:
    graph = jaccard_graph(people(1))
    assert graph.nnz == 1
    assert graph[0, 0] == 0


def test_copies_of_one_crop_are_at_distance_zero() -> None:
    f = np.concatenate([np.repeat(people(1, seed=1), 8, axis=0), people(40, seed=2)])
    assert dense_distances(jaccard_graph(f, k1=8, k2=3))[:8, :8].max() < 1e-6


@pytest.mark.parametrize(("k1", "k2"), [(0, 6), (30, 0)])
def test_refuses_impossible_neighbourhoods(k1: int, k2: int) -> None:
    with pytest.raises(ReidkitError, match=f"k1 = {k1}, k2 = {k2}"):
        jaccard_graph(people(20), k1=k1, k2=k2)


def test_names_a_broken_row() -> None:
    f = people(40)
    f[7, 3] = np.nan
    with pytest.raises(ReidkitError, match="row 7"):
        jaccard_graph(f)
