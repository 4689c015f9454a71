"""The sparse Jaccard distance against the definition written out densely."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from reidkit.errors import ReidkitError
from reidkit.labels import dbscan
from reidkit.neighbours import jaccard_graph, nearest


def people(n: int, dim: int = 24, spread: float = 0.5, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(max(n // 12, 1), dim))
    x = centres[rng.integers(0, len(centres), n)] + spread * rng.normal(size=(n, dim))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def dense_jaccard(f: np.ndarray, k1: int, k2: int) -> np.ndarray:
    """The published definition, set by set, in N x N memory."""
    n = len(f)
    d = 2 - 2 * f @ f.T
    np.fill_diagonal(d, -1)
    order = np.argsort(d, axis=1, kind="stable")
    near = [set(order[i, :k1]) for i in range(n)]
    half_size = min(int(np.around(k1 / 2)) + 1, k1)
    halves = [set(order[i, :half_size]) for i in range(n)]
    mutual = [{j for j in near[i] if i in near[j]} for i in range(n)]
    mutual_half = [{j for j in halves[i] if i in halves[j]} for i in range(n)]
    v = np.zeros((n, n))
    for i in range(n):
        circle = set(mutual[i])
        for q in mutual[i]:
            if len(mutual_half[q] & mutual[i]) > 2 / 3 * len(mutual_half[q]):
                circle |= mutual_half[q]
        members = sorted(circle)
        weight = np.exp(-(2 - 2 * f[members] @ f[i]))
        v[i, members] = weight / weight.sum()
    v = np.stack([v[order[i, :k2]].mean(axis=0) for i in range(n)])
    shared = np.stack([np.minimum(v[i], v).sum(axis=1) for i in range(n)])
    jaccard = np.maximum(1 - shared / (2 - shared), 0)
    np.fill_diagonal(jaccard, 0)
    return jaccard


def as_dense(graph) -> np.ndarray:  # type: ignore[no-untyped-def]
    dense = np.ones(graph.shape, np.float32)
    rows = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    dense[rows, graph.indices] = graph.data
    return dense


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(5, 150),
    k1=st.integers(1, 40),
    k2=st.integers(1, 8),
    seed=st.integers(0, 99),
)
def test_equals_the_dense_definition(n: int, k1: int, k2: int, seed: int) -> None:
    f = people(n, seed=seed)
    graph = jaccard_graph(f, k1=k1, k2=k2)
    expected = dense_jaccard(f, min(k1, n), min(k2, n))
    np.testing.assert_allclose(as_dense(graph), expected, atol=1e-5)


def test_is_symmetric_sorted_and_has_a_zero_diagonal() -> None:
    graph = jaccard_graph(people(300), k1=10)
    dense = as_dense(graph)
    np.testing.assert_array_equal(dense, dense.T)
    assert (np.diag(dense) == 0).all()
    assert graph.has_sorted_indices
    assert graph.nnz < 300 * 300 / 2, "most pairs share nobody and are not stored"


def test_eps_keeps_what_dbscan_needs_and_no_more() -> None:
    f = people(400, spread=0.8)
    whole, cut = jaccard_graph(f), jaccard_graph(f, eps=0.5)
    assert cut.data.max() <= 0.5 < whole.data.max()
    np.testing.assert_array_equal(as_dense(cut) <= 0.5, as_dense(whole) <= 0.5)
    expected = DBSCAN(eps=0.5, min_samples=4, metric="precomputed").fit_predict(as_dense(whole))
    np.testing.assert_array_equal(dbscan(cut, eps=0.5), expected)
    assert expected.max() > 5, "the example has clusters"


def test_copies_of_one_crop_are_at_distance_zero() -> None:
    f = np.concatenate([np.repeat(people(1, seed=1), 8, axis=0), people(40, seed=2)])
    assert as_dense(jaccard_graph(f, k1=8, k2=3))[:8, :8].max() < 1e-6


@pytest.mark.parametrize(("k1", "k2"), [(0, 6), (30, 0)])
def test_refuses_impossible_neighbourhoods(k1: int, k2: int) -> None:
    with pytest.raises(ReidkitError, match=f"k1 = {k1}, k2 = {k2}"):
        jaccard_graph(people(20), k1=k1, k2=k2)


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 80), k=st.integers(1, 90), seed=st.integers(0, 99))
def test_nearest_equals_a_full_sort(n: int, k: int, seed: int) -> None:
    f = people(n, seed=seed)
    distances, indices = nearest(f, k)
    dense = np.linalg.norm(f[:, None] - f[None], axis=2)
    expected = np.sort(dense, axis=1)[:, : min(k, n)]
    np.testing.assert_allclose(distances, expected, atol=1e-3)
    np.testing.assert_array_equal(indices[:, 0], np.arange(n))


def test_nearest_puts_itself_first_even_among_many_copies() -> None:
    f = np.repeat(people(2, seed=3), 20, axis=0)
    distances, indices = nearest(f, 5)
    np.testing.assert_array_equal(indices[:, 0], np.arange(40))
    assert distances.max() < 1e-3
    assert all(len(set(row)) == 5 for row in indices.tolist())


def test_nearest_names_a_broken_row() -> None:
    f = people(10)
    f[7] = np.nan
    with pytest.raises(ReidkitError, match="row 7"):
        nearest(f, 3)
