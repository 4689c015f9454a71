"""One crop: a person in front of a scene, perhaps behind something, seen by a camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from reidkit.data.towns.cameras import Camera, expose
from reidkit.data.towns.figure import paint_figure
from reidkit.data.towns.palette import tint
from reidkit.data.towns.people import Person
from reidkit.data.towns.scenes import HIGH, WIDE, scene
from reidkit.errors import ReidkitError

HEIGHT, WIDTH, SUPERSAMPLE = 128, 64, 2
OCCLUDERS: tuple[str, ...] = ("none", "pole", "bush", "bicycle", "passer-by")


@dataclass(frozen=True)
class Place:
    """Where a person is inside the crop, and what is before and behind them.

    `middle` and `ground` are shares of the crop's width and height, `size` the share of the height
    that an average person fills; `window` is the left edge of the scene's window, in pixels, and
    `drop` its upper edge. `passer` is who walks by when the occluder is a passer-by.
    """

    middle: float = 0.5
    ground: float = 0.965
    size: float = 0.88
    window: int = 300
    drop: int = 30
    occluder: str = "none"
    occluder_at: float = 0.85
    passer: Person | None = None
    light: float = 1.0


def draw_crop(
    person: Person | None,
    camera: Camera,
    *,
    view: str = "front",
    phase: float = 0.6,
    place: Place | None = None,
    seed: int = 0,
) -> NDArray[np.uint8]:
    """Draw the crop that a camera takes of a person, (128, 64, 3) uint8 RGB.

    Args:
        person: whom to draw; None for a box in which nobody is.
        camera: the camera; its scene, light, lens and noise.
        view: "front", "left", "right" or "back".
        phase: the moment of the step, in radians.
        place: position in the crop, window of the scene, occluder.
        seed: of the noise and the snow; the same arguments give the same pixels.

    Raises:
        ReidkitError: an unknown view, occluder, scene, or kind of garment.

    >>> draw_crop(None, Camera(scene="park")).shape
    (128, 64, 3)
    """
    place = place or Place()
    high, wide = HEIGHT * SUPERSAMPLE, WIDTH * SUPERSAMPLE
    if place.occluder not in OCCLUDERS:
        raise ReidkitError(f"nothing called {place.occluder!r} can occlude; choose from {OCCLUDERS}")
    whole = scene(camera.scene, winter=camera.winter)
    left, top = place.window % (WIDE - wide), place.drop % (HIGH - high + 1)
    picture = Image.fromarray(whole[top : top + high, left : left + wide])
    if person is not None:
        _put(picture, person, camera, view, phase, place)
    if place.occluder == "passer-by" and place.passer is not None:
        aside = replace(place, middle=place.occluder_at, ground=place.ground + 0.02)
        _put(picture, place.passer, camera, "front", phase + 1.3, aside)
    elif place.occluder != "none":
        _occlude(picture, place, camera)
    small = np.asarray(picture.reduce(SUPERSAMPLE), dtype=np.float32) / 255.0
    return expose(small, camera, np.random.default_rng(seed), light=place.light)


def _put(picture: Image.Image, person: Person, camera: Camera, view: str, phase: float, place: Place) -> None:
    """Lay a person and their shadow over a picture."""
    # A detector's boxes are cut to the person, so most of the difference in height is lost.
    even = replace(person, height=1.0 + 0.5 * (person.height - 1.0))
    colour, cover = paint_figure(even, view=view, phase=phase, height=picture.height,
                                 width=picture.width, scale=place.size, middle=place.middle,
                                 ground=place.ground, stretch=camera.stretch)  # fmt: skip
    picture.paste((16, 18, 30), (0, 0), _shadow(cover, camera, place.ground * picture.height))
    picture.paste(colour, (0, 0), cover)


def _shadow(cover: Image.Image, camera: Camera, ground: float) -> Image.Image:
    """The person's own outline, laid flat on the ground and sheared away from the light."""
    flat, shear = 0.20, -1.9 * camera.lean
    # Image.transform asks, for every pixel of the result, where in the mask it comes from.
    inverse = (1.0, -shear, shear * ground, 0.0, 1.0 / flat, ground * (1.0 - 1.0 / flat))
    sheared = cover.transform(cover.size, Image.Transform.AFFINE, inverse)
    return sheared.filter(ImageFilter.BoxBlur(2)).point(lambda dark: dark * camera.shadow)


def _occlude(picture: Image.Image, place: Place, camera: Camera) -> None:
    """A pole, a bush or a parked bicycle in front of the person."""
    wide, pen = picture.width, ImageDraw.Draw(picture)
    x, foot = place.occluder_at * wide, (place.ground + 0.01) * picture.height
    if place.occluder == "pole":
        half = 0.055 * wide
        pen.rectangle([x - half, 0, x + half, foot], fill=(104, 110, 116))
        pen.rectangle([x - half, 0, x - half * 0.3, foot], fill=(150, 156, 160))
        pen.rectangle([x - half * 1.5, foot - 12, x + half * 1.5, foot], fill=(84, 88, 94))
    elif place.occluder == "bush":
        _bush(pen, x, foot, wide, winter=camera.winter)
    else:
        _bicycle(pen, x, foot, wide)


def _bush(pen: ImageDraw.ImageDraw, x: float, foot: float, wide: int, *, winter: bool) -> None:
    leaf = (132, 142, 140) if winter else (72, 124, 62)
    for step in range(22):
        angle, r = 2.4 * step, 0.09 * wide * (1.0 + 0.3 * np.sin(5.1 * step))
        cx = x + 0.032 * wide * np.sqrt(step) * 2.0 * np.cos(angle)
        cy = foot - 0.24 * wide + 0.05 * wide * np.sqrt(step) * np.sin(angle)
        shade = tint(leaf, 0.22 * float(np.sin(7.7 * step)))
        pen.ellipse([cx - r, cy - r, cx + r, cy + r], fill=shade)


def _bicycle(pen: ImageDraw.ImageDraw, x: float, foot: float, wide: int) -> None:
    r, dark, frame = 0.20 * wide, (40, 42, 46), (180, 60, 54)
    wheels = (x - 0.27 * wide, x + 0.27 * wide)
    axle, saddle = foot - r, foot - 0.52 * wide
    for wheel in wheels:
        pen.ellipse([wheel - r, foot - 2 * r, wheel + r, foot], outline=dark, width=4)
        for turn in np.arange(6) * np.pi / 6:
            dx, dy = r * np.cos(turn), r * np.sin(turn)
            pen.line([wheel - dx, axle - dy, wheel + dx, axle + dy], fill=(150, 150, 150))
    post, bars = x - 0.10 * wide, x + 0.19 * wide
    pen.line([wheels[0], axle, post, saddle + 14, bars, saddle + 12, x, axle, wheels[0], axle],
             fill=frame, width=5)  # fmt: skip
    pen.line([x, axle, post, saddle], fill=frame, width=5)
    pen.line([wheels[1], axle, bars, saddle - 6, bars - 12, saddle - 8], fill=dark, width=5)
    pen.line([post - 12, saddle, post + 12, saddle], fill=dark, width=7)
