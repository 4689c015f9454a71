"""What the doctor finds in query and gallery: can each query be found, and by which rule?"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reidkit.data.census import people
from reidkit.data.crops import select
from reidkit.data.findings import Finding, names, plural

SAME_PLACE = {"SYSU-MM01": {3: 2}}
"""By benchmark: a query's camera, and the gallery's camera that stands where it does.

Wu et al., "RGB-infrared cross-modality person re-identification", ICCV 2017: cameras 2 and 3 of
SYSU-MM01 are in one room, so the search of a query of camera 3 skips camera 2.
"""


def check_search(crops: pd.DataFrame) -> Iterator[Finding]:
    """Examine the test set as the evaluation will search it.

    Args:
        crops: the table of crops.
    """
    queries, gallery = people(select(crops, "query")), people(select(crops, "gallery"))
    if queries.empty or not (crops["split"] == "gallery").any():
        return
    matches = _matches(queries, gallery)
    yield from _without_match(crops, queries, gallery, matches)
    yield from _other_clothes(queries, matches)
    yield from _kinds(queries, gallery, "modality")
    yield from _kinds(queries, gallery, "resolution")


def _matches(queries: pd.DataFrame, gallery: pd.DataFrame) -> pd.DataFrame:
    """Return row of the query, camera and clothes of each match under another camera."""
    known = [column for column in ("pid", "camid", "clothes") if column in gallery]
    found = queries.reset_index().merge(gallery[known].drop_duplicates(), on="pid", suffixes=("", "_found"))
    other = found["camid"].ne(found["camid_found"]).fillna(True)  # an unknown camera may be another
    if "dataset" in found:
        for name, skipped in SAME_PLACE.items():
            here = found["dataset"].eq(name) & found["camid"].map(skipped).eq(found["camid_found"])
            other &= ~here.fillna(False)
    return found[other]


def _without_match(
    crops: pd.DataFrame, queries: pd.DataFrame, gallery: pd.DataFrame, matches: pd.DataFrame
) -> Iterator[Finding]:
    """Find queries that the evaluation must leave out: nothing right is left to be found."""
    alone = queries[~queries.index.isin(matches["index"])]
    if alone.empty:
        return
    n_absent = int((~queries["pid"].isin(gallery["pid"])).sum())
    yield Finding(
        "error" if len(alone) == len(queries) else "warning",
        f"{len(alone):,} of {plural(len(queries), 'query', many='queries')} without a match under "
        f"another camera: {names(alone)}. {_cause(crops, n_absent, len(alone) - n_absent)}",
        "The evaluation leaves such queries out; with none left it has no score. Check how pid and "
        "camid were read, or move crops of these people to the gallery.",
        tuple(alone["path"]),
    )


def _cause(crops: pd.DataFrame, n_absent: int, n_same: int) -> str:
    """Say the likely reason why queries have no match."""
    causes = []
    if n_absent:
        causes.append(f"for {n_absent:,} the person is absent from the gallery")
    if n_same and select(crops, "test")["camid"].nunique() == 1:
        causes.append(f"for {n_same:,} the cause is that every test crop has the same camera")
    elif n_same and "dataset" in crops and crops["dataset"].isin(list(SAME_PLACE)).any():
        causes.append(f"for {n_same:,} the gallery has the person only in the query's own place")
    elif n_same:
        causes.append(f"for {n_same:,} the gallery has the person under the query's camera only")
    return f"Likely cause: {'; '.join(causes)}."


def _other_clothes(queries: pd.DataFrame, matches: pd.DataFrame) -> Iterator[Finding]:
    """Say how many queries a cloth-changing search can count."""
    if "clothes" not in queries or queries["clothes"].isna().all():
        return
    changed = matches[matches["clothes"].ne(matches["clothes_found"]).fillna(False)]
    yield Finding(
        "note",
        f"{changed['index'].nunique():,} of {plural(len(queries), 'query', many='queries')} have a match in "
        "other clothes under another camera: a cloth-changing search counts these only.",
    )


def _kinds(queries: pd.DataFrame, gallery: pd.DataFrame, column: str) -> Iterator[Finding]:
    """Say what is looked for among what, where a column tells (infrared among rgb)."""
    if column not in queries or queries[column].isna().all():
        return
    asked, searched = (
        " and ".join(sorted(set(part[column].dropna()))) or "unknown" for part in (queries, gallery)
    )
    yield Finding("note", f"By {column}: queries are {asked}, the gallery is {searched}.")
