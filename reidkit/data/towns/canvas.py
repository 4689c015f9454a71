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

from reidkit.data.towns.palette import RGB

Points = NDArray[np.float64]
Texture = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.uint8]]
Paint = RGB | Texture
Box = tuple[int, int, int, int]

_LIGHT = 0.0035
"""How strongly the relief is lit."""


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
        ImageDraw.Draw(mask).polygon((points - box[:2]).ravel().tolist(), fill=255)
        if callable(paint):
            self.colour.paste(Image.fromarray(paint(*self.frame.units(box))), box[:2], mask)
        else:
            self.colour.paste(paint, box, mask)
        self.cover.paste(255, box, mask)
        rim = puff * self.frame.scale_y
        bump = mask.filter(ImageFilter.BoxBlur(rim)) if rim > 0.5 else mask
        self.relief.paste(bump, box[:2], mask)

    def stroke(self, line: ArrayLike, width: float, paint: Paint, *, puff: float = 0.004) -> None:
        """Draw a smooth line of constant width; both in body units."""
        points = np.asarray(line, dtype=np.float64).reshape(-1, 2)
        self.shape(ribbon(points, np.full(len(points), width / 2)), paint, puff=puff)

    def finish(self) -> tuple[Image.Image, Image.Image]:
        """Light the relief from the upper left; returns the colour (RGB) and the coverage (L)."""
        box = self.cover.getbbox()
        if box is None:
            return self.colour, self.cover
        bump = np.asarray(self.relief.crop(box), dtype=np.float32)
        slope = np.zeros_like(bump)
        slope[1:-1, 1:-1] = (bump[1:-1, 2:] - bump[1:-1, :-2]) + 0.7 * (bump[2:, 1:-1] - bump[:-2, 1:-1])
        # The slope per pixel falls as the picture grows; the factor makes up for that.
        light = slope * np.float32(_LIGHT * self.frame.scale_y / 255.0)
        shade = 1.0 + np.clip(light, -0.32, 0.14)
        lit = np.asarray(self.colour.crop(box), dtype=np.float32) * shade[..., None]
        self.colour.paste(Image.fromarray(np.minimum(lit, 255.0).astype(np.uint8)), box)
        return self.colour, self.cover

    def _box(self, points: Points) -> Box | None:
        """The pixels a shape may touch, or None when it lies off the canvas."""
        x, y = points.T.tolist()
        left, top = max(int(min(x)), 0), max(int(min(y)), 0)
        right, bottom = min(int(max(x)) + 2, self.size[0]), min(int(max(y)) + 2, self.size[1])
        return (left, top, right, bottom) if right > left and bottom > top else None


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


def ribbon(line: Points, half: Points, *, round_end: bool = True, round_root: bool = True) -> Points:
    """The outline of a limb: a line (n, 2) with a half width (n,) at each of its points."""
    step = np.empty_like(line)
    step[1:-1], step[0], step[-1] = line[2:] - line[:-2], line[1] - line[0], line[-1] - line[-2]
    step /= np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
    normal = step[:, ::-1] * [-1.0, 1.0] * half[:, None]
    parts = [line + normal, (line - normal)[::-1]]
    if round_end:
        tip = line[-1] + step[-1] * half[-1] * 0.8
        parts.insert(1, np.array([tip + 0.5 * normal[-1], tip - 0.5 * normal[-1]]))
    if round_root:
        root = line[0] - step[0] * half[0] * 0.5
        parts.append(np.array([root - 0.5 * normal[0], root + 0.5 * normal[0]]))
    return np.concatenate(parts)


def bend(joints: ArrayLike, *, steps: int = 4) -> Points:
    """A smooth line through three joints (hip, knee, ankle): 2 * steps + 1 points.

    The joint in the middle is rounded a little, as a knee is under cloth.
    """
    first, middle, last = np.asarray(joints, dtype=np.float64)
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    line = np.concatenate([first + (middle - first) * t[:-1], middle + (last - middle) * t])
    line[1:-1] = 0.5 * line[1:-1] + 0.25 * (line[:-2] + line[2:])
    return line
