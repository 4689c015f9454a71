"""From the neck to the waist: tees, shirts, coats, puffers - trunk, sleeves, hands and scarf."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reidkit.data.towns.body import HIP, NECK, Skeleton, half_width
from reidkit.data.towns.canvas import Canvas, Points, bend, ellipse, ribbon, smooth
from reidkit.data.towns.palette import CLOTH, RGB, SKIN, tint
from reidkit.data.towns.patterns import chest_print, fabric
from reidkit.data.towns.people import Person
from reidkit.errors import ReidkitError


@dataclass(frozen=True)
class UpperCut:
    """`sleeve`: share of the arm covered; `hem`: height of the lower edge; `ease`: looseness."""

    sleeve: float
    hem: float
    ease: float
    flare: float = 0.0
    collar: bool = False
    hood: bool = False
    opening: bool = False
    quilted: bool = False


UPPER_CUTS: dict[str, UpperCut] = {
    "tank": UpperCut(0.0, 0.520, 0.003),
    "tee": UpperCut(0.42, 0.530, 0.008),
    "polo": UpperCut(0.42, 0.525, 0.006, collar=True),
    "shirt": UpperCut(1.0, 0.555, 0.009, collar=True, opening=True),
    "jumper": UpperCut(1.0, 0.540, 0.013),
    "hoodie": UpperCut(1.0, 0.545, 0.016, hood=True),
    "coat": UpperCut(1.0, 0.720, 0.014, flare=0.022, collar=True, opening=True),
    "parka": UpperCut(1.0, 0.635, 0.022, flare=0.008, hood=True, opening=True),
    "puffer": UpperCut(1.0, 0.550, 0.030, collar=True, opening=True, quilted=True),
}


def upper_cut(person: Person) -> UpperCut:
    """The cut of a person's top; ReidkitError when there is none of that name."""
    if person.top.kind not in UPPER_CUTS:
        raise ReidkitError(f"no top is called {person.top.kind!r}; choose one of {list(UPPER_CUTS)}")
    return UPPER_CUTS[person.top.kind]


def draw_trunk(canvas: Canvas, person: Person, bones: Skeleton) -> None:
    """Draw the neck and the trunk in its garment, with the details that this view shows."""
    cut, lift = upper_cut(person), bones.lift
    forward = 0.008 if bones.side else 0.0
    neck = [[forward * 0.5, NECK - 0.045 + lift], [forward, NECK + 0.05 + lift]]
    canvas.stroke(neck, 0.056 * person.build**0.5, tint(SKIN[person.skin], -0.10))
    y, half = _outline(person, bones, cut)
    outline = np.concatenate([np.stack([-half, y], 1), np.stack([half, y], 1)[::-1]])
    canvas.shape(outline, fabric(person.top), puff=0.020)
    if bones.view == "front":
        _neckline(canvas, person, cut, lift)
    if cut.quilted:
        _seams(canvas, person, y, half)
    if bones.view == "front":
        chest_print(canvas, person.top)
        _front(canvas, person, cut, float(y[-1]), lift)
    if cut.hood:
        _hood(canvas, person, bones)
    if cut.collar:
        _collar(canvas, person, bones)


def _outline(person: Person, bones: Skeleton, cut: UpperCut) -> tuple[Points, Points]:
    """Heights (n,) and half widths (n,) of the garment's trunk."""
    y = np.concatenate([[NECK + 0.012, 0.176, 0.188, 0.205], np.linspace(0.235, cut.hem, 9)])
    ease = np.interp(y, [NECK, 0.20, 0.26, HIP], [0.002, 0.3 * cut.ease, cut.ease, cut.ease])
    flare = cut.flare * np.clip((y - 0.40) / 0.25, 0, 1)
    half = half_width(person, bones.view, y) + ease + flare
    if person.top.kind == "tank":
        half = half - 0.016 * np.interp(y, [0.17, 0.19, 0.26, 0.30], [0.0, 1.0, 0.6, 0.0])
    return y + bones.lift, half


def _neckline(canvas: Canvas, person: Person, cut: UpperCut, lift: float) -> None:
    depth = {"tank": 0.052, "tee": 0.030, "polo": 0.042, "shirt": 0.050}.get(person.top.kind, 0.016)
    wide = 0.040 if person.top.kind == "tank" else 0.033
    opening = [[-wide, 0.158 + lift], [0, 0.160 + depth + lift], [wide, 0.158 + lift]]
    canvas.shape(smooth(opening, rounds=1), SKIN[person.skin], puff=0.004)


def _front(canvas: Canvas, person: Person, cut: UpperCut, hem: float, lift: float) -> None:
    """What only the front of a garment has: the line where it opens, buttons, a pouch."""
    base = CLOTH[person.top.colour]
    line = tint(base, -0.35) if sum(base) > 200 else tint(base, 0.25)
    if cut.opening and person.top.print == "none":
        canvas.stroke([[0.003, 0.20 + lift], [0.005, hem]], 0.007, line, puff=0.002)
    if person.top.kind in ("coat", "shirt"):
        x = -0.026 if person.top.kind == "coat" else 0.004
        for y in np.arange(0.27, hem - 0.08, 0.07):
            canvas.shape(ellipse(x, y + lift, 0.007, 0.007, corners=8), line, puff=0.002)
    if person.top.kind in ("hoodie", "parka", "coat"):
        for side in (-1, 1):
            slit = [[0.042 * side, 0.45 + lift], [0.066 * side, 0.50 + lift]]
            canvas.stroke(slit, 0.007, line, puff=0.002)


def _seams(canvas: Canvas, person: Person, y: Points, half: Points) -> None:
    """The quilting of a puffer: dark seams every few centimetres."""
    seam = tint(CLOTH[person.top.colour], -0.28)
    for level in np.arange(float(y[4]), float(y[-1]) - 0.01, 0.052):
        reach = float(np.interp(level, y, half)) - 0.004
        canvas.stroke([[-reach, level], [0.0, level + 0.005], [reach, level]], 0.006, seam,
                      puff=0.003)  # fmt: skip


def _collar(canvas: Canvas, person: Person, bones: Skeleton) -> None:
    colour, lift = tint(CLOTH[person.top.colour], -0.14), bones.lift
    high = 0.016 if person.top.kind in ("puffer", "coat") else 0.0
    if bones.view == "front":
        for side in (-1, 1):
            flap = [
                [0.012 * side, 0.205 + lift],
                [0.050 * side, 0.190 + lift],
                [0.038 * side, 0.150 - high + lift],
                [0.026 * side, 0.150 - high + lift],
            ]
            canvas.shape(flap, colour, puff=0.004)
    else:
        reach = 0.032 if bones.side else 0.040
        ring = [
            [-reach, 0.150 - high + lift],
            [reach, 0.150 - high + lift],
            [reach + 0.008, 0.184 + lift],
            [-reach - 0.008, 0.184 + lift],
        ]
        canvas.shape(smooth(ring, rounds=1), colour, puff=0.006)


def _hood(canvas: Canvas, person: Person, bones: Skeleton) -> None:
    """A hood lies on the shoulders; a parka's has a fur rim."""
    lift = bones.lift
    inner = tint(CLOTH[person.top.colour], -0.22)
    rim: RGB = (214, 196, 168) if person.top.kind == "parka" else inner
    if bones.view == "back":
        canvas.shape(
            smooth(
                [
                    [-0.062, 0.160 + lift],
                    [0.062, 0.160 + lift],
                    [0.050, 0.245 + lift],
                    [0, 0.270 + lift],
                    [-0.050, 0.245 + lift],
                ]
            ),
            inner,
        )
        canvas.stroke(
            [[-0.060, 0.170 + lift], [0, 0.158 + lift], [0.060, 0.170 + lift]],
            0.026,
            rim,
            puff=0.008,
        )
    elif bones.side:
        canvas.shape(
            smooth(
                [
                    [-0.075, 0.150 + lift],
                    [0.020, 0.150 + lift],
                    [0.030, 0.190 + lift],
                    [-0.050, 0.245 + lift],
                    [-0.085, 0.200 + lift],
                ]
            ),
            inner,
        )
        canvas.stroke([[-0.062, 0.150 + lift], [0.036, 0.184 + lift]], 0.022, rim, puff=0.008)
    else:
        for side in (-1, 1):
            line = [[0.052 * side, 0.150 + lift], [0.044 * side, 0.186 + lift],
                    [0.008 * side, 0.212 + lift]]  # fmt: skip
            canvas.stroke(line, 0.026, rim, puff=0.008)


def draw_arm(canvas: Canvas, person: Person, bones: Skeleton, arm: int) -> None:
    """Draw one arm: skin, hand, then the sleeve in the pattern of the garment."""
    cut, joints = upper_cut(person), bones.arms[arm]
    line = bend(joints)
    half = np.interp(np.linspace(0, 1, len(line)), [0, 0.5, 1], [0.027, 0.024, 0.017])
    half = half * person.build
    skin = SKIN[person.skin]
    if cut.sleeve < 1.0:
        start = 0 if cut.sleeve == 0.0 else 2
        canvas.shape(ribbon(line[start:], half[start:]), skin, puff=0.010)
    tip = joints[2] + 0.016 * (joints[2] - joints[1]) / np.linalg.norm(joints[2] - joints[1])
    canvas.shape(ellipse(float(tip[0]), float(tip[1]), 0.019, 0.023, corners=12), skin, puff=0.006)
    if cut.sleeve == 0.0:
        return
    stop = max(3, round(cut.sleeve * (len(line) - 1)) + 1)
    wide = half[:stop] + cut.ease * np.linspace(0.0, 0.6, stop) + 0.003
    sleeve = ribbon(line[:stop], wide, round_end=False)
    canvas.shape(sleeve, fabric(person.top, joints[:2]), puff=0.010)
    if cut.sleeve == 1.0:
        cuff = tint(CLOTH[person.top.colour], -0.16)
        ring = ribbon(line[-2:], wide[-2:] + 0.001, round_end=False, round_root=False)
        canvas.shape(ring, cuff, puff=0.006)


def draw_scarf(canvas: Canvas, person: Person, bones: Skeleton) -> None:
    """A scarf goes round the neck; its end hangs in front (or down the back a little)."""
    if person.scarf.kind == "none":
        return
    colour, lift = CLOTH[person.scarf.colour], bones.lift
    wide = 0.046 if bones.side else 0.056
    if bones.view in ("front", "left", "right"):
        x = 0.030 if bones.side else 0.022
        tail = [[x, 0.180 + lift], [x + 0.004, 0.26 + lift], [x + 0.002, 0.330 + lift]]
        canvas.stroke(tail, 0.036, tint(colour, -0.08), puff=0.006)
    ring = smooth([[-wide, 0.146 + lift], [wide, 0.146 + lift], [wide + 0.004, 0.186 + lift],
                   [-wide - 0.004, 0.186 + lift]])  # fmt: skip
    canvas.shape(ring, colour, puff=0.010)
    canvas.stroke([[-wide, 0.162 + lift], [wide, 0.170 + lift]], 0.005, tint(colour, -0.3))
