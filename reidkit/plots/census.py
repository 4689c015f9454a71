"""The census of a data set as pictures: how many crops a person, and how large."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reidkit.data.census import people, splits_in
from reidkit.data.findings import plural
from reidkit.errors import ReidkitError
from reidkit.plots.style import GREY, INK, RUNS, headed, style, target

_BARS = 24


def plot_crops_a_person(crops: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw how many people have how many crops, one curve a split.

    Args:
        crops: the table of crops; junk, distractors and crops without a pid are left out.

    Raises:
        ReidkitError: no person is known.
    """
    known = people(crops)
    counts = known.groupby(["split", "pid"]).size()
    if counts.empty:
        raise ReidkitError("No person is known (pid), so crops cannot be counted a person.")
    most = int(counts.max())
    step = max(1, -(-most // _BARS))
    edges = np.arange(0.5, most + step + 0.5, step)
    with style():
        figure, ax = target(ax, size=(6.4, 2.6))
        for place, split in enumerate(splits_in(known)):
            each = counts.xs(split)
            label = f"{split} (median {each.median():.0f})"
            ax.hist(each, edges.tolist(), histtype="step", color=RUNS[place], label=label, linewidth=1.8)
        ax.set_xlim(0, edges[-1])
        ax.set_xlabel("crops of a person")
        ax.set_ylabel("people")
        headed(ax, title or "How many crops has a person?")
    return figure


def plot_sizes(images: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw how large the images are: one dot a size, larger where more images have it.

    Args:
        images: as for :func:`reidkit.data.census.count_sizes`.

    Raises:
        ReidkitError: no image could be read.
    """
    read = images[images["broken"] == ""].drop_duplicates("path")
    if read.empty:
        raise ReidkitError("No image could be read, so there are no sizes.")
    sizes = read.groupby(["width", "height"]).size().reset_index(name="images")
    with style():
        figure, ax = target(ax, size=(6.4, 3.2))
        area = 14 + 120 * sizes["images"] / sizes["images"].max()
        ax.scatter(sizes["width"], sizes["height"], s=area, color=INK, alpha=0.35, linewidth=0)
        largest = 1.15 * max(sizes["height"].max(), 2 * sizes["width"].max())
        ax.plot(
            [0, largest / 2],
            [0, largest],
            color=GREY,
            linewidth=1,
            linestyle="--",
            label="twice as high as wide",
        )
        ax.set_xlim(0, largest / 2)
        ax.set_ylim(0, largest)
        ax.set_xlabel("width (pixels)")
        ax.set_ylabel("height (pixels)")
        headed(ax, title or f"{plural(len(read), 'image')}, {plural(len(sizes), 'size')}")
    return figure
