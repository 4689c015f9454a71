"""A picture that is not there at first."""

from __future__ import annotations

import ipywidgets as widgets


class Still(widgets.Image):
    """A PNG that keeps its shape in a box, and takes no room while it is empty.

    Of an empty image the browser would show the sign for a broken one.

    >>> still = Still()
    >>> still.layout.display
    'none'
    >>> still.value = b"..."
    >>> still.layout.display
    ''
    """

    def __init__(self) -> None:
        # Boxes shrink and stretch what they hold; a picture must keep its shape.
        layout = {"flex": "0 0 auto", "align_self": "flex-start", "display": "none"}
        super().__init__(format="png", layout=layout)
        self.observe(self._shown, "value")

    def _shown(self, _change: object) -> None:
        self.layout.display = "" if self.value else "none"
