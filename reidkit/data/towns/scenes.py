"""What stands behind the people: one wide picture per camera, from which crops take a window."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from reidkit.data.towns.palette import RGB, tint
from reidkit.errors import ReidkitError

WIDE, HIGH, BASE = 1152, 320, 150
"""Size of a scene in pixels (a crop is 256 high here) and the row where the ground begins."""

Pen = ImageDraw.ImageDraw
Rng = np.random.Generator


def _fill(pen: Pen, box: tuple[float, float, float, float], colour: RGB) -> None:
    pen.rectangle([box[0], box[1], max(box[0], box[2] - 1), max(box[1], box[3] - 1)], fill=colour)


def _jitter(colour: RGB, rng: Rng, spread: float = 0.12) -> RGB:
    return tint(colour, float(rng.uniform(-spread, spread)))


def _ground(pen: Pen, colour: RGB) -> None:
    """Ground that gets lighter towards the horizon."""
    for y in range(BASE, HIGH, 2):
        shade = 0.16 - 0.26 * (y - BASE) / (HIGH - BASE)
        _fill(pen, (0, y, WIDE, y + 2), tint(colour, shade))


def _slabs(pen: Pen, colour: RGB, rng: Rng) -> None:
    """Paving slabs in a rough perspective: rows grow towards the viewer."""
    _fill(pen, (0, BASE, WIDE, HIGH), tint(colour, -0.32))
    edges = (BASE + np.cumsum(np.linspace(10, 40, 8))).astype(int)
    for top, bottom in zip([BASE, *edges[:-1]], edges, strict=True):
        wide = 26 + (top - BASE) * 0.5
        for left in np.arange(-rng.uniform(0, wide), WIDE, wide):
            _fill(pen, (left, top, left + wide - 2, bottom - 2), _jitter(colour, rng, 0.07))


def _tree(pen: Pen, x: float, rng: Rng, winter: bool) -> None:
    trunk = (84, 66, 54)
    high = float(rng.uniform(0.8, 1.15))
    pen.polygon([(x - 7, BASE + 14), (x + 7, BASE + 14), (x + 4, 40), (x - 4, 40)], fill=trunk)
    if winter:
        for _ in range(9):
            y, reach = rng.uniform(10, 110), rng.uniform(-46, 46)
            pen.line([(x, y), (x + reach, y - abs(reach) * 0.9)], fill=trunk, width=3)
        return
    for _ in range(16):
        cx, cy = x + rng.normal(0, 24), 46 * high + rng.normal(0, 20)
        r = rng.uniform(12, 24)
        pen.ellipse([cx - r, cy - r, cx + r, cy + r], fill=_jitter((70, 132, 62), rng, 0.22))


def _park(pen: Pen, rng: Rng, winter: bool) -> None:
    _fill(pen, (0, 0, WIDE, BASE), (196, 206, 218) if winter else (166, 208, 236))
    hedge: RGB = (118, 124, 118) if winter else (74, 120, 70)
    for x in range(-20, WIDE, 26):
        r = rng.uniform(26, 44)
        pen.ellipse([x - r, BASE - r, x + r, BASE + r], fill=_jitter(hedge, rng, 0.15))
    _ground(pen, (222, 228, 236) if winter else (104, 156, 76))
    for x in np.arange(40, WIDE, 150) + rng.uniform(-30, 30, len(np.arange(40, WIDE, 150))):
        _tree(pen, float(x), rng, winter)
    path: RGB = (196, 200, 206) if winter else (212, 196, 160)
    pen.polygon([(0, 226), (WIDE, 206), (WIDE, 268), (0, 292)], fill=path)
    for x in (210, 560, 930):
        wood = (120, 84, 54)
        _fill(pen, (x, BASE + 22, x + 86, BASE + 30), wood)
        _fill(pen, (x, BASE + 4, x + 86, BASE + 14), wood)
        for leg in (6, 74):
            _fill(pen, (x + leg, BASE + 4, x + leg + 6, BASE + 48), (70, 70, 74))


def _street(pen: Pen, rng: Rng, winter: bool) -> None:
    _fill(pen, (0, 0, WIDE, BASE), (190, 198, 210) if winter else (200, 220, 236))
    left = 0.0
    while left < WIDE:
        wide = float(rng.uniform(110, 180))
        wall = _jitter([(206, 180, 148), (196, 146, 120), (176, 186, 176), (214, 204, 184)]
                       [rng.integers(4)], rng, 0.08)  # fmt: skip
        _fill(pen, (left, 0, left + wide, BASE - 6), wall)
        for x in np.arange(left + 14, left + wide - 30, 40):
            for y in (8, 62):
                glass: RGB = (236, 200, 120) if winter and rng.random() < 0.4 else (94, 112, 130)
                _fill(pen, (x - 3, y - 3, x + 25, y + 41), tint(wall, 0.35))
                _fill(pen, (x, y, x + 22, y + 38), glass)
        left += wide
    _fill(pen, (0, BASE - 6, WIDE, BASE + 18), (170, 168, 164))
    _ground_from(pen, (196, 202, 212) if winter else (112, 114, 118), BASE + 22)
    for x in range(0, WIDE, 120):
        pen.polygon([(x, 262), (x + 60, 262), (x + 50, 274), (x - 12, 274)], fill=(236, 234, 224))
    for x in (120, 470, 820):
        _car(pen, x + float(rng.uniform(-40, 40)), rng)


def _ground_from(pen: Pen, colour: RGB, top: int) -> None:
    for y in range(top, HIGH, 2):
        _fill(pen, (0, y, WIDE, y + 2), tint(colour, 0.10 - 0.2 * (y - top) / (HIGH - top)))


def _car(pen: Pen, x: float, rng: Rng) -> None:
    paint = [(178, 54, 50), (60, 92, 150), (222, 222, 220), (66, 70, 76)][rng.integers(4)]
    pen.polygon(
        [(x + 26, BASE - 42), (x + 100, BASE - 42), (x + 122, BASE - 12), (x + 6, BASE - 12)],
        fill=(120, 146, 164),
    )
    pen.rounded_rectangle([x, BASE - 16, x + 146, BASE + 18], 10, fill=paint)
    for wheel in (22, 104):
        pen.ellipse([x + wheel, BASE + 4, x + wheel + 26, BASE + 30], fill=(36, 36, 40))


def _shops(pen: Pen, rng: Rng, winter: bool) -> None:
    _fill(pen, (0, 0, WIDE, BASE), (120, 96, 84))
    goods = [(226, 96, 84), (92, 160, 190), (236, 196, 96), (140, 180, 110), (220, 150, 180)]
    for shop, left in enumerate(range(-40, WIDE, 196)):
        awning = goods[(shop + int(rng.integers(5))) % 5]
        glass: RGB = (250, 214, 146) if winter else (190, 212, 218)
        _fill(pen, (left + 8, 44, left + 184, BASE + 4), (70, 60, 56))
        _fill(pen, (left + 14, 50, left + 130, BASE - 6), glass)
        _fill(pen, (left + 138, 50, left + 178, BASE + 4), tint(glass, -0.15))
        for x in range(left + 22, left + 118, 22):
            tall = float(rng.uniform(18, 52))
            _fill(pen, (x, BASE - 8 - tall, x + 15, BASE - 8), goods[rng.integers(5)])
        for stripe, x in enumerate(range(left, left + 192, 16)):
            colour = awning if stripe % 2 else (244, 240, 232)
            pen.polygon([(x + 6, 20), (x + 20, 20), (x + 16, 50), (x, 50)], fill=colour)
        _fill(pen, (left + 10, 0, left + 182, 20), tint(awning, -0.45))
    _slabs(pen, (176, 182, 192) if winter else (204, 194, 178), rng)


def _brick(pen: Pen, rng: Rng, winter: bool) -> None:
    wall: RGB = (126, 78, 66) if winter else (190, 112, 84)
    _fill(pen, (0, 0, WIDE, BASE), tint(wall, 0.35))
    for row, y in enumerate(range(0, BASE, 13)):
        for x in range(-17 * (row % 2), WIDE, 34):
            _fill(pen, (x, y, x + 32, y + 11), _jitter(wall, rng, 0.14))
    for x in range(90, WIDE, 290):
        bill = [(240, 214, 90), (96, 176, 190), (236, 236, 230), (206, 90, 110)][rng.integers(4)]
        _fill(pen, (x, 26, x + 62, 112), bill)
        _fill(pen, (x + 10, 38, x + 52, 68), tint(bill, -0.4))
        _fill(pen, (x + 10, 78, x + 44, 84), tint(bill, -0.6))
    _slabs(pen, (150, 152, 160) if winter else (188, 184, 180), rng)


def _plaza(pen: Pen, rng: Rng, winter: bool) -> None:
    _fill(pen, (0, 0, WIDE, BASE), (176, 188, 208) if winter else (208, 226, 240))
    for x in range(0, WIDE, 96):
        stone = _jitter((206, 196, 180), rng, 0.06)
        _fill(pen, (x, 0, x + 34, BASE), stone)
        _fill(pen, (x + 34, 34, x + 96, BASE), (112, 108, 112) if winter else (150, 140, 132))
        pen.pieslice([x + 34, 4, x + 96, 66], 180, 360, fill=(92, 90, 98) if winter else (132, 122, 116))
    _fill(pen, (0, 0, WIDE, 14), (196, 186, 170))
    _slabs(pen, (224, 228, 236) if winter else (226, 208, 186), rng)
    for x in (300, 760):
        _fill(pen, (x, BASE - 10, x + 90, BASE + 26), (150, 146, 140))
        for flower in range(22):
            fx, fy = x + 4 + 4 * flower, BASE - 14 + rng.uniform(-8, 6)
            bloom: RGB = (
                (238, 242, 248) if winter else [(230, 80, 90), (250, 200, 80), (200, 110, 200)][flower % 3]
            )
            pen.ellipse([fx - 5, fy - 5, fx + 5, fy + 5], fill=bloom)


def _station(pen: Pen, rng: Rng, winter: bool) -> None:
    _fill(pen, (0, 0, WIDE, BASE), (104, 116, 130) if winter else (188, 200, 204))
    for x in range(0, WIDE, 64):
        _fill(pen, (x, 0, x + 60, BASE - 8), _jitter((196, 204, 204), rng, 0.04))
    _fill(pen, (0, 58, WIDE, 74), (40, 96, 150) if winter else (220, 120, 40))
    for x in range(70, WIDE, 260):
        glow = [(250, 236, 180), (170, 220, 236), (240, 170, 160)][rng.integers(3)]
        _fill(pen, (x - 4, 14, x + 84, 124), (60, 64, 70))
        _fill(pen, (x, 18, x + 80, 120), glow)
        _fill(pen, (x + 14, 36, x + 66, 82), tint(glow, -0.35))
    _slabs(pen, (140, 146, 156) if winter else (170, 172, 176), rng)
    _fill(pen, (0, 286, WIDE, 300), (230, 196, 60))


SCENES: dict[str, Callable[[Pen, Rng, bool], None]] = {
    "park": _park, "street": _street, "shops": _shops,
    "brick": _brick, "plaza": _plaza, "station": _station,
}  # fmt: skip


@lru_cache(maxsize=32)
def scene(name: str, *, winter: bool = False, seed: int = 0) -> NDArray[np.uint8]:
    """Draw a scene as a read-only (HIGH, WIDE, 3) uint8 picture; the same arguments, the same pixels.

    Raises:
        ReidkitError: there is no scene of that name.
    """
    if name not in SCENES:
        raise ReidkitError(f"no scene is called {name!r}; choose one of {list(SCENES)}")
    rng = np.random.default_rng([seed, 17])
    image = Image.new("RGB", (WIDE, HIGH))
    SCENES[name](ImageDraw.Draw(image), rng, winter)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(1.2)), dtype=np.float32)
    grain = rng.normal(0.0, 1.0, (HIGH // 4, WIDE // 4)).astype(np.float32)
    rough = np.asarray(Image.fromarray(grain).resize((WIDE, HIGH), Image.Resampling.BICUBIC))
    pixels = np.clip(soft + 5.0 * rough[..., None], 0, 255).astype(np.uint8)
    pixels.setflags(write=False)
    return pixels
