"""Labels from several views: the weighted distance against a full table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from reidkit.errors import ReidkitError
from reidkit.labels import cluster_tree, dbscan
from reidkit.labels.reliability import independence_threshold, keep_reliable, reliability
from reidkit.methods import Clustering, ClusteringConfig
from reidkit.methods.clustering import ReliabilityConfig
from reidkit.neighbours import dense_distances, jaccard_graph

VIEWS = ("global", "upper", "lower")


def crowd(people: int, each: int, spread: float, seed: int) -> dict[str, np.ndarray]:
    """Three views in which the same people are told apart, each with a noise of its own."""
    rng = np.random.default_rng(seed)
    features = {}
    for view in VIEWS:
        rows = np.repeat(rng.normal(size=(people, 16)), each, axis=0)
        rows = rows + spread * rng.normal(size=rows.shape)
        features[view] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return features


@settings(max_examples=25, deadline=None)
@given(
    people=st.integers(2, 8),
    spread=st.floats(0.1, 1.5),
    eps=st.sampled_from([None, 0.3, 0.6, 0.9]),
    share=st.sampled_from([0.0, 0.15, 0.3, 0.5]),
    seed=st.integers(0, 99),
)
def test_the_distance_is_the_weighted_sum(
    people: int, spread: float, eps: float | None, share: float, seed: int
) -> None:
    features = crowd(people, 8, spread, seed)
    weights = {"global": 1 - 2 * share, "upper": share, "lower": share}
    clustering = Clustering(ClusteringConfig(k1=12, k2=3), views=weights)
    tables = {v: dense_distances(jaccard_graph(features[v], k1=12, k2=3)) for v in VIEWS}
    expected = sum(weights[v] * tables[v].astype(np.float64) for v in VIEWS)
    found = clustering.graph(features, eps=eps)
    if eps is not None:
        assert (found.data <= eps).all()
        expected = np.where(expected <= eps, expected, 1)
    np.testing.assert_allclose(dense_distances(found), expected, atol=2e-6)
    assert (found.diagonal() == 0).all()
    assert abs(found - found.T).max() < 1e-6
    assert found.has_sorted_indices


def test_labels_are_dbscans_on_that_distance() -> None:
    features = crowd(10, 12, 0.6, 1)
    weights = {"global": 0.7, "upper": 0.15, "lower": 0.15}
    labels, trouble = Clustering(ClusteringConfig(k1=12, k2=3), views=weights).label(features)
    table = sum(weights[v] * dense_distances(jaccard_graph(features[v], k1=12, k2=3)) for v in VIEWS)
    expected = DBSCAN(eps=0.6, min_samples=4, metric="precomputed").fit_predict(table)
    np.testing.assert_array_equal(labels, expected)
    assert labels.max() > 3
    assert trouble is None


def test_one_view_is_the_plain_jaccard_distance_of_that_view() -> None:
    features = crowd(6, 10, 0.5, 2)
    for views, name in ((None, "global"), ({"global": 0.0, "upper": 1.0}, "upper")):
        clustering = Clustering(ClusteringConfig(k1=12, k2=3), views=views)
        plain = jaccard_graph(features[name], k1=12, k2=3, eps=0.6)
        np.testing.assert_array_equal(clustering.graph(features, eps=0.6).toarray(), plain.toarray())
        np.testing.assert_array_equal(clustering.label(features)[0], dbscan(plain))


@pytest.mark.parametrize("weights", [{"global": 0.7, "upper": 0.15}, {"global": 1.2, "upper": -0.2}])
def test_weights_must_share_one_whole(weights: dict[str, float]) -> None:
    with pytest.raises(ReidkitError, match="they must be 0 or more, and sum to 1"):
        Clustering(views=weights)


def test_what_is_said_of_a_failure_speaks_of_the_weighted_distance() -> None:
    features = crowd(10, 12, 0.6, 1)
    weights = {"global": 0.7, "upper": 0.15, "lower": 0.15}
    clustering = Clustering(ClusteringConfig(k1=12, k2=3, eps=0.01), views=weights)
    _, trouble = clustering.label(features)
    assert trouble is not None
    fourth = np.sort(dense_distances(clustering.graph(features)), axis=1)[:, 3]
    assert f"{np.median(fourth):.2f} for the median crop" in trouble.figures


def test_the_filter_keeps_what_three_cuts_agree_on() -> None:
    features = crowd(12, 10, 1.0, 2)
    config = ClusteringConfig(k1=12, k2=3, eps=0.5, reliability=ReliabilityConfig(gap=0.1))
    clustering = Clustering(config)
    labels, _ = clustering.label(features)
    tree = cluster_tree(jaccard_graph(features["global"], k1=12, k2=3))
    whole = tree.cut(0.5)
    scores = reliability(whole, tight=tree.cut(0.4), loose=tree.cut(0.6))
    threshold = independence_threshold(whole, scores)
    np.testing.assert_array_equal(labels, keep_reliable(whole, scores, threshold))
    assert 0 < (labels >= 0).sum() < (whole >= 0).sum(), "the example has something to filter"
    assert clustering.threshold.item() == threshold
    # The threshold of the first epoch stays, also through a checkpoint.
    other = Clustering(config)
    other.load_state_dict(clustering.state_dict())
    other.label(crowd(12, 10, 1.3, 3))
    assert other.threshold.item() == threshold


@pytest.mark.parametrize(("eps", "gap"), [(0.02, 0.02), (0.99, 0.02), (0.5, 0.0)])
def test_an_eps_without_room_for_the_gap_is_refused(eps: float, gap: float) -> None:
    with pytest.raises(ReidkitError, match="gap"):
        ClusteringConfig(eps=eps, reliability=ReliabilityConfig(gap=gap))
