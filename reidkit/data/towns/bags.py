"""Bags: what is seen of them changes with the view, but something of them always is."""

from __future__ import annotations

import numpy as np

from reidkit.data.towns.body import Skeleton, half_width
from reidkit.data.towns.canvas import Canvas, Points, smooth
from reidkit.data.towns.palette import CLOTH, RGB, tint
from reidkit.data.towns.people import BAGS, Person
from reidkit.errors import ReidkitError


def _box(x: float, y: float, half: float, height: float) -> Points:
    """A rounded box that hangs down from (x, y)."""
    low, cut = y + height, min(half, height / 2) * 0.45
    return smooth([[x - half + cut, y], [x + half - cut, y], [x + half, y + cut],
                   [x + half * 1.06, low - cut], [x + half - cut, low], [x - half + cut, low],
                   [x - half * 1.06, low - cut], [x - half, y + cut]], rounds=1)  # fmt: skip


def draw_bag_behind(canvas: Canvas, person: Person, bones: Skeleton) -> None:
    """What the body will partly cover: a backpack from the front, a handbag in the farther hand.

    Raises:
        ReidkitError: the person's bag is of an unknown kind.
    """
    if person.bag.kind not in BAGS:
        raise ReidkitError(f"no bag is called {person.bag.kind!r}; choose one of {BAGS}")
    colour = CLOTH[person.bag.colour]
    if person.bag.kind == "backpack" and bones.view == "front":
        canvas.shape(_box(0.0, 0.185 + bones.lift, 0.128 * person.build, 0.24), tint(colour, -0.2))
    if person.bag.kind == "handbag" and bones.view == "left":
        _handbag(canvas, colour, bones.arms[0, 2])
    if person.bag.kind == "shoulder bag" and bones.view == "right":
        canvas.shape(_box(-0.060, 0.475 + bones.lift, 0.062, 0.110), tint(colour, -0.12))


def draw_bag_before_arms(canvas: Canvas, person: Person, bones: Skeleton) -> None:
    """Straps, and the backpack itself from behind and from the side: they lie on the trunk."""
    colour, lift = CLOTH[person.bag.colour], bones.lift
    if person.bag.kind == "backpack":
        _backpack(canvas, person, bones, colour)
    elif person.bag.kind == "shoulder bag" and bones.side:
        near = bones.view == "left"
        strap = [[0.0, 0.180 + lift], [-0.040 if near else -0.060, 0.49 + lift]]
        canvas.stroke(strap, 0.020, tint(colour, -0.1))
    elif person.bag.kind == "shoulder bag":
        side = _left_hand(bones.view)
        reach = float(half_width(person, bones.view, np.array([0.48]))[0])
        strap = [[-0.062 * side, 0.182 + lift], [0.01 * side, 0.32 + lift],
                 [reach * side, 0.485 + lift]]  # fmt: skip
        canvas.stroke(strap, 0.020, tint(colour, -0.1))


def draw_bag_after_arms(canvas: Canvas, person: Person, bones: Skeleton) -> None:
    """Bags that hang outside the arms."""
    colour, lift = CLOTH[person.bag.colour], bones.lift
    if person.bag.kind == "shoulder bag" and bones.view != "right":
        x = -0.030 if bones.side else _left_hand(bones.view) * 0.105
        canvas.shape(_box(x, 0.475 + lift, 0.066 if bones.side else 0.052, 0.115), colour)
        canvas.shape(_box(x, 0.475 + lift, 0.067 if bones.side else 0.053, 0.046),
                     tint(colour, -0.18), puff=0.006)  # fmt: skip
    if person.bag.kind == "handbag" and bones.view != "left":
        hand = bones.arms[1, 2] if bones.side else bones.arms[0 if bones.view == "front" else 1, 2]
        _handbag(canvas, colour, hand)


def _left_hand(view: str) -> float:
    """The side of the picture on which the person's left hand is: +1 right, -1 left."""
    return 1.0 if view == "front" else -1.0


def _handbag(canvas: Canvas, colour: RGB, hand: Points) -> None:
    x, y = float(hand[0]), float(hand[1]) + 0.018
    canvas.stroke([[x - 0.030, y + 0.042], [x, y - 0.004], [x + 0.030, y + 0.042]], 0.009,
                  tint(colour, -0.3))  # fmt: skip
    canvas.shape(_box(x, y + 0.038, 0.050, 0.100), colour)
    canvas.stroke([[x - 0.044, y + 0.062], [x + 0.044, y + 0.062]], 0.007, tint(colour, -0.25))


def _backpack(canvas: Canvas, person: Person, bones: Skeleton, colour: RGB) -> None:
    lift, strap = bones.lift, tint(colour, -0.22)
    if bones.view == "front":
        for side in (-1, 1):
            line = [[0.052 * side, 0.178 + lift], [0.064 * side, 0.28 + lift],
                    [0.086 * side, 0.36 + lift]]  # fmt: skip
            canvas.stroke(line, 0.026, colour)
    elif bones.view == "back":
        canvas.shape(_box(0.0, 0.190 + lift, 0.082 * person.build, 0.255), colour, puff=0.022)
        canvas.shape(_box(0.0, 0.325 + lift, 0.060 * person.build, 0.095), tint(colour, 0.14))
        canvas.stroke([[-0.056, 0.250 + lift], [0.056, 0.250 + lift]], 0.008, strap)
    else:
        back = -float(half_width(person, bones.view, np.array([0.30]))[0])
        pack = [[back + 0.02, 0.185 + lift], [back - 0.060, 0.205 + lift],
                [back - 0.092, 0.330 + lift], [back - 0.075, 0.435 + lift],
                [back + 0.02, 0.440 + lift]]  # fmt: skip
        canvas.shape(smooth(pack), colour, puff=0.020)
        line = [[back + 0.030, 0.182 + lift], [0.030, 0.25 + lift], [back + 0.022, 0.37 + lift]]
        canvas.stroke(line, 0.024, strap)
