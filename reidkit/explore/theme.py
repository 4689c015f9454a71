"""Is the page light or dark? A widget without a face that knows."""

from __future__ import annotations

import anywidget
import traitlets

from reidkit.explore.front import front_end

PAPER = {False: "#FFFFFF", True: "#111111"}
"""What a map is drawn on, by whether the page is dark: JupyterLab's own cell colours."""


class Theme(anywidget.AnyWidget):
    """Follows the theme of the page.

    Attributes:
        dark: what the page says; False where there is none.
    """

    _esm = front_end("theme.js")
    dark = traitlets.Bool(False).tag(sync=True)
