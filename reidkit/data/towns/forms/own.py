"""Forms for data of your own: a table, a folder of folders, a plain folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from reidkit.data.towns.forms.planning import Drawn, Form, Picture, Way, a_town, numbered, take

DAYS = ("monday", "tuesday")


def plan_table(seed: int, people: int) -> list[Picture]:
    """Plan pictures with names that say nothing, for a table to name."""
    pictures = take(a_town(3, distractors=0.5), seed, people)
    return [replace(p, file=f"images/{place:05d}.jpg") for place, p in enumerate(pictures)]


def finish_table(folder: Path, drawn: Drawn) -> None:
    """Write ``crops.csv``."""
    rows = [(p.file, p.pid, p.camid, p.split) for p, _ in drawn]
    table = pd.DataFrame(rows, columns=["path", "pid", "camid", "split"])
    table.to_csv(folder / "crops.csv", index=False, lineterminator="\n")


def plan_people(seed: int, people: int) -> list[Picture]:
    """Plan folders of people in ``train``, ``query`` and ``gallery``; the camera is in the name."""
    pictures = take(a_town(3), seed, people)
    return [
        replace(p, file=f"{p.split}/{p.pid:04d}/c{p.camid}_{number:03d}.jpg",
                columns={"person": f"{p.pid:04d}"})
        for p, number in numbered(pictures, lambda p: (p.split, p.pid), first=1)
    ]  # fmt: skip


def plan_folder(seed: int, people: int) -> list[Picture]:
    """Plan a plain folder: nothing says who is who."""
    pictures = take(a_town(3), seed, people)
    return [
        replace(p, file=f"{DAYS[place % 2]}/IMG_{place:04d}.jpg", split="train")
        for place, p in enumerate(pictures)
    ]


FORMS: dict[str, Form] = {
    "table": Form("a CSV file names person, camera and split", "table", (Way("table"),), plan_table,
                  finish_table),
    "people": Form("a folder of folders, one a person", "people", (Way("people"),), plan_people),
    "folder": Form("pictures, and nothing known about them", "photos", (Way("folder"),), plan_folder),
}  # fmt: skip
"""By name."""
