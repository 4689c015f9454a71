"""Look at a drawn figure: what is in each cell of a sheet of crops."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from reidkit.plots.sheet import _FRAME, _GAP


def plain(n: int) -> np.ndarray:
    """n crops, each of one grey value of its own: 10, 20, …"""
    tone = np.arange(1, n + 1, dtype=np.uint8) * 10
    return np.broadcast_to(tone[:, None, None, None], (n, 96, 48, 3)).copy()


def page(figure: Figure) -> np.ndarray:
    return np.asarray(figure.axes[0].get_images()[0].get_array())


def cells(figure: Figure, rows: int, columns: int, *, label: int = 0) -> np.ndarray:
    """The grey value in the middle of every cell, and 255 where there is none."""
    step_y, step_x = 96 + 2 * _FRAME + _GAP, 48 + 2 * _FRAME + _GAP
    y, x = np.arange(rows) * step_y + 50, label + np.arange(columns) * step_x + 25
    return page(figure)[y][:, x, 0]


def frame_colour(figure: Figure, row: int, column: int, *, label: int = 0) -> tuple:
    y, x = row * (102 + _GAP) + 1, label + column * (54 + _GAP) + 1
    return tuple(page(figure)[y, x].tolist())


def rgb(colour: str) -> tuple:
    return tuple(round(c * 255) for c in to_rgb(colour))


def symbols(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.axes[0].texts if t.get_text() in "✓✗"]
