"""The bones under the clothes: where joints are in each view at each moment of a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reidkit.data.towns.canvas import Points
from reidkit.data.towns.people import Person
from reidkit.errors import ReidkitError

VIEWS: tuple[str, ...] = ("front", "left", "right", "back")

NECK, SHOULDER, WAIST, HIP, KNEE, ANKLE = 0.150, 0.190, 0.385, 0.500, 0.735, 0.955
_LEVELS = np.array([NECK, 0.172, SHOULDER, 0.235, 0.290, WAIST, HIP, 0.56, 1.0])
_WIDTH = np.array([0.030, 0.052, 0.096, 0.104, 0.096, 0.080, 0.090, 0.090, 0.090])
_DEPTH = np.array([0.026, 0.040, 0.054, 0.066, 0.070, 0.060, 0.070, 0.068, 0.060])


@dataclass(frozen=True)
class Skeleton:
    """Joints in body units. Legs and arms are (hip, knee, ankle) and (shoulder, elbow, wrist).

    `legs` and `arms` are (2, 3, 2): the farther one (or, seen from the front, the left one of the
    picture) first. `lift` moves the body down so that the standing foot touches the ground.
    """

    view: str
    legs: Points
    arms: Points
    lift: float

    @property
    def side(self) -> bool:
        """Whether the person is seen from the side."""
        return self.view in ("left", "right")


def skeleton(person: Person, view: str, phase: float) -> Skeleton:
    """The joints of a walking person. `phase` in radians: 2 pi is two steps.

    Raises:
        ReidkitError: the view is not one of :data:`VIEWS`.
    """
    if view not in VIEWS:
        raise ReidkitError(f"a person is seen from one of {VIEWS}, not from {view!r}")
    legs, arms = _from_the_side(phase) if view in ("left", "right") else _head_on(person, phase)
    lift = ANKLE - float(legs[:, 2, 1].max())
    legs[..., 1] += lift
    arms[..., 1] += lift
    return Skeleton(view, legs, arms, lift)


def half_width(person: Person, view: str, y: Points) -> Points:
    """Half the width of the trunk at height y (n,), as the view shows it; body units."""
    side = view in ("left", "right")
    width = np.interp(y, _LEVELS, _DEPTH if side else _WIDTH)
    upper = np.interp(y, [0.17, 0.30, WAIST, HIP], [0.0, 0.3, 1.0, 1.0])
    build = person.build ** (1.0 + 0.5 * upper)
    shape = np.interp(y, [SHOULDER, WAIST, HIP], [person.shoulders, 1.0, person.hips])
    return np.asarray(width * build * (1.0 if side else shape))


def _from_the_side(phase: float) -> tuple[Points, Points]:
    """A walk to the right: the two legs half a cycle apart, each arm against its leg."""
    turns = np.array([phase + np.pi, phase])
    thigh = 0.40 * np.sin(turns) + 0.04
    bent = 0.10 + 0.62 * np.maximum(0.0, np.cos(turns + 0.35))
    legs = _chain((0.0, HIP), (KNEE - HIP, thigh), (ANKLE - KNEE, thigh - bent))
    swing = -0.50 * np.sin(turns) + 0.02
    arms = _chain((-0.004, 0.214), (0.155, swing), (0.145, swing + 0.35))
    return legs, arms


def _chain(start: tuple[float, float], upper: tuple[float, Points], lower: tuple[float, Points]) -> Points:
    """Two bones hung on a joint, for both sides: (2, 3, 2). Angles from the vertical, in rad."""
    first = np.tile(start, (2, 1))
    joint = first + upper[0] * np.stack([np.sin(upper[1]), np.cos(upper[1])], axis=1)
    end = joint + lower[0] * np.stack([np.sin(lower[1]), np.cos(lower[1])], axis=1)
    return np.stack([first, joint, end], axis=1)


def _head_on(person: Person, phase: float) -> tuple[Points, Points]:
    """Seen from the front or back a step shows as one foot lifted and one forearm shortened."""
    swing = np.array([np.sin(phase), -np.sin(phase)])
    back = np.maximum(0.0, swing)
    sides = np.array([-1.0, 1.0])
    hip = 0.046 * person.hips * person.build
    legs = np.empty((2, 3, 2))
    legs[:, 0] = np.stack([sides * hip, np.full(2, HIP)], axis=1)
    legs[:, 1] = np.stack([sides * (hip - 0.004 + 0.004 * back), KNEE - 0.012 * back], axis=1)
    legs[:, 2] = np.stack([sides * (hip - 0.010), ANKLE - 0.055 * back], axis=1)
    shoulder = 0.092 * person.shoulders * person.build
    forward = np.maximum(0.0, swing)
    arms = np.empty((2, 3, 2))
    arms[:, 0] = np.stack([sides * shoulder, np.full(2, 0.214)], axis=1)
    arms[:, 1] = np.stack([sides * (shoulder + 0.026), 0.358 - 0.008 * forward], axis=1)
    arms[:, 2] = np.stack([sides * (shoulder + 0.030 - 0.016 * forward),
                           0.492 - 0.045 * forward + 0.006 * back], axis=1)  # fmt: skip
    return legs, arms
