"""The pair histogram: what a threshold means, what the browser sends, and what is refused."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reidkit.errors import ReidkitError
from reidkit.explore import PairHistogram

distances = st.lists(st.floats(0, 1.9999), min_size=1, max_size=30)


def counted(values: list[float], bins: int = 20) -> np.ndarray:
    return np.histogram(values, bins=bins, range=(0, 2))[0]


def by_hand(counts: np.ndarray, width: float, threshold: float) -> float:
    """Pairs below the threshold, bin by bin: all of a bin, none of it, or the part that is cut off."""
    total = 0.0
    for k, count in enumerate(counts):
        total += count * min(max((threshold - k * width) / width, 0.0), 1.0)
    return total


@given(pos=distances, neg=distances, threshold=st.floats(-0.5, 2.5))
def test_rates_are_interpolated_inside_the_bin(pos: list[float], neg: list[float], threshold: float) -> None:
    histogram = PairHistogram(threshold=threshold)
    histogram.show(counted(pos), counted(neg), width=0.1)
    near = by_hand(counted(pos), 0.1, threshold)
    assert histogram.tpr == pytest.approx(near / len(pos), abs=1e-9)
    assert histogram.fpr == pytest.approx(by_hand(counted(neg), 0.1, threshold) / len(neg), abs=1e-9)
    assert abs(histogram.true_pairs - near) <= 0.5 + 1e-5


@given(pos=distances, threshold=st.floats(0, 2))
def test_it_is_off_by_less_than_the_pairs_of_one_bin(pos: list[float], threshold: float) -> None:
    """Against the distances themselves, which the widget does not have."""
    histogram = PairHistogram(threshold=threshold)
    histogram.show(counted(pos), counted(pos), width=0.1)
    exact = sum(value < threshold for value in pos)
    there = counted(pos)[min(int(threshold / 0.1), 19)]
    assert abs(histogram.tpr * len(pos) - exact) <= there + 1e-6


def test_at_the_edge_of_a_bin_the_count_is_exact() -> None:
    rng = np.random.default_rng(0)
    pos, neg = rng.integers(0, 10**6, 200), rng.integers(0, 10**9, 200)
    histogram = PairHistogram()
    histogram.show(pos, neg)
    for k in range(201):
        histogram.threshold = k * 0.01
        assert (histogram.true_pairs, histogram.false_pairs) == (pos[:k].sum(), neg[:k].sum())


def test_half_a_pair_is_rounded_up() -> None:
    histogram = PairHistogram(threshold=0.005)
    histogram.show([1, 0], [3, 0])
    assert (histogram.true_pairs, histogram.false_pairs) == (1, 2)


def test_the_counts_come_back_as_they_were_given() -> None:
    histogram = PairHistogram()
    histogram.show([2**53, 0, 1], [4, 5, 6])
    assert histogram.pos.tolist() == [2**53, 0, 1]
    assert histogram.neg.tolist() == [4, 5, 6]


def test_no_bins_and_no_pairs() -> None:
    histogram = PairHistogram()
    for counts in ([], [0, 0]):
        histogram.show(counts, counts)
        assert math.isnan(histogram.tpr)
        assert math.isnan(histogram.fpr)
        assert (histogram.true_pairs, histogram.false_pairs) == (0, 0)
    histogram.show([1], [1], title="two", behind=([2], [3]))
    histogram.clear("Select some crops.")
    assert (histogram.pos.size, histogram.behind, histogram.title) == (0, b"", "")
    assert histogram.empty == "Select some crops."


@pytest.mark.parametrize(
    ("pos", "neg", "more", "told"),
    [
        ([1, 2], [1], {}, r"Pos of shape \(2,\), Neg of \(1,\)"),
        ([[1]], [[1]], {}, r"shape \(1, 1\)"),
        ([1], [-1], {}, "negative"),
        ([math.nan], [1], {}, "not finite"),
        ([1], [1], {"width": 0.0}, "width=0.0"),
        ([1], [1], {"width": math.inf}, "width=inf"),
        ([1], [1], {"behind": ([1, 2], [1, 2])}, "behind has 2 bins, the counts have 1"),
    ],
)
def test_bad_counts_are_refused_and_the_old_ones_stay(
    pos: Any, neg: Any, more: dict[str, Any], told: str
) -> None:
    histogram = PairHistogram()
    histogram.show([7], [8], title="old")
    with pytest.raises(ReidkitError, match=told):
        histogram.show(pos, neg, **more)
    assert (histogram.pos.tolist(), histogram.title) == ([7], "old")


def test_what_the_browser_sends_may_be_a_memoryview() -> None:
    histogram = PairHistogram(threshold=1.0)
    sent = np.array([[1, 3], [2, 2]], "<f8").tobytes()
    histogram.set_state({"counts": memoryview(sent), "behind": memoryview(b""), "bin_width": 1.0})
    assert histogram.tpr == 0.25
    assert histogram.behind == b""


def click(serial: int) -> dict[str, Any]:
    return {"clicked": {"pair": "neg", "low": 0.25, "high": 0.5, "serial": serial}}


def test_a_second_click_on_the_same_bin_counts() -> None:
    histogram = PairHistogram()
    clicks: list[tuple[str, float, float]] = []
    histogram.on_bin(lambda *click: clicks.append(click))
    histogram.set_state(click(1))
    histogram.set_state(click(2))
    histogram.clicked = {}
    assert clicks == [("neg", 0.25, 0.5)] * 2


def test_a_failing_callback_is_seen_and_the_next_one_is_still_called() -> None:
    histogram = PairHistogram()
    clicks: list[str] = []

    def fail(pair: str, low: float, high: float) -> None:
        if len(clicks) < 1:
            raise ReidkitError("no crops are loaded.")

    histogram.on_bin(fail)
    histogram.on_bin(lambda pair, low, high: clicks.append(pair))
    histogram.set_state(click(1))
    assert (histogram.trouble, clicks) == ("no crops are loaded.", ["neg"])
    histogram.set_state(click(2))
    assert histogram.trouble == ""


def test_the_browser_drags_in_a_thread_of_its_own() -> None:
    histogram = PairHistogram(threshold=0.0)
    histogram.show([5, 5], [0, 10], width=1.0)
    seen: list[tuple[float, float, str]] = []
    histogram.on_threshold(
        lambda threshold: seen.append((threshold, histogram.fpr, threading.current_thread().name))
    )
    dragged = threading.Thread(
        target=lambda: [histogram.set_state({"threshold": t}) for t in (1.0, 1.5, 2.0)], name="subshell"
    )
    dragged.start()
    dragged.join()
    assert seen == [(1.0, 0.0, "subshell"), (1.5, 0.5, "subshell"), (2.0, 1.0, "subshell")]


def test_one_message_brings_all_of_a_new_histogram(monkeypatch: pytest.MonkeyPatch) -> None:
    histogram = PairHistogram()
    sent: list[set[str]] = []

    def send(message: dict[str, Any], buffers: list[bytes]) -> None:
        sent.append({*message["state"], *(path[0] for path in message["buffer_paths"])})

    monkeypatch.setattr(histogram, "_send", send)
    histogram.show([1, 2], [3, 4], width=0.5, title="new", behind=([1, 1], [1, 1]))
    assert sent == [{"counts", "behind", "behind_name", "bin_width", "title"}]
