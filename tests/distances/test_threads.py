"""One thread for each product, and everything as it was afterwards."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reidkit.distances.threads import BLAS, one_product_each


def blas_threads() -> list[int]:
    return [library["num_threads"] for library in BLAS.info()]


def test_blas_is_held_inside_and_as_before_outside() -> None:
    before = blas_threads()
    inside = []

    def fail() -> None:
        with one_product_each() as pool:
            inside.extend(blas_threads())
            list(pool.map(lambda n: 1 // n, [1, 0]))

    with pytest.raises(ZeroDivisionError):
        fail()
    assert set(inside) == {1}, "NumPy's own was found"
    assert blas_threads() == before
    with one_product_each() as pool:  # the lock was given back too
        assert list(pool.map(abs, [-1, -2])) == [1, 2]


def test_two_callers_take_turns_and_leave_blas_as_it_was() -> None:
    before, open_now, most = blas_threads(), [], []
    first_is_in = threading.Event()

    def call(name: str) -> None:
        with one_product_each():
            first_is_in.set()
            open_now.append(name)
            most.append(len(open_now))
            threading.Event().wait(0.05)
            open_now.remove(name)

    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(call, "a")
        first_is_in.wait()
        second = callers.submit(call, "b")
        first.result(), second.result()
    assert most == [1, 1]
    assert blas_threads() == before
