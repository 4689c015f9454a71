"""The data doctor: what is wrong with a data set, before a training run finds out.

The questions are the ones that people bring to ReID projects again and again. "All query
identities do not appear in gallery" stands in dozens of threads, and nearly always means that every
crop carries the same camera id: the evaluation leaves out gallery crops of the query's own person
under the query's own camera, and then nothing is left to find.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import compare_with_published
from reidkit.data.census import count_cameras, count_splits, people
from reidkit.data.crops import DISTRACTOR, JUNK, check_crops, select
from reidkit.data.findings import Finding, Report, first_few, plural, worst_first
from reidkit.data.images import in_threads, look

TINY = (16, 8)  # height, width in pixels: below this nobody can be told apart


def check_data(crops: pd.DataFrame, *, progress: bool = True) -> Report:
    """Check a data set: decode every image, and compare people, cameras and splits.

    Args:
        crops: the table of crops.
        progress: show a progress bar; decoding takes most of the time.

    Returns:
        The report: ``print`` it, or ask it for ``ok``, ``verdict``, ``findings``, ``table()``.

    Raises:
        ReidkitError: the table itself is wrong (see :func:`reidkit.data.check_crops`).
    """
    crops = check_crops(crops)
    looks = list(in_threads(look, list(crops["path"]), title="check", progress=progress))
    images = crops.join(pd.DataFrame(looks))
    findings = [
        *_unreadable(images),
        *_tiny(images),
        *_duplicates(images),
        *_two_people_in_one_picture(images),
        *compare_with_published(crops),
        *_missing_parts(crops),
        *_people_in_train_and_test(crops),
        *_queries_without_match(crops),
        *_cameras(crops),
        *_missing_pids(crops),
        *_junk_and_distractors(crops),
    ]
    return Report(worst_first(findings), count_splits(crops), count_cameras(crops))


def _names(crops: pd.DataFrame) -> str:
    """Name the first few files."""
    return first_few(Path(path).name for path in crops["path"])


def _unreadable(images: pd.DataFrame) -> Iterator[Finding]:
    bad = images[images["broken"] != ""]
    if len(bad):
        named = [f"{path} ({why})" for path, why in zip(bad["path"], bad["broken"], strict=True)]
        yield Finding(
            "error",
            f"{plural(len(bad), 'image')} of {len(images):,} unreadable: {first_few(named)}.",
            "Copy them anew from the source, or take them out.",
        )


def _tiny(images: pd.DataFrame) -> Iterator[Finding]:
    height, width = TINY
    read = images[images["broken"] == ""]
    tiny = read[(read["height"] < height) | (read["width"] < width)]
    if len(tiny):
        yield Finding(
            "warning",
            f"{plural(len(tiny), 'image')} smaller than {height}×{width} pixels (height × width): "
            f"{_names(tiny)}.",
            "Too small to tell who it is: take them out, or check what cut them.",
        )


def _duplicates(images: pd.DataFrame) -> Iterator[Finding]:
    """Find files that are the same byte for byte."""
    read = images[images["broken"] == ""]
    copies = read[read.duplicated("digest", keep=False)]
    splits = copies.groupby("digest")["split"].agg(set)
    leaks = splits[[bool({"train"} < found) for found in splits]]
    if len(leaks):
        leaking = copies[copies["digest"].isin(leaks.index)].sort_values(["digest", "path"])
        yield Finding(
            "error",
            f"{plural(len(leaks), 'picture')} found both in train and in the test set, byte for "
            f"byte (a leak): {_names(leaking)}.",
            "Take them out of train: a network must not be tested on what it has seen.",
        )
    rest = copies[~copies["digest"].isin(leaks.index)].sort_values(["digest", "path"])
    rest = rest[rest.groupby("digest")["path"].transform("nunique") > 1]  # one file may be query and gallery
    if len(rest):
        yield Finding(
            "warning",
            f"{plural(rest['digest'].nunique(), 'picture')} found more than once, byte for "
            f"byte ({plural(len(rest), 'file')}): {_names(rest)}.",
            "Keep one of each: copies count as easy neighbours and easy matches.",
        )


def _two_people_in_one_picture(images: pd.DataFrame) -> Iterator[Finding]:
    """Find copies of one picture that carry different pids."""
    read = people(images[images["broken"] == ""])
    torn = read[read.groupby("digest")["pid"].transform("nunique") > 1]
    if len(torn):
        yield Finding(
            "warning",
            f"{plural(torn['digest'].nunique(), 'picture')} found with different pids in "
            f"different copies: {_names(torn.sort_values('digest'))}.",
            "One of the labels is wrong: the evaluation would count a right answer as a mistake.",
        )


def _missing_parts(crops: pd.DataFrame) -> Iterator[Finding]:
    present = set(crops["split"])
    if "train" not in present:
        yield Finding("note", "There are no crops to train on.", "Good for evaluation only.")
    if not present & {"query", "gallery"}:
        yield Finding(
            "note",
            "There is no test set (query and gallery): results cannot be judged.",
            "Training works. To judge it, give some labelled crops the splits query and gallery.",
        )
    for there, absent in (("query", "gallery"), ("gallery", "query")):
        if there in present and absent not in present:
            yield Finding(
                "error",
                f"There are {there} crops but no {absent} crops: nothing can be ranked.",
                f"Give some crops the split {absent}, or make all of them train.",
            )


def _people_in_train_and_test(crops: pd.DataFrame) -> Iterator[Finding]:
    train = set(people(select(crops, "train"))["pid"])
    both = sorted(train & set(people(select(crops, "test"))["pid"]))
    if both:
        yield Finding(
            "warning",
            f"{plural(len(both), 'person', many='people')} of {len(train):,} in train found again "
            f"in the test set: pid {first_few(both)}.",
            "If they are the same people, scores are too good: split by person. If the numbering "
            "only starts again in the test set, renumber it.",
        )


def _queries_without_match(crops: pd.DataFrame) -> Iterator[Finding]:
    """Find queries that the evaluation must leave out: nothing right is left to be found."""
    queries, gallery = people(select(crops, "query")), people(select(crops, "gallery"))
    if queries.empty or not (crops["split"] == "gallery").any():
        return
    absent = ~queries["pid"].isin(gallery["pid"])
    seen = gallery[["pid", "camid"]].drop_duplicates()
    found = queries[["pid", "camid"]].reset_index().merge(seen, on="pid")
    other = found["camid_x"].ne(found["camid_y"]).fillna(True)  # an unknown camera may be another
    alone = queries[~queries.index.isin(found.loc[other, "index"])]
    if alone.empty:
        return
    n_absent = int(absent.sum())
    yield Finding(
        "error" if len(alone) == len(queries) else "warning",
        f"{len(alone):,} of {plural(len(queries), 'query', many='queries')} without a match under "
        f"another camera: {_names(alone)}. {_cause(crops, n_absent, len(alone) - n_absent)}",
        "The evaluation leaves such queries out; with none left it has no score. Check how pid and "
        "camid were read, or move crops of these people to the gallery.",
    )


def _cause(crops: pd.DataFrame, n_absent: int, n_same: int) -> str:
    """Say the likely reason why queries have no match."""
    causes = []
    if n_absent:
        causes.append(f"for {n_absent:,} the person is absent from the gallery")
    if n_same and select(crops, "test")["camid"].nunique() == 1:
        causes.append(f"for {n_same:,} the cause is that every test crop has the same camera")
    elif n_same:
        causes.append(f"for {n_same:,} the gallery has the person under the query's camera only")
    return f"Likely cause: {'; '.join(causes)}."


def _cameras(crops: pd.DataFrame) -> Iterator[Finding]:
    known = crops["camid"].dropna()
    if len(known) < len(crops):
        yield _missing_cameras(crops)
    if known.empty:
        return
    lowest, highest = int(known.min()), int(known.max())
    base = f" ({lowest}-based)" if lowest < 2 else ""
    numbered = f"{plural(known.nunique(), 'camera')}, numbered {lowest} to {highest}{base}."
    yield Finding("note", numbered)
    if known.nunique() == 1:
        yield Finding(
            "warning",
            f"Every crop has the same camera ({lowest}).",
            "ReID is about recognising people under another camera. If there were several, give "
            "each its camid; if there was one, leave camid out.",
        )


def _missing_cameras(crops: pd.DataFrame) -> Finding:
    """Say what unknown cameras cost: training can do without, the test's rules cannot."""
    unknown = crops["camid"].isna()
    what = f"{plural(int(unknown.sum()), 'crop')} of {len(crops):,} without a camera."
    if (unknown & crops.index.isin(people(crops).index) & (crops["split"] != "train")).any():
        return Finding(
            "error",
            f"{what} The test cannot be judged: finding a query again in its own camera counts "
            "for nothing, so the cameras must be known.",
            "Give each test crop its camid; if there are no cameras, 0 to every query and 1 to "
            "every gallery crop.",
        )
    return Finding(
        "note" if unknown.all() else "warning",
        what,
        "Training cannot prefer positives from another camera there.",
    )


def _missing_pids(crops: pd.DataFrame) -> Iterator[Finding]:
    train, test = select(crops, "train"), select(crops, "test")
    unknown = int(train["pid"].isna().sum())
    if unknown:
        yield Finding(
            "note",
            f"{plural(unknown, 'training crop')} of {len(train):,} without a pid.",
            "Training needs none; only the quality of pseudo-labels cannot be judged there.",
        )
    unknown = int(test["pid"].isna().sum())
    if unknown:
        yield Finding(
            "error" if unknown == len(test) else "warning",
            f"{plural(unknown, 'test crop')} of {len(test):,} without a pid: left out, like junk.",
            "Label them, or make them train.",
        )


def _junk_and_distractors(crops: pd.DataFrame) -> Iterator[Finding]:
    meaning = {JUNK: ("junk", "left out of"), DISTRACTOR: ("distractors", "kept, as wrong, in")}
    for pid, (name, fate) in meaning.items():
        crowd = crops[crops["pid"] == pid]
        gallery = int((crowd["split"] == "gallery").sum())
        if gallery:
            what = f"{plural(gallery, 'gallery crop')} with pid {pid} ({name}): {fate} the ranking."
            yield Finding("note", what)
        if len(crowd) > gallery:
            yield Finding(
                "warning",
                f"{plural(len(crowd) - gallery, 'crop')} in train or query with pid {pid}, which "
                f"means {name}: {_names(crowd[crowd['split'] != 'gallery'])}.",
                f"If {pid} is a person here, renumber from 1; if the person is unknown, leave the pid empty.",
            )
