"""Two crops side by side, with what each part of them says for or against their being alike."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba

from reidkit.plots.sheet import Crops, images
from reidkit.plots.style import GREY, INK, NEG, POS, Picture, canvas, style

_STRENGTH = 0.85  # of the colour over a crop, at the largest value
_MAP = LinearSegmentedColormap.from_list(
    "agreement", [to_rgba(NEG, _STRENGTH), to_rgba(NEG, 0), to_rgba(POS, 0), to_rgba(POS, _STRENGTH)]
)


def plot_agreement(
    pair: Crops,
    maps: tuple[np.ndarray, np.ndarray],
    *,
    distances: Mapping[str, float] | None = None,
    names: tuple[str, str] = ("A", "B"),
    title: str | None = None,
) -> Picture:
    """Draw two crops, each beside itself in grey with its map over it.

    Blue raises the similarity of the two, vermillion lowers it; a colour means the same in both. The numbers
    beside a map say how much of the similarity comes from each quarter of the height.

    Args:
        pair: two crops: paths, or uint8 pixels (2, h, w, 3).
        maps: (h, w) each, from :func:`reidkit.explore.agreement.agreement`: both sum to the similarity.
        distances: Euclidean distance by the name of the view, to be written below.
        names: a short text over each crop.
        title: the default says how similar the two are.
    """
    similarity = float(maps[0].sum())
    largest = max(float(np.abs(one).max()) for one in maps) or 1.0
    figure, axes = canvas(1, 4, size=(7.0, 3.5))
    with style():
        for place, (crop, values, name) in enumerate(zip(images(pair), maps, names, strict=True)):
            plain, covered = axes[0, 2 * place : 2 * place + 2]
            plain.imshow(crop)
            plain.set_title(name, fontweight="normal", fontsize=9)
            covered.set_title("what it adds", fontweight="normal", fontsize=8, color=GREY, loc="right")
            _cover(covered, crop, values / largest)
            _write_quarters(covered, values)
            for ax in (plain, covered):
                ax.set_axis_off()
                ax.set_anchor("W")
        said = ", ".join(f"{view} {d:.2f}" for view, d in (distances or {}).items())
        figure.supxlabel(
            fill(f"distance: {said}", 100) if said else "", fontsize=9, color=INK, x=0.01, ha="left"
        )
        figure.suptitle(
            title or f"Similarity {similarity:.2f}: blue parts raise it, vermillion parts lower it",
            x=0.01, ha="left", fontweight="bold", fontsize=10,
        )  # fmt: skip
    figure.photo = True
    return figure


def _cover(ax: Axes, crop: np.ndarray, values: np.ndarray) -> None:
    """The crop in pale grey, and the map over it; the middle of a cell has its value, between is blended."""
    height, width = crop.shape[:2]
    grey = crop.astype(float) @ (0.299, 0.587, 0.114)
    ax.imshow(110 + 0.57 * grey, cmap="gray", vmin=0, vmax=255)
    box = (-0.5, width - 0.5, height - 0.5, -0.5)
    ax.imshow(values, cmap=_MAP, vmin=-1, vmax=1, extent=box, interpolation="bilinear", aspect="equal")


def _write_quarters(ax: Axes, values: np.ndarray) -> None:
    """How much each quarter of the height adds, right of it."""
    starts = np.unique(np.arange(4) * len(values) // 4)
    parts = np.add.reduceat(values.sum(axis=1), starts)
    for start, stop, part in zip(starts, [*starts[1:], len(values)], parts, strict=True):
        middle = (start + stop) / 2 / len(values)
        ax.annotate(f"{part:+.2f}", (1, 1 - middle), (4, 0), xycoords="axes fraction", size=8,
                    textcoords="offset points", va="center", color=POS if part > 0 else NEG)  # fmt: skip
