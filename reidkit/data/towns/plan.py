"""The plan of a town: who lives there, and every crop that its cameras will take, before any drawing.

Everything random is decided here, in one process and in one order; drawing a planned crop then
depends on nothing but the plan, so the pixels do not depend on how many workers draw them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from reidkit.data.towns.crop import Place
from reidkit.data.towns.people import Person, sample_people, sample_person
from reidkit.data.towns.settings import Town, check_town
from reidkit.errors import ReidkitError

TRAIN, QUERY, GALLERY = "bounding_box_train", "query", "bounding_box_test"


@dataclass(frozen=True)
class Shot:
    """One planned crop: its folder and Market-1501 name parts, and all that is needed to draw it.

    `balance` are factors of red, green and blue on top of the camera's own. A `copy` is opened and
    saved anew.
    """

    folder: str
    pid: int
    camid: int
    sequence: int
    frame: int
    box: int
    person: Person | None
    view: str
    phase: float
    place: Place
    seed: int
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    copy: bool = False

    @property
    def file(self) -> str:
        """The file's path below the town, such as bounding_box_train/0001_c1s1_000451_00.jpg."""
        pid = "-1" if self.pid < 0 else f"{self.pid:04d}"
        name = f"{pid}_c{self.camid}s{self.sequence}_{self.frame:06d}_{self.box:02d}.jpg"
        return f"{self.folder}/{name}"


def town_people(town: Town, *, seed: int = 0, people: int | None = None) -> dict[int, Person]:
    """Every person of a town by pid: the train people first, then the test people.

    Args:
        people: this many train people and this many test people, instead of the town's own numbers.

    Raises:
        ReidkitError: the town's settings cannot be met.
    """
    train, test = _sizes(town, people)
    rng = np.random.default_rng([seed, 1, *town.name.encode()])
    drawn = sample_people(train + test, town.wardrobe, rng, lookalikes=town.lookalikes,
                          family=town.family)  # fmt: skip
    # Families are neighbours in the list; dealing them out whole keeps look-alikes together.
    split = _interleave(train, test, town.family)
    ordered = [drawn[i] for i in split]
    return dict(enumerate(ordered, start=1))


def _interleave(train: int, test: int, family: int) -> list[int]:
    """Deal indices 0..train+test-1 out to train and test in turn, a whole family at a time."""
    piles: tuple[list[int], list[int]] = ([], [])
    for start in range(0, train + test, family):
        block = list(range(start, min(start + family, train + test)))
        first = len(piles[0]) * test <= len(piles[1]) * train
        for index in block:
            pile = 0 if (first and len(piles[0]) < train) or len(piles[1]) >= test else 1
            piles[pile].append(index)
    return piles[0] + piles[1]


def plan_town(town: Town, *, seed: int = 0, people: int | None = None) -> list[Shot]:
    """Plan every crop of a town; file names are unique, and the order is that of drawing.

    Raises:
        ReidkitError: the town's settings cannot be met.
    """
    check_town(town)
    train, test = _sizes(town, people)
    everyone = town_people(town, seed=seed, people=people)
    rng = np.random.default_rng([seed, 2, *town.name.encode()])
    clock = _Clock(town, rng)
    shots: list[Shot] = []
    for pid, person in everyone.items():
        crops = town.train_crops if pid <= train else town.test_crops
        for camid in _seen_by(town, rng):
            walk = list(_walk(town, clock, rng, pid, person, camid, _between(crops, rng)))
            if pid > train:
                chosen = int(rng.integers(len(walk)))
                walk = [replace(s, folder=QUERY if i == chosen else GALLERY)
                        for i, s in enumerate(walk)]  # fmt: skip
            shots += walk
    shots += _distractors(town, clock, rng, round(test * town.distractors))
    tested = {pid: person for pid, person in everyone.items() if pid > train}
    shots += _junk(town, clock, rng, round(test * town.junk), tested)
    return shots


class _Clock:
    """Hands out start frames, so that no two walks in a camera share a frame."""

    def __init__(self, town: Town, rng: np.random.Generator) -> None:
        self._rng = rng
        self._next = dict.fromkeys(range(1, len(town.cameras) + 1), 0)

    def start(self, camid: int) -> int:
        self._next[camid] += 100
        return self._next[camid] + int(self._rng.integers(40))


def _walk(
    town: Town, clock: _Clock, rng: np.random.Generator,
    pid: int, person: Person | None, camid: int, count: int,
) -> Iterator[Shot]:  # fmt: skip
    """One walk past a camera: adjacent moments of a step, one view, one stretch of background."""
    views = {"front": 1 - town.back_share - town.side_share, "left": town.side_share / 2,
             "right": town.side_share / 2, "back": town.back_share}  # fmt: skip
    view = str(rng.choice(list(views), p=list(views.values())))
    phase, start, loose = rng.uniform(0, 2 * np.pi), clock.start(camid), town.jitter
    base = Place(
        middle=0.5 + float(rng.normal(0, 0.045)) * loose,
        ground=0.955 + float(rng.normal(0, 0.018)) * loose,
        size=float(np.clip(rng.normal(0.86, 0.035 * loose), 0.7, 1.05)),
        window=int(rng.integers(1000)),
        drop=int(rng.integers(10, 60)),
        light=float(np.clip(rng.normal(1.0, town.light), 0.6, 1.4)),
    )
    if rng.random() < town.occlusion:
        base = _with_occluder(base, town, rng)
    for step in range(count):
        place = replace(
            base,
            middle=base.middle + float(rng.normal(0, 0.025)) * loose,
            ground=base.ground + float(rng.normal(0, 0.010)) * loose,
            size=base.size * float(np.exp(rng.normal(0, 0.018 * loose))),
            window=base.window + {"left": -9, "right": 9}.get(view, 2) * step,
            occluder_at=base.occluder_at + float(rng.normal(0, 0.03)),
        )
        yield Shot(TRAIN, pid, camid, 1 + start % 3, start + 10 * step, int(rng.integers(1, 4)),
                   person, view, float(phase + 0.75 * step), place,
                   int(rng.integers(2**31)))  # fmt: skip


def _with_occluder(place: Place, town: Town, rng: np.random.Generator) -> Place:
    kind = str(rng.choice(["pole", "bush", "bicycle", "passer-by"]))
    side = float(rng.choice([-1.0, 1.0]))
    reach = {"pole": rng.uniform(0.08, 0.3), "passer-by": rng.uniform(0.4, 0.52)}.get(
        kind, rng.uniform(0.05, 0.35)
    )
    passer = sample_person(town.wardrobe, rng) if kind == "passer-by" else None
    return replace(place, occluder=kind, occluder_at=0.5 + side * float(reach), passer=passer)


def _distractors(town: Town, clock: _Clock, rng: np.random.Generator, count: int) -> Iterator[Shot]:
    """Gallery crops with pid 0: passers-by that nobody looks for, and boxes without a person."""
    while count > 0:
        nobody = rng.random() < 0.35
        person = None if nobody else sample_person(town.wardrobe, rng)
        length = min(count, 1 if nobody else int(rng.integers(1, 4)))
        camid = 1 + int(rng.integers(len(town.cameras)))
        for shot in _walk(town, clock, rng, 0, person, camid, length):
            yield replace(shot, folder=GALLERY)
        count -= length


def _junk(
    town: Town, clock: _Clock, rng: np.random.Generator, count: int, tested: dict[int, Person]
) -> Iterator[Shot]:
    """Gallery crops with pid -1: boxes around a test person that are cut so badly that they do not
    count, neither as a match nor as a mistake."""
    for _ in range(count):
        person = tested[int(rng.choice(list(tested)))]
        camid = 1 + int(rng.integers(len(town.cameras)))
        for shot in _walk(town, clock, rng, -1, person, camid, 1):
            cut = replace(shot.place, size=float(rng.uniform(1.3, 2.2)),
                          ground=float(rng.uniform(0.75, 1.9)),
                          middle=float(rng.choice([0.0, 0.12, 0.88, 1.0])))  # fmt: skip
            yield replace(shot, folder=GALLERY, place=cut)


def _seen_by(town: Town, rng: np.random.Generator) -> list[int]:
    count = _between(town.seen_by, rng)
    return sorted(int(c) for c in rng.choice(len(town.cameras), count, replace=False) + 1)


def _between(limits: tuple[int, int], rng: np.random.Generator) -> int:
    return int(rng.integers(limits[0], limits[1] + 1))


def _sizes(town: Town, people: int | None) -> tuple[int, int]:
    train, test = (town.train_people, town.test_people) if people is None else (people, people)
    if min(train, test) < 1 or train + test > 9999:
        raise ReidkitError(f"{town.name}: a town has 1 to 9999 people, not {train} + {test}")
    return train, test
