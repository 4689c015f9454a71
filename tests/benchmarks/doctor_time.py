"""How long does the doctor take at Market-1501's size? Its parts, and the neighbour search alone.

Features are drawn: 751 people, six cameras. Four clusterings of them: nearly right; with a third of the crops
outliers; in pieces of four crops; nearly everybody in one cluster.

Run: ``python -m tests.benchmarks.doctor_time [--crops 13000] [--dim 512]``. What numba compiles is not
counted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from reidkit.labels.doctor import examine
from reidkit.labels.edits import EditLog
from reidkit.labels.patient import admit
from reidkit.labels.symptoms import duplicates, merges, outliers, pairs
from reidkit.neighbours import nearest

PEOPLE, CAMERAS = 751, 6
T = TypeVar("T")


def draw(crops: int, dim: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw features, people and cameras; two crops of one person in one camera are about 0.6 apart."""
    rng = np.random.default_rng(seed)
    who, where = rng.normal(size=(PEOPLE, dim)), 0.5 * rng.normal(size=(CAMERAS, dim))
    people, cameras = rng.integers(PEOPLE, size=crops), rng.integers(CAMERAS, size=crops)
    features = who[people] + where[cameras] + 0.5 * rng.normal(size=(crops, dim))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return features.astype(np.float32), people, cameras


def clusterings(people: np.ndarray, seed: int = 0) -> dict[str, np.ndarray]:
    """Four clusterings, see the module's text."""
    rng = np.random.default_rng(seed)
    rank = np.argsort(np.argsort(people, kind="stable"), kind="stable")
    return {
        "nearly right": np.where(people % 20 == 1, people - 1, people),
        "a third outliers": np.where(rng.random(len(people)) < 1 / 3, -1, people),
        "pieces of four": rank // 4,
        "nearly one cluster": np.where(people < 40, people, 40),
    }


def timed(compute: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds that something took, and its result."""
    begun = time.perf_counter()
    result = compute()
    return time.perf_counter() - begun, result


def main() -> None:
    """Print seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", type=int, default=13_000)
    parser.add_argument("--dim", type=int, default=512)
    given = parser.parse_args()
    examine(*_few(draw(500, given.dim)))  # numba compiles
    features, people, cameras = draw(given.crops, given.dim)
    print(f"neighbours alone: {timed(lambda: nearest(features, 11))[0]:.2f} s")
    for name, labels in clusterings(people).items():
        spent, patient = timed(lambda labels=labels: admit(features, labels, cameras, 10))
        seconds, found = {"look at them": spent}, []
        for rule in (merges, lambda p: pairs(p, ()), outliers, duplicates):
            spent, suspects = timed(lambda rule=rule, patient=patient: list(rule(patient)))
            found.append(len(suspects))
            seconds[("merges", "pairs", "outliers", "duplicates")[len(found) - 1]] = spent
        whole, table = timed(lambda labels=labels: examine(features, labels, cameras))
        mended, _ = timed(lambda labels=labels, table=table: EditLog(labels).apply_all(table.head(100)))
        parts = ", ".join(f"{part} {spent:.2f}" for part, spent in seconds.items())
        print(f"{name}: {whole:.2f} s ({parts}); suspects {found}; 100 of them mended in {mended:.2f} s")


def _few(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    features, people, cameras = drawn
    return features, people % 20, cameras


if __name__ == "__main__":
    main()
