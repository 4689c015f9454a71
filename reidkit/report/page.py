"""One HTML file for one or several runs: nothing outside it is needed to read it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from reidkit.engine.limits import cannot_know
from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.evaluation.scores import column_of
from reidkit.plots import plot_overlap
from reidkit.report.html import embed, embed_all, write_page
from reidkit.report.pictures import Pictures
from reidkit.report.sections import Section, sections

_SHARES = {"mAP": "mAP", "rank1": "Rank-1", "overlap": "overlap", "auc": "AUC", "ami": "AMI"}
_PSEUDO = {  # told where nobody knows better
    "pseudo_overlap": "overlap by pseudo-label",
    "pseudo_auc": "AUC by pseudo-label",
    "pseudo_d_prime": "d′ by pseudo-label",
}
_NUMBERS = {"d_prime": "d′", "clusters": "clusters", "outliers": "outliers"}


def write_report(runs: Mapping[str, str | Path] | str | Path, out: str | Path, *, seed: int = 0) -> Path:
    """Write a report on one run, or on several side by side, as one self-contained HTML file.

    Everything is drawn from the records. What a record lacks (true identities, a test set, image
    files) is said in the place of the figure; the rest is written all the same.

    Args:
        runs: the folder of a run, or folders by the name that each is to have in the report.
        out: the HTML file; folders above it are made.
        seed: of the maps and of the people shown.

    Returns:
        ``out``.

    Raises:
        ReidkitError: a folder holds no run, or a run without a finished epoch.
    """
    named = runs if isinstance(runs, Mapping) else {Path(runs).name: runs}
    records = {name: Record(path) for name, path in named.items()}
    if not records:
        raise ReidkitError("No run was given: name at least one folder.")
    return write_page(
        "report.html",
        out,
        title=" and ".join(records) if len(records) < 4 else f"{len(records)} runs",
        scores=score_table({name: record.epochs for name, record in records.items()}),
        comparison=_comparison(records),
        runs=[_run(name, record, seed) for name, record in records.items()],
    )


def score_table(epochs: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """The scores of each run before training (direct transfer) and after its last epoch.

    Returns:
        ``{"columns": [...], "rows": [{"run", "when", "cells"}, ...]}``; a score that was not
        measured is "–", and a column that no run measured is left out.
    """
    names = _SHARES | _NUMBERS
    measured = [column for column in names if _is_measured(epochs, column)]
    if not _is_measured(epochs, "overlap"):
        names = names | _PSEUDO
        measured = [column for column in _PSEUDO if _is_measured(epochs, column)] + measured
    rows = []
    for run, table in epochs.items():
        ends = {"direct transfer": table.iloc[0], f"after {table['epoch'].iloc[-1]} epochs": table.iloc[-1]}
        for when, row in ends.items():
            rows.append({"run": run, "when": when, "cells": [_cell(row, c) for c in measured]})
    return {"columns": [names[column] for column in measured], "rows": rows}


def _is_measured(epochs: Mapping[str, pd.DataFrame], column: str) -> bool:
    return any(column in table and table[column].notna().any() for table in epochs.values())


def _cell(row: pd.Series, column: str) -> str:
    value = row.get(column)
    if value is None or pd.isna(value):
        return "–"
    name = column.removeprefix("pseudo_")
    if name == "d_prime":
        return f"{value:.2f}"
    return _share(value) if name in _SHARES else f"{value:.0f}"


def _comparison(records: Mapping[str, Record]) -> dict[str, str] | None:
    """All runs in one picture, where there are several."""
    if len(records) < 2:
        return None
    section = Section("Which run does what?", "")
    epochs = {name: record.epochs for name, record in records.items()}
    if not _is_measured(epochs, "overlap"):
        section.show(
            lambda: plot_overlap(epochs, which="pseudo"),
            "Overlap by pseudo-label of every run after every epoch.",
            "Each run is measured by its own pseudo-labels: this does not say which one is better.",
        )
        return embed(section.figures[0])
    section.show(
        lambda: plot_overlap(epochs, also=("mAP",)),
        "Overlap and mAP of every run after every epoch.",
        "Left: less is better. Right: more is better. Drawn with true identities.",
    )
    return embed(section.figures[0])


def _run(name: str, record: Record, seed: int) -> dict[str, Any]:
    pictures = Pictures(record, seed=seed)
    written = embed_all(sections(pictures))
    missing = pictures.album.missing
    return {
        "name": name,
        "facts": _facts(pictures),
        "searches": search_table(pictures),
        "ended": (record.path / "summary.json").is_file(),
        "missing": len(missing),
        "crops": len(pictures.album),
        "cannot_know": cannot_know(record.crops),
        "examples": sorted(Path(path).name for path in missing)[:3],
        "sections": written,
        "settings": _flat(record.config),
    }


def _facts(pictures: Pictures) -> dict[str, str]:
    """What was done, to what: the header of a run."""
    config, crops = pictures.record.config, pictures.record.crops
    people = pictures.train["pid"]
    known = f"{people[people > 0].nunique()} people" if pictures.named else "identities unknown"
    facts = {
        "Method": config.get("method"),
        "Network": config.get("backbone"),
        "Started": config.get("started"),
        "Training crops": f"{len(pictures.train):,} ({known})",
        "Test crops": f"{len(pictures.query):,} queries, {len(pictures.gallery):,} in the gallery",
        "Protocol": pictures.protocol if pictures.judged else "",
        "Cameras": str(crops["camid"].nunique() or "unknown"),
        "Epochs": f"{pictures.last} ({len(pictures.record.recorded)} recorded, with epoch 0)",
        "Teacher": _teacher(pictures.record),
    }
    return {name: str(value) for name, value in facts.items() if value}


def search_table(pictures: Pictures) -> list[dict[str, str]]:
    """The last mAP and Rank-1 of every setting in which the benchmark is searched; none if there is one."""
    settings, tested = pictures.settings, pictures.record.epochs
    if len(settings) < 2 or "mAP" not in tested:
        return []
    last = tested.dropna(subset="mAP").iloc[-1]
    rows = []
    for place, setting in enumerate(settings):
        columns = {name: column_of(setting.name, name) if place else name for name in ("mAP", "rank1")}
        cells = {name: _share(last.get(column)) for name, column in columns.items()}
        rows.append({"setting": setting.name, "rules": setting.rules, **cells})
    return rows


def _share(value: Any) -> str:
    return "–" if value is None or pd.isna(value) else f"{value:.1%}"


def _teacher(record: Record) -> str:
    """Say who taught the run, and how good that one was in the end."""
    if record.teacher is None:
        return ""
    method, last = record.teacher.config["method"], record.teacher.epochs.iloc[-1]
    scores = ", ".join(
        f"{_SHARES[name]} {_cell(last, name)}" for name in ("mAP", "ami") if pd.notna(last.get(name))
    )
    return f"{method}, {last['epoch']:.0f} epochs" + (f": {scores}" if scores else "")


def _flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested settings as one list: ``versions.torch`` and the like."""
    lines: dict[str, str] = {}
    for name, value in config.items():
        if isinstance(value, Mapping):
            lines |= _flat(value, f"{prefix}{name}.")
        else:
            lines[prefix + name] = str(value)
    return lines
