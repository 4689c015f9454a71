"""Findings: what the data doctor has to say, and the report that gathers it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing found in a data set: how bad, what (with figures), and what to do about it.

    ``files`` are all the images that it speaks of, where they can be looked at.
    """

    severity: Severity
    what: str
    todo: str = ""
    files: tuple[str, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        whole = textwrap.TextWrapper(90, break_long_words=False, break_on_hyphens=False)  # paths stay whole
        lines = whole.wrap(self.what)
        whole.initial_indent, whole.subsequent_indent = "→ ", "  "
        lines += whole.wrap(self.todo)
        return "\n".join(f"{self.severity if at == 0 else '':<9}{x}" for at, x in enumerate(lines))


@dataclass(frozen=True)
class Report:
    """What :func:`reidkit.data.check_data` found; ``print(report)`` shows all of it.

    Attributes:
        findings: errors first, then warnings, then notes.
        splits: counts by split (see :func:`reidkit.data.census.count_splits`).
        cameras: counts by camera (see :func:`reidkit.data.census.count_cameras`).
        kinds: counts by modality, resolution and clothes, where the crops have such columns (see
            :func:`reidkit.data.census.count_kinds`).
        name: which data set it is, in words.
        form: which folders its splits lie in, in words.
        images: the table of crops with ``digest, height, width, broken`` of each file.
    """

    findings: tuple[Finding, ...]
    splits: pd.DataFrame = field(repr=False)
    cameras: pd.DataFrame = field(repr=False)
    kinds: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    name: str = ""
    form: str = ""
    images: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)

    @property
    def ok(self) -> bool:
        """True when there are no errors; warnings are allowed."""
        return self.count("error") == 0

    @property
    def exit_status(self) -> int:
        """0 when ``ok``, else 1: what the command line returns."""
        return 0 if self.ok else 1

    @property
    def verdict(self) -> str:
        """The one line to read."""
        errors, warnings = self.count("error"), self.count("warning")
        if errors:
            return f"NOT OK: {plural(errors, 'error')}, {plural(warnings, 'warning')}"
        return f"OK, with {plural(warnings, 'warning')}" if warnings else "OK"

    def count(self, severity: Severity) -> int:
        """Return the number of findings that are as bad as this."""
        return sum(finding.severity == severity for finding in self.findings)

    def table(self) -> pd.DataFrame:
        """Return the findings as a table with columns ``severity, finding, what to do``."""
        rows = [(finding.severity, finding.what, finding.todo) for finding in self.findings]
        return pd.DataFrame(rows, columns=["severity", "finding", "what to do"])

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, as for JSON; of ``images`` only the number."""
        return {
            "data set": self.name,
            "form": self.form,
            "verdict": self.verdict,
            "ok": self.ok,
            "findings": [asdict(finding) for finding in self.findings],
            "splits": self.splits.to_dict(orient="index"),
            "cameras": self.cameras.to_dict(orient="index"),
            "kinds": {name: table.to_dict(orient="index") for name, table in self.kinds.items()},
            "images": len(self.images),
        }

    def __str__(self) -> str:
        head = [f"data set: {self.name}\n{self.form}".strip()] if self.name else []
        tables = [self.splits, self.cameras, *self.kinds.values()]
        counts = [table.to_string() for table in tables]
        findings = [str(finding) for finding in self.findings]
        return "\n\n".join([*head, *counts, *findings, f"verdict: {self.verdict}"])


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings with errors first, then warnings, then notes."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def plural(count: int, noun: str, *, many: str = "") -> str:
    """Return a count with its noun.

    >>> plural(1, "error"), plural(12936, "crop"), plural(2, "person", many="people")
    ('1 error', '12,936 crops', '2 people')
    """
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def first_few(names: Iterable[object], *, few: int = 3) -> str:
    """Return the first names and how many more there are.

    >>> first_few(["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    'a.jpg, b.jpg, c.jpg and 1 more'
    """
    texts = [str(name) for name in names]
    more = f" and {len(texts) - few:,} more" if len(texts) > few else ""
    return ", ".join(texts[:few]) + more


def names(crops: pd.DataFrame) -> str:
    """Name the first few files of a table of crops."""
    return first_few(Path(path).name for path in crops["path"])
