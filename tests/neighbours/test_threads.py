"""Work that is spread over threads."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reidkit.distances.threads import BLAS
from reidkit.neighbours.threads import in_threads, pieces


def blas_threads() -> list[int]:
    return [library["num_threads"] for library in BLAS.info()]


def test_results_come_in_order_from_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reidkit.distances.threads.cpu_count", lambda: 3)
    together = threading.Barrier(3)

    def work(task: int) -> int:
        together.wait(timeout=20)  # passes only if three are at work at a time
        return task * task

    assert in_threads(work, range(6)) == [0, 1, 4, 9, 16, 25]


def test_each_product_has_one_core_meanwhile() -> None:
    before = blas_threads()
    assert before, "NumPy's own was found"
    assert set(in_threads(lambda _: max(blas_threads()), range(4))) == {1}
    assert blas_threads() == before


def test_an_error_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda task: 1 / task, [1, 0, 2])


@given(n=st.integers(0, 500), longest=st.integers(1, 100), least=st.integers(1, 50))
def test_pieces_cover_everything_once_and_are_nearly_equal(n: int, longest: int, least: int) -> None:
    cut = pieces(n, longest, least=least)
    assert [i for begin, end in cut for i in range(begin, end)] == list(range(n))
    sizes = [end - begin for begin, end in cut]
    assert len(cut) >= min(least, n)
    assert max(sizes, default=0) <= longest
    assert max(sizes, default=0) - min(sizes, default=0) <= 1
