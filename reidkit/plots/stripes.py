"""Crops cut into stripes, and which stripes of two crops look alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reidkit.errors import ReidkitError
from reidkit.plots.sheet import Crops, images
from reidkit.plots.style import INK, PALE, Picture, style, target

_WIDE, _BAR, _GAP = 4.0, 3.0, 0.5  # of a crop, of the longest bar, and between them; a stripe is 1 high
_CUT = 0.06  # white between stripes


def plot_stripes(
    crop: Crops,
    others: Crops,
    distances: np.ndarray,
    *,
    names: Sequence[str],
    longest: float = 2.0,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw a crop and others, all cut into stripes, with a bar for how far each stripe is from the first's.

    Args:
        crop: one crop, with which the others are compared.
        others: M crops; the bars of each stand left of it.
        distances: (M, S) float, from each stripe of ``crop`` to the same stripe of the others. Every crop
            is cut into S.
        names: M + 1 short texts, written over the crops.
        longest: the distance that fills the pale bar; 2, the farthest that unit vectors can be.
        title: the default names the stripe that tells each of the others best from the first.

    Raises:
        ReidkitError: not one crop, or not one row of distances and one name for each crop.
    """
    shown, distances = [*images(crop), *images(others)], np.asarray(distances, dtype=np.float64)
    if len(images(crop)) != 1 or distances.ndim != 2 or len(distances) != len(shown) - 1:
        raise ReidkitError(
            f"{len(shown)} crops and distances of shape {distances.shape}: "
            "give one crop, M others, and distances (M, S)."
        )
    if len(names) != len(shown):
        raise ReidkitError(f"{len(shown)} crops but {len(names)} names: give one name a crop.")
    stripes, step = distances.shape[1], _BAR + _WIDE + 2 * _GAP
    figure, ax = target(ax, size=(0.4 * (_WIDE + step * len(distances)), 0.4 * (stripes + 2)))
    if isinstance(figure, Picture):
        figure.photo = True
    with style():
        for place, (picture, name) in enumerate(zip(shown, names, strict=True)):
            _cut(ax, picture, stripes, left=place * step)
            ax.text(place * step + _WIDE / 2, -0.2, name, ha="center", va="bottom")
        for place, row in enumerate(distances):
            _bars(ax, row / longest, row, left=place * step + _WIDE + _GAP)
        ax.set(xlim=(0, step * len(distances) + _WIDE), ylim=(stripes, -0.9), aspect="equal")
        ax.set_axis_off()
        ax.set_title(title or _claim(distances, names))
    return figure


def _cut(ax: Axes, picture: np.ndarray, stripes: int, *, left: float) -> None:
    for n, part in enumerate(np.array_split(picture, stripes)):
        ax.imshow(part, extent=(left, left + _WIDE, n + 1 - _CUT, n + _CUT))


def _bars(ax: Axes, lengths: np.ndarray, said: np.ndarray, *, left: float) -> None:
    middle = np.arange(len(lengths)) + 0.5
    ax.barh(middle, _BAR, 0.7, left=left, color=PALE, alpha=0.6)
    ax.barh(middle, _BAR * lengths, 0.7, left=left, color=INK)
    for y, length, number in zip(middle, lengths, said, strict=True):
        # Within the dark part where there is room, else beside it.
        shift, align, colour = (-0.1, "right", "white") if length > 0.5 else (0.1, "left", INK)
        ax.text(left + _BAR * length + shift, y, f"{number:.2f}", ha=align, va="center", size=7, color=colour)


def _claim(distances: np.ndarray, names: Sequence[str]) -> str:
    far = [f"stripe {row.argmax() + 1} of {name}" for row, name in zip(distances, names[1:], strict=True)]
    return f"Farthest from {names[0]}: {', '.join(far)}"
