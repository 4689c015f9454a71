"""Ranking without a sort, against a full sort and scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from reidkit.errors import ReidkitError
from reidkit.evaluation import rank
from reidkit.evaluation.answers import NO_IDENTITY, NOT_IN_GALLERY, ONE_CAMERA
from reidkit.evaluation.retrieval import TILES, _fitting_block


def crops(seed: int, n: int, people: int = 6, cameras: int = 3):
    """Return random unit features with some structure, pids from -1 (junk) on, and camids."""
    rng = np.random.default_rng(seed)
    pids, cams = rng.integers(-1, people, n), rng.integers(0, cameras, n)
    centres = np.random.default_rng(99).standard_normal((people + 1, 8))
    rows = (centres[pids + 1] + rng.standard_normal((n, 8))).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), pids, cams


def sorted_gallery(query, gallery, q):
    """Return the gallery sorted for one query, without removed crops, and which are matches."""
    (rows, pids, cams), (g_rows, g_pids, g_cams) = query, gallery
    order = np.argsort(-(g_rows @ rows[q]), kind="stable")
    removed = (g_pids == -1) | ((g_pids == pids[q]) & (g_cams == cams[q]))
    order = order[~removed[order]]
    return order, g_pids[order] == pids[q]


@pytest.mark.parametrize("block", [1, 7, 256, None])
@pytest.mark.parametrize("seed", range(3))
def test_against_a_full_sort_and_scikit_learn(seed, block) -> None:
    query, gallery = crops(seed, 30), crops(seed + 50, 200)
    ranking = rank(*query, *gallery, block=block)
    assert len(ranking.queries) > 15
    for k, q in enumerate(ranking.queries):
        order, match = sorted_gallery(query, gallery, q)
        places = np.flatnonzero(match) + 1
        assert ranking.positives[k] == len(places)
        assert ranking.first_match[k] == places[0]
        assert ranking.inp[k] == pytest.approx(len(places) / places[-1])
        score = gallery[0][order] @ query[0][q]
        assert ranking.ap[k] == pytest.approx(average_precision_score(match, score))
    cmc = ranking.cmc(20)
    assert cmc[4] == np.mean([sorted_gallery(query, gallery, q)[1][:5].any() for q in ranking.queries])
    assert (np.diff(cmc) >= 0).all()
    summary = ranking.summary()
    assert summary["mAP"] == pytest.approx(ranking.ap.mean())
    assert [summary["rank1"], summary["rank5"], summary["rank10"]] == list(cmc[[0, 4, 9]])


@given(seed=st.integers(0, 10_000), n_query=st.integers(1, 6), n_gallery=st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_ties_are_broken_as_a_stable_sort_would(seed, n_query, n_gallery) -> None:
    """Rows are ± unit vectors, whose products are exact, so that most distances are tied."""
    rng = np.random.default_rng(seed)
    axes = np.concatenate([np.eye(3), -np.eye(3)]).astype(np.float32)
    query, gallery = (
        (axes[rng.integers(0, 6, n)], rng.integers(1, 3, n), rng.integers(0, 3, n))
        for n in (n_query, n_gallery)
    )
    expected = {}
    for q in range(n_query):
        order, match = sorted_gallery(query, gallery, q)
        if match.any():
            expected[q] = order, match
    if not expected:
        with pytest.raises(ReidkitError, match="None of"):
            rank(*query, *gallery)
        return
    ranking = rank(*query, *gallery)
    assert list(ranking.queries) == list(expected)
    top = ranking.top(n_gallery)
    for k, (order, match) in enumerate(expected.values()):
        assert ranking.first_match[k] == np.flatnonzero(match)[0] + 1
        assert ranking.inp[k] == match.sum() / (np.flatnonzero(match)[-1] + 1)
        np.testing.assert_array_equal(top.indices[k, : len(order)], order)
        np.testing.assert_array_equal(top.match[k, : len(order)], match)
        assert (top.indices[k, len(order) :] == -1).all()


def test_number_of_threads_does_not_matter(monkeypatch) -> None:
    query, gallery = crops(0, 150), crops(1, 90)
    runs = []
    for threads in (1, 3):
        monkeypatch.setattr("reidkit.distances.threads.cpu_count", lambda n=threads: n)
        runs.append(rank(*query, *gallery, block=16).table())
    pd.testing.assert_frame_equal(*runs)


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("gallery", [1, 15_913, 82_161])
def test_similarities_take_bounded_memory(threads, gallery, monkeypatch) -> None:
    monkeypatch.setattr("reidkit.evaluation.retrieval.cpu_count", lambda: threads)
    block = _fitting_block(11_659, gallery)
    assert 64 <= block <= 256
    assert 4 * block * gallery * threads <= TILES


def test_few_queries_are_shared_among_the_threads(monkeypatch) -> None:
    monkeypatch.setattr("reidkit.evaluation.retrieval.cpu_count", lambda: 4)
    assert _fitting_block(10, 100) == 3


def test_worked_by_hand() -> None:
    """Places: wrong, match, (removed), wrong, match; junk is nearest of all and does not count."""
    angles = np.radians([10, 20, 30, 40, 50, 60])
    gallery = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    ranking = rank([[1, 0]], [1], [1], gallery, [-1, 0, 1, 1, 2, 1], [1, 1, 2, 1, 2, 3])
    assert ranking.ap[0] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert ranking.inp[0] == 2 / 4
    np.testing.assert_array_equal(ranking.cmc(3), [0, 1, 1])
    assert ranking.summary() == {"mAP": 0.5, "mINP": 0.5, "rank1": 0, "rank5": 1, "rank10": 1, "rank20": 1}
    top = ranking.top(5)
    np.testing.assert_array_equal(top.indices, [[1, 2, 4, 5, -1]])
    np.testing.assert_array_equal(top.match, [[False, True, False, True, False]])
    np.testing.assert_allclose(top.distance[0, :4], 2 * np.sin(angles[[1, 2, 4, 5]] / 2), rtol=1e-5)
    assert np.isnan(top.distance[0, 4])


def test_table_has_a_row_for_every_query_that_was_judged() -> None:
    query, gallery = crops(2, 40), crops(3, 90)
    ranking = rank(*query, *gallery)
    table = ranking.table()
    assert list(table.columns) == ["query", "ap", "inp", "first_match", "positives"]
    assert table["ap"].mean() == pytest.approx(ranking.summary()["mAP"])
    worst = int(table.nsmallest(1, "ap")["query"].iloc[0])
    assert worst == ranking.queries[ranking.ap.argmin()]


def test_skipped_queries_are_listed_with_the_reason_and_can_still_be_looked_at() -> None:
    gallery = np.eye(4)[[0, 1, 2, 3]]
    ranking = rank(np.eye(4), [1, 0, 8, 2], [1, 1, 1, 1], gallery, [1, 2, 0, 2], [2, 1, 1, 1])
    assert list(ranking.queries) == [0]
    assert [list(ranking.skipped[r]) for r in (NO_IDENTITY, NOT_IN_GALLERY, ONE_CAMERA)] == [[1], [2], [3]]
    top = ranking.top(4, queries=[1, 3])
    assert not top.match.any()
    assert (top.indices[0] >= 0).all()  # nothing is removed for a query of unknown identity
    assert list(top.indices[1]) == [0, 2, -1, -1]


def test_order_of_queries_and_gallery_does_not_matter() -> None:
    query, gallery = crops(0, 40), crops(1, 90)
    rng = np.random.default_rng(0)
    p, g = rng.permutation(40), rng.permutation(90)
    mixed = rank(*(column[p] for column in query), *(column[g] for column in gallery))
    assert mixed.summary() == pytest.approx(rank(*query, *gallery).summary())


def test_top_of_many_queries_agrees_with_the_places() -> None:
    query, gallery = crops(0, 150), crops(1, 90)
    ranking = rank(*query, *gallery)
    top = ranking.top(90)
    np.testing.assert_array_equal(top.match.argmax(axis=1) + 1, ranking.first_match)
    np.testing.assert_array_equal(top.match.sum(axis=1), ranking.positives)
    few = ranking.top(3)
    np.testing.assert_array_equal(few.indices, top.indices[:, :3])


def test_no_match_because_of_a_single_camera_says_so() -> None:
    with pytest.raises(ReidkitError, match=r"None of 2 queries .*2: .*query's camera.*camera id 5, so"):
        rank(np.eye(2), [1, 2], [5, 5], np.eye(2), [1, 2], [5, 5])


def test_no_match_because_of_other_people_says_so() -> None:
    with pytest.raises(ReidkitError, match=r"2: no gallery crop.*same dataset"):
        rank(np.eye(2), [1, 2], [5, 5], np.eye(2), [3, 4], [6, 6])


def test_no_match_because_every_person_stays_in_one_camera_says_so() -> None:
    with pytest.raises(ReidkitError, match="seen by two cameras"):
        rank(np.eye(2), [1, 2], [5, 6], np.eye(2), [1, 2], [5, 6])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"query_features": np.full((2, 2), np.nan)}, "query_features: 2 of 2 rows hold NaN"),
        ({"gallery_features": np.eye(2) * 3}, "gallery_features: row 0 has length 3"),
        ({"gallery_features": np.eye(3)[:2]}, "2 dimensions, gallery_features 3"),
        ({"gallery_pids": [1]}, "gallery_features has 2 rows, gallery_pids 1"),
        ({"query_camids": [1]}, "query_camids: 1 values for 2 crops"),
        ({"block": 0}, "block=0"),
    ],
)
def test_bad_input_is_named(changes, message) -> None:
    good = {"query_features": np.eye(2), "query_pids": [1, 2], "query_camids": [0, 0]}
    good |= {"gallery_features": np.eye(2), "gallery_pids": [1, 2], "gallery_camids": [1, 1]}
    with pytest.raises(ReidkitError, match=message):
        rank(**(good | changes))


@pytest.mark.parametrize(("k", "queries", "message"), [(0, None, "k=0"), (1, [2], "no query 2, only 0 to 1")])
def test_top_refuses_what_is_not_there(k, queries, message) -> None:
    ranking = rank(np.eye(2), [1, 2], [0, 0], np.eye(2), [1, 2], [1, 1])
    with pytest.raises(ReidkitError, match=message):
        ranking.top(k, queries)
