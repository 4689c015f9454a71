"""All cores for one computation: many small tasks, a thread each, all in one memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import numpy as np  # noqa: F401 - loads the BLAS that is looked for below
from joblib import cpu_count
from threadpoolctl import ThreadpoolController
from tqdm.auto import tqdm

CHUNK = 512
"""Most rows that a thread takes at a time."""

BLAS = ThreadpoolController().select(user_api="blas")
"""The libraries behind NumPy's products. Looked for once: it takes milliseconds."""

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_threads(
    work: Callable[[Task], Result], tasks: Sequence[Task], *, progress: str | None = None
) -> list[Result]:
    """Call ``work`` on every task, in as many threads as there are cores; return the results in order.

    NumPy's products and kernels compiled with ``nogil`` let other threads run meanwhile. Each product
    takes one core only: threads that never wait for each other beat two cores sharing every product,
    the more so where other programs want the same cores.

    Args:
        work: called with one task; must be safe to call in several threads.
        tasks: should outnumber the cores a few times, to share the load evenly.
        progress: what a progress bar shall be called; None shows none.
    """
    one_core = partial(BLAS.limit, limits=1)  # some libraries want to be told in each thread
    with one_core(), ThreadPoolExecutor(cpu_count(), initializer=one_core) as pool:
        results = pool.map(work, tasks)
        return list(tqdm(results, desc=progress, total=len(tasks), disable=progress is None))


def pieces(n: int, longest: int, *, least: int = 1) -> list[tuple[int, int]]:
    """Cut ``range(n)`` into (begin, end) pieces of nearly equal length.

    Args:
        n: length of the whole.
        longest: a piece is not longer than this.
        least: how many pieces there shall be at least, as far as ``n`` allows.

    >>> pieces(10, 4)
    [(0, 3), (3, 6), (6, 10)]
    >>> pieces(2, 4, least=3)
    [(0, 1), (1, 2)]
    """
    count = min(max(-(-n // longest), least), n)
    return [(part * n // count, (part + 1) * n // count) for part in range(count)]


def row_chunks(n: int) -> list[tuple[int, int]]:
    """Cut N rows into (begin, end) chunks, a few for every core."""
    return pieces(n, CHUNK, least=4 * cpu_count())
