"""The people: attributes by lot, look-alikes, and what each view shows of them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.data.towns import Garment, Item, Person, Wardrobe, draw_person, look_alike, sample_people
from reidkit.data.towns.lower import LOWER_CUTS
from reidkit.data.towns.palette import CLOTH
from reidkit.data.towns.people import BAGS, PATTERNS, PRINTS, SUMMER_CLOTHES, WINTER_CLOTHES
from reidkit.data.towns.upper import UPPER_CUTS
from reidkit.errors import ReidkitError

VIEWS = ("front", "left", "right", "back")
ADA = Person(top=Garment("tee", "red", "white"), bottom=Garment("shorts", "navy"))


def difference(one: Person, other: Person, view: str) -> float:
    """Share of the pixels (of 128 x 64) that differ clearly between two people in one pose."""
    a, b = (draw_person(p, view=view).astype(int) for p in (one, other))
    return float((np.abs(a - b).max(axis=2) > 40).mean())


def test_a_person_is_frozen_and_reads_as_a_sentence() -> None:
    with pytest.raises(FrozenInstanceError):
        ADA.height = 2.0  # type: ignore[misc]
    assert str(replace(ADA, bag=Item("backpack", "green"))) == (
        "red tee, navy shorts, green backpack, brown short hair"
    )


@pytest.mark.parametrize("wardrobe", [SUMMER_CLOTHES, WINTER_CLOTHES], ids=["summer", "winter"])
def test_people_differ_pairwise_from_anywhere(wardrobe: Wardrobe) -> None:
    people = sample_people(120, wardrobe, np.random.default_rng(3), lookalikes=0.6)
    for one, other in combinations(people, 2):
        assert one.seen_from_anywhere() != other.seen_from_anywhere()


def test_the_share_of_lookalikes_is_kept() -> None:
    people = sample_people(60, SUMMER_CLOTHES, np.random.default_rng(0), lookalikes=0.5, family=3)
    outfits = [(p.top.kind, p.top.colour, p.bottom, p.hair, p.skin, p.shoes, p.hat) for p in people]
    related = sum(outfits.count(outfit) > 1 for outfit in outfits)
    assert related == 30


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), view=st.sampled_from(VIEWS))
def test_a_look_alike_is_told_apart_in_every_view(seed: int, view: str) -> None:
    rng = np.random.default_rng(seed)
    one = replace(ADA, top=replace(ADA.top, pattern=PATTERNS[seed % 7]), bag=Item(BAGS[seed % 4], "yellow"))
    other = look_alike(one, rng)
    other = replace(other, height=1.0, build=1.0, shoulders=1.0, hips=1.0)
    assert other.top.colour == one.top.colour
    assert (other.top.pattern, other.bag) != (one.top.pattern, one.bag)
    assert difference(one, other, view) > 0.002


@pytest.mark.parametrize("name", PRINTS[1:])
def test_only_the_front_shows_a_print(name: str) -> None:
    printed = replace(ADA, top=replace(ADA.top, print=name))
    assert difference(ADA, printed, "front") > 0.004
    for view in ("left", "right", "back"):
        assert difference(ADA, printed, view) == 0.0


def test_left_mirrors_right() -> None:
    bare = replace(ADA, top=replace(ADA.top, pattern="stripes"))
    left, right = draw_person(bare, view="left"), draw_person(bare, view="right")
    colour_of_the_shirt = np.abs(left.astype(int) - CLOTH["red"]).max(axis=2) < 30
    mirrored = np.abs(right[:, ::-1].astype(int) - CLOTH["red"]).max(axis=2) < 30
    assert (colour_of_the_shirt == mirrored).mean() > 0.98
    assert not np.array_equal(left, right)


@pytest.mark.parametrize("wardrobe", [SUMMER_CLOTHES, WINTER_CLOTHES], ids=["summer", "winter"])
def test_wardrobes_hold_only_cuts_that_exist_and_all_cuts_are_worn(wardrobe: Wardrobe) -> None:
    assert set(wardrobe.tops) <= set(UPPER_CUTS)
    assert set(wardrobe.bottoms) <= set(LOWER_CUTS)
    assert {*SUMMER_CLOTHES.tops, *WINTER_CLOTHES.tops} == set(UPPER_CUTS)
    assert {*SUMMER_CLOTHES.bottoms, *WINTER_CLOTHES.bottoms} == set(LOWER_CUTS)


@pytest.mark.parametrize(
    ("top", "bottom"),
    sorted({outfit for w in (SUMMER_CLOTHES, WINTER_CLOTHES) for outfit in product(w.tops, w.bottoms)}),
)
def test_every_outfit_can_be_drawn_and_shows_its_colours(top: str, bottom: str) -> None:
    person = Person(top=Garment(top, "red"), bottom=Garment(bottom, "blue"))
    for view in VIEWS:
        picture = draw_person(person, view=view).astype(int)
        for colour in ("red", "blue"):
            assert (np.abs(picture - CLOTH[colour]).max(axis=2) < 40).sum() > 60


def test_phase_moves_the_legs_and_a_cycle_is_two_pi() -> None:
    still = draw_person(ADA, view="right", phase=0.3)
    assert np.array_equal(still, draw_person(ADA, view="right", phase=0.3 + 2 * np.pi))
    moved = draw_person(ADA, view="right", phase=1.5)
    assert (still[90:] != moved[90:]).any()


@pytest.mark.parametrize(
    ("person", "message"),
    [
        (replace(ADA, skin="blue"), "no skin is called 'blue'"),
        (replace(ADA, hair=Item("short", "green")), "no hair is 'green'"),
        (replace(ADA, hair=Item("mohawk", "black")), "no hair is called 'mohawk'"),
        (replace(ADA, hat=Item("crown", "yellow")), "no hat is called 'crown'"),
        (replace(ADA, bag=Item("trunk", "brown")), "no bag is called 'trunk'"),
        (replace(ADA, top=Garment("tee", "beige")), "no cloth colour is called 'beige'"),
        (replace(ADA, top=Garment("toga", "red")), "no top is called 'toga'"),
        (replace(ADA, top=Garment("tee", "red", pattern="paisley")), "no pattern is called 'paisley'"),
        (replace(ADA, top=Garment("tee", "red", print="skull")), "no print is called 'skull'"),
        (replace(ADA, bottom=Garment("kilt", "red")), "no bottom is called 'kilt'"),
    ],
)
def test_a_person_that_cannot_be_drawn_is_refused(person: Person, message: str) -> None:
    with pytest.raises(ReidkitError, match=message):
        draw_person(person)


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(ReidkitError, match="not from 'above'"):
        draw_person(ADA, view="above")
    with pytest.raises(ReidkitError, match="too small"):
        draw_person(ADA, height=4)
    with pytest.raises(ReidkitError, match="between 0 and 1"):
        sample_people(3, SUMMER_CLOTHES, np.random.default_rng(0), lookalikes=1.5)
    uniform = replace(
        SUMMER_CLOTHES, colours=("red", "white"), tops={"tee": 1}, bottoms={"shorts": 1},
        hats={"none": 1}, bags={"none": 1}, bottom_colours=("navy",), patterns={"plain": 1},
    )  # fmt: skip
    with pytest.raises(ReidkitError, match="too few different looks for 520 people"):
        sample_people(520, uniform, np.random.default_rng(0), lookalikes=0.0)
