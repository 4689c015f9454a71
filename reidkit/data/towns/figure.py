"""Put a whole person together: which part is drawn before which, in each view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reidkit.data.towns.bags import draw_bag_after_arms, draw_bag_before_arms, draw_bag_behind
from reidkit.data.towns.body import skeleton
from reidkit.data.towns.canvas import Canvas, Frame
from reidkit.data.towns.head import draw_hair_behind, draw_head
from reidkit.data.towns.lower import draw_lower
from reidkit.data.towns.people import Person, check_person
from reidkit.data.towns.upper import draw_arm, draw_scarf, draw_trunk
from reidkit.errors import ReidkitError

GIRTH = 1.10
"""All bodies are drawn a little wider than life: details survive in 64 pixels."""


def paint_figure(
    person: Person,
    *,
    view: str,
    phase: float,
    height: int,
    width: int,
    scale: float = 0.90,
    middle: float = 0.5,
    ground: float = 0.965,
    stretch: float = 1.0,
) -> tuple[Image.Image, Image.Image]:
    """Draw a person on a transparent canvas.

    Args:
        person: whom to draw.
        view: "front", "left", "right" or "back"; "left" walks to the left of the picture.
        phase: the moment of the step, in radians; 2 pi is two steps.
        height, width: size of the canvas in pixels.
        scale: how much of the canvas height an average person fills.
        middle, ground: where the body's middle and the soles are, as shares of width and height.
        stretch: how much wider than normal the person appears.

    Returns:
        Two Pillow images of that size: the colour (RGB) and the coverage (L).
    """
    size = scale * height * person.height
    frame = Frame(size * stretch * GIRTH, size, middle * width, ground * height, mirror=view == "left")
    canvas, bones = Canvas(width, height, frame), skeleton(person, view, phase)
    draw_hair_behind(canvas, person, bones)
    draw_bag_behind(canvas, person, bones)
    if bones.side:
        draw_arm(canvas, person, bones, 0)
    draw_lower(canvas, person, bones)
    draw_trunk(canvas, person, bones)
    draw_bag_before_arms(canvas, person, bones)
    for arm in (1,) if bones.side else (0, 1):
        draw_arm(canvas, person, bones, arm)
    draw_bag_after_arms(canvas, person, bones)
    draw_scarf(canvas, person, bones)
    draw_head(canvas, person, bones)
    return canvas.finish()


def draw_person(
    person: Person,
    *,
    view: str = "front",
    phase: float = 0.6,
    height: int = 128,
    width: int = 64,
    backdrop: tuple[int, int, int] = (236, 236, 232),
    supersample: int = 4,
) -> NDArray[np.uint8]:
    """Draw one person on a plain backdrop, as a (height, width, 3) uint8 RGB picture.

    Args:
        view: "front", "left", "right" or "back".
        phase: the moment of the step, in radians.
        height, width: size in pixels.
        backdrop: the colour behind the person.
        supersample: draw so many times larger and average, for smooth edges.

    Raises:
        ReidkitError: an unknown view, kind or colour, or a size below 8 pixels.

    >>> from reidkit.data.towns.people import Garment, Person
    >>> ada = Person(top=Garment("tee", "red", pattern="stripes"), bottom=Garment("shorts", "navy"))
    >>> draw_person(ada, view="back").shape
    (128, 64, 3)
    """
    if min(height, width) < 8 or supersample < 1:
        raise ReidkitError(f"a picture of {height} x {width} pixels is too small to draw a person")
    check_person(person)
    colour, cover = paint_figure(person, view=view, phase=phase, height=height * supersample,
                                 width=width * supersample, scale=0.83)  # fmt: skip
    large = Image.new("RGB", colour.size, backdrop)
    large.paste(colour, (0, 0), cover)
    return np.array(large.reduce(supersample))
