"""Imports run one way, down the floors of the design."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import reidkit

ROOT = Path(reidkit.__file__).parent

# From the top floor to the ground. A package may import from its own floor only itself.
FLOORS = (
    {"cli"},
    {"bench", "comparison", "demo"},
    {"explore", "plots", "report"},
    {"engine"},
    {"methods"},
    {"losses", "memory"},
    {"labels"},
    {"neighbours", "projection"},
    {"distances", "evaluation", "models", "data"},
    {"errors", "files", "installation"},
)
FLOOR = {name: level for level, names in enumerate(FLOORS) for name in names}
# Neighbours on a floor that may speak to each other: the report and the explorer are made of plots, the map
# of neighbours, and the two measures share their checks.
ALLOWED = {
    ("report", "plots"),
    ("explore", "plots"),
    ("projection", "neighbours"),
    ("evaluation", "distances"),
}
FILES = sorted(p for p in ROOT.rglob("*.py") if p.parent != ROOT or p.stem not in ("__init__",))


def part(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return relative.parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reidkit."):
            names.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            names |= {a.name.split(".")[1] for a in node.names if a.name.startswith("reidkit.")}
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_downwards(path: Path) -> None:
    mine = part(path)
    for other in imported(path) - {mine}:
        assert FLOOR[other] > FLOOR[mine] or (mine, other) in ALLOWED, f"{mine} imports {other}"


def test_every_part_has_a_floor() -> None:
    assert {part(p) for p in FILES} <= set(FLOOR)
