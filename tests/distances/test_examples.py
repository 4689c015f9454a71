"""Pairs behind a bin: against a brute-force list of all pairs, and against the histogram."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.distances import pair_distributions, pairs_between
from reidkit.errors import ReidkitError

KINDS = list(product(("pos", "neg"), ("all", "same", "cross", "unknown")))


def unit(seed: int, n: int, d: int = 8) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def crops(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, a third of them copies, ids from -1 (unknown) and cameras from -1 (unknown)."""
    rng = np.random.default_rng(seed)
    rows = unit(seed, n)[np.where(rng.random(n) < 1 / 3, rng.integers(0, n, n), np.arange(n))]
    return rows, rng.integers(-1, 4, n), rng.integers(-1, 3, n)


def brute_force(first, second, index_pairs, pair, cameras, stranger):
    """Return [(distance, i, j)] of a kind, sorted, one pair looked at after the other."""
    found = []
    for i, j in index_pairs:
        (a, p, c), (b, q, d) = ([x[i] for x in first], [x[j] for x in second])
        kind = "pos" if p == q != stranger else "neg"
        relation = "unknown" if c < 0 or d < 0 else "same" if c == d else "cross"
        if p >= 0 and q >= 0 and kind == pair and cameras in ("all", relation):
            found.append((np.linalg.norm(a.astype(float) - b), i, j))
    return sorted(found)


@pytest.mark.parametrize(("pair", "cameras"), KINDS)
@pytest.mark.parametrize("stranger", [0, None])
@pytest.mark.parametrize("two_sets", [False, True])
def test_all_pairs_of_a_kind_are_found(pair, cameras, stranger, two_sets) -> None:
    first, second = crops(0, 40), crops(1, 30)
    index_pairs = product(range(40), range(30)) if two_sets else combinations(range(40), 2)
    expected = brute_force(first, second if two_sets else first, index_pairs, pair, cameras, stranger)
    expected = [row for row in expected if 0.7 <= row[0] < 1.5]
    found = pairs_between(
        *first, other=second if two_sets else None, pair=pair, cameras=cameras, low=0.7, high=1.5,
        never_positive=stranger, limit=5000, block=16,
    )  # fmt: skip
    assert found.total == len(found.i) == len(expected) > 0
    assert set(zip(found.i, found.j, strict=True)) == {row[1:] for row in expected}
    np.testing.assert_allclose(found.distance, [row[0] for row in expected], atol=1e-5)
    assert (np.diff(found.distance) >= 0).all()


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 14),
    kind=st.sampled_from(KINDS),
    stranger=st.sampled_from([0, None]),
    bins=st.sampled_from([200, 4000]),
    two_sets=st.booleans(),
    people=st.integers(1, 4),
    cameras=st.integers(1, 3),
)
@settings(max_examples=40, deadline=None)
def test_every_bin_holds_as_many_pairs_as_are_found(
    seed, n, kind, stranger, bins, two_sets, people, cameras
) -> None:
    first, second = (
        (rows, np.minimum(ids, people - 1), np.minimum(cams, cameras - 1))
        for rows, ids, cams in (crops(seed, n), crops(7, 5))
    )
    options = {"never_positive": stranger, "other": second if two_sets else None}
    dist = pair_distributions(*first, **options, bins=bins)
    count, edges = dist.fine(*kind), dist.edges
    full = np.flatnonzero(count)
    for k in {*full, *(full + 1), *(full - 1), 0, bins - 1} & set(range(bins)):
        found = pairs_between(
            *first, **options, pair=kind[0], cameras=kind[1], low=edges[k], high=edges[k + 1], limit=3
        )
        assert found.total == count[k]
        assert len(found.i) == min(count[k], 3)
    everything = pairs_between(*first, **options, pair=kind[0], cameras=kind[1])
    assert everything.total == dist.number(*kind)


@pytest.mark.parametrize("block", [7, 16, 1000])
@pytest.mark.parametrize("pair", ["pos", "neg"])
def test_nearest_and_farthest(pair, block) -> None:
    rows, ids = unit(3, 60), np.arange(60) % 7
    expected = brute_force((rows, ids, ids), (rows, ids, ids), combinations(range(60), 2), pair, "all", None)
    options = {"pair": pair, "never_positive": None, "limit": 9, "block": block}
    near = pairs_between(rows, ids, order="nearest", **options)
    assert list(zip(near.i, near.j, strict=True)) == [row[1:] for row in expected[:9]]
    far = pairs_between(rows, ids, order="farthest", **options)
    assert list(zip(far.i, far.j, strict=True)) == [row[1:] for row in expected[:-10:-1]]
    assert near.total == far.total == len(expected)


@pytest.mark.parametrize("order", ["nearest", "farthest"])
@pytest.mark.parametrize("block", [4, 100])
def test_among_equals_the_lower_indices_come_first(order, block) -> None:
    """All crops are the same, as after a collapse, and sorted by id they stand the other way round."""
    rows, ids = np.tile(np.float32([1, 0]), (20, 1)), np.arange(20)[::-1]
    found = pairs_between(rows, ids, pair="neg", order=order, limit=25, never_positive=None, block=block)
    assert list(zip(found.i, found.j, strict=True)) == list(combinations(range(20), 2))[:25]
    assert not found.distance.any()
    assert found.total == 190


def test_random_sample_is_fair_and_belongs_to_its_seed(monkeypatch) -> None:
    rows, ids = unit(0, 13), np.zeros(13, int)
    options = {"pair": "pos", "never_positive": None, "limit": 10, "block": 5}
    drawn = np.zeros((13, 13), int)
    for seed in range(300):
        sample = pairs_between(rows, ids, **options, seed=seed)
        assert (np.diff(sample.distance) >= 0).all()
        assert sample.total == 78
        np.add.at(drawn, (sample.i, sample.j), 1)
    times = drawn[np.triu_indices(13, 1)]
    assert times.sum() == drawn.sum() == 3000
    # 300 draws of 10 of 78: 38.5 times each, standard deviation 5.8. Six of them are never reached by chance.
    assert abs(times - 3000 / 78).max() < 35
    assert np.var(times) == pytest.approx(300 * 10 / 78 * 68 / 78, rel=0.5)

    monkeypatch.setattr("reidkit.distances.threads.cpu_count", lambda: 3)
    again = pairs_between(rows, ids, **options, seed=299)
    for one, other in zip(sample, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_sample_keeps_to_the_range() -> None:
    rows, ids = unit(1, 200), np.arange(200) % 5
    sample = pairs_between(rows, ids, pair="neg", low=1.2, high=1.4, never_positive=None, limit=30)
    assert len(sample.i) == 30 < sample.total
    assert ((sample.distance >= 1.2) & (sample.distance < 1.4)).all()
    assert (sample.i < sample.j).all()
    assert (ids[sample.i] != ids[sample.j]).all()
    exact = np.linalg.norm(rows[sample.i] - rows[sample.j], axis=1)
    np.testing.assert_allclose(sample.distance, exact, atol=1e-5)


def test_the_lower_end_belongs_to_the_range_and_the_upper_one_does_not() -> None:
    """The product is exactly 1/2, so the distance is exactly 1, which is an edge of the bins too."""
    pair = {"features": [[1, 0], [0.5, 0.75**0.5]], "ids": [1, 1], "never_positive": None}
    expected = {(0.99, 1.0): 0, (1.0, 1.01): 1}
    found = {ends: pairs_between(**pair, pair="pos", low=ends[0], high=ends[1]).total for ends in expected}
    assert found == expected
    assert pair_distributions(**pair).coarse("pos")[99:101].tolist() == [0, 1]


def test_opposite_crops_belong_to_the_last_bin() -> None:
    found = pairs_between([[1, 0], [-1, 0]], [1, 2], pair="neg", low=1.99, high=2, never_positive=0)
    assert found.total == 1
    assert found.distance[0] == 2


@pytest.mark.parametrize("n", [0, 1])
def test_no_pairs_at_all(n) -> None:
    found = pairs_between(np.eye(4)[:n], [1] * n, pair="pos", never_positive=0)
    assert found.total == len(found.i) == len(found.distance) == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": np.full((3, 2), np.nan)}, "features: 3 of 3 rows hold NaN"),
        ({"ids": [1, 2]}, "ids: 2 values for 3 crops"),
        ({"camids": [1]}, "camids: 1 values for 3 crops"),
        ({"other": (np.eye(3), [1, 2, 3], None)}, "2 dimensions, those of other 3"),
        ({"pair": "both"}, "pair='both': expected pos or neg"),
        ({"cameras": "any"}, "cameras='any'"),
        ({"order": "best"}, "order='best'"),
        ({"limit": 0}, "limit=0"),
        ({"block": 0}, "block=0"),
        ({"low": 1.0, "high": 1.0}, r"low=1.0, high=1.0: no distance lies between"),
        ({"low": float("nan")}, "low=nan"),
    ],
)
def test_bad_input_is_named(changes, message) -> None:
    good = {"features": np.eye(3)[:, :2] + [[0, 0], [0, 0], [0, 1]], "ids": [1, 1, 2], "never_positive": 0}
    good |= {"pair": "neg"}
    with pytest.raises(ReidkitError, match=message):
        pairs_between(**(good | changes))
