"""One look for every figure: colours with a fixed meaning, small type, quiet axes.

Blue is always a pair of the *same* person (Pos) and vermillion always a pair of *different* people
(Neg). A right answer in a ranked list is a Pos pair and a wrong one a Neg pair, so they carry the
same two colours, and a symbol as well: nobody has to tell colours apart to read a figure. The
colours are those of Okabe and Ito, "Color Universal Design" (2008), which stay distinct for the
colour-blind.
"""

from __future__ import annotations

import colorsys
import threading
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

POS = "#0072B2"
NEG = "#D55E00"
RIGHT = POS
WRONG = NEG
INK = "#222222"
GREY = "#8A8A8A"
PALE = "#D9D9D9"
RUNS = ("#222222", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A8A8A")  # one a run, no Pos/Neg
RIGHT_SYMBOL = "✓"
WRONG_SYMBOL = "✗"

_CATEGORIES = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#B8A800",
    "#5B4B8A",
)

RC: Any = {
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",  # comes with matplotlib and has the check marks
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}

_DRAWN_COLOURS = 16384  # a drawing has fewer, with the soft edges of its lines; a single crop has about 4000

# rcParams are one global table. Widgets draw from several threads, so only one styles at a time.
_STYLING = threading.RLock()


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of this suite inside the ``with`` block, and restore the old one after it.

    >>> before = mpl.rcParams["axes.spines.top"]
    >>> with style():
    ...     mpl.rcParams["axes.spines.top"]
    False
    >>> mpl.rcParams["axes.spines.top"] == before
    True
    """
    with _STYLING, mpl.rc_context(RC):
        yield


class Picture(Figure):
    """A figure that a notebook shows once, as the value of a cell.

    It does not belong to pyplot: nothing stays open, any thread may draw one, and the notebook
    does not show it a second time at the end of the cell.

    Attributes:
        photo: it is made of crops. The notebook then keeps it as JPEG, a quarter of the PNG's size.
    """

    photo = False

    def png(self, *, dpi: float | None = None) -> bytes:
        """The picture as the bytes of a PNG file; ``dpi`` in pixels per inch."""
        buffer = BytesIO()
        with style():
            self.savefig(buffer, format="png", dpi=dpi or self.dpi)
        return _with_palette(buffer.getvalue())

    def jpeg(self) -> bytes:
        """The picture as the bytes of a JPEG file."""
        buffer = BytesIO()
        with style():
            self.savefig(buffer, format="jpeg", dpi=self.dpi, pil_kwargs={"quality": 87, "optimize": True})
        return buffer.getvalue()

    def _repr_png_(self) -> bytes | None:
        return None if self.photo else self.png()

    def _repr_jpeg_(self) -> bytes | None:
        return self.jpeg() if self.photo else None


def _with_palette(png: bytes) -> bytes:
    """Pack a PNG of lines and dots into 256 colours, a third of its size; photographs keep all of theirs."""
    image = Image.open(BytesIO(png)).convert("RGB")
    if image.getcolors(_DRAWN_COLOURS) is None:
        return png
    packed = BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(packed, "png", optimize=True)
    return packed.getvalue()


def canvas(
    rows: int = 1, columns: int = 1, *, size: tuple[float, float] = (6.4, 3.2), **grid: Any
) -> tuple[Picture, np.ndarray]:
    """An empty figure and its axes as a (rows, columns) array; ``size`` in inches.

    ``grid`` goes to :meth:`matplotlib.figure.Figure.subplots` (``sharex``, ``width_ratios``, …).

    >>> figure, axes = canvas(2, 3)
    >>> axes.shape
    (2, 3)
    """
    with style():
        figure = Picture(figsize=size, layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, **grid)
    return figure, axes


def target(ax: Axes | None, *, size: tuple[float, float] = (6.4, 3.2)) -> tuple[Figure, Axes]:
    """The axes to draw on: the caller's ``ax``, or those of a new figure of ``size`` inches."""
    if ax is None:
        figure, axes = canvas(size=size)
        return figure, axes[0, 0]
    return ax.get_figure(root=True), ax  # type: ignore[return-value]


def palette(values: Iterable[Hashable]) -> dict[Hashable, str]:
    """A colour for every distinct value, the same for the same set of values.

    The first eight are picked for the colour-blind. Later ones step around the colour wheel by the
    golden angle, so neighbours in the list differ. The value ``-1`` (an outlier) is always pale grey.

    >>> palette([2, 0, -1])
    {-1: '#D9D9D9', 0: '#0072B2', 2: '#E69F00'}
    """
    distinct = sorted(set(values), key=lambda value: (str(type(value)), value))
    colours = (_nth_colour(position) for position in range(len(distinct)))
    return {value: PALE if value == -1 else next(colours) for value in distinct}


def _nth_colour(position: int) -> str:
    if position < len(_CATEGORIES):
        return _CATEGORIES[position]
    hue = (position * 0.61803398875) % 1.0
    lightness = (0.38, 0.55, 0.68)[position % 3]
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.6)
    return f"#{round(red * 255):02X}{round(green * 255):02X}{round(blue * 255):02X}"


def headed(ax: Axes, title: str, *, columns: int = 3) -> None:
    """Put the title on top and the legend between it and the data, where it hides nothing."""
    entries, names = ax.get_legend_handles_labels()
    lines = -(-len(entries) // columns)
    ax.set_title(title, pad=8 + 14 * lines)
    if entries:
        ax.legend(
            entries, names, ncols=columns, loc="lower left", bbox_to_anchor=(0, 1.0),
            borderaxespad=0.2, borderpad=0, handlelength=1.6, columnspacing=1.4,
        )  # fmt: skip


def over(figure: Figure, title: str) -> None:
    """Put a title over all panels of a figure."""
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=11, color=INK)


def empty(ax: Axes, message: str) -> None:
    """Say in words on an empty panel why there is nothing to draw."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, message, ha="center", va="center", color=GREY, transform=ax.transAxes, wrap=True)
