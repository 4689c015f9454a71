"""How often is the doctor right, on the labels of real trainings?

The suspects of each recorded epoch are found without identities and then judged with them. After that the
suspected merges are cut, again and again, as a user might who trusts every one of them.

Run: ``python -m tests.benchmarks.doctor RUN [RUN ...]``, on runs of known people (`reidkit compare`).
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from reidkit.data import select
from reidkit.engine.record import Record
from reidkit.labels import label_quality
from reidkit.labels.doctor import examine, precision

ROUNDS = 3


def cut_merges(features: np.ndarray, labels: np.ndarray, camids: pd.Series) -> np.ndarray:
    """Give the second group of every suspected merge a label of its own."""
    labels = labels.copy()
    suspects = examine(features, labels, camids)
    for crops in suspects.loc[suspects["kind"] == "merge", "others"]:
        labels[crops] = labels.max() + 1
    return labels


def main() -> None:
    """Print, for three epochs of each run, who was suspected rightly, and the pair F1 after each cut."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+")
    for run in parser.parse_args().runs:
        record = Record(run)
        train = select(record.crops, "train")
        ends = record.recorded
        for epoch in sorted({ends[0], ends[len(ends) // 2], ends[-1]}):
            features, labels = record.features(epoch), record.labels(epoch)
            judged = precision(examine(features, labels, train["camid"]), train["pid"])
            told = ", ".join(
                f"{kind} {row['right']:.0f}/{row['judged']:.0f}" for kind, row in judged.iterrows()
            )
            scores = []
            for _ in range(ROUNDS + 1):
                scores.append(label_quality(labels, train["pid"], ami=False)["pair_f1"])
                labels = cut_merges(features, labels, train["camid"])
            print(f"{run}, epoch {epoch}: {told}; pair F1 {' -> '.join(f'{score:.2f}' for score in scores)}")


if __name__ == "__main__":
    main()
