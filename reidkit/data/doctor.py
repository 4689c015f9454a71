"""The data doctor: what is wrong with a data set, before a training run finds out.

The questions are the ones that people bring to ReID projects again and again. "All query
identities do not appear in gallery" stands in dozens of threads, and nearly always means that every
crop carries the same camera id: the evaluation leaves out gallery crops of the query's own person
under the query's own camera, and then nothing is left to find.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from reidkit.data.benchmarks import compare_with_published
from reidkit.data.census import count_cameras, count_kinds, count_splits, people
from reidkit.data.crops import DISTRACTOR, JUNK, check_crops, select
from reidkit.data.file_checks import check_files
from reidkit.data.findings import Finding, Report, first_few, names, plural, worst_first
from reidkit.data.images import in_threads, look
from reidkit.data.naming import say_form, say_name
from reidkit.data.search_checks import check_search


def check_data(crops: pd.DataFrame, *, layout: str | None = None, progress: bool = True) -> Report:
    """Check a data set: decode every image once, and compare people, cameras and splits.

    Args:
        crops: the table of crops.
        layout: the name of its layout (see :func:`reidkit.data.layouts.which_layout`), to be said in the
            report.
        progress: show a progress bar; decoding takes most of the time.

    Returns:
        The report: ``print`` it, or ask it for ``ok``, ``verdict``, ``findings``, ``table()``.

    Raises:
        ReidkitError: the table itself is wrong (see :func:`reidkit.data.check_crops`).
    """
    crops = check_crops(crops)
    images = _look_at(crops, progress)
    findings = [
        *check_files(images),
        *compare_with_published(crops),
        *_missing_parts(crops),
        *_people_in_train_and_test(crops),
        *check_search(crops),
        *_cameras(crops),
        *_missing_pids(crops),
        *_junk_and_distractors(crops),
    ]
    return Report(
        worst_first(findings),
        count_splits(crops),
        count_cameras(crops),
        kinds=count_kinds(crops),
        name=say_name(crops, layout),
        form=say_form(crops),
        images=images,
    )


def _look_at(crops: pd.DataFrame, progress: bool) -> pd.DataFrame:
    """Return the crops with what was found in their files; each file is read once."""
    paths = list(dict.fromkeys(crops["path"]))
    looks = pd.DataFrame(in_threads(look, paths, title="check", progress=progress), index=paths)
    return crops.join(looks, on="path")


def _missing_parts(crops: pd.DataFrame) -> Iterator[Finding]:
    present = set(crops["split"])
    if "train" not in present:
        yield Finding("note", "There are no crops to train on.", "Good for evaluation only.")
    if not present & {"query", "gallery"}:
        yield Finding(
            "note",
            "There is no test set (query and gallery): mAP and the overlap by identity cannot be known.",
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
            "Training needs none. Pairs by pseudo-label are measured there; whether pseudo-labels are people "
            "cannot be known.",
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
                f"means {name}: {names(crowd[crowd['split'] != 'gallery'])}.",
                f"If {pid} is a person here, renumber from 1; if the person is unknown, leave the pid empty.",
            )
