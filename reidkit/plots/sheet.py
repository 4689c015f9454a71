"""A page of crops: many small pictures tiled into one image, with words around them.

Drawing the page at once is what keeps it quick: a figure with a hundred axes is slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from reidkit.data.pixels import thumbnails
from reidkit.errors import ReidkitError
from reidkit.plots.style import RIGHT, RIGHT_SYMBOL, WRONG, WRONG_SYMBOL, Picture, style

HEIGHT, WIDTH = 96, 48  # of a drawn crop, in pixels
_FRAME, _GAP = 3, 6  # of a frame around a crop, and between crops, in pixels
_INCH = 110  # pixels of a tiled image per inch of the figure

Crops = np.ndarray | Sequence[str] | Sequence[np.ndarray] | pd.Series


def images(crops: Crops) -> np.ndarray:
    """Get crops as small pictures, (n, 96, 48, 3) uint8, from paths or from pixels.

    Args:
        crops: paths of image files, or pixels (n, h, w, 3) uint8, returned as they are.

    Raises:
        ReidkitError: a file is missing (named in the message), or pixels are not uint8 RGB.
    """
    listed = crops if isinstance(crops, np.ndarray) else list(crops)
    if len(listed) == 0:
        return np.zeros((0, HEIGHT, WIDTH, 3), dtype=np.uint8)
    if isinstance(listed[0], str):
        return thumbnails([str(path) for path in listed], height=HEIGHT, width=WIDTH)
    pixels = np.asarray(listed)
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[-1] != 3:
        raise ReidkitError(
            f"Crops of shape {pixels.shape} and type {pixels.dtype}: "
            "give paths, or uint8 pixels of shape (n, height, width, 3)."
        )
    return pixels


def pick(crops: Crops, rows: np.ndarray) -> np.ndarray:
    """Get some of the crops as small pictures, reading no other file: (len(rows), h, w, 3) uint8."""
    if isinstance(crops, np.ndarray):
        return images(crops[rows])
    listed = crops.tolist() if isinstance(crops, pd.Series) else crops
    return images([listed[row] for row in rows.tolist()])


def framed(picture: np.ndarray, colour: str | None) -> np.ndarray:
    """A (h, w, 3) uint8 picture with a frame of ``colour`` around it (white for None)."""
    h, w, _ = picture.shape
    paint = np.array(to_rgb(colour or "white")) * 255
    frame = np.broadcast_to(paint.astype(np.uint8), (h + 2 * _FRAME, w + 2 * _FRAME, 3)).copy()
    frame[_FRAME:-_FRAME, _FRAME:-_FRAME] = picture
    return frame


class Sheet:
    """A white page of rows and columns of crops; each cell is placed, then all are drawn at once."""

    def __init__(
        self, rows: int, columns: int, *, cell: tuple[int, int] = (HEIGHT, WIDTH), label: int = 0
    ) -> None:
        self.step_y = cell[0] + 2 * _FRAME + _GAP
        self.step_x = cell[1] + 2 * _FRAME + _GAP
        self.label = label  # white space left of the first column, in pixels
        height, width = rows * self.step_y, label + columns * self.step_x
        self.page = np.full((height, width, 3), 255, dtype=np.uint8)
        self.words: list[tuple[float, float, str, dict]] = []

    def put(self, row: int, column: int, picture: np.ndarray, *, frame: str | None = None) -> None:
        top, left = row * self.step_y, self.label + column * self.step_x
        block = framed(picture, frame)
        self.page[top : top + block.shape[0], left : left + block.shape[1]] = block

    def write(self, row: float, column: float, text: str, **look: object) -> None:
        """Text with its top left corner on the top left corner of a cell."""
        at = self.label + column * self.step_x, row * self.step_y
        self.words.append((*at, text, {"va": "top", "ha": "left", "size": 8} | look))

    def beside(self, row: int, text: str) -> None:
        """Text left of a row, level with its middle."""
        at = self.label - 6, row * self.step_y + (self.step_y - _GAP) / 2
        self.words.append((*at, text, {"va": "center", "ha": "right", "size": 8}))

    def above(self, column: int, text: str, *, across: int = 1) -> None:
        """Text over a column, or over the middle of several."""
        at = self.label + column * self.step_x + (across * self.step_x - _GAP) / 2, -4
        self.words.append((*at, text, {"va": "bottom", "ha": "center", "size": 8}))

    def badge(self, row: int, column: int, right: bool) -> None:
        """The symbol of a right or a wrong answer, in the lower right corner of a cell."""
        x = self.label + (column + 1) * self.step_x - _GAP - 2
        y = (row + 1) * self.step_y - _GAP - 2
        symbol, colour = (RIGHT_SYMBOL, RIGHT) if right else (WRONG_SYMBOL, WRONG)
        look = {"va": "bottom", "ha": "right", "size": 7, "color": "white", "weight": "bold"}
        box = {"boxstyle": "square,pad=0.15", "fc": colour, "ec": "none"}
        self.words.append((x, y, symbol, look | {"bbox": box}))

    def draw(self, title: str | None = None, *, ax: Axes | None = None) -> Figure:
        height, width, _ = self.page.shape
        above = any(y < 0 for _, y, _, _ in self.words)
        figure: Figure
        with style():
            if ax is None:
                longest = 0.078 * len(title or "")  # inches; a title must not be cut off
                headings = 0.3 * bool(title) + 0.2 * above
                size = (max(width / _INCH, longest) + 0.2, height / _INCH + 0.1 + headings)
                figure = Picture(figsize=size, layout="constrained")
                figure.photo = True
                ax = figure.subplots()
            else:
                figure = cast(Figure, ax.get_figure(root=True))
            ax.imshow(self.page, interpolation="antialiased")
            ax.set_anchor("NW")
            ax.set_axis_off()
            for x, y, text, look in self.words:
                ax.text(x, y, text, **look)
            if title:
                ax.set_title(title, pad=18 if above else 6)
        return figure
