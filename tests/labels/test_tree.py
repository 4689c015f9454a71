"""The cluster tree against DBSCAN written out pair by pair, and against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.cluster import DBSCAN

from reidkit.errors import ReidkitError
from reidkit.labels import ClusterTree, cluster_tree, dbscan
from reidkit.labels.tree import core_distances
from reidkit.neighbours import dense_distances, jaccard_graph

TIES = (0.0, 0.1, 0.25, 0.3, 0.6, 0.7)  # 0.1, 0.3, 0.6 and 0.7 are rounded in float32


@st.composite
def graphs(draw) -> sparse.csr_array:  # type: ignore[no-untyped-def]
    """Up to 20 crops; few different distances, so many ties, and zeros; from no link to all of them."""
    n = draw(st.integers(1, 20))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    d = np.triu(rng.choice(TIES, (n, n)) if draw(st.booleans()) else rng.random((n, n)), 1)
    stored = np.triu(rng.random((n, n)) < draw(st.sampled_from([0, 0.05, 0.1, 0.2, 0.5, 1])), 1)
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    return graph_of(d + d.T, stored | stored.T, dtype)


def graph_of(d: np.ndarray, stored: np.ndarray, dtype: type = np.float32) -> sparse.csr_array:
    """A graph of the stored distances, explicit zeros and the diagonal among them."""
    rows, columns = np.nonzero(stored | np.eye(len(d), dtype=bool))
    return sparse.csr_array((d[rows, columns].astype(dtype), (rows, columns)), shape=d.shape)


any_eps = st.one_of(st.sampled_from(TIES[1:]), st.floats(0.001, 0.999))
settled = settings(max_examples=150, deadline=None)


def brute_force(graph: sparse.csr_array, eps: float, min_samples: int) -> np.ndarray:
    """DBSCAN by its definition: core crops, chains of them, and who reaches a border crop first."""
    d = np.full(graph.shape, np.inf, graph.dtype)
    d[graph.tocoo().coords] = graph.data
    linked = d <= graph.dtype.type(eps)
    is_core = linked.sum(axis=1) >= min_samples
    labels = np.full(len(d), -1)
    for i in np.flatnonzero(is_core):
        if labels[i] < 0:
            labels[i], chain = labels.max() + 1, [i]
            while chain:
                found = np.flatnonzero(linked[chain.pop()] & is_core & (labels < 0))
                labels[found] = labels[i]
                chain += found.tolist()
    core = np.sort(np.c_[d, np.full((len(d), min_samples), np.inf)], axis=1)[:, min_samples - 1]
    for i in np.flatnonzero(~is_core):
        others = [(max(core[j], d[i, j]), d[i, j], j) for j in range(len(d)) if j != i]
        if others and min(others)[0] <= graph.dtype.type(eps):
            labels[i] = labels[min(others)[2]]
    return labels


@given(graph=graphs(), eps=any_eps, min_samples=st.integers(1, 6))
@settled
def test_a_cut_is_dbscan_by_its_definition(graph: sparse.csr_array, eps: float, min_samples: int) -> None:
    labels = cluster_tree(graph, min_samples).cut(eps)
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, brute_force(graph, eps, min_samples))


@given(graph=graphs(), eps=any_eps, min_samples=st.integers(1, 6))
@settled
def test_a_cut_is_scikit_learns_but_for_border_crops_between_clusters(
    graph: sparse.csr_array, eps: float, min_samples: int
) -> None:
    labels = cluster_tree(graph, min_samples).cut(eps)
    d = np.full(graph.shape, 2, graph.dtype)
    d[graph.tocoo().coords] = graph.data
    model = DBSCAN(eps=eps, min_samples=min_samples, metric="precomputed").fit(d)
    is_core = np.isin(np.arange(len(d)), model.core_sample_indices_)
    np.testing.assert_array_equal(labels[is_core], model.labels_[is_core])
    np.testing.assert_array_equal(labels < 0, model.labels_ < 0)
    np.testing.assert_array_equal(dbscan(graph, eps=eps, min_samples=min_samples), model.labels_)
    for i in np.flatnonzero((labels >= 0) & ~is_core):
        within_reach = is_core & (d[i] <= graph.dtype.type(eps))
        assert labels[i] in labels[within_reach]


@given(graph=graphs(), low=any_eps, high=any_eps, min_samples=st.integers(1, 6))
@settled
def test_clusters_only_join_as_eps_grows(
    graph: sparse.csr_array, low: float, high: float, min_samples: int
) -> None:
    tree = cluster_tree(graph, min_samples)
    fine, coarse = (tree.cut(eps) for eps in sorted((low, high)))
    for cluster in range(fine.max() + 1):
        (joined,) = set(coarse[fine == cluster])
        assert joined >= 0


@given(graph=graphs(), min_samples=st.integers(1, 6), seed=st.integers(0, 99))
@settled
def test_another_order_of_the_crops_gives_the_same_clusters(
    graph: sparse.csr_array, min_samples: int, seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(graph.shape[0])
    tree, other = cluster_tree(graph, min_samples), cluster_tree(graph[order][:, order], min_samples)
    np.testing.assert_array_equal(tree.core[order], other.core)
    np.testing.assert_array_equal(tree.reached[order], other.reached)
    np.testing.assert_allclose(tree.merged, other.merged)


def test_core_distances_are_the_nth_smallest_of_a_row() -> None:
    d = np.array([[0, 0.5, 0.2], [0.5, 0, 0.4], [0.2, 0.4, 0]])
    graph = graph_of(d, d > 0, np.float64)
    for n in (1, 2, 3):
        np.testing.assert_array_equal(core_distances(graph, n), np.sort(d, axis=1)[:, n - 1])
    assert np.isinf(core_distances(graph, 4)).all()
    assert np.isinf(core_distances(graph, 10**12)).all()


def test_the_diagonal_need_not_be_stored() -> None:
    d = np.array([[0, 0.5, 0.2], [0.5, 0, 0.4], [0.2, 0.4, 0]])
    assert core_distances(sparse.csr_array(d), 2).tolist() == [0.2, 0.4, 0.2]


def test_a_border_crop_goes_to_who_reaches_it_first_then_to_the_nearer_then_to_the_smaller_index() -> None:
    # Crops 1-3, 4-6, 7-9 are tight clusters, core crops from 0.1 on; crop 0 sees each through one crop only,
    # and is a core crop from its third nearest other on.
    d = np.ones((10, 10))
    for start in (1, 4, 7):
        d[start : start + 3, start : start + 3] = 0.1
    np.fill_diagonal(d, 0)

    def seen_at(*seen: float) -> ClusterTree:
        d[0, [1, 4, 7]] = d[[1, 4, 7], 0] = seen
        return cluster_tree(graph_of(d, d < 1), min_samples=3)

    first = seen_at(0.5, 0.4, 0.5)
    assert (first.by[0], first.reached[0], first.core[0]) == (4, np.float32(0.4), np.float32(0.5))
    assert first.cut(0.45).tolist() == [1, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert seen_at(0.5, 0.4, 0.4).by[0] == 4, "the smaller index"
    for centre in (1, 4):  # now crops 1 and 4 have two others within reach from 0.4 on only
        d[centre, centre + 1 : centre + 3] = d[centre + 1 : centre + 3, centre] = 0.4
    assert seen_at(0.4, 0.3, 1).by[0] == 4, "of two that are in time, the nearer"


@pytest.fixture(scope="module")
def features() -> np.ndarray:
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(50, 24)), 12, axis=0) + 0.8 * rng.normal(size=(600, 24))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def jaccard(features: np.ndarray) -> sparse.csr_array:
    return jaccard_graph(features)


@pytest.fixture(scope="module")
def tree(jaccard: sparse.csr_array) -> ClusterTree:
    return cluster_tree(jaccard)


def test_a_jaccard_graph_cut_at_its_own_distances(jaccard: sparse.csr_array, tree: ClusterTree) -> None:
    dense = dense_distances(jaccard)
    for eps in np.random.default_rng(0).choice(jaccard.data[(jaccard.data > 0.3)], 20).tolist():
        expected = DBSCAN(eps=eps, min_samples=4, metric="precomputed").fit(dense)
        is_core = expected.core_sample_indices_
        np.testing.assert_array_equal(tree.cut(eps)[is_core], expected.labels_[is_core])
        np.testing.assert_array_equal(tree.cut(eps) < 0, expected.labels_ < 0)


def test_copies_of_a_crop_are_one_cluster_at_every_eps() -> None:
    n = 12
    copies = graph_of(np.zeros((n, n)), np.kron(np.eye(3), np.ones((4, 4))) > 0)
    tree = cluster_tree(copies)
    assert (tree.core == 0).all()
    assert tree.merged.tolist() == [0] * 9
    assert tree.cut(1e-6).tolist() == [0] * 4 + [1] * 4 + [2] * 4


@pytest.mark.parametrize("n", [1, 3, 40])
def test_a_graph_without_links_is_all_outliers(n: int) -> None:
    for graph in (sparse.csr_array((n, n)), graph_of(np.zeros((n, n)), np.zeros((n, n), bool))):
        tree = cluster_tree(graph)
        assert tree.cut(0.5).tolist() == [-1] * n
        assert cluster_tree(graph, min_samples=1).cut(0.5).tolist() == list(range(n))
        assert tree.farthest == 0


def test_a_cut_graph_answers_up_to_where_it_was_cut(features: np.ndarray, tree: ClusterTree) -> None:
    short = cluster_tree(jaccard_graph(features, eps=0.6), eps_max=0.6)
    for eps in (0.3, 0.5, 0.6):
        np.testing.assert_array_equal(short.cut(eps), tree.cut(eps))
    with pytest.raises(ReidkitError, match=r"eps = 0.61: the graph was cut at eps_max = 0.6"):
        short.cut(0.61)
    assert short.farthest <= 0.6 < tree.farthest


@pytest.mark.parametrize(
    ("d", "options", "message"),
    [
        ([[0, 0.2, 0.3]], {}, "expected a sparse"),
        ([[0, 0.2], [0.3, 0]], {}, "from crop 0 to crop 1 is not that from 1 to 0"),
        ([[0, 0.2], [0, 0]], {}, "from crop 0 to crop 1"),
        ([[0, 0], [0.2, 0]], {}, "from crop 1 to crop 0"),
        ([[0, 0, 0.5], [0.2, 0, 0.5], [0.5, 0.5, 0]], {}, "from crop 1 to crop 0"),
        ([[0, 0, 0.5, 0], [0, 0, 0, 0.5], [0.5, 0.2, 0, 0], [0, 0.5, 0, 0]], {}, "from crop 2 to crop 1"),
        ([[0, -0.2], [-0.2, 0]], {}, "negative"),
        ([[0, np.nan], [np.nan, 0]], {}, "NaN"),
        ([[0, 0.2], [0.2, 0]], {"min_samples": 0}, "min_samples = 0"),
        ([[0, 0.7], [0.7, 0]], {"eps_max": 0.6}, "eps_max = 0.6, but the graph holds distances up to 0.7"),
    ],
)
def test_bad_graphs_are_named(d: list[list[float]], options: dict[str, float], message: str) -> None:
    with pytest.raises(ReidkitError, match=message):
        cluster_tree(sparse.csr_array(np.array(d)), **options)


def test_a_full_table_is_not_a_graph() -> None:
    with pytest.raises(ReidkitError, match="expected a sparse"):
        cluster_tree(np.zeros((3, 3)))  # type: ignore[arg-type]


@pytest.mark.parametrize("eps", [0.0, -0.1, 1.01, float("nan")])
def test_an_eps_that_no_jaccard_distance_has_is_refused(tree: ClusterTree, eps: float) -> None:
    with pytest.raises(ReidkitError, match="eps"):
        tree.cut(eps)
