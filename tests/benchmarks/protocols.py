"""How long the protocols with many trials take at their real size, with random features.

Run: ``python -m tests.benchmarks.protocols``. What numba compiles is not counted.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from reidkit.evaluation.scores import Fold, score

DIM = 2048


def unit_rows(rng: np.random.Generator, n: int) -> np.ndarray:
    rows = rng.standard_normal((n, DIM), dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def crops(rng: np.random.Generator, n: int, people: int, cameras: tuple[int, ...]) -> pd.DataFrame:
    return pd.DataFrame({"pid": rng.integers(1, people + 1, n), "camid": rng.choice(cameras, n)})


def sysu_mm01(rng: np.random.Generator) -> list[Fold]:
    """3,803 infrared queries, 6,775 visible crops to draw from, 96 people."""
    query = crops(rng, 3803, 96, (3, 6)).assign(modality="infrared")
    gallery = crops(rng, 6775, 96, (1, 2, 4, 5)).assign(modality="rgb")
    return [Fold(query, gallery, unit_rows(rng, len(query)), unit_rows(rng, len(gallery)))]


def cuhk03(rng: np.random.Generator) -> list[Fold]:
    """20 folds of 100 people and about 970 crops, each of which asks and is searched."""
    folds = []
    for fold in range(20):
        test, rows = crops(rng, 970, 100, (1, 2)).assign(fold=fold), unit_rows(rng, 970)
        folds.append(Fold(test, test, rows, rows))
    return folds


def main() -> None:
    for protocol, draw in (("sysu-mm01", sysu_mm01), ("cuhk03", cuhk03)):
        folds = draw(np.random.default_rng(0))
        few = Fold(
            folds[0].query[:50], folds[0].gallery, folds[0].query_features[:50], folds[0].gallery_features
        )
        score([few], protocol)  # what is compiled once
        start = time.perf_counter()
        for told in (scores := score(folds, protocol)):
            print(f"{protocol}, {told['setting']}: {told['trials']} trials, gallery {told['gallery']}")
        print(f"{protocol}: {len(scores)} settings in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
