"""Is this Python environment complete? Asked by the Makefile before it makes another one.

``python -m reidkit.installation`` in the project's folder exits with status 0 when it is, else with 1 and
a line that says what is missing. Needs nothing but the standard library to say no.
"""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def missing(pyproject: Path = ROOT / "pyproject.toml") -> list[str]:
    """Return the requirements of pyproject.toml (with its dev extra) that are not met here.

    Raises:
        ImportError: not even `packaging` is installed, which every scientific environment has.
    """
    from packaging.requirements import Requirement

    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"], project["name"]]
    return [text for text in wanted if not _is_met(Requirement(text))]


def _is_met(requirement: object) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)  # type: ignore[attr-defined]
    except PackageNotFoundError:
        return False


def main() -> int:
    """Say whether the environment is complete; return the exit status."""
    try:
        absent = missing()
    except ImportError:
        absent = ["packaging"]
    if absent:
        print(f"{sys.executable} lacks {', '.join(absent)}")
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main())
