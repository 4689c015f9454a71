"""What the doctor finds in the image files: broken, tiny, doubled."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

import pandas as pd

from reidkit.data.census import people
from reidkit.data.findings import Finding, first_few, names, plural

TINY = (16, 8)  # height, width in pixels: below this nobody can be told apart
MISSING = os.strerror(errno.ENOENT)  # as :func:`reidkit.data.images.reason` says it


def check_files(images: pd.DataFrame) -> Iterator[Finding]:
    """Examine files that were looked at.

    Args:
        images: the table of crops with the columns of :class:`reidkit.data.images.Look`.
    """
    yield from _missing(images)
    yield from _unreadable(images)
    yield from _tiny(images)
    yield from _duplicates(images)
    yield from _two_people_in_one_picture(images)


def _missing(images: pd.DataFrame) -> Iterator[Finding]:
    gone = images[images["broken"] == MISSING].drop_duplicates("path")
    if len(gone):
        yield Finding(
            "error",
            f"{plural(len(gone), 'image')} of {images['path'].nunique():,} not there, though a list or table "
            f"names {'it' if len(gone) == 1 else 'them'}: {first_few(gone['path'])}.",
            "Were all archives unpacked? Look where the images lie: paths count from the folder of the list "
            "or table, and in a table capitals matter.",
        )


def _unreadable(images: pd.DataFrame) -> Iterator[Finding]:
    bad = images[~images["broken"].isin(["", MISSING])].drop_duplicates("path")
    if len(bad):
        named = [f"{path} ({why})" for path, why in zip(bad["path"], bad["broken"], strict=True)]
        yield Finding(
            "error",
            f"{plural(len(bad), 'image')} of {images['path'].nunique():,} unreadable: {first_few(named)}.",
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
            f"{names(tiny)}.",
            "Too small to tell who it is: take them out, or check what cut them.",
            _listed(tiny),
        )


def _duplicates(images: pd.DataFrame) -> Iterator[Finding]:
    """Find files that are the same byte for byte.

    One path in query and gallery is one file, no copy: some benchmarks search among their queries. In
    train and in the test set it is a leak all the same.
    """
    read = images[images["broken"] == ""].sort_values(["digest", "path"])
    train = read["split"] == "train"
    leaking = read["digest"].isin(set(read["digest"][train]) & set(read["digest"][~train]))
    yield from _leaks(read[leaking].drop_duplicates("path"))
    yield from _copies(read[~leaking].drop_duplicates("path"))


def _leaks(files: pd.DataFrame) -> Iterator[Finding]:
    if len(files):
        yield Finding(
            "error",
            f"{plural(files['digest'].nunique(), 'picture')} found both in train and in the test set, "
            f"byte for byte (a leak): {names(files)}.",
            "Take them out of train: a network must not be tested on what it has seen.",
            _listed(files),
        )


def _copies(files: pd.DataFrame) -> Iterator[Finding]:
    copies = files[files.duplicated("digest", keep=False)]
    harmless = _queries_in_the_gallery(copies)
    rest = copies[~copies["digest"].isin(harmless)]
    if len(harmless):
        yield Finding(
            "note",
            f"{plural(len(harmless), 'query', many='queries')} found in the gallery too, byte for byte, "
            "under the same pid and camera.",
            "Harmless: crops of a query's own person under its own camera do not count.",
        )
    if len(rest):
        yield Finding(
            "warning",
            f"{plural(rest['digest'].nunique(), 'picture')} found more than once, byte for "
            f"byte ({plural(len(rest), 'file')}): {names(rest)}.",
            "Keep one of each: copies count as easy neighbours and easy matches.",
            _listed(rest),
        )


def _queries_in_the_gallery(copies: pd.DataFrame) -> set[bytes]:
    """Return the digests of pictures that lie once in query and once in gallery, labelled alike."""
    if copies.empty:
        return set()
    alike = copies.groupby("digest")[["split", "pid", "camid"]].nunique(dropna=False)
    pairs = copies.groupby("digest").size() == 2
    tested = ~copies["split"].eq("train").groupby(copies["digest"]).any()
    return set(alike.index[pairs & tested & (alike == [2, 1, 1]).all(axis=1)])


def _two_people_in_one_picture(images: pd.DataFrame) -> Iterator[Finding]:
    """Find copies of one picture that carry different pids."""
    read = people(images[images["broken"] == ""])
    torn = read[read.groupby("digest")["pid"].transform("nunique") > 1].sort_values("digest")
    if len(torn):
        yield Finding(
            "warning",
            f"{plural(torn['digest'].nunique(), 'picture')} found with different pids in "
            f"different copies: {names(torn)}.",
            "One of the labels is wrong: the evaluation would count a right answer as a mistake.",
            _listed(torn),
        )


def _listed(crops: pd.DataFrame) -> tuple[str, ...]:
    """Return the paths, each once, in their order."""
    return tuple(dict.fromkeys(crops["path"]))
