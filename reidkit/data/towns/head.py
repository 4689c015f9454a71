"""Head, face, hair and hats in every view."""

from __future__ import annotations

import numpy as np

from reidkit.data.towns.body import Skeleton
from reidkit.data.towns.canvas import Canvas, Points, ellipse, smooth
from reidkit.data.towns.palette import CLOTH, HAIR, RGB, SKIN, tint
from reidkit.data.towns.people import Person
from reidkit.errors import ReidkitError

CENTRE = 0.076
HATS: tuple[str, ...] = ("none", "cap", "sun hat", "beanie", "bobble hat")
HAIRSTYLES: tuple[str, ...] = ("bald", "short", "bob", "long", "bun", "ponytail", "curly")


def draw_hair_behind(canvas: Canvas, person: Person, bones: Skeleton) -> None:
    """Long hair, and the bulk of curls, that the head will partly cover.

    Raises:
        ReidkitError: unknown hair or hat.
    """
    if person.hair.kind not in HAIRSTYLES:
        raise ReidkitError(f"no hair is called {person.hair.kind!r}; choose from {HAIRSTYLES}")
    if person.hat.kind not in HATS:
        raise ReidkitError(f"no hat is called {person.hat.kind!r}; choose from {HATS}")
    if bones.view != "front":
        return
    colour, y = tint(HAIR[person.hair.colour], -0.12), CENTRE + bones.lift
    if person.hair.kind in ("long", "bob"):
        length = 0.150 if person.hair.kind == "long" else 0.082
        canvas.shape(_curtain(0.068, y - 0.06, length + 0.06), colour, puff=0.016)
    if person.hair.kind == "curly":
        canvas.shape(ellipse(0, y - 0.008, 0.080, 0.080), colour, puff=0.014)


def draw_head(canvas: Canvas, person: Person, bones: Skeleton) -> None:
    """The head with what this view shows of face, hair and hat."""
    x, y = (0.012 if bones.side else 0.0), CENTRE + bones.lift
    skin = SKIN[person.skin]
    if bones.side:
        nose = [[x + 0.044, y - 0.008], [x + 0.068, y + 0.016], [x + 0.046, y + 0.026]]
        canvas.shape(smooth(nose, rounds=1), skin, puff=0.006)
        canvas.shape(smooth(ellipse(x, y, 0.056, 0.068)), skin, puff=0.018)
    else:
        for side in (-1, 1):
            canvas.shape(ellipse(x + side * 0.054, y + 0.008, 0.011, 0.016), skin, puff=0.004)
        canvas.shape(ellipse(x, y, 0.054, 0.070), skin, puff=0.018)
    if bones.view != "back":
        _face(canvas, person, bones, x, y)
    _hair(canvas, person, bones, x, y)
    _hat(canvas, person, bones, x, y)


def _face(canvas: Canvas, person: Person, bones: Skeleton, x: float, y: float) -> None:
    dark: RGB = (44, 34, 36)
    skin, eyes = SKIN[person.skin], ([x + 0.030] if bones.side else [x - 0.021, x + 0.021])
    if person.beard:
        _beard(canvas, person, bones, x, y)
    for eye in eyes:
        canvas.shape(ellipse(eye, y + 0.004, 0.0075, 0.0095, corners=8), dark, puff=0.001)
        brow = [[eye - 0.010, y - 0.014], [eye + 0.010, y - 0.014]]
        canvas.stroke(brow, 0.005, tint(HAIR[person.hair.colour], -0.1), puff=0.001)
        if person.glasses:
            _lens(canvas, eye, y + 0.005)
    mouth = [[x + 0.026, y + 0.040], [x + 0.046, y + 0.038]] if bones.side else \
        [[x - 0.015, y + 0.039], [x, y + 0.044], [x + 0.015, y + 0.039]]  # fmt: skip
    canvas.stroke(mouth, 0.006, tint((178, 70, 70), -0.1), puff=0.001)
    if bones.view == "front":
        canvas.stroke([[x, y + 0.010], [x + 0.003, y + 0.024]], 0.006, tint(skin, -0.16), puff=0.001)
        for cheek in (-0.034, 0.034):
            blush: RGB = tint((min(255, skin[0] + 14), skin[1] - 8, skin[2] - 4), 0.0)
            canvas.shape(ellipse(cheek, y + 0.026, 0.011, 0.008, corners=10), blush, puff=0.001)


def _lens(canvas: Canvas, x: float, y: float) -> None:
    """One round glass: a ring of short strokes around the eye."""
    rim = ellipse(x, y, 0.015, 0.014, corners=10)
    canvas.stroke(np.concatenate([rim, rim[:1]]), 0.005, (30, 30, 36), puff=0.001)


def _beard(canvas: Canvas, person: Person, bones: Skeleton, x: float, y: float) -> None:
    colour = HAIR[person.hair.colour]
    if bones.side:
        outline = [[x - 0.008, y + 0.006], [x + 0.012, y + 0.030], [x + 0.056, y + 0.030],
                   [x + 0.040, y + 0.072], [x - 0.004, y + 0.062]]  # fmt: skip
    else:
        outline = [[-0.054, y + 0.006], [-0.036, y + 0.030], [0.036, y + 0.030], [0.054, y + 0.006],
                   [0.044, y + 0.056], [0.0, y + 0.080], [-0.044, y + 0.056]]  # fmt: skip
    canvas.shape(smooth(outline, rounds=1), colour, puff=0.006)


def _curtain(half: float, top: float, length: float) -> Points:
    """A fall of hair: round at the top, a little wider and rounded below."""
    return smooth([[-half * 0.7, top], [half * 0.7, top], [half, top + 0.05],
                   [half * 1.05, top + length], [0.0, top + length + 0.012],
                   [-half * 1.05, top + length], [-half, top + 0.05]])  # fmt: skip


def _hair(canvas: Canvas, person: Person, bones: Skeleton, x: float, y: float) -> None:
    style, colour = person.hair.kind, HAIR[person.hair.colour]
    if style == "bald":
        return
    if bones.view == "front":
        puffed = 0.014 if style == "curly" else 0.0
        fringe = [[-0.058, y + 0.006], [-0.060, y - 0.045 - puffed], [-0.03, y - 0.082 - puffed],
                  [0.03, y - 0.082 - puffed], [0.060, y - 0.045 - puffed], [0.058, y + 0.006],
                  [0.046, y - 0.030], [0.010, y - 0.044], [-0.046, y - 0.030]]  # fmt: skip
        canvas.shape(smooth(fringe, rounds=1), colour, puff=0.012)
    elif bones.view == "back":
        canvas.shape(ellipse(0, y - 0.010, 0.060, 0.070), colour, puff=0.018)
        _hair_down_the_back(canvas, style, colour, y)
    else:
        _hair_side(canvas, style, colour, x, y)
    if style == "bun":
        bx = x - 0.060 if bones.side else 0.0
        canvas.shape(ellipse(bx, y - 0.062 if bones.side else y - 0.080, 0.028, 0.026),
                     tint(colour, -0.08))  # fmt: skip


def _hair_down_the_back(canvas: Canvas, style: str, colour: RGB, y: float) -> None:
    if style == "long":
        canvas.shape(_curtain(0.066, y - 0.05, 0.205), colour, puff=0.018)
    elif style == "bob":
        canvas.shape(_curtain(0.066, y - 0.05, 0.130), colour, puff=0.018)
    elif style == "curly":
        canvas.shape(ellipse(0, y - 0.004, 0.082, 0.082), colour, puff=0.016)
    elif style == "ponytail":
        tail = [[0.0, y - 0.01], [0.006, y + 0.06], [-0.004, y + 0.135]]
        canvas.stroke(tail, 0.036, tint(colour, -0.15), puff=0.010)


def _hair_side(canvas: Canvas, style: str, colour: RGB, x: float, y: float) -> None:
    if style == "curly":
        curls = [[x + 0.050, y - 0.034], [x + 0.044, y - 0.086], [x - 0.020, y - 0.104],
                 [x - 0.084, y - 0.066], [x - 0.094, y + 0.010], [x - 0.060, y + 0.066],
                 [x - 0.014, y + 0.052], [x - 0.006, y + 0.000], [x + 0.016, y - 0.032]]  # fmt: skip
        canvas.shape(smooth(curls, rounds=1), colour, puff=0.016)
        return
    if style == "ponytail":
        tail = [[x - 0.050, y - 0.030], [x - 0.094, y + 0.010], [x - 0.092, y + 0.095]]
        canvas.stroke(tail, 0.032, tint(colour, -0.12), puff=0.010)
    drop = {"long": 0.160, "bob": 0.078}.get(style, 0.028)
    outline = [[x + 0.046, y - 0.036], [x + 0.036, y - 0.078], [x - 0.020, y - 0.084],
               [x - 0.064, y - 0.044], [x - 0.066, y + drop], [x - 0.030, y + drop + 0.010],
               [x - 0.012, y + min(drop, 0.05)], [x - 0.002, y - 0.006],
               [x + 0.016, y - 0.034]]  # fmt: skip
    canvas.shape(smooth(outline, rounds=1), colour, puff=0.014)


def _hat(canvas: Canvas, person: Person, bones: Skeleton, x: float, y: float) -> None:
    kind = person.hat.kind
    if kind == "none":
        return
    colour = CLOTH[person.hat.colour]
    crown = smooth([[x - 0.064, y - 0.026], [x - 0.062, y - 0.064], [x - 0.030, y - 0.100],
                    [x + 0.030, y - 0.100], [x + 0.062, y - 0.064], [x + 0.064, y - 0.026]],
                   rounds=1)  # fmt: skip
    canvas.shape(crown, colour, puff=0.016)
    if kind == "cap" and bones.side:
        canvas.shape(
            smooth(
                [
                    [x + 0.040, y - 0.046],
                    [x + 0.110, y - 0.028],
                    [x + 0.108, y - 0.018],
                    [x + 0.040, y - 0.026],
                ],
                rounds=1,
            ),
            tint(colour, -0.2),
            puff=0.004,
        )
    elif kind == "cap" and bones.view == "front":
        canvas.shape(
            smooth(
                [
                    [-0.056, y - 0.040],
                    [0.056, y - 0.040],
                    [0.060, y - 0.016],
                    [0, y - 0.008],
                    [-0.060, y - 0.016],
                ],
                rounds=1,
            ),
            tint(colour, -0.2),
            puff=0.004,
        )
    elif kind == "sun hat":
        canvas.shape(ellipse(x, y - 0.030, 0.112, 0.020), tint(colour, -0.10), puff=0.005)
        canvas.stroke([[x - 0.060, y - 0.046], [x + 0.060, y - 0.046]], 0.016, tint(colour, -0.4))
    elif kind in ("beanie", "bobble hat"):
        canvas.stroke([[x - 0.056, y - 0.030], [x + 0.056, y - 0.030]], 0.030, tint(colour, -0.16))
        if kind == "bobble hat":
            canvas.shape(ellipse(x, y - 0.114, 0.027, 0.026), tint(colour, 0.4), puff=0.010)
