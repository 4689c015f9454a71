"""The explorer on a page: where its parts are, and how they are used."""

from __future__ import annotations

from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page

from tests.browser.lab import Lab, LabServer, centre, wait_for
from tests.browser.pixels import colours, find

PER_PAGE = 48
EXPLORE = """
from reidkit.explore import explore
explorer = explore({!r})
explorer
"""


class Explored:
    """A page that shows the explorer, in JupyterLab or by itself.

    Attributes:
        scope: where the explorer's parts are looked for: the page, or a part of it if there are several.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.scope: Page | Locator = page

    @property
    def map(self) -> Locator:
        return self.scope.locator("canvas[width][height]").first

    @property
    def histogram(self) -> Locator:
        return self.scope.locator(".rk-pairs")

    @property
    def cards(self) -> Locator:
        return self.scope.locator(".rk-crops .card")

    @property
    def tooltip(self) -> Locator:
        """The crop of the dot under the mouse."""
        return self.scope.locator("[style*='background-image: url(\"data:image']")

    def see_dots(self) -> None:
        """Wait until the map is drawn."""
        self.map.wait_for()
        wait_for(lambda: len(colours(self.map)) > 10, "dots on the map")

    def see_cards(self, count: int) -> None:
        """Wait until a page with so many cards in all is dealt out."""
        wait_for(lambda: self.cards.count() == min(PER_PAGE, count), f"{count} cards")
        self.scope.locator(".rk-crops[aria-busy='false']").wait_for()

    def press(self, button: str) -> None:
        self.scope.get_by_role("button", name=button, exact=True).click()

    def open_tab(self, name: str) -> None:
        self.scope.get_by_role("tab", name=name).click()

    def drag(self, *way: tuple[float, float]) -> None:
        """Move the mouse along a way, with its button held."""
        mouse = self.page.mouse
        mouse.move(*way[0])
        mouse.down()
        for x, y in way[1:]:
            mouse.move(x, y, steps=8)
        mouse.up()

    def lasso(self, *way: tuple[float, float]) -> None:
        """Draw a lasso on the map; its corners are shares of the map's width and height."""
        self.press("Activate lasso selection")
        corners = [centre(self.map, x, y) for x, y in way]
        self.drag(*corners, (corners[0][0] + 3, corners[0][1] + 3))  # on its start it would be a click
        self.press("Activate pan & zoom")


class ExplorerPage(Explored, Lab):
    """JupyterLab with ``explorer`` in a notebook."""

    def __init__(self, page: Page, server: LabServer) -> None:
        Explored.__init__(self, page)
        Lab.__init__(self, page, server)

    def tidy(self) -> None:
        """Leave nothing selected, dialled or mended, and the map in the colours of the labels."""
        self.do("while explorer.log.edits: explorer.editing.undo()")
        self.do("explorer.colour_by('pseudo-label').go_to(explorer.session.scene.epochs[-1]).select([])")
        assert self.value("explorer.trouble.value") == ""

    def find_dot(self, row: int) -> tuple[float, float]:
        """Return page coordinates of a dot in the colour of this one."""
        shown = "explorer.map.colouring"
        return find(self.map, self.value(f"str({shown}.colours[{shown}.codes[{row}]])"))

    def do(self, statement: str) -> None:
        """Run a statement in the kernel, as the user would in the next cell."""
        with self.kernel() as client:
            reply = client.execute_interactive(statement, silent=True, store_history=False, timeout=60)
        assert reply["content"]["status"] == "ok", reply

    def array(self, expression: str) -> np.ndarray:
        """Return an array of the kernel."""
        value: Any = self.value(f"{expression}.tolist()")
        return np.asarray(value)
