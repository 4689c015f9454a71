"""What stands behind the people: one wide painted scene a camera, from which every crop cuts a window."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from reidkit.data.towns.palette import RGB

WIDTH = 900
"""Width of a scene in pixels; its height is that of a crop."""

Draw = ImageDraw.ImageDraw


def paint_scene(kind: str, *, height: int, snow: bool, rng: np.random.Generator) -> NDArray[np.float32]:
    """Paint the scene of a camera.

    Args:
        kind: a key of :data:`SCENES`.
        height: in pixels.
        snow: whether it is winter: the ground and every ledge are white.
        rng: decides where things stand.

    Returns:
        (height, WIDTH, 3) float32 in [0, 1].
    """
    image = Image.new("RGB", (WIDTH, height))
    draw = ImageDraw.Draw(image)
    SCENES[kind](draw, height, snow, rng)
    soft = image.filter(ImageFilter.GaussianBlur(height / 170))  # the lens is focused on the people
    grain = rng.normal(0, 0.012, (height, WIDTH, 1)).astype(np.float32)
    return np.clip(np.asarray(soft, np.float32) / 255 + grain, 0, 1)


def _street(draw: Draw, height: int, snow: bool, rng: np.random.Generator) -> None:
    edge = int(0.62 * height)
    x = 0
    while x < WIDTH:
        wide = int(rng.integers(110, 220))
        wall = _shade((176, 160, 140), rng, 34)
        draw.rectangle((x, 0, x + wide, edge), fill=wall)
        _windows(draw, x, wide, edge, snow, rng)
        x += wide
    _ground(draw, edge, height, (132, 132, 136), snow)
    draw.rectangle((0, edge, WIDTH, edge + height // 40), fill=(226, 230, 236) if snow else (190, 188, 182))


def _grass(draw: Draw, height: int, snow: bool, rng: np.random.Generator) -> None:
    edge = int(0.48 * height)
    draw.rectangle((0, 0, WIDTH, edge), fill=(176, 190, 204) if snow else (168, 206, 232))
    for _ in range(26):
        x, r = int(rng.integers(WIDTH)), int(rng.integers(height // 9, height // 4))
        leaf = _shade((92, 100, 104) if snow else (76, 134, 72), rng, 22)
        draw.rectangle((x - r // 9, edge - r, x + r // 9, edge), fill=(84, 64, 48))
        draw.ellipse((x - r, edge - int(2.1 * r), x + r, edge - r // 3), fill=leaf)
    _ground(draw, edge, height, (116, 160, 84), snow)
    for _ in range(500):
        x, y = int(rng.integers(WIDTH)), int(rng.integers(edge, height))
        blade = (216, 222, 230) if snow else (92, 136, 66)
        draw.line((x, y, x + 2, y - height // 40), fill=blade)


def _shop(draw: Draw, height: int, snow: bool, rng: np.random.Generator) -> None:
    edge = int(0.72 * height)
    draw.rectangle((0, 0, WIDTH, edge), fill=(92, 74, 66))
    for x in range(0, WIDTH, 150):
        colour = _shade((206, 90, 70) if rng.random() < 0.5 else (60, 120, 140), rng, 30)
        draw.rectangle((x + 8, int(0.2 * height), x + 142, edge - 10), fill=(196, 208, 206))
        for _ in range(5):
            at = x + 16 + int(rng.integers(100))
            tall = int(rng.integers(height // 12, height // 4))
            draw.rectangle((at, edge - 12 - tall, at + 18, edge - 12), fill=_shade((190, 150, 110), rng, 60))
        for stripe in range(x, x + 150, 20):
            shade = colour if (stripe - x) % 40 == 0 else (240, 236, 228)
            draw.polygon(
                [(stripe, int(0.06 * height)), (stripe + 20, int(0.06 * height)),
                 (stripe + 22, int(0.2 * height)), (stripe - 2, int(0.2 * height))],
                fill=shade,
            )  # fmt: skip
    if snow:
        draw.rectangle((0, int(0.03 * height), WIDTH, int(0.07 * height)), fill=(236, 240, 246))
    _ground(draw, edge, height, (158, 150, 142), snow)


def _paving(draw: Draw, height: int, snow: bool, rng: np.random.Generator) -> None:
    """Seen from high up: the ground fills the picture."""
    _ground(draw, 0, height, (172, 166, 156), snow)
    step = height // 9
    for row, y in enumerate(range(-step, height, step)):
        for x in range(-step + (row % 2) * step, WIDTH, 2 * step):
            tone = _shade((214, 220, 228) if snow else (172, 166, 156), rng, 12)
            draw.rectangle((x + 1, y + 1, x + 2 * step - 2, y + step - 2), fill=tone)


def _brick(draw: Draw, height: int, snow: bool, rng: np.random.Generator) -> None:
    edge = int(0.80 * height)
    draw.rectangle((0, 0, WIDTH, edge), fill=(150, 132, 120))
    tall, wide = height // 20, height // 8
    for row, y in enumerate(range(0, edge, tall)):
        for x in range(-wide + (row % 2) * wide // 2, WIDTH, wide):
            draw.rectangle((x + 1, y + 1, x + wide - 2, y + tall - 2), fill=_shade((164, 92, 74), rng, 16))
    _ground(draw, edge, height, (120, 118, 120), snow)


def _station(draw: Draw, height: int, snow: bool, rng: np.random.Generator) -> None:
    edge = int(0.66 * height)
    draw.rectangle((0, 0, WIDTH, edge), fill=(206, 212, 208))
    for x in range(0, WIDTH, height // 5):
        draw.line((x, 0, x, edge), fill=(180, 188, 186), width=2)
    for y in range(0, edge, height // 8):
        draw.line((0, y, WIDTH, y), fill=(180, 188, 186), width=2)
    draw.rectangle((0, int(0.14 * height), WIDTH, int(0.24 * height)), fill=(44, 92, 150))
    for x in range(60, WIDTH, 260):
        draw.rectangle((x, int(0.3 * height), x + 90, int(0.58 * height)), fill=_shade((210, 170, 90), rng, 60))
    _ground(draw, edge, height, (146, 144, 148), snow)
    draw.rectangle((0, edge + height // 12, WIDTH, edge + height // 9), fill=(224, 196, 70))


SCENES: dict[str, Callable[[Draw, int, bool, np.random.Generator], None]] = {
    "street": _street,
    "grass": _grass,
    "shop": _shop,
    "paving": _paving,
    "brick": _brick,
    "station": _station,
}


def _ground(draw: Draw, top: int, height: int, colour: RGB, snow: bool) -> None:
    """Fill the ground, darker towards the horizon."""
    base = np.array((222, 228, 236) if snow else colour)
    for y in range(top, height):
        depth = 0.82 + 0.18 * (y - top) / max(height - top, 1)
        draw.line((0, y, WIDTH, y), fill=tuple((base * depth).astype(int).tolist()))


def _windows(draw: Draw, x: int, wide: int, edge: int, snow: bool, rng: np.random.Generator) -> None:
    glass = _shade((92, 116, 138), rng, 20)
    for left in range(x + 16, x + wide - 34, 44):
        for top in range(edge // 10, edge - edge // 3, edge // 3):
            draw.rectangle((left, top, left + 26, top + edge // 5), fill=glass)
            ledge = (236, 240, 246) if snow else (214, 206, 194)
            draw.rectangle((left - 3, top + edge // 5, left + 29, top + edge // 5 + 4), fill=ledge)


def _shade(colour: RGB, rng: np.random.Generator, spread: int) -> RGB:
    r, g, b = np.clip(np.array(colour) + rng.integers(-spread, spread + 1) , 0, 255).tolist()
    return int(r), int(g), int(b)
