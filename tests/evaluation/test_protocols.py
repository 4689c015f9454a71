"""Which gallery crops are right, removed or wrong: against the rules applied one pair at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.errors import ReidkitError
from reidkit.evaluation import market1501, multi_query
from reidkit.evaluation.answers import NO_IDENTITY, NOT_IN_GALLERY, ONE_CAMERA

crops = st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 2)), min_size=1, max_size=12)


@given(query=crops, gallery=crops)
@settings(max_examples=150, deadline=None)
def test_against_the_rules_pair_by_pair(query, gallery) -> None:
    columns = ([p for p, _ in query], [c for _, c in query], [p for p, _ in gallery], [c for _, c in gallery])
    rules = market1501(*columns)
    judged = []
    for q, (pid, cam) in enumerate(query):
        own = [j for j, (p, _) in enumerate(gallery) if p == pid > 0]
        matches = {j for j in own if gallery[j][1] != cam}
        junk = {j for j, (p, _) in enumerate(gallery) if p < 0}
        assert set(rules.matches(q)) == matches
        assert rules.positives[q] == len(matches)
        assert set(rules.removed(q)) == junk | (set(own) - matches)
        if matches:
            judged.append(q)
            continue
        reason = NO_IDENTITY if pid <= 0 else ONE_CAMERA if own else NOT_IN_GALLERY
        assert q in rules.skipped[reason]
    assert list(rules.judged) == judged
    assert sum(map(len, rules.skipped.values())) == len(query) - len(judged)


@given(query=crops, seen=crops, seed=st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_multi_query_is_the_mean_of_what_a_camera_saw(query, seen, seed) -> None:
    seen = seen + query
    rows = np.random.default_rng(seed).standard_normal((len(seen), 5))
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    means = multi_query([p for p, _ in query], [c for _, c in query], rows, *zip(*seen, strict=True))
    assert means.dtype == np.float32
    for mean, who_and_where in zip(means, query, strict=True):
        total = sum(row for row, other in zip(rows, seen, strict=True) if other == who_and_where)
        np.testing.assert_allclose(mean, total / np.linalg.norm(total), atol=1e-5)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([1, 2], [1, 1], [[1, 0]], [1], [1]), "of 1 of 2 queries .* query 1, person 2 in camera 1"),
        (
            ([1], [1], [[1, 0], [-1, 0]], [1, 1], [1, 1]),
            "means of multi-query hold NaN, infinity or only zeros",
        ),
        (([1], [1], [[2, 0]], [1], [1]), "row 0 has length 2"),
        (([1], [1], [[1, 0]], [1, 1], [1]), "pids: 2 values for 1 crops"),
        (([1], [1, 2], [[1, 0]], [1], [1]), "query_camids: 2 values for 1 crops"),
    ],
)
def test_multi_query_says_what_is_missing(columns, message) -> None:
    with pytest.raises(ReidkitError, match=message):
        multi_query(*columns)


def test_nullable_columns_and_junk_without_camera() -> None:
    gallery = pd.DataFrame({"pid": [3, 3, pd.NA], "camid": [1, 2, pd.NA]}, dtype="Int64")
    rules = market1501([3], [1], gallery.pid, gallery.camid)
    assert list(rules.matches(0)) == [1]
    assert set(rules.removed(0)) == {0, 2}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([1], [-1], [1], [1]), "query_camids: 1 of 1 crops have no camera"),
        (([1], [1], [1, 2], [1, None]), "gallery_camids: 1 of 2 crops have no camera"),
        (([1, 2], [1], [1], [1]), "query_camids: 1 values for 2 crops"),
        ((["a"], [1], [1], [1]), "query_pids: expected 1 integers"),
    ],
)
def test_bad_input_is_named(columns, message) -> None:
    with pytest.raises(ReidkitError, match=message):
        market1501(*columns)
