"""One HTML file for a data set: the doctor's report, with pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from reidkit.data import Finding, Report
from reidkit.data.census import count_sizes, people, splits_in
from reidkit.plots import contact_sheet, montage, plot_crops_a_person, plot_crowd, plot_sizes
from reidkit.plots.contact import CROWD
from reidkit.report.html import embed, embed_all, write_page
from reidkit.report.sections import Section

_NAMED = 12  # images that are drawn beside a finding, at most
_DPI = 110  # the crops' own pixels: a page of some hundred kilobytes
_SPLITS = (
    "Junk shows no whole person and is left out of the ranking. Distractors are wrong answers that nobody "
    "asks for."
)
_LOOK = (
    "One person a row: those with most cameras (and clothes), so not the typical ones. Look whether a row is "
    "one person, and whether the cameras are told apart rightly."
)
_BLIND = "Some crops of each split, picked at random: nobody says who they are."
_MEANING = {
    "train": "what training sees, without any pid.",
    "query": "who is looked for.",
    "gallery": "where is looked.",
}


def write_data_page(report: Report, out: str | Path, *, title: str = "", seed: int = 0) -> Path:
    """Write what the data doctor found as one self-contained HTML file.

    Args:
        report: of :func:`reidkit.data.check_data`. Only the images that are drawn are read again.
        out: the HTML file; folders above it are made.
        title: the heading; the data set's name when left out.
        seed: of the people and crops that are shown.

    Returns:
        ``out``.
    """
    return write_page(
        "data.html",
        out,
        title=title or report.name or "Data set",
        report=report,
        findings=[_finding(finding, report.images) for finding in report.findings],
        tables=_tables(report),
        sections=embed_all(_sections(report, seed), photo_dpi=_DPI),
    )


def _finding(finding: Finding, images: pd.DataFrame) -> dict[str, Any]:
    """One finding and, where it names images that can be read, these."""
    known = images.drop_duplicates("path").set_index("path")
    readable = [path for path in finding.files if not known["broken"][path]]
    shown = known.loc[readable[:_NAMED]].reset_index()
    words = {"severity": finding.severity, "what": finding.what, "todo": finding.todo, "figure": None}
    if shown.empty:
        return words
    section = Section("", "")
    more = len(finding.files) - len(shown)
    section.show(
        lambda: _mugshots(shown),
        f"The images: {', '.join(Path(path).name for path in shown['path'])}.",
        f"{more:,} more are not shown." if more else "",
        photo=True,
    )
    return words | {"figure": embed(section.figures[0], _DPI)}


def _mugshots(crops: pd.DataFrame) -> Figure:
    """Draw crops with split, pid and camid of each."""
    words = [
        f"{split}\npid {'?' if pd.isna(pid) else pid}\ncam {'?' if pd.isna(camid) else camid}"
        for split, pid, camid in crops[["split", "pid", "camid"]].itertuples(index=False)
    ]
    return montage(crops["path"], captions=words)


def _tables(report: Report) -> list[dict[str, Any]]:
    """Every count of the report, as the template needs it."""
    named = {
        "Splits": (report.splits, _SPLITS),
        "Cameras": (report.cameras, "Crops of each camera in each split, and the people that it saw."),
    }
    for kind, table in report.kinds.items():
        named[kind.capitalize()] = (table, "")
    named["Sizes"] = (count_sizes(report.images), "In pixels. Images that could not be read do not count.")
    return [
        {
            "title": title,
            "text": text,
            "columns": list(table.columns),
            "rows": [(name, [f"{number:,}" for number in row]) for name, *row in table.itertuples()],
        }
        for title, (table, text) in named.items()
        if len(table)
    ]


def _sections(report: Report, seed: int) -> Iterator[Section]:
    """The pictures: counts, and then the crops."""
    images = report.images
    yield _counts(images)
    readable = images[images["broken"] == ""]
    section = Section("Contact sheet", _LOOK if len(people(readable)) else _BLIND)
    for split in splits_in(images):
        part = readable[readable["split"] == split]
        title = split if len(people(part)) else None
        section.show(
            lambda part=part, title=title: contact_sheet(part, seed=seed, title=title),  # type: ignore[misc]
            f"Contact sheet of {split}: crops in rows, each with what is known of it.",
            f"{split}: {_MEANING[split]}",
            photo=True,
        )
    if readable["pid"].isin(list(CROWD)).any():
        section.show(
            lambda: plot_crowd(readable, seed=seed, title="distractors and junk"),
            "Some distractors (pid 0) and some junk (pid -1).",
            "Nobody is asked for here: distractors (pid 0) stay in the gallery, junk (pid -1) is ignored.",
            photo=True,
        )
    yield section


def _counts(images: pd.DataFrame) -> Section:
    section = Section("How much of each, and how large?", "")
    section.show(
        lambda: plot_crops_a_person(images),
        "Histogram: people by their number of crops, one line a split.",
        "A person with one crop has nothing to be grouped with.",
    )
    section.show(
        lambda: plot_sizes(images),
        "Width and height of the images.",
        "A dot for each size, larger where more images have it. Training resizes all of them to one size.",
    )
    return section
