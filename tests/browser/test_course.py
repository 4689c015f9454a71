"""Notebook 09 in JupyterLab, in small: it is run from top to bottom, and then its explorer is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from playwright.sync_api import Browser

from tests.browser import test_explorer as steps
from tests.browser.conftest import watched
from tests.browser.explored import ExplorerPage
from tests.browser.lab import LabServer
from tests.notebooks.test_notebooks import FOLDER, SMALL, code_cells, errors, noise, parameters

NAME = "09_debug_pseudo_labels"
LONG = 600  # seconds: it trains twice, which takes about a minute on two idle cores
SHOWS = 'explorer.select_clusters(int(largest["cluster"]))'  # the cell that shows the explorer first


@pytest.fixture(scope="module")
def explorer(browser: Browser, lab_server: LabServer) -> Iterator[ExplorerPage]:
    """The first explorer of the notebook, once all its cells have run."""
    notebook = load_notebook_node(str(FOLDER / f"{NAME}.ipynb"))
    for cell in code_cells(notebook):
        cell.update(outputs=[], execution_count=None)
    (declared,) = parameters(notebook)
    small = {name: value for name, value in SMALL.items() if f"{name} =" in declared.source}
    with watched(browser) as page:
        lab = ExplorerPage(page, lab_server)
        lab.run_all(lab_server.put(NAME, parameterize_notebook(notebook, small)), patience=LONG)
        lab.scope = page.locator(".jp-CodeCell", has_text=SHOWS).locator(".jp-Cell-outputArea")
        lab.see_dots()
        yield lab
        lab.stop_kernel()


def test_every_cell_has_run(explorer: ExplorerPage) -> None:
    notebook = explorer.notebook()
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert errors(notebook) == []
    assert noise(notebook) == []
    assert explorer.value("PEOPLE") == SMALL["PEOPLE"]
    assert explorer.value("explorer.session.eps == eps and len(second.log.edits) > 0")
    found = explorer.value("f'copies: {len(accused & pairs)} of {len(pairs)} found'")
    explorer.page.get_by_text(found).wait_for()


@pytest.mark.parametrize(
    "step",
    [
        steps.test_it_begins_as_recorded,
        steps.test_a_dot_under_the_mouse_shows_its_crop,
        steps.test_a_lasso_selects_and_deals_out_the_crops,
        steps.test_a_bin_deals_out_its_pairs,
        steps.test_the_threshold_follows_the_mouse,
        steps.test_the_dial_gives_other_labels_and_colours,
        steps.test_of_changes_at_once_the_last_is_drawn,
        steps.test_clusters_are_mended_and_the_edit_taken_back,
    ],
    ids=lambda step: step.__name__.removeprefix("test_"),
)
def test_its_explorer(explorer: ExplorerPage, step: Callable[[ExplorerPage], None]) -> None:
    """What holds for the explorer in a notebook of its own holds here, beside others and after all that."""
    explorer.tidy()
    explorer.scope.evaluate("output => output.scrollIntoView()")
    step(explorer)
    explorer.screenshot(f"course_{step.__name__.removeprefix('test_')}")
