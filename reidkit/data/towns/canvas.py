"""A small vector canvas: smooth shapes with a soft relief, so that flat drawings look rounded.

Shapes are given in *body units*: x to the right from the body's middle, y downwards, 0 at the
crown of a person of average height and 1 at the soles. Every shape also leaves a soft bump in a
relief map; the light is computed once, at the end, from the slope of that map. An arm that lies
over the chest therefore gets a bright and a dark edge without anybody drawing one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFilter

from .palette import RGB

Points = NDArray[np.float64]
Texture = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.uint8]]
Paint = RGB | Texture
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Frame:
    """Where body units land on the canvas, in pixels."""

    scale_x: float
    scale_y: float
    middle: float
    ground: float
    mirror: bool = False

    def pixels(self, points: ArrayLike) -> Points:
        """(n, 2) body units -> (n, 2) pixels."""
        xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        side = -1.0 if self.mirror else 1.0
        x = self.middle + side * xy[:, 0] * self.scale_x
        return np.stack([x, self.ground + (xy[:, 1] - 1.0) * self.scale_y], axis=1)

    def units(self, box: Box) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Body units of every pixel of a box: x (1, w) and y (h, 1)."""
        side = -1.0 if self.mirror else 1.0
        x = (np.arange(box[0], box[2], dtype=np.float32) - self.middle) * side / self.scale_x
        y = (np.arange(box[1], box[3], dtype=np.float32) - self.ground) / self.scale_y + 1.0
        return x[None].astype(np.float32), y[:, None].astype(np.float32)


class Canvas:
    """Colour, coverage and relief of one drawing, all (height, width)."""

    def __init__(self, width: int, height: int, frame: Frame) -> None:
        self.size = (width, height)
        self.frame = frame
        self.colour = Image.new("RGB", self.size)
        self.cover = Image.new("L", self.size)
        self.relief = Image.new("L", self.size)

    def shape(self, outline: ArrayLike, paint: Paint, *, puff: float = 0.012) -> None:
        """Fill a closed outline, (n, 2) body units; `puff` is the width of its rounded rim."""
        points = self.frame.pixels(outline)
        box = self._box(points)
        if box is None:
            return
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        corner = np.array(box[:2])
        ImageDraw.Draw(mask).polygon((points - corner).ravel().tolist(), fill=255)
        if callable(paint):
            self.colour.paste(Image.fromarray(paint(*self.frame.units(box))), box[:2], mask)
        else:
            self.colour.paste(paint, box, mask)
        self.cover.paste(255, box, mask)
        bump = mask.filter(ImageFilter.BoxBlur(max(0.5, puff * self.frame.scale_y)))
        self.relief.paste(bump, box[:2], mask)

    def stroke(self, line: ArrayLike, width: float, paint: Paint, *, puff: float = 0.004) -> None:
        """Draw a smooth line of constant width; both in body units."""
        points = np.asarray(line, dtype=np.float64).reshape(-1, 2)
        self.shape(ribbon(points, np.full(len(points), width / 2)), paint, puff=puff)

    def finish(self, *, strength: float = 0.34) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Light the relief from the upper left: (h, w, 3) colour and (h, w, 1) cover in [0, 1]."""
        bump = np.asarray(self.relief, dtype=np.float32) / 255.0
        slope_y, slope_x = np.gradient(bump)
        light = strength * 0.012 * self.frame.scale_y * (slope_x + 0.7 * slope_y)
        shade = 1.0 + np.clip(2.2 * light, -0.42, 0.22)
        colour = np.asarray(self.colour, dtype=np.float32) / 255.0 * shade[..., None]
        return np.clip(colour, 0.0, 1.0), np.asarray(self.cover, np.float32)[..., None] / 255.0

    def _box(self, points: Points) -> Box | None:
        """The pixels a shape may touch, or None when it lies off the canvas."""
        low = np.maximum(np.floor(points.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(points.max(axis=0)).astype(int) + 1, self.size)
        if (high <= low).any():
            return None
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def smooth(outline: ArrayLike, *, rounds: int = 2) -> Points:
    """Round the corners of a closed outline by cutting them again and again (Chaikin 1974)."""
    points = np.asarray(outline, dtype=np.float64).reshape(-1, 2)
    for _ in range(rounds):
        after = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1)
        points = points.reshape(-1, 2)
    return points


def ellipse(x: float, y: float, rx: float, ry: float, *, corners: int = 20) -> Points:
    """The outline of an ellipse around (x, y)."""
    turn = np.linspace(0.0, 2 * np.pi, corners, endpoint=False)
    return np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], axis=1)


def ribbon(line: Points, half: NDArray[np.float64], *, round_end: bool = True) -> Points:
    """The outline of a limb: a line (n, 2) with a half width (n,) at each of its points."""
    step = np.gradient(line, axis=0)
    step /= np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    normal = np.stack([-step[:, 1], step[:, 0]], axis=1) * half[:, None]
    if not round_end:
        return np.concatenate([line + normal, (line - normal)[::-1]])
    tip = line[-1] + step[-1] * half[-1] * 0.8
    root = line[0] - step[0] * half[0] * 0.8
    return np.concatenate([[root + 0.5 * normal[0]], line + normal, [tip + 0.5 * normal[-1]],
                           [tip - 0.5 * normal[-1]], (line - normal)[::-1],
                           [root - 0.5 * normal[0]]])  # fmt: skip


def bend(joints: ArrayLike, *, steps: int = 4) -> Points:
    """A smooth line through three joints (hip, knee, ankle): 2 * steps + 1 points.

    The joint in the middle is rounded a little, as a knee is under cloth.
    """
    first, middle, last = np.asarray(joints, dtype=np.float64)
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    line = np.concatenate([first + (middle - first) * t[:-1], middle + (last - middle) * t])
    line[1:-1] = 0.5 * line[1:-1] + 0.25 * (line[:-2] + line[2:])
    return line
