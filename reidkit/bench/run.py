"""The whole benchmark: every stage at every size, ours and its references in turn."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from joblib import cpu_count
from tqdm.auto import tqdm

from reidkit.bench.measure import measure
from reidkit.bench.stages import STAGES
from reidkit.errors import ReidkitError

SIZES = (3_000, 12_936, 32_621, 126_000)
"""A set for the class-room, Market-1501's training crops, MSMT17's, and all crops of MSMT17."""
PACKAGES = ("reidkit", "numpy", "numba", "scipy", "scikit-learn", "faiss-cpu", "umap-learn")

Measured = dict[str, Any]


def bench(
    out: Path,
    *,
    sizes: Sequence[int] = SIZES[:2],
    dims: Sequence[int] = (512,),
    stages: Sequence[str] = tuple(STAGES),
    reference: bool = True,
    repeat: int = 1,
    progress: bool = True,
) -> list[Measured]:
    """Measure, and write what was measured to a JSON file after each step.

    What the file already holds for the same stage, size and number of repeats is not measured again: an
    interrupted benchmark goes on. Delete the file to begin anew.

    Args:
        out: the JSON file.
        sizes: numbers of crops N.
        dims: dimensions D of the features.
        stages: names of :data:`reidkit.bench.stages.STAGES`.
        reference: measure the references too, where they fit into memory.
        repeat: counted runs of each; the quickest counts.
        progress: show a bar.

    Returns:
        One row for each stage, N and D and who was measured: stage, n, dim, who, repeat, and the figures of
        :func:`reidkit.bench.measure.measure`.

    Raises:
        ReidkitError: an unknown stage, or sizes that make no sense.
    """
    if unknown := [name for name in stages if name not in STAGES]:
        raise ReidkitError(f"Unknown stage {unknown[0]!r}; there are {', '.join(STAGES)}.")
    if min([*sizes, *dims, repeat]) < 1 or min(sizes) < 50:
        raise ReidkitError("sizes must be at least 50 crops, dims and repeat at least 1.")
    rows: list[Measured] = _read(out)
    todo: list[Measured] = [
        {"stage": name, "n": n, "dim": dim, "who": who, "repeat": repeat}
        for n in sizes
        for dim in dims
        for name in stages
        for who in ("ours", *_references(name, n, reference))
    ]
    for what in tqdm(todo, desc="bench", unit="run", disable=not progress):
        if any(what.items() <= row.items() for row in rows):
            continue
        rows.append(what | measure(what["stage"], what["who"], what["n"], what["dim"], repeat))
        _write(out, rows)
    return [row for row in rows if any(what.items() <= row.items() for what in todo)]


def _references(name: str, n: int, wanted: bool) -> list[str]:
    return [who for who, (_, most) in STAGES[name].references.items() if wanted and n <= most]


def _read(out: Path) -> list[Measured]:
    if not out.is_file():
        return []
    try:
        return json.loads(out.read_text())["rows"]
    except (ValueError, KeyError, TypeError) as error:
        raise ReidkitError(f"{out} is no benchmark of ours ({error!r}): give another --out.") from error


def _write(out: Path, rows: list[Measured]) -> None:
    machine = {"cores": cpu_count(), "python": platform.python_version(), "system": platform.system()}
    content = {"machine": machine, "versions": {name: version(name) for name in PACKAGES}, "rows": rows}
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.with_name(f".{out.name}.new")
    fresh.write_text(json.dumps(content, indent=1) + "\n")
    fresh.replace(out)
