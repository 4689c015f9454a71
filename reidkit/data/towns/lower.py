"""From the waist down: legs, trousers, shorts, skirts and shoes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reidkit.data.towns.body import ANKLE, HIP, Skeleton, half_width
from reidkit.data.towns.canvas import Canvas, Points, bend, ribbon, smooth
from reidkit.data.towns.palette import CLOTH, RGB, SKIN, tint
from reidkit.data.towns.patterns import fabric
from reidkit.data.towns.people import Person
from reidkit.errors import ReidkitError


@dataclass(frozen=True)
class LowerCut:
    """How far a garment reaches: `legs` as a share of the leg, or `hem` as a height (skirts)."""

    legs: float = 0.0
    hem: float = 0.0
    ease: float = 0.0


LOWER_CUTS: dict[str, LowerCut] = {
    "trousers": LowerCut(legs=1.0, ease=0.011),
    "slim trousers": LowerCut(legs=1.0, ease=0.0),
    "shorts": LowerCut(legs=0.46, ease=0.012),
    "skirt": LowerCut(hem=0.70, ease=0.030),
    "long skirt": LowerCut(hem=0.90, ease=0.042),
}


def draw_lower(canvas: Canvas, person: Person, bones: Skeleton) -> None:
    """Draw both legs, the shoes and the garment over them.

    Raises:
        ReidkitError: the person's bottom garment is of an unknown kind.
    """
    if person.bottom.kind not in LOWER_CUTS:
        raise ReidkitError(f"no bottom is called {person.bottom.kind!r}; choose one of {list(LOWER_CUTS)}")
    cut = LOWER_CUTS[person.bottom.kind]
    order = (0, 1) if bones.side or bones.legs[0, 2, 1] < bones.legs[1, 2, 1] else (1, 0)
    for rank, leg in enumerate(order):
        away = -0.16 if bones.side and rank == 0 else 0.0
        _leg(canvas, person, bones, leg, cut, away)
    if cut.hem:
        _skirt(canvas, person, bones, cut)
    else:
        _seat(canvas, person, bones, cut)


def _leg(canvas: Canvas, person: Person, bones: Skeleton, leg: int, cut: LowerCut, away: float) -> None:
    """One leg: skin, shoe, then cloth. `away` darkens the farther leg."""
    joints = bones.legs[leg]
    line = bend(joints)
    half = np.interp(np.linspace(0, 1, len(line)), [0, 0.5, 0.72, 1], [0.048, 0.034, 0.032, 0.021])
    half = half * person.build * (1.08 if bones.side else 1.0)
    if cut.legs < 1.0:
        canvas.shape(ribbon(line, half), tint(SKIN[person.skin], away or 0.0))
    _shoe(canvas, person, bones, joints[2], away)
    if cut.legs:
        stop = max(3, round(cut.legs * (len(line) - 1)) + 1)
        wide = half[:stop] + cut.ease * np.linspace(0.3, 1.3, stop)
        colour = tint(CLOTH[person.bottom.colour], away)
        canvas.shape(ribbon(line[:stop], wide, round_end=False, round_root=False), colour)


def _shoe(canvas: Canvas, person: Person, bones: Skeleton, ankle: Points, away: float) -> None:
    colour: RGB = tint(CLOTH[person.shoes.colour], away)
    boot = person.shoes.kind == "boots"
    top = -0.075 if boot else (0.012 if person.shoes.kind == "sandals" else -0.004)
    if bones.side:
        outline = np.array([[-0.030, top], [0.026, top], [0.034, 0.018], [0.082, 0.030],
                            [0.084, 0.046], [-0.034, 0.046]])  # fmt: skip
    else:
        outline = np.array([[-0.027, top], [0.027, top], [0.033, 0.034], [0.024, 0.050],
                            [-0.024, 0.050], [-0.033, 0.034]])  # fmt: skip
    canvas.shape(smooth(outline, rounds=1) + ankle, colour, puff=0.006)
    sole = np.array([[outline[:, 0].min() + 0.004, 0.040], [outline[:, 0].max() - 0.004, 0.040]])
    canvas.stroke(sole + ankle, 0.010, tint(colour, -0.45), puff=0.002)


def _seat(canvas: Canvas, person: Person, bones: Skeleton, cut: LowerCut) -> None:
    """The part of trousers or shorts above the legs."""
    y = np.array([0.43, 0.48, 0.53, 0.57])
    half = half_width(person, bones.view, y) + 0.3 * cut.ease
    half[-1] *= 0.82
    outline = np.concatenate([np.stack([-half, y + bones.lift], 1),
                              np.stack([half, y + bones.lift], 1)[::-1]])  # fmt: skip
    canvas.shape(smooth(outline, rounds=1), fabric(person.bottom), puff=0.008)


def _skirt(canvas: Canvas, person: Person, bones: Skeleton, cut: LowerCut) -> None:
    """A skirt hangs from the hips and opens with the step."""
    y = np.linspace(0.42, cut.hem, 6)
    share = np.clip((y - HIP) / (cut.hem - HIP), 0, 1)
    half = half_width(person, bones.view, y) + 0.006 + cut.ease * share
    stride = np.abs(bones.legs[0, 2, 0] - bones.legs[1, 2, 0]) if bones.side else 0.0
    half = half + 0.30 * stride * share * min(1.0, (cut.hem - HIP) / (ANKLE - HIP) + 0.3)
    outline = np.concatenate([np.stack([-half, y + bones.lift], 1),
                              [[0.0, cut.hem + bones.lift + 0.014]],
                              np.stack([half, y + bones.lift], 1)[::-1]])  # fmt: skip
    canvas.shape(outline, fabric(person.bottom), puff=0.016)
    fold = tint(CLOTH[person.bottom.colour], -0.18)
    for x in (-0.45, 0.1, 0.55):
        line = [[x * half[2], y[2] + bones.lift], [x * half[-1], y[-1] + bones.lift]]
        canvas.stroke(line, 0.006, fold, puff=0.003)
