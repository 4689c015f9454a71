"""Woven and printed patterns: how a garment's two colours are laid out on the cloth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reidkit.data.towns.canvas import Canvas, Paint, Points, ellipse
from reidkit.data.towns.palette import CLOTH
from reidkit.data.towns.people import Garment
from reidkit.errors import ReidkitError

Plane = NDArray[np.float32]

STRIPE, BAR, CHECK, DOT = 0.056, 0.046, 0.060, 0.052
"""Lengths after which each pattern repeats, in body heights (0.05 is about six pixels)."""


def _saw(x: Plane, period: float) -> Plane:
    return np.asarray((x / period) % 1.0, dtype=np.float32)


def _checks(u: Plane, v: Plane) -> Plane:
    across, down = _saw(u + CHECK / 4, CHECK) < 0.5, _saw(v, CHECK) < 0.5
    return np.asarray(0.5 * across + 0.5 * down, dtype=np.float32)


def _dots(u: Plane, v: Plane) -> Plane:
    row = np.floor(v / DOT)
    x = _saw(u + (row % 2) * DOT / 2, DOT) - 0.5
    return np.asarray(np.hypot(x, _saw(v, DOT) - 0.5) < 0.31, dtype=np.float32)


WEAVES: dict[str, Callable[[Plane, Plane], Plane]] = {
    "stripes": lambda u, v: (_saw(v, STRIPE) < 0.48) + 0.0 * u,
    "bars": lambda u, v: (_saw(u + BAR / 4, BAR) < 0.46) + 0.0 * v,
    "checks": _checks,
    "block": lambda u, v: (v < 0.325) + 0.0 * u,
    "band": lambda u, v: ((v > 0.300) & (v < 0.385)) + 0.0 * u,
    "dots": _dots,
}
"""The share of the second colour at (u across the body, v down the body), both in body heights."""


def fabric(garment: Garment, joints: ArrayLike | None = None) -> Paint:
    """The paint of a garment; with two joints, the pattern follows that limb.

    On a limb, v runs along the limb but starts at the limb's own height, so that stripes and bands
    meet those of the trunk.

    Raises:
        ReidkitError: the garment has an unknown pattern.
    """
    base = CLOTH[garment.colour]
    if garment.pattern == "plain":
        return base
    if garment.pattern not in WEAVES:
        raise ReidkitError(f"no pattern is called {garment.pattern!r}; choose one of {['plain', *WEAVES]}")
    weave = WEAVES[garment.pattern]
    colours = np.array([base, CLOTH[garment.second]], dtype=np.float32)
    first, second = np.array([[0.0, 0.0], [0.0, 1.0]]) if joints is None else np.asarray(joints)
    axis = (second - first) / np.linalg.norm(second - first)

    def paint(x: Plane, y: Plane) -> NDArray[np.uint8]:
        dx, dy = x - np.float32(first[0]), y - np.float32(first[1])
        along = dx * np.float32(axis[0]) + dy * np.float32(axis[1]) + np.float32(first[1])
        across = dx * np.float32(axis[1]) - dy * np.float32(axis[0])
        share = np.broadcast_to(weave(across, along), (y.shape[0], x.shape[1]))
        mixed = colours[0] + share[..., None] * (colours[1] - colours[0])
        return np.asarray(mixed, dtype=np.uint8)

    return paint


def _star() -> Points:
    turn = np.arange(10) * np.pi / 5 - np.pi / 2
    radius = np.where(np.arange(10) % 2, 0.45, 1.1)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)


_PRINT_OUTLINES: dict[str, Points] = {
    "circle": ellipse(0.0, 0.0, 0.95, 0.95),
    "star": _star(),
    "square": np.array([[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]]),
    "heart": np.array([[0, 1.05], [-1.0, 0.0], [-1.0, -0.55], [-0.55, -0.9], [0, -0.45],
                       [0.55, -0.9], [1.0, -0.55], [1.0, 0.0]]),
    "letter": np.array([[-0.35, -1], [0.35, -1], [1, 1], [0.45, 1], [0.28, 0.4], [-0.28, 0.4],
                        [-0.45, 1], [-1, 1]]),
}  # fmt: skip


def chest_print(canvas: Canvas, garment: Garment, *, size: float = 0.05) -> None:
    """Put the print of a garment on the chest (front views call this, no other view does)."""
    if garment.print == "none":
        return
    if garment.print not in _PRINT_OUTLINES:
        raise ReidkitError(
            f"no print is called {garment.print!r}; choose one of {['none', *_PRINT_OUTLINES]}"
        )
    outline = _PRINT_OUTLINES[garment.print] * size + np.array([0.0, 0.305])
    canvas.shape(outline, CLOTH[garment.second], puff=0.003)
    if garment.print == "letter":
        hole = np.array([[-0.16, -0.05], [0.16, -0.05], [0.0, -0.62]]) * size
        canvas.shape(hole + np.array([0.0, 0.305]), CLOTH[garment.colour], puff=0.003)
