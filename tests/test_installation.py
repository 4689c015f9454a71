"""The environment: one list of dependencies, told the same everywhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from reidkit.installation import ROOT, main, missing

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REQUIREMENTS = [
    Requirement(text) for text in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
]


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    """constraints.txt by canonical name; every line must be an exact version."""
    lines = [
        line for line in (ROOT / "constraints.txt").read_text().splitlines() if line[:1] not in ("#", "")
    ]
    parts = [re.fullmatch(r"([\w.-]+)==([\w.+]+)", line.split(";")[0].strip()) for line in lines]
    assert all(parts), [line for line, part in zip(lines, parts, strict=True) if not part]
    return {canonicalize_name(part[1]): part[2] for part in parts if part}


def test_conda_brings_python_and_pip_alone_and_pip_the_rest() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    names = {re.split(r"[<>=! ]", name)[0]: name for name in conda}
    assert set(names) == {"python", "pip"}
    assert SpecifierSet(names["python"].removeprefix("python")) == SpecifierSet(PROJECT["requires-python"])
    assert [line.split() for line in pip["pip"]] == [
        ["--constraint", "constraints.txt"], ["--editable", ".[dev]"],
    ]  # fmt: skip
    assert "defaults" not in environment["channels"]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda r: r.name)
def test_every_dependency_is_pinned_inside_its_range(requirement: Requirement, pins: dict[str, str]) -> None:
    assert str(requirement.specifier), "a dependency without a lowest version"
    assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


def write(path: Path, *, dependencies: list[str], dev: list[str]) -> Path:
    path.write_text(
        f'[project]\nname = "reidkit"\ndependencies = {dependencies}\n'
        f"[project.optional-dependencies]\ndev = {dev}\n"
    )
    return path


def test_missing_names_what_is_absent_or_too_old(tmp_path: Path) -> None:
    pyproject = write(
        tmp_path / "pyproject.toml",
        dependencies=["numpy>=1", "numpy>=999", "no-such-package-of-ours", "Jinja2>=3"],
        dev=["pytest", "pytest<1"],
    )
    assert missing(pyproject) == ["numpy>=999", "no-such-package-of-ours", "pytest<1"]


def test_this_environment_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    assert missing() == []
    assert main() == 0
    assert capsys.readouterr().out == ""


def test_a_bare_python_says_what_it_lacks(tmp_path: Path) -> None:
    """-S -I: the standard library alone, as in a Python that was just installed."""
    done = subprocess.run(
        [sys.executable, "-S", "-I", str(ROOT / "reidkit" / "installation.py")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "lacks packaging" in done.stdout
    assert done.stderr == ""
