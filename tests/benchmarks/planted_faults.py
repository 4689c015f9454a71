"""Does the doctor find faults that were planted? And do the labels get better if it is followed?

The true identities are the labels; 20 merges, 20 splits and 20 camera clusters are planted in them
(:mod:`reidkit.labels.faults`). The doctor sees features, labels and cameras, no identity. Then its first 20
suspects of each kind are mended, right or wrong.

Run: ``python -m tests.benchmarks.planted_faults RUN [RUN ...]``, on runs of known people. `reidkit compare
cluster-contrast` leaves three in runs/comparison/seed?/cluster-contrast.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from reidkit.data import select
from reidkit.engine.record import Record
from reidkit.labels.doctor import KINDS, examine
from reidkit.labels.edits import EditLog
from reidkit.labels.faults import found, plant

FIRST = 20


def examine_planted(features: np.ndarray, train: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, list[float]]:
    """Plant, examine and mend; return what was found, and pair F1 before and after."""
    labels, faults = plant(train["pid"], features, train["camid"], count=FIRST, seed=seed)
    suspects = examine(features, labels, train["camid"])
    log = EditLog(labels)
    log.apply_all(suspects.groupby("kind", sort=False).head(FIRST))
    return found(suspects, faults, first=FIRST), log.quality(train["pid"]).loc["pair_f1"].tolist()


def main() -> None:
    """Print, for the middle and the last epoch of each run, precision at 20, recall and pair F1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--seed", type=int, default=0, help="of what is planted")
    given = parser.parse_args()
    for run in given.runs:
        record = Record(run)
        train = select(record.crops, "train")
        for epoch in (record.recorded[len(record.recorded) // 2], record.recorded[-1]):
            told, (before, after) = examine_planted(record.features(epoch), train, given.seed)
            kinds = "; ".join(
                f"{kind} {row['right']:.0f} of {row['judged']:.0f} right ({row['precision']:.2f}), "
                f"{row['found']:.0f} of {row['planted']:.0f} found"
                for kind, row in told.loc[list(KINDS[:3])].iterrows()
            )
            print(f"{run}, epoch {epoch}: {kinds}; pair F1 {before:.2f} -> {after:.2f}")


if __name__ == "__main__":
    main()
