"""What a run tells of itself: the seconds of each stage, and a line an epoch."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


class Clock:
    """Seconds by stage, from one :meth:`reset` to the next."""

    stages = ("embed", "cluster", "train", "judge")

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add the time of a block to a stage."""
        start = time.perf_counter()
        yield
        self._seconds[stage] = self._seconds.get(stage, 0.0) + time.perf_counter() - start

    def reset(self) -> dict[str, float]:
        """Return and forget the seconds, as columns for epochs.csv."""
        row = {f"seconds_{stage}": round(self._seconds.get(stage, 0.0), 3) for stage in self.stages}
        self._seconds.clear()
        return row


def describe(row: Mapping[str, Any]) -> str:
    """Say an epoch in a line.

    >>> describe({"epoch": 2, "loss": 1.5, "clusters": 80, "outliers": 12, "mAP": 0.5, "overlap": 0.25})
    'epoch 2: loss 1.500, 80 clusters, 12 outliers, mAP 50.0 %, overlap 0.250'

    Where identities are unknown, the overlap is that of pairs by pseudo-label.

    >>> describe({"epoch": 0, "loss": math.nan, "clusters": 8, "outliers": 1, "pseudo_overlap": 0.25})
    'epoch 0: 8 clusters, 1 outliers, overlap by pseudo-label 0.250'
    """
    parts = []
    if not math.isnan(row["loss"]):
        parts.append(f"loss {row['loss']:.3f}")
    parts.append(f"{row['clusters']} clusters, {row['outliers']} outliers")
    if "mAP" in row:
        parts.append(f"mAP {100 * row['mAP']:.1f} %, overlap {row['overlap']:.3f}")
    if "pair_f1" not in row and not math.isnan(row.get("pseudo_overlap", math.nan)):
        parts.append(f"overlap by pseudo-label {row['pseudo_overlap']:.3f}")
    if "pair_f1" in row:
        parts.append(f"label F1 {row['pair_f1']:.2f}")
    if "edits_done" in row:
        again, skipped = row["edits_done"] + row["edits_held"], row["edits_skipped"]
        parts.append(f"{again} edits hold" + (f", {skipped} do not fit" if skipped else ""))
    return f"epoch {row['epoch']}: " + ", ".join(parts)
