"""What the explorer shows, as a plain picture: for a notebook that is read without a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from textwrap import shorten

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from PIL import Image

from reidkit.distances.distributions import COARSE_BINS, WIDTH
from reidkit.explore.cards import Hand
from reidkit.explore.colours import Colouring
from reidkit.plots.embedding import extent_of
from reidkit.plots.style import GREY, INK, NEG, POS, Picture, canvas, empty, over, style

_LINE, _MOST = 13, 39  # cards in a line of the picture, and in all
_TITLE = 72  # letters that fit above them
_TONES = {"plain": GREY, "pos": POS, "neg": NEG, "outlier": GREY}


def draw(
    *,
    title: str,
    xy: NDArray[np.float32],
    colouring: Colouring,
    coloured_by: str,
    selection: NDArray[np.int64],
    counts: tuple[NDArray[np.int64], NDArray[np.int64]],
    threshold: float,
    hand: Hand,
) -> Picture:
    """Draw the map, the pairs and the cards side by side.

    Args:
        title: over all of it.
        xy: (N, 2), the map.
        colouring, coloured_by: of its dots.
        selection: rows drawn large.
        counts: Pos and Neg pairs in bins of 0.01.
        threshold: drawn as a line.
        hand: the cards, of which the first are drawn.
    """
    figure, axes = canvas(2, 2, size=(10.6, 5.4), width_ratios=(1, 1.15), height_ratios=(1, 1.35))
    with style():
        grid = axes[0, 0].get_gridspec()
        for ax in axes[:, 0]:
            ax.remove()
        draw_map(figure.add_subplot(grid[:, 0]), xy, colouring, coloured_by, selection)
        draw_counts(axes[0, 1], counts, threshold)
        _draw_cards(axes[1, 1], hand)
        over(figure, title)
    return figure


def draw_map(
    ax: Axes, xy: NDArray[np.float32], colouring: Colouring, coloured_by: str, selection: NDArray[np.int64]
) -> None:
    """Draw the dots, the selected ones large."""
    shades = np.array(colouring.colours)[colouring.codes]
    back = np.argsort(colouring.codes != 0, kind="stable")  # outliers lie behind
    faint = 0.35 if len(selection) else 0.9
    ax.scatter(
        xy[back, 0],
        xy[back, 1],
        c=shades[back],
        s=max(3, min(14, 20_000 / len(xy))),
        alpha=faint,
        linewidths=0,
    )
    if len(selection):
        ax.scatter(
            xy[selection, 0], xy[selection, 1], c=shades[selection], s=26, edgecolors=INK, linewidths=0.7
        )
    low_x, high_x, low_y, high_y = extent_of([xy])
    ax.set(xlim=(low_x, high_x), ylim=(low_y, high_y), aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    chosen = f", {len(selection):,} selected" if len(selection) else ""
    ax.set_title(f"{len(xy):,} crops by {coloured_by}{chosen}")
    for name, colour, mask in colouring.entries[:8]:
        ax.scatter([], [], c=colour, s=20, label=f"{name} ({mask.sum():,})")
    if colouring.entries:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2, handletextpad=0.2)


def draw_counts(
    ax: Axes, counts: tuple[NDArray[np.int64], NDArray[np.int64]], threshold: float | None = None
) -> None:
    """Draw Pos and Neg pairs, each with area 1."""
    edges = np.linspace(0, 2, COARSE_BINS + 1)
    if not any(count.any() for count in counts):
        empty(ax, "no pairs")
        return
    for count, colour, name in zip(counts, (POS, NEG), ("Pos", "Neg"), strict=True):
        if count.any():
            density = count / (count.sum() * WIDTH)
            label = f"{name} ({count.sum():,} pairs)"
            ax.stairs(density, edges, fill=True, color=colour, alpha=0.45, label=label)
    if threshold is not None:
        ax.axvline(threshold, color=INK, linewidth=1.2)
        closer = [count[: round(threshold / WIDTH)].sum() / max(count.sum(), 1) for count in counts]
        ax.set_title(f"Closer than {threshold:.2f}: {closer[0]:.1%} of Pos, {closer[1]:.1%} of Neg")
    seen = np.flatnonzero(counts[0] + counts[1])
    ax.set(xlabel="distance", yticks=[], xlim=(edges[seen[0]], edges[seen[-1] + 1]))
    ax.spines["left"].set_visible(False)
    ax.legend(loc="upper left")


def _draw_cards(ax: Axes, hand: Hand) -> None:
    cards = hand.source(0, min(hand.count, _MOST))
    if not cards:
        empty(ax, hand.title or "nothing selected")
        return
    ax.set_axis_off()
    part = f" (the first {len(cards)} of {hand.count:,})" if len(cards) < hand.count else ""
    ax.set_title(f"{shorten(hand.title, _TITLE - len(part), placeholder=' …')}{part}")
    wide = max(len(card.images) for card in cards)
    line = _LINE if wide == 1 else _LINE // 2 + 1
    for place, card in enumerate(cards[: 3 * line]):
        row, column = divmod(place, line)
        pixels = _side_by_side(card.images)
        left, top = column * (wide + 0.25), row * 2.45
        ax.imshow(pixels, extent=(left, left + len(card.images), top + 2, top), interpolation="antialiased")
        ax.text(left, top + 2.05, card.caption, va="top", fontsize=6, color=_TONES[card.tone], clip_on=True)
    ax.set(xlim=(0, line * (wide + 0.25)), ylim=(3 * 2.45, 0), aspect="equal", anchor="NW")


def _side_by_side(images: Sequence[bytes]) -> np.ndarray:
    opened = [np.asarray(Image.open(BytesIO(image)).convert("RGB").resize((48, 96))) for image in images]
    return np.concatenate(opened, axis=1)


def pack(figure: Picture, *, dpi: float = 100) -> bytes:
    """Write a figure as a PNG of 256 colours: it is kept in the notebook's file, which should stay small."""
    image = Image.open(BytesIO(figure.png(dpi=dpi))).convert("RGB")
    packed = BytesIO()
    # The palette reaches for rare colours, too (a legend's dots); k-means brings it back to frequent ones.
    few = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    few.save(packed, "png", optimize=True)
    return packed.getvalue()
