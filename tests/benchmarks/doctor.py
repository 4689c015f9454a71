"""How often is the doctor right, on the labels of real trainings? And where does it lead who follows it?

The suspects of a recorded epoch are found without identities and then judged with them. After that all of
them are mended, right or wrong: the suspected merges are cut, four rounds; then everything is mended, three
rounds.

Run: ``python -m tests.benchmarks.doctor RUN [RUN ...]``, on runs of known people (`reidkit compare`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import pandas as pd

from reidkit.data import select
from reidkit.engine.record import Record
from reidkit.labels import label_quality
from reidkit.labels.doctor import KINDS, examine, precision
from reidkit.labels.edits import EditLog


def follow(log: EditLog, features: np.ndarray, camids: pd.Series, kinds: Sequence[str], rounds: int) -> None:
    """Mend what the doctor suspects, again and again, without any identity."""
    for _ in range(rounds):
        suspects = examine(features, log.labels, camids)
        log.apply_all(suspects[suspects["kind"].isin(kinds)])


def judge(log: EditLog, features: np.ndarray, train: pd.DataFrame) -> str:
    """Say how many of the first 20 of each kind are right, and how good the labels are."""
    judged = precision(examine(features, log.labels, train["camid"]), train["pid"])
    told = [f"{kind} {row['right']:.0f}/{row['judged']:.0f}" for kind, row in judged.iterrows()]
    return f"{', '.join(told)}; pair F1 {label_quality(log.labels, train['pid'], ami=False)['pair_f1']:.2f}"


def main() -> None:
    """Print, for three epochs of each run, who was suspected rightly, before and after mending."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+")
    for run in parser.parse_args().runs:
        record = Record(run)
        train, ends = select(record.crops, "train"), record.recorded
        for epoch in sorted({ends[0], ends[len(ends) // 2], ends[-1]}):
            features, log = record.features(epoch), EditLog(record.labels(epoch))
            print(f"{run}, epoch {epoch}\n  as it is:       {judge(log, features, train)}")
            follow(log, features, train["camid"], ["merge"], 4)
            print(f"  merges cut:     {judge(log, features, train)}")
            follow(log, features, train["camid"], KINDS, 3)
            print(f"  all followed:   {judge(log, features, train)}")


if __name__ == "__main__":
    main()
