"""Pairs of one cluster, against the plain double loop."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reidkit.labels import label_quality, paired

LABELS = st.lists(st.integers(-1, 4), max_size=25).map(lambda values: np.array(values, dtype=np.int64))


@given(LABELS)
def test_all_pairs_of_one_label_and_no_other(labels: np.ndarray) -> None:
    wanted = {
        (i, j) for j in range(len(labels)) for i in range(j) if labels[i] == labels[j] and labels[i] >= 0
    }
    pairs = paired(labels)
    assert pairs.shape == (len(wanted), 2)
    assert {(int(i), int(j)) for i, j in pairs} == wanted


def test_the_share_of_right_pairs_is_the_pair_precision() -> None:
    rng = np.random.default_rng(0)
    labels, pids = rng.integers(-1, 6, 200), rng.integers(1, 9, 200)
    first, second = paired(labels).T
    assert np.isclose((pids[first] == pids[second]).mean(), label_quality(labels, pids)["pair_precision"])
