"""From counts to curves: areas, overlap, d′ against direct computation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.plots.pairs import Curve, Pairs, curves, over_epochs, spread


def table(pos: list[int], neg: list[int], **fixed: str) -> pd.DataFrame:
    left = np.arange(len(pos)) / 100
    parts = [
        pd.DataFrame({"pair": pair, "left": left, "width": 0.01, "count": count})
        for pair, count in (("pos", pos), ("neg", neg))
    ]
    columns = {"crops": "test", "ids": "identity", "cameras": "cross"} | fixed
    return pd.concat(parts, ignore_index=True).assign(**columns)


counts = st.lists(st.integers(0, 1000), min_size=20, max_size=20).filter(any)


@given(counts, counts, st.sampled_from([0.0, 0.005, 0.02]))
def test_areas_are_one_and_overlap_is_the_shared_area(pos, neg, sigma) -> None:
    both = curves(table(pos, neg))
    for curve in both:
        assert curve.density.sum() * curve.width == pytest.approx(1)
        assert curve.smoothed(sigma).sum() * curve.width == pytest.approx(1)
    p, n = np.array(pos) / sum(pos), np.array(neg) / sum(neg)
    assert both.overlap == pytest.approx(sum(min(a, b) for a, b in zip(p, n, strict=True)))
    assert 0 <= both.overlap <= 1 + 1e-9


def test_d_prime_by_hand() -> None:
    # Pos at 0.005 and 0.025 (mean 0.015, variance 0.0001), Neg the same, 0.1 further away.
    pos = Curve(np.arange(20) / 100, 0.01, np.bincount([0, 2], minlength=20))
    neg = Curve(np.arange(20) / 100, 0.01, np.bincount([10, 12], minlength=20))
    assert Pairs(pos, neg).d_prime == pytest.approx(0.1 / 0.01)


def test_all_cameras_are_the_sum_of_the_parts() -> None:
    both = pd.concat([table([3, 1], [0, 2], cameras="same"), table([1, 1], [4, 0])])
    assert curves(both).pos.count.tolist() == [4, 2]
    assert curves(both, cameras="cross").neg.count.tolist() == [4, 0]


def test_what_the_table_lacks_is_named() -> None:
    with pytest.raises(ReidkitError, match=r"train/identity.*holds: test/identity"):
        curves(table([1], [1]), crops="train")
    with pytest.raises(ReidkitError, match="No pos pairs"):
        curves(table([0], [1]))


def test_only_judged_epochs_are_drawn(run: Record, blind_run: Record) -> None:
    assert list(over_epochs(run)) == [0, 1, 2, 3]
    assert list(over_epochs(blind_run, crops="train", ids="pseudo")) == [0, 1, 2, 3]
    with pytest.raises(ReidkitError, match="no test/identity pairs"):
        over_epochs(blind_run)


@given(st.sets(st.integers(0, 200), min_size=1), st.integers(2, 12))
def test_spread_keeps_the_first_and_the_last(epochs: set[int], count: int) -> None:
    every = sorted(epochs)
    chosen = spread(every, count)
    assert chosen[0] == every[0]
    assert chosen[-1] == every[-1]
    assert len(chosen) == min(len(every), count)
    assert set(chosen) <= epochs
