"""The course: every notebook runs, in small, and every committed one was run in full and reads well."""

from __future__ import annotations

import re
from getpass import getuser
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
COMPARISON = Path(__file__).parents[2] / "docs" / "comparison.csv"
SMALL: dict[str, Any] = {  # 12 people, one round of two batches
    "PEOPLE": 12, "EPOCHS": 1, "ITERS": 2, "COMPARISON": str(COMPARISON),
}  # fmt: skip
LONGEST = 8  # lines of a code cell
MEGABYTE = 1_000_000
ANSWER = re.compile(r"<details>.*?</details>", re.DOTALL)
PROGRAM = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
ELSEWHERE = re.compile(r"(?<![\w.~])/(?:home|root|Users|tmp|work|opt|usr|var|mnt|data)/\w|[A-Z]:\\\\?\w")

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def answers(notebook: NotebookNode) -> list[str]:
    """The folded answers, as Markdown."""
    return ANSWER.findall("\n".join(prose(notebook)))


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all notebooks, so that the towns are drawn once."""
    return tmp_path_factory.mktemp("course")


@every_notebook
def test_it_runs_and_so_do_the_answers(path: Path, workplace: Path) -> None:
    notebook = read(path)
    programs = PROGRAM.findall("\n".join(answers(notebook)))
    notebook.cells += [new_code_cell(program) for program in programs]
    nbformat.write(notebook, workplace / path.name)
    declared = {name for cell in parameters(notebook) for name in re.findall(r"^(\w+) =", cell.source, re.M)}
    ran = papermill.execute_notebook(
        workplace / path.name,
        workplace / f"ran_{path.name}",
        parameters={name: value for name, value in SMALL.items() if name in declared},
        cwd=workplace,
        progress_bar=False,
    )
    assert errors(ran) == []
    assert noise(ran) == []


def parameters(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]


def errors(notebook: NotebookNode) -> list[str]:
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return [output.ename for output in outputs if output.output_type == "error"]


def noise(notebook: NotebookNode) -> list[str]:
    """What was written to stderr: warnings and progress bars."""
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return [output.text for output in outputs if output.get("name") == "stderr"]


@every_notebook
def test_it_has_one_parameters_cell_among_the_first(path: Path) -> None:
    notebook = read(path)
    (cell,) = parameters(notebook)
    assert notebook.cells.index(cell) <= 2
    assert "SEED" in cell.source


@every_notebook
def test_it_was_committed_as_run_from_top_to_bottom(path: Path) -> None:
    cells = code_cells(read(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    pictures = [out for cell in cells for out in cell.outputs if {"image/png", "image/jpeg"} & set(data(out))]
    assert len(pictures) >= 3
    assert errors(read(path)) == []
    assert noise(read(path)) == []


def data(output: NotebookNode) -> dict[str, Any]:
    return output.get("data", {})


@every_notebook
def test_it_is_small_and_holds_no_widget_state(path: Path) -> None:
    assert path.stat().st_size <= MEGABYTE
    assert "widgets" not in read(path).metadata
    for output in (out for cell in code_cells(read(path)) for out in cell.outputs):
        if "application/vnd.jupyter.widget-view+json" in data(output):
            assert "image/png" in data(output), "a widget must leave a picture behind"


@every_notebook
def test_it_tells_nothing_of_the_machine_it_ran_on(path: Path) -> None:
    notebook = read(path)
    said = [cell.source for cell in notebook.cells]
    for output in (out for cell in code_cells(notebook) for out in cell.outputs):
        said += [output.get("text", "")]
        said += [text for kind, text in data(output).items() if kind.startswith("text/")]
    for text in said:
        assert not ELSEWHERE.search(text)
        assert f"/{getuser()}/" not in text


@every_notebook
def test_it_reads_as_a_lesson(path: Path) -> None:
    texts = prose(read(path))
    assert texts[0].startswith("# ")
    assert "**The question.**" in texts[0]
    assert "?" in texts[0]
    assert "**Running time:**" in texts[0]
    assert sum("**Predict.**" in text for text in texts) >= 3
    assert len(answers(read(path))) >= 2
    assert "## What you saw" in texts[-1]


@every_notebook
def test_its_cells_are_short(path: Path) -> None:
    for cell in code_cells(read(path)):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= LONGEST, cell.source
        assert max(map(len, lines)) <= 110, cell.source


def test_the_course_is_there() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{n:02d}" for n in range(len(NOTEBOOKS))]
    assert len(NOTEBOOKS) >= 9
