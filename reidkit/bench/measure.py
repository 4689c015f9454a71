"""Measure one function in a process of its own: seconds, processor seconds, memory, compilation apart."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reidkit.errors import ReidkitError

Figures = dict[str, float | None]


def measure(stage: str, who: str, n: int, dim: int, repeat: int) -> Figures:
    """Measure in a fresh process, so that its peak of memory is its own.

    Args:
        stage: one of :data:`reidkit.bench.stages.STAGES`.
        who: "ours", or the name of a reference.
        n, dim: size of the input.
        repeat: counted runs; the quickest is reported.

    Returns:
        seconds, cpu_seconds (of all threads), megabytes (peak during the run above what was held before
        it; None where the system does not tell: it is not Linux) and warm_up_seconds.

    Raises:
        ReidkitError: the process failed; with the end of what it said.
    """
    command = [sys.executable, "-m", "reidkit.bench", stage, who, str(n), str(dim), str(repeat)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReidkitError(
            f"Measuring {stage} ({who}) at N = {n}, D = {dim} ended with status {done.returncode} (-9: no "
            f"memory left): {done.stderr.strip()[-500:] or 'it said nothing.'}"
        )
    return json.loads(done.stdout.splitlines()[-1])


def time_call(function: Callable[[], Any], repeat: int) -> Figures:
    """Call a function; return the seconds of its quickest run, and the memory of its largest.

    (Memory that an earlier run has returned to Python, not to the system, hides what a later one needs.)
    """
    seconds, memory = [], []
    for _ in range(repeat):
        held = _forget_peak()
        start, cpu = time.perf_counter(), time.process_time()
        result = function()
        seconds.append((time.perf_counter() - start, time.process_time() - cpu))
        if held is not None:
            memory.append(_status("VmHWM") - held)
        del result
    quickest, of_processor = min(seconds)
    return {"seconds": quickest, "cpu_seconds": of_processor, "megabytes": max(memory, default=None)}


def _forget_peak() -> float | None:
    """Make the kernel forget the peak of memory so far; return what is held now, in MB (Linux only)."""
    switch = Path("/proc/self/clear_refs")
    if not switch.exists():
        return None
    switch.write_text("5")
    return _status("VmRSS")


def _status(name: str) -> float:
    (line,) = (s for s in Path("/proc/self/status").read_text().splitlines() if s.startswith(name))
    return int(line.split()[1]) / 1024
