"""How a planned picture is drawn: other clothes, an infrared camera, a blurred face, few pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from reidkit.data.towns.crop import draw_crop
from reidkit.data.towns.forms.planning import Picture, Pixels
from reidkit.data.towns.palette import contrast
from reidkit.data.towns.people import SUMMER_CLOTHES, Person, Wardrobe, sample_person
from reidkit.data.towns.plan import Shot
from reidkit.errors import ReidkitError

LOOKS = ("plain", "infrared", "blurred face")
TRIES = 2000
"""How often new clothes are drawn by lot before none are said to fit."""


def draw_picture(picture: Picture) -> Pixels:
    """Draw a planned picture as (height, width, 3) uint8 RGB.

    Raises:
        ReidkitError: its look is none of LOOKS.
    """
    if picture.look not in LOOKS:
        raise ReidkitError(f"a picture looks like one of {LOOKS}, not {picture.look!r}")
    shot = picture.shot
    pixels = draw_crop(shot.person, picture.camera, view=shot.view, phase=shot.phase, place=shot.place,
                       seed=shot.seed)  # fmt: skip
    if picture.look == "infrared":
        pixels = infrared(pixels)
    if picture.look == "blurred face":
        pixels = blur_face(pixels, shot)
    high, wide = (side // picture.shrink for side in picture.size)
    if pixels.shape[:2] == (high, wide):
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((wide, high), Image.Resampling.BOX))


def infrared(pixels: Pixels) -> Pixels:
    """What a camera that sees by its own infrared lamps makes of a crop: one channel, three times.

    Cloth throws back infrared nearly alike whatever its colour, so little of the contrast between
    garments is left; the lamps light the middle and leave the edges dark.

    Args:
        pixels: (height, width, 3) uint8.
    """
    red = pixels[..., 0].astype(np.float64) / 255.0
    high, wide = red.shape
    down, across = np.mgrid[-1 : 1 : high * 1j, -1 : 1 : wide * 1j]
    lamp = 1.0 - 0.35 * np.clip(0.5 * down**2 + 0.5 * across**2, 0.0, 1.0)
    grey = (0.30 + 0.55 * red**0.8) * lamp
    level = np.asarray(np.clip(grey, 0.0, 1.0) * 255.0 + 0.5, dtype=np.uint8)
    return np.repeat(level[..., None], 3, axis=2)


def blur_face(pixels: Pixels, shot: Shot) -> Pixels:
    """Blur the part of a crop in which the head is, as MSMT17's second version does."""
    high, wide = pixels.shape[:2]
    head, chin = (round(high * (shot.place.ground - shot.place.size * part)) for part in (1.02, 0.86))
    middle, half = shot.place.middle * wide, 0.16 * wide
    box = (max(0, round(middle - half)), max(0, head), min(wide, round(middle + half)), max(1, chin))
    picture = Image.fromarray(pixels)
    if box[0] < box[2] and box[1] < box[3]:
        picture.paste(picture.crop(box).filter(ImageFilter.GaussianBlur(4)), box)
    return np.asarray(picture)


def change_clothes(
    worn: Sequence[Person], rng: np.random.Generator, *, wardrobe: Wardrobe = SUMMER_CLOTHES
) -> Person:
    """Put other clothes and shoes on a person: body, head, hair, hat and bag stay.

    The top has a colour clearly other than those of all outfits so far, the bottom than the last one's.

    Args:
        worn: the person in the outfits so far.
        rng: decides what is worn.
        wardrobe: where it comes from.

    Raises:
        ReidkitError: the wardrobe has no such clothes.
    """
    for _ in range(TRIES):
        other = sample_person(wardrobe, rng)
        top = all(contrast(other.top.colour, one.top.colour) > 70 for one in worn)
        if top and contrast(other.bottom.colour, worn[-1].bottom.colour) > 50:
            return replace(worn[0], top=other.top, bottom=other.bottom, shoes=other.shoes)
    raise ReidkitError(f"the wardrobe has no outfit number {len(worn) + 1} that looks other than these")


def outfits(person: Person, count: int, seed: int, number: int) -> dict[int, Person]:
    """Return a person in `count` outfits by their number from 1; the first is her own.

    Args:
        person: the person.
        count: how many outfits.
        seed, number: the data set's seed and the person's number; both decide what is worn.

    Raises:
        ReidkitError: there are not so many.
    """
    rng = np.random.default_rng([seed, 4, number])
    worn = [person]
    while len(worn) < count:
        worn.append(change_clothes(worn, rng))
    return dict(enumerate(worn, start=1))
