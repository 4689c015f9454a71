"""Maps and trees leave torch its number of threads: the same seed must train the same run after them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

START = """
import numpy as np, torch
from reidkit.labels import cluster_tree
from reidkit.neighbours import jaccard_graph
from reidkit.projection import project
x = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
x /= np.linalg.norm(x, axis=1, keepdims=True)
"""


@pytest.mark.parametrize("work", ["project(x)", "cluster_tree(jaccard_graph(x))"])
def test_numbas_threads_are_not_torchs(work: str) -> None:
    # In a process of its own: numba's threads start once in a process, and here they may run already.
    program = f"{START}{work}\nprint(torch.get_num_threads())"
    ran = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "2"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.split()[-1] == "1"
