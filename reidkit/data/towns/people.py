"""The people of a town: what a person looks like, as plain attributes, and how they are drawn by lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from reidkit.data.towns.palette import CLOTH, HAIR, SKIN, SUMMER_COLOURS, WINTER_COLOURS, contrast
from reidkit.errors import ReidkitError

T = TypeVar("T")
Weights = dict[str, float]

PATTERNS: tuple[str, ...] = ("plain", "stripes", "bars", "checks", "block", "band", "dots")
"""Patterns that go round the body: every view shows them."""
PRINTS: tuple[str, ...] = ("none", "circle", "star", "letter", "heart", "square")
"""Prints on the chest: only the front shows them."""
BAGS: tuple[str, ...] = ("none", "backpack", "shoulder bag", "handbag")


@dataclass(frozen=True)
class Garment:
    """One piece of clothing. `second` is the colour of the pattern and of the print."""

    kind: str
    colour: str
    second: str = "white"
    pattern: str = "plain"
    print: str = "none"


@dataclass(frozen=True)
class Item:
    """Something worn or carried that has a kind and a colour; kind "none" means it is absent."""

    kind: str = "none"
    colour: str = "black"


@dataclass(frozen=True)
class Person:
    """A drawn person. The four body numbers are factors around 1; colours are names."""

    top: Garment
    bottom: Garment
    hair: Item = field(default_factory=lambda: Item("short", "brown"))
    hat: Item = field(default_factory=Item)
    bag: Item = field(default_factory=Item)
    scarf: Item = field(default_factory=Item)
    shoes: Item = field(default_factory=lambda: Item("shoes", "white"))
    skin: str = "light"
    glasses: bool = False
    beard: bool = False
    height: float = 1.0
    build: float = 1.0
    shoulders: float = 1.0
    hips: float = 1.0

    def seen_from_anywhere(self) -> tuple[object, ...]:
        """What every view shows: clothes without the chest print, bag, hat, scarf, hair, skin."""
        top = replace(self.top, print="none")
        if top.pattern == "plain":
            top = replace(top, second=top.colour)
        return (top, self.bottom, self.bag, self.hat, self.scarf, self.hair, self.skin)

    def __str__(self) -> str:
        """One line a class can read out, such as "red striped tee, navy shorts, no bag"."""
        top = self.top
        look = top.colour if top.pattern == "plain" else f"{top.colour}/{top.second} {top.pattern}"
        mark = "" if top.print == "none" else f" with a {top.second} {top.print}"
        words = [f"{look} {top.kind}{mark}", f"{self.bottom.colour} {self.bottom.kind}"]
        worn = (self.bag, self.hat, self.scarf)
        words += [f"{item.colour} {item.kind}" for item in worn if item.kind != "none"]
        return ", ".join([*words, f"{self.hair.colour} {self.hair.kind} hair"])


@dataclass(frozen=True)
class Wardrobe:
    """What the people of a town wear: weights of each kind (they need not sum to 1) and colours."""

    tops: Weights
    bottoms: Weights
    hats: Weights
    scarves: float
    shoes: Weights
    colours: tuple[str, ...]
    bottom_colours: tuple[str, ...]
    patterns: Weights = field(default_factory=lambda: {"plain": 0.34} | {name: 0.11 for name in PATTERNS[1:]})
    prints: float = 0.5
    bags: Weights = field(default_factory=lambda: dict(zip(BAGS, (0.34, 0.26, 0.22, 0.18), strict=True)))


SUMMER_CLOTHES = Wardrobe(
    tops={"tee": 5, "tank": 2, "polo": 2, "shirt": 2},
    bottoms={"shorts": 4, "skirt": 2, "trousers": 2, "slim trousers": 2, "long skirt": 1},
    hats={"none": 6, "cap": 2, "sun hat": 1.5},
    scarves=0.0,
    shoes={"shoes": 5, "sandals": 2},
    colours=SUMMER_COLOURS,
    bottom_colours=("white", "cream", "sky", "denim", "navy", "grey", "green", "coral", "camel"),
)
WINTER_CLOTHES = Wardrobe(
    tops={"coat": 4, "puffer": 3, "parka": 3, "hoodie": 2, "jumper": 1.5},
    bottoms={"trousers": 5, "slim trousers": 4, "long skirt": 1.5},
    hats={"none": 4, "beanie": 3, "bobble hat": 2, "cap": 0.6},
    scarves=0.4,
    shoes={"boots": 4, "shoes": 2},
    colours=WINTER_COLOURS,
    bottom_colours=("charcoal", "black", "navy", "denim", "grey", "brown", "olive", "burgundy"),
)

_HAIR_KINDS: Weights = {"short": 4, "bald": 0.6, "bob": 2, "long": 2.5, "bun": 1, "ponytail": 1.5,
                        "curly": 1.5}  # fmt: skip


def sample_person(wardrobe: Wardrobe, rng: np.random.Generator) -> Person:
    """Draw one person by lot from a wardrobe."""
    colour = _pick(wardrobe.colours, rng)
    second = _pick([c for c in wardrobe.colours if contrast(c, colour) > 70], rng)
    pattern = _draw(wardrobe.patterns, rng)
    printed = pattern == "plain" and rng.random() < wardrobe.prints
    top = Garment(_draw(wardrobe.tops, rng), colour, second, pattern,
                  _pick(PRINTS[1:], rng) if printed else "none")  # fmt: skip
    lower = _pick([c for c in wardrobe.bottom_colours if contrast(c, colour) > 30], rng)
    bright = [c for c in wardrobe.colours if contrast(c, colour) > 55]
    hair = Item(_draw(_HAIR_KINDS, rng), _pick(list(HAIR), rng))
    hat, bag = _draw(wardrobe.hats, rng), _draw(wardrobe.bags, rng)
    person = Person(
        top=top,
        bottom=Garment(_draw(wardrobe.bottoms, rng), lower, "white"),
        hair=hair,
        hat=Item(hat, _pick(bright, rng)) if hat != "none" else Item(),
        bag=Item(bag, _pick(bright, rng)) if bag != "none" else Item(),
        scarf=Item("scarf", _pick(bright, rng)) if rng.random() < wardrobe.scarves else Item(),
        shoes=Item(_draw(wardrobe.shoes, rng), _pick(["white", "black", "brown", "red"], rng)),
        skin=_pick(list(SKIN), rng),
        glasses=bool(rng.random() < 0.2),
        beard=bool(hair.kind in ("short", "bald", "curly") and rng.random() < 0.3),
    )
    return _with_a_body(person, rng)


def look_alike(person: Person, rng: np.random.Generator) -> Person:
    """The same colours, cuts, hair and skin, but another pattern, another bag, or both.

    A family of look-alikes teaches a network (and a class) that colour alone does not identify.
    """
    what = rng.integers(3)
    top, bag = person.top, person.bag
    if what != 1:
        pattern = _pick([name for name in PATTERNS if name != top.pattern], rng)
        top = replace(top, pattern=pattern, print="none")
    if what != 0:
        kind = _pick([name for name in BAGS if name != bag.kind], rng)
        colour = bag.colour if bag.kind != "none" else top.second
        bag = Item(kind, colour) if kind != "none" else Item()
    return _with_a_body(replace(person, top=top, bag=bag), rng)


def sample_people(
    count: int,
    wardrobe: Wardrobe,
    rng: np.random.Generator,
    *,
    lookalikes: float = 0.5,
    family: int = 3,
) -> list[Person]:
    """Draw `count` people, a share `lookalikes` of them in families of up to `family` members.

    No two of them look the same from anywhere (:meth:`Person.seen_from_anywhere`): what tells two
    people apart is never only on the chest.

    Raises:
        ReidkitError: `lookalikes` is not in [0, 1], or the wardrobe has too few different looks.
    """
    if not 0.0 <= lookalikes <= 1.0:
        raise ReidkitError(f"lookalikes is a share between 0 and 1, not {lookalikes}")
    people: list[Person] = []
    looks: set[tuple[object, ...]] = set()
    related, tries = round(count * lookalikes), 0
    while len(people) < count:
        tries += 1
        if tries > 20 * count:
            raise ReidkitError(f"the wardrobe has too few different looks for {count} people")
        member = len(people) < related and len(people) % family
        person = look_alike(people[-member], rng) if member else sample_person(wardrobe, rng)
        if person.seen_from_anywhere() not in looks:
            looks.add(person.seen_from_anywhere())
            people.append(person)
    return people


def check_person(person: Person) -> None:
    """Raise ReidkitError when a hand-made person names a colour that is not in the palettes."""
    items = (person.top, person.bottom, person.hat, person.bag, person.scarf, person.shoes)
    for name in {item.colour for item in items} | {person.top.second}:
        if name not in CLOTH:
            raise ReidkitError(f"no cloth colour is called {name!r}; choose one of {list(CLOTH)}")
    if person.skin not in SKIN:
        raise ReidkitError(f"no skin is called {person.skin!r}; choose one of {list(SKIN)}")
    if person.hair.colour not in HAIR:
        raise ReidkitError(f"no hair is {person.hair.colour!r}; choose one of {list(HAIR)}")


def _with_a_body(person: Person, rng: np.random.Generator) -> Person:
    """Draw height, build, shoulders and hips: factors around 1, rounded so that they read well."""
    spread = np.array([0.045, 0.11, 0.06, 0.07])
    factors = 1.0 + np.clip(rng.normal(0.0, spread), -2 * spread, 2 * spread)
    height, build, shoulders, hips = np.round(factors, 3).tolist()
    return replace(person, height=height, build=build, shoulders=shoulders, hips=hips)


def _pick(choices: Sequence[T], rng: np.random.Generator) -> T:
    return choices[int(rng.integers(len(choices)))]


def _draw(weights: Weights, rng: np.random.Generator) -> str:
    share = np.array(list(weights.values()), dtype=np.float64)
    return list(weights)[int(rng.choice(len(share), p=share / share.sum()))]
