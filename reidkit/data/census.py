"""The census of a data set: how many crops, people and cameras."""

from __future__ import annotations

import pandas as pd

from reidkit.data.crops import DISTRACTOR, JUNK, SPLITS, select

KINDS = ("modality", "resolution")
"""Columns that some benchmarks have."""


def people(crops: pd.DataFrame) -> pd.DataFrame:
    """Return the crops whose person is known: no junk, no distractors, no missing pid."""
    return crops[crops["pid"].fillna(JUNK) > DISTRACTOR]


def splits_in(crops: pd.DataFrame) -> list[str]:
    """Return the splits that have crops, in their usual order."""
    return [split for split in SPLITS if (crops["split"] == split).any()]


def count_splits(crops: pd.DataFrame) -> pd.DataFrame:
    """Count each split, and ``all``: one row each. In ``all``, a file in two splits counts once.

    Columns: crops, people, cameras; the fewest, median and most crops a person; junk, distractors,
    crops without a pid.
    """
    parts = {split: select(crops, split) for split in splits_in(crops)} | {
        "all": crops.drop_duplicates("path")
    }
    return pd.DataFrame({name: _counts(part) for name, part in parts.items()}).T


def count_cameras(crops: pd.DataFrame) -> pd.DataFrame:
    """Count each camera: its crops in each split and the people it saw.

    The index ``camera`` is the camid as text, in order of number; ``unknown`` comes last.
    """
    camera = crops["camid"].astype("string").fillna("unknown").rename("camera")
    counts = pd.crosstab(camera, crops["split"])[splits_in(crops)]
    seen = people(crops).groupby(camera)["pid"].nunique()
    counts["people"] = seen.reindex(counts.index, fill_value=0).astype(int)
    order = sorted(counts.index, key=lambda name: (name == "unknown", len(name), name))
    return counts.loc[order].rename_axis(columns=None)


def count_kinds(crops: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Count by ``modality`` and ``resolution`` (as :func:`count_cameras`) and, by split, the ``clothes``.

    A number of clothes means something for one person only, so outfits are counted a person.
    Columns that the table lacks, or that are empty, are left out.
    """
    known = {name for name in (*KINDS, "clothes") if name in crops and crops[name].notna().any()}
    tables = {name: _count_kind(crops, name) for name in KINDS if name in known}
    return tables | ({"clothes": _count_clothes(crops)} if "clothes" in known else {})


def count_sizes(images: pd.DataFrame) -> pd.DataFrame:
    """Return the smallest, median and largest height and width in pixels of each split.

    Args:
        images: crops with ``height`` and ``width``, as ``check_data(crops).images`` has them; those
            that could not be read (``broken``) do not count.
    """
    read = images[images["broken"] == ""]
    words = {"smallest": 0.0, "median": 0.5, "largest": 1.0}
    rows = {
        split: {
            f"{word} {side}": int(read[side][read["split"] == split].quantile(share))
            for side in ("height", "width")
            for word, share in words.items()
        }
        for split in splits_in(read)
    }
    return pd.DataFrame(rows).T


def _count_kind(crops: pd.DataFrame, column: str) -> pd.DataFrame:
    kind = crops[column].astype("string").fillna("unknown").rename(column)
    counts = pd.crosstab(kind, crops["split"])[splits_in(crops)]
    seen = people(crops).groupby(kind)["pid"].nunique()
    return counts.assign(
        people=seen.reindex(counts.index, fill_value=0).astype(int),
        cameras=crops.groupby(kind)["camid"].nunique(),
    ).rename_axis(columns=None)


def _count_clothes(crops: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for split in splits_in(crops):
        worn = people(select(crops, split)).groupby("pid")["clothes"].nunique()
        rows[split] = {
            "people": len(worn),
            "in several outfits": int((worn > 1).sum()),
            "outfits": int(worn.sum()),
            "most a person": int(worn.max()) if len(worn) else 0,
        }
    return pd.DataFrame(rows).T.rename_axis("clothes")


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
