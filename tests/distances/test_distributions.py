"""Pair distributions against a brute-force count of every pair."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.distances import pair_distributions
from reidkit.distances.distributions import CAMERAS, PAIRS
from reidkit.distances.tiles import PairTiles
from reidkit.errors import ReidkitError


def unit(seed: int, n: int, d: int = 8) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def brute_force(rows, ids, cams, index_pairs, stranger):
    """Return {(pair, cameras): distances} by looking at one pair after the other."""
    found = defaultdict(list)
    for i, j in index_pairs:
        if ids[i] < 0 or ids[j] < 0:
            continue
        same_person = ids[i] == ids[j] and ids[i] != stranger
        cameras = "same" if cams[i] == cams[j] else "cross"
        if cams[i] < 0 or cams[j] < 0:
            cameras = "unknown"
        distance = np.sqrt(((rows[i].astype(float) - rows[j].astype(float)) ** 2).sum())
        found["pos" if same_person else "neg", cameras].append(distance)
    return found


def assert_agree(dist, expected):
    for pair, cameras in product(PAIRS, CAMERAS):
        distances = np.array(expected[pair, cameras])
        assert dist.number(pair, cameras) == len(distances)
        if not len(distances):
            assert np.isnan(dist.mean(pair, cameras))
            assert np.isnan(dist.variance(pair, cameras))
            continue
        assert dist.mean(pair, cameras) == pytest.approx(distances.mean(), abs=1e-6)
        assert dist.variance(pair, cameras) == pytest.approx(distances.var(), abs=1e-6)
        # Cumulated, a distance that rounding puts into the next bin moves one count by one edge.
        ours = np.cumsum(dist.fine(pair, cameras))
        assert (ours >= [(distances < e - 1e-5).sum() for e in dist.edges[1:]]).all()
        assert (ours <= [(distances <= e + 1e-5).sum() for e in dist.edges[1:]]).all()


@pytest.mark.parametrize("block", [1, 7, 16, 1024])
@pytest.mark.parametrize("stranger", [0, None])
def test_all_pairs_of_one_set(block, stranger) -> None:
    rng = np.random.default_rng(1)
    rows, ids, cams = unit(0, 40), rng.integers(-1, 5, 40), rng.integers(-1, 3, 40)
    dist = pair_distributions(rows, ids, cams, never_positive=stranger, block=block)
    assert_agree(dist, brute_force(rows, ids, cams, combinations(range(40), 2), stranger))
    assert dist.left_out == (ids < 0).sum() > 0


@pytest.mark.parametrize("block", [1, 7, 1024])
@pytest.mark.parametrize("stranger", [0, None])
def test_pairs_between_two_sets(block, stranger) -> None:
    rng = np.random.default_rng(2)
    rows, ids, cams = unit(3, 33), rng.integers(-1, 4, 33), rng.integers(-1, 3, 33)
    dist = pair_distributions(
        rows[:12],
        ids[:12],
        cams[:12],
        other=(rows[12:], ids[12:], cams[12:]),
        never_positive=stranger,
        block=block,
    )
    between = product(range(12), range(12, 33))
    assert_agree(dist, brute_force(rows, ids, cams, between, stranger))
    assert dist.left_out == (ids < 0).sum()


@given(
    ids=st.lists(st.integers(-1, 4), min_size=1, max_size=30),
    seed=st.integers(0, 99),
    cameras=st.integers(1, 4),
)
@settings(max_examples=50, deadline=None)
def test_every_pair_is_counted_once_whatever_the_order(ids, seed, cameras) -> None:
    ids, n = np.array(ids), len(ids)
    rng = np.random.default_rng(seed)
    rows, cams, order = unit(seed, n), rng.integers(0, cameras, n), rng.permutation(n)
    dist = pair_distributions(rows, ids, cams, never_positive=None, block=5)
    kept = n - dist.left_out
    assert dist.counts.sum() == kept * (kept - 1) // 2
    sizes = np.unique(ids[ids >= 0], return_counts=True)[1]
    assert dist.number("pos") == (sizes * (sizes - 1) // 2).sum()
    shuffled = pair_distributions(rows[order], ids[order], cams[order], never_positive=None, block=5)
    np.testing.assert_array_equal(shuffled.counts.sum(axis=2), dist.counts.sum(axis=2))
    np.testing.assert_allclose(shuffled.sums, dist.sums, atol=1e-5)


@given(
    seed=st.integers(0, 9999),
    n=st.integers(1, 25),
    people=st.integers(1, 4),
    cameras=st.integers(1, 3),
    stranger=st.sampled_from([0, None]),
    block=st.sampled_from([1, 4, 100]),
)
@settings(max_examples=60, deadline=None)
def test_copies_one_person_one_camera_and_unknown_ones(seed, n, people, cameras, stranger, block) -> None:
    rng = np.random.default_rng(seed)
    rows = unit(seed, n)[rng.integers(0, n, n)]
    ids, cams = rng.integers(-1, people, n), rng.integers(-1, cameras, n)
    dist = pair_distributions(rows, ids, cams, never_positive=stranger, block=block)
    expected = brute_force(rows, ids, cams, combinations(range(n), 2), stranger)
    for pair, relation in product(PAIRS, CAMERAS):
        distances = np.array(expected[pair, relation])
        assert dist.number(pair, relation) == len(distances)
        # Copies lie 0 apart, where the float32 product is exact to 5e-4 only.
        ours = np.cumsum(dist.coarse(pair, relation))
        edges = dist.edges[20::20]
        assert (ours >= [(distances < e - 1e-3).sum() for e in edges]).all()
        assert (ours <= [(distances <= e + 1e-3).sum() for e in edges]).all()
        if len(distances):
            assert dist.mean(pair, relation) == pytest.approx(distances.mean(), abs=1e-3)


def test_bins_and_sums_are_exact_for_the_distances_that_were_multiplied() -> None:
    rows, ids, cams = unit(5, 300), np.arange(300) % 20, np.arange(300) % 3
    dist = pair_distributions(rows, ids, cams, never_positive=None)
    tiles = PairTiles.read((rows, ids, cams), None, None, 1000)
    distance = np.sqrt(np.clip(2 - 2 * tiles.products((0, 0)), 0, 4))
    assert distance.dtype == np.float32
    order = tiles.rows.order
    upper = np.triu(np.ones((300, 300), bool), 1)
    for p, c in product(range(2), range(2)):
        wanted = (np.not_equal.outer(ids[order], ids[order]) == p) & upper
        wanted &= np.not_equal.outer(cams[order], cams[order]) == c
        expected = distance[wanted].astype(float)
        np.testing.assert_array_equal(dist.counts[p, c], np.histogram(expected, dist.edges)[0])
        np.testing.assert_allclose(dist.sums[p, c], [expected.sum(), (expected**2).sum()], rtol=1e-13)


def test_two_runs_are_bitwise_equal_and_threads_do_not_matter(monkeypatch) -> None:
    rows, ids = unit(0, 150), np.arange(150) % 9
    runs = []
    for threads in (1, 3, 3):
        monkeypatch.setattr("reidkit.distances.threads.cpu_count", lambda n=threads: n)
        runs.append(pair_distributions(rows, ids, never_positive=None, block=64))
    for run in runs[1:]:
        np.testing.assert_array_equal(run.counts, runs[0].counts)
        np.testing.assert_array_equal(run.sums, runs[0].sums)


def test_opposite_and_equal_vectors_fall_into_the_last_and_first_bin() -> None:
    dist = pair_distributions([[1, 0], [-1, 0], [1, 0]], [1, 2, 1], never_positive=0)
    assert dist.fine("pos")[0] == 1
    assert dist.fine("neg")[-1] == 2
    assert dist.variance("neg") == 0


def test_distractors_of_query_and_gallery_are_strangers_too() -> None:
    rows = unit(0, 4)
    within = pair_distributions(rows, [0, 0, 0, 5], never_positive=0)
    assert (within.number("pos"), within.number("neg")) == (0, 6)
    dist = pair_distributions(rows, [0, 0, 0, 5], other=(rows, [0, 0, 5, 0], None), never_positive=0)
    assert (dist.number("pos"), dist.number("neg")) == (1, 15)


def test_the_given_ids_stay_as_they_are() -> None:
    ids = np.array([0, 0, 1, -1])
    pair_distributions(unit(0, 4), ids, ids, never_positive=0)
    np.testing.assert_array_equal(ids, [0, 0, 1, -1])


def test_ids_may_be_the_nullable_columns_of_a_crops_table() -> None:
    crops = pd.DataFrame({"pid": [1, 1, pd.NA, 2], "camid": [1, pd.NA, 1, 1]}, dtype="Int64")
    dist = pair_distributions(unit(0, 4), crops.pid, crops.camid, never_positive=0)
    assert dist.left_out == 1
    assert dist.number("pos", "unknown") == 1
    assert dist.number("neg", "same") == 1


def test_table_holds_every_pair_in_bins_of_a_hundredth() -> None:
    rows, ids, cams = unit(0, 30), np.arange(30) % 4, np.arange(30) % 3
    dist = pair_distributions(rows, ids, cams, never_positive=None)
    table = dist.table(crops="test", ids="pseudo")
    columns = ["crops", "ids", "pair", "cameras", "left", "width", "count"]
    assert list(table.columns) == columns
    assert table["count"].sum() == 30 * 29 // 2
    assert table["count"].dtype == np.int64
    assert set(table.cameras) == {"same", "cross"}
    assert len(table) == 4 * 200
    assert set(table.crops) == {"test"}
    assert set(table.ids) == {"pseudo"}
    part = table[(table.pair == "neg") & (table.cameras == "cross")]
    middle = (part["left"] + part["width"] / 2).to_numpy()
    mean = np.average(middle, weights=part["count"])
    assert mean == pytest.approx(dist.mean("neg", "cross"), abs=0.005)
    no_camera = pair_distributions(rows, ids, never_positive=None).table(crops="test", ids="pseudo")
    assert no_camera[no_camera.cameras == "unknown"]["count"].sum() == 30 * 29 // 2


def test_an_empty_set_has_no_pairs() -> None:
    dist = pair_distributions(np.empty((0, 4)), [], [], never_positive=0)
    assert dist.counts.sum() == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": np.full((3, 2), np.nan)}, "features: 3 of 3 rows hold NaN"),
        ({"features": np.array([[1, 0], [0, 1], [2, 0]])}, "row 2 has length 2, not 1"),
        ({"features": np.ones(3)}, r"expected a table \(N, D\)"),
        ({"ids": [1, 2]}, "ids: 2 values for 3 crops"),
        ({"ids": [1, 2, 0.5]}, "ids: expected 3 integers"),
        ({"camids": [1, 2, 3, 4]}, "camids: 4 values for 3 crops"),
        ({"other": (np.eye(3), [1, 2, 3], None)}, "2 dimensions, those of other 3"),
        ({"other": (np.eye(2), [1], None)}, "other ids: 1 values"),
        ({"bins": 300}, "multiple of 200"),
        ({"block": 0}, "block=0"),
    ],
)
def test_bad_input_is_named(changes, message) -> None:
    good = {"features": np.array([[1, 0], [0, 1], [0, -1]]), "ids": [1, 1, 2], "never_positive": 0}
    with pytest.raises(ReidkitError, match=message):
        pair_distributions(**(good | changes))


def test_unknown_camera_relation_is_named() -> None:
    dist = pair_distributions(unit(0, 3), [1, 1, 2], never_positive=0)
    with pytest.raises(ReidkitError, match="cameras='both'"):
        dist.mean("pos", "both")
