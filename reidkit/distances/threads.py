"""Threads for work that is one matrix product after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import numpy as np  # noqa: F401 - loads the BLAS that is looked for below
from joblib import cpu_count
from threadpoolctl import ThreadpoolController

BLAS = ThreadpoolController().select(user_api="blas")
"""The libraries behind NumPy's products. Looked for once: it takes milliseconds."""
_ALONE = threading.Lock()


@contextmanager
def one_product_each() -> Iterator[Executor]:
    """Open a pool of one thread a core, in which every numpy product uses just its own thread.

    Left alone, numpy splits each product over all cores; they wait for each other at its end, and again
    while a Python thread uses the result. Here a thread multiplies one tile and goes on with it
    while the others multiply theirs. A tile's products then do not depend on the number of cores
    either.

    The limit counts for the whole process while the pool is open. So only one such pool is open at a
    time: a widget's callback, in a thread of its own, waits its turn.
    """
    one_core = partial(BLAS.limit, limits=1)  # some libraries want to be told in each thread
    with _ALONE, one_core(), ThreadPoolExecutor(cpu_count(), initializer=one_core) as pool:
        yield pool


@contextmanager
def openmp_left_alone() -> Iterator[None]:
    """Give OpenMP back its number of threads, which numba changes when its own threads start.

    They may share a library with torch. Torch would then train with another number of threads than before
    (another order of sums): the same seed would give one run before a map was drawn, and another one after.
    """
    libraries = ThreadpoolController().select(user_api="openmp").lib_controllers
    before = [library.get_num_threads() for library in libraries]
    try:
        yield
    finally:
        for library, number in zip(libraries, before, strict=True):
            library.set_num_threads(number)
