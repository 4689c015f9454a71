"""Judge features of another code at Market-1501's size: how long, and the same as a plain evaluation?

3,368 queries and 19,732 gallery crops (3,819 of them junk, 2,798 distractors) are drawn and written as .npz
and .mat. Each file is judged as ``reidkit evaluate --features`` does it. Then one loop sorts the gallery for
each query, with the same rules. Both must agree to 1e-6.

Run: ``python -m tests.benchmarks.feature_files [--dim 512]``. What numba compiles is not counted.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from scipy.io import savemat

from reidkit.bench.features import draw_crowd
from reidkit.engine.evaluation import evaluate_features
from reidkit.evaluation import rank
from reidkit.evaluation.files import OURS, FeatureFile, read_features

QUERIES, GALLERY, JUNK, DISTRACTORS = 3_368, 19_732, 3_819, 2_798
T = TypeVar("T")


def draw(dim: int, scale: float) -> dict[str, np.ndarray]:
    """Draw the arrays of a file."""
    queries, gallery = int(QUERIES * scale), int(GALLERY * scale)
    crowd = draw_crowd(queries + gallery, dim)
    columns = [*(column[:queries] for column in crowd), *(column[queries:].copy() for column in crowd)]
    given = dict(zip(OURS.values(), columns, strict=False))  # no multi-query
    strangers = np.random.default_rng(0).permutation(gallery)[: int((JUNK + DISTRACTORS) * scale)]
    given["gallery_pids"][strangers] = 0
    given["gallery_pids"][strangers[: int(JUNK * scale)]] = -1
    return given


def plain(f: FeatureFile) -> tuple[float, float]:
    """Return mAP and Rank-1: sort the gallery of one query after the other."""
    ap, first = [], []
    g = f.gallery
    for row, pid, camid in zip(*f.query[:3], strict=True):
        keep = (g.pids >= 0) & ~((g.pids == pid) & (g.camids == camid))
        score, match = (g.features @ row)[keep], g.pids[keep] == pid
        if match.any():
            places = np.flatnonzero(match[np.argsort(-score, kind="stable")]) + 1
            ap.append(np.mean(np.arange(1, len(places) + 1) / places))
            first.append(places[0] == 1)
    return float(np.mean(ap)), float(np.mean(first))


def timed(name: str, work: Callable[[], T]) -> T:
    """Do the work; print its seconds."""
    begun = time.perf_counter()
    result = work()
    print(f"{name:34} {time.perf_counter() - begun:7.2f} s", flush=True)
    return result


def measure(folder: Path, dim: int, scale: float) -> None:
    """Write, judge and compare."""
    given = draw(dim, scale)
    np.savez(folder / "features.npz", **given)
    savemat(folder / "features.mat", {short: given[ours] for short, ours in OURS.items() if ours in given})
    np.savez(folder / "small.npz", **draw(8, 0.01))
    evaluate_features(folder / "small.npz")
    figures = [
        timed(f"judge {name}", lambda n=name: evaluate_features(folder / n))
        for name in ("features.npz", "features.mat")
    ]
    read = timed("of which reading the .npz", lambda: read_features(folder / "features.npz"))
    timed("of which ranking", lambda: rank(*read.query[:3], *read.gallery[:3]))
    reference = timed("plain ranking", lambda: plain(read))
    for f in figures:
        difference = max(abs(f["mAP"] - reference[0]), abs(f["rank1"] - reference[1]))
        print(f"mAP {f['mAP']:.6f}, Rank-1 {f['rank1']:.6f}; farthest from the plain one: {difference:.1e}")
        assert difference <= 1e-6


def main() -> None:
    """Draw, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dim", type=int, default=512, help="length of a feature")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full number of crops")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(Path(temporary), args.dim, args.scale)


if __name__ == "__main__":
    main()
