"""What a run cannot know, because its crops do not say it."""

from __future__ import annotations

import pandas as pd

from reidkit.data.census import people
from reidkit.data.crops import select


def has_test(crops: pd.DataFrame) -> bool:
    """Say whether there are query and gallery crops with known people, so that something can be judged."""
    return not any(people(select(crops, split)).empty for split in ("query", "gallery"))


def cannot_know(crops: pd.DataFrame) -> list[str]:
    """Say which figures a table of crops leaves unknown, and why; empty where all can be measured.

    >>> for sentence in cannot_know(pd.DataFrame({"pid": [None], "camid": [None], "split": ["train"]})):
    ...     print(sentence)
    mAP, Rank-1 and the overlap by identity: there are no query and gallery crops with known people.
    How right the pseudo-labels are (AMI, F1): no person is known in the training crops.
    Pairs of one camera and of two: no camera is known.
    """
    said = []
    if not has_test(crops):
        said.append(
            "mAP, Rank-1 and the overlap by identity: there are no query and gallery crops with known people."
        )
    if people(select(crops, "train")).empty:
        said.append("How right the pseudo-labels are (AMI, F1): no person is known in the training crops.")
    if crops["camid"].isna().all():
        said.append("Pairs of one camera and of two: no camera is known.")
    return said
