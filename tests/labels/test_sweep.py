"""Many cuts of one tree, and the eps that they suggest."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from reidkit.errors import ReidkitError
from reidkit.labels import ClusterTree, cluster_tree, label_quality
from reidkit.neighbours import jaccard_graph


def draw_people(spread: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    """600 crops of 50 people."""
    rng = np.random.default_rng(0)
    pids = np.sort(rng.integers(0, 50, 600))
    x = rng.normal(size=(50, 24))[pids] + spread * rng.normal(size=(600, 24))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32), pids + 1


@pytest.fixture(scope="module")
def tree() -> ClusterTree:
    return cluster_tree(jaccard_graph(draw_people()[0]))


@pytest.fixture(scope="module")
def pids() -> np.ndarray:
    return draw_people()[1]


def test_sweep_counts_what_the_cuts_hold(tree: ClusterTree, pids: np.ndarray) -> None:
    table = tree.sweep([0.4, 0.6], pids=pids, ami=True)
    assert table["eps"].tolist() == [0.4, 0.6]
    for eps, row in table.set_index("eps").iterrows():
        labels = tree.cut(eps)
        sizes = np.bincount(labels[labels >= 0])
        assert row["largest"] == sizes.max()
        assert row["pairs"] == np.triu(labels == labels[:, None], 1)[labels >= 0].sum()
        for name, value in label_quality(labels, pids).items():
            assert row[name] == value, name


def test_sweep_without_identities_and_values_of_its_own(tree: ClusterTree) -> None:
    table = tree.sweep()
    assert list(table) == ["eps", "clusters", "outliers", "largest", "pairs"]
    assert len(table) == 99
    assert table["outliers"].is_monotonic_decreasing
    assert table["largest"].is_monotonic_increasing
    assert table["pairs"].is_monotonic_increasing


def test_sweep_ends_where_the_graph_was_cut() -> None:
    features, _ = draw_people()
    short = cluster_tree(jaccard_graph(features, eps=0.6), eps_max=0.6)
    assert short.sweep()["eps"].max() == 0.6
    assert short.plateau()[1] <= 0.6


def test_sweep_leaves_the_slow_scores_to_who_asks(tree: ClusterTree, pids: np.ndarray) -> None:
    table = tree.sweep([0.5], pids=pids)
    assert "ami" not in table
    assert {"pair_f1", "pair_precision", "purity", "ari"} <= set(table)


def test_the_plateau_is_the_widest_range_whose_ends_agree(tree: ClusterTree) -> None:
    table = tree.sweep()
    usable = table[(table["outliers"] <= 300) & (table["largest"] <= 300)].to_numpy()
    eps, pairs = usable[:, 0], usable[:, 4]
    ranges = [
        (round(eps[b] - eps[a], 2), -a, a, b)
        for a in range(len(eps))
        for b in range(a, len(eps))
        if 2 * pairs[a] / (pairs[a] + pairs[b]) >= 0.5
    ]
    _, _, a, b = max(ranges)
    assert tree.plateau() == (eps[a], eps[b])
    assert tree.suggest_eps() == pytest.approx((eps[a] + eps[b]) / 2)


@pytest.mark.parametrize(("later", "low"), [(2, 0.1), (3, 0.3)])
def test_a_plateau_lets_the_pairs_grow_threefold_and_no_more(later: int, low: float) -> None:
    # One pair at 0.1 and others at 0.3; all is one from 0.8 on. Of one sample everybody is a core crop.
    d = np.full((8, 8), 0.8)
    for pair in range(1 + later):
        d[2 * pair, 2 * pair + 1] = d[2 * pair + 1, 2 * pair] = 0.3 if pair else 0.1
    assert cluster_tree(sparse.csr_array(d * (1 - np.eye(8))), min_samples=1).plateau() == (low, 0.79)


def test_the_agreement_of_two_cuts_is_their_pair_f1(tree: ClusterTree) -> None:
    fine, coarse = tree.cut(0.4), tree.cut(0.55)
    left, right = tree.sweep([0.4, 0.55])["pairs"]
    people = np.where(coarse >= 0, coarse + 1, coarse.max() + 2 + np.arange(len(coarse)))
    assert label_quality(fine, people)["pair_f1"] == pytest.approx(2 * left / (left + right))


def test_the_suggested_eps_finds_people_who_stand_apart() -> None:
    features, pids = draw_people(spread=0.3)
    tree = cluster_tree(jaccard_graph(features))
    assert label_quality(tree.cut(tree.suggest_eps()), pids)["pair_f1"] > 0.95


def test_without_groups_nothing_is_suggested() -> None:
    with pytest.raises(ReidkitError, match="these distances know no groups"):
        cluster_tree(sparse.csr_array((20, 20))).suggest_eps()
