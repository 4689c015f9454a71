"""The census of a data set: how many crops, people and cameras."""

from __future__ import annotations

import pandas as pd

from reidkit.data.crops import DISTRACTOR, JUNK, SPLITS, select


def people(crops: pd.DataFrame) -> pd.DataFrame:
    """Return the crops whose person is known: no junk, no distractors, no missing pid."""
    return crops[crops["pid"].fillna(JUNK) > DISTRACTOR]


def count_splits(crops: pd.DataFrame) -> pd.DataFrame:
    """Count each split, and ``all``: one row each.

    Columns: crops, people, cameras; the fewest, median and most crops a person; junk, distractors,
    crops without a pid.
    """
    parts = {split: select(crops, split) for split in _present(crops)} | {"all": crops}
    return pd.DataFrame({name: _counts(part) for name, part in parts.items()}).T


def count_cameras(crops: pd.DataFrame) -> pd.DataFrame:
    """Count each camera: its crops in each split and the people it saw.

    The index ``camera`` is the camid as text, in order of number; ``unknown`` comes last.
    """
    camera = crops["camid"].astype("string").fillna("unknown").rename("camera")
    counts = pd.crosstab(camera, crops["split"])[_present(crops)]
    seen = people(crops).groupby(camera)["pid"].nunique()
    counts["people"] = seen.reindex(counts.index, fill_value=0).astype(int)
    order = sorted(counts.index, key=lambda name: (name == "unknown", len(name), name))
    return counts.loc[order].rename_axis(columns=None)


def _present(crops: pd.DataFrame) -> list[str]:
    """Return the splits that have crops, in their usual order."""
    return [split for split in SPLITS if (crops["split"] == split).any()]


def _counts(part: pd.DataFrame) -> dict[str, int]:
    """Return one row of the table of splits."""
    each = people(part)["pid"].value_counts()
    few, median, most = (int(x) for x in each.quantile([0, 0.5, 1])) if len(each) else (0, 0, 0)
    return {
        "crops": len(part),
        "people": len(each),
        "cameras": int(part["camid"].nunique()),
        "fewest a person": few,
        "median a person": median,
        "most a person": most,
        "junk": int((part["pid"] == JUNK).sum()),
        "distractors": int((part["pid"] == DISTRACTOR).sum()),
        "no pid": int(part["pid"].isna().sum()),
    }
