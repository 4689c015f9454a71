"""Which public benchmark a data set is, and whether it is complete.

A crop's ``dataset`` column says which benchmark it comes from. The layouts write it, from the name
of the benchmark's own folder or, if that has been renamed, from the number of images in its three
parts; a data set of your own has no such column. The data doctor compares the counts and says
every difference: on half a benchmark, or on another version, scores cannot be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from reidkit.data.census import count_splits
from reidkit.data.crops import JUNK
from reidkit.data.findings import Finding
from reidkit.data.published import BENCHMARKS, Benchmark


def squash(name: str) -> str:
    """Return a folder's name without capitals and punctuation.

    >>> squash("Market-1501-v15.09.15")
    'market1501v150915'
    """
    return re.sub("[^a-z0-9]", "", name.lower())


def which_benchmark(root: Path, crops: pd.DataFrame) -> str | None:
    """Return the name of the benchmark in a folder, or None if it is none that is known.

    Args:
        root: the folder. Its own name counts, or its name after its parent's (``CUHK03-NP`` and in
            it ``detected``); nothing above them does.
        crops: the table of crops, asked for its counts where the name says nothing.
    """
    names = {squash(root.name), squash(root.parent.name + root.name)}
    for name, benchmark in BENCHMARKS.items():
        if names & set(benchmark.folders):
            return name
    return _by_counts(_found(crops))


def mark(crops: pd.DataFrame, name: str | None) -> pd.DataFrame:
    """Return the crops with the benchmark's name in column ``dataset``; None adds no column."""
    return crops if name is None else crops.assign(dataset=name)


def add_note(crops: pd.DataFrame, note: str) -> pd.DataFrame:
    """Return the crops with one more note for the data doctor, such as what a layout left out.

    Notes lie in ``crops.attrs["notes"]``, which pandas carries along and writes to Parquet.
    """
    noted = crops.copy()
    noted.attrs["notes"] = [*crops.attrs.get("notes", []), note]
    return noted


def compare_with_published(crops: pd.DataFrame) -> Iterator[Finding]:
    """Compare each benchmark in the table with what was published of it.

    Args:
        crops: the table of crops. Without a ``dataset`` column there is nothing to compare; notes
            that the layout added are passed on.
    """
    yield from (Finding("note", note) for note in crops.attrs.get("notes", []))
    if "dataset" not in crops:
        return
    for name, part in crops.groupby("dataset"):
        if name in BENCHMARKS:
            yield from _compare(str(name), part)


def _compare(name: str, crops: pd.DataFrame) -> Iterator[Finding]:
    benchmark, found = BENCHMARKS[name], _found(crops)
    published = _published(benchmark)
    wrong = [
        f"{what}: {found.get(what, 0):,} instead of {number:,}"
        for what, number in published.items()
        if found.get(what, 0) != number
    ]
    if wrong:
        other = _by_counts(found) if "images: " in "".join(wrong) else None
        twin = f" The numbers of images are those of {other}." if other else ""
        yield Finding(
            "warning",
            f"This is called {name}, but differs from what is published: {'; '.join(wrong)}.{twin}",
            "A part is missing, or this is another version or a selection: compare it with the "
            "source. Do not compare scores on it with published ones.",
        )
    else:
        listed = ", ".join(f"{number:,} {what}" for what, number in published.items())
        yield Finding("note", f"This is {name}, with the counts as published: {listed}.")
    if not benchmark.images:
        yield Finding("note", f"No number of images is known for {name}, so it is not checked.")
    if benchmark.note:
        yield Finding("note", benchmark.note)


def _published(benchmark: Benchmark) -> dict[str, int]:
    """Return the published counts, each under the words that name it."""
    images = {_in(split, "images"): number for split, number in benchmark.images.items()}
    people = {_in(split, "people"): number for split, number in benchmark.people.items()}
    return images | people | ({"cameras": benchmark.cameras} if benchmark.cameras else {})


def _found(crops: pd.DataFrame) -> dict[str, int]:
    """Return the counts of a table of crops, under the same words."""
    counts = count_splits(crops)
    splits = [str(split) for split in counts.index]
    images = [_in(split, "images") for split in splits]
    people = [_in(split, "people") for split in splits]
    numbers = [*(counts["crops"] - counts["junk"]), *counts["people"], counts["cameras"].iloc[-1]]
    found = dict(zip([*images, *people, "cameras"], map(int, numbers), strict=True))
    # in a fold an image may be query and gallery
    return found | {"images": crops.loc[crops["pid"].fillna(0) != JUNK, "path"].nunique()}


def _in(split: str, what: str) -> str:
    return what if split == "all" else f"{split} {what}"


def _by_counts(found: Mapping[str, int]) -> str | None:
    """Return the first benchmark with just these numbers of images in its splits."""
    for name, benchmark in BENCHMARKS.items():
        images = [(f"{split} images", number) for split, number in benchmark.images.items()]
        if images and all(found.get(what) == number for what, number in images):
            return name
    return None
