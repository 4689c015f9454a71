"""The benchmark as a table: ours, each reference, and the ratios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd


def as_table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Put ours and its references side by side.

    Args:
        rows: from :func:`reidkit.bench.run.bench`.

    Returns:
        One row for each stage, size and reference (one without any reference too), as text: seconds,
        processor seconds, MB above what was held before, and how many times faster and leaner ours is.

    >>> ours = {"stage": "map", "n": 3000, "dim": 512, "who": "ours", "seconds": 2.0, "cpu_seconds": 3.9,
    ...         "megabytes": 10.0}
    >>> other = ours | {"who": "umap-learn", "seconds": 7.0, "cpu_seconds": 7.1, "megabytes": 25.0}
    >>> print(as_table([ours, other]).to_string(index=False))
    stage    N   D seconds   cpu MB  reference its seconds its MB faster leaner
      map 3000 512    2.00  3.90 10 umap-learn        7.00     25  3.50x   2.5x
    """
    lines = []
    for ours in (row for row in rows if row["who"] == "ours"):
        others = [row for row in rows if row["who"] != "ours" and _same(row, ours)]
        lines += [_line(ours, other) for other in others] or [_line(ours, None)]
    return pd.DataFrame(lines)


def _same(row: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(row[name] == other[name] for name in ("stage", "n", "dim"))


def _line(ours: dict[str, Any], other: dict[str, Any] | None) -> dict[str, str]:
    line = {
        "stage": ours["stage"], "N": str(ours["n"]), "D": str(ours["dim"]),
        "seconds": f"{ours['seconds']:.2f}", "cpu": f"{ours['cpu_seconds']:.2f}",
        "MB": _number(ours["megabytes"]),
    }  # fmt: skip
    if other is None:
        return line | dict.fromkeys(("reference", "its seconds", "its MB", "faster", "leaner"), "")
    return line | {
        "reference": other["who"], "its seconds": f"{other['seconds']:.2f}",
        "its MB": _number(other["megabytes"]),
        "faster": f"{other['seconds'] / ours['seconds']:.2f}x",
        "leaner": _ratio(other["megabytes"], ours["megabytes"]),
    }  # fmt: skip


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _ratio(other: float | None, ours: float | None) -> str:
    """Less than a megabyte cannot be told from nothing."""
    return "" if other is None or ours is None else f"{other / max(ours, 1):.1f}x"
