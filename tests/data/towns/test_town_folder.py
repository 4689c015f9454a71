"""Whole towns: the plan, the folder, and that the same seed gives the same bytes."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import reidkit.data.towns.town as town_module
from reidkit.data import open_crops
from reidkit.data.towns import TOWNS, Town, draw_town, plan_town, town_people
from reidkit.errors import ReidkitError

FOLDERS = ("bounding_box_train", "query", "bounding_box_test")
PEOPLE = 6


@pytest.fixture(scope="module")
def winter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_town("winter", tmp_path_factory.mktemp("towns") / "winter", people=PEOPLE, workers=1,
                     progress=False)  # fmt: skip


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.jpg"))}


def test_the_layout_is_that_of_market_1501(winter: Path) -> None:
    assert sorted(p.name for p in winter.iterdir()) == sorted([*FOLDERS, "town.json"])
    for folder in FOLDERS:
        for file in (winter / folder).iterdir():
            assert re.fullmatch(r"(-1|\d{4})_c[1-6]s[1-3]_\d{6}_0\d\.jpg", file.name)
            assert Image.open(file).size == (64, 128)
    counts = json.loads((winter / "town.json").read_text())["counts"]
    assert counts == {folder: len(list((winter / folder).iterdir())) for folder in FOLDERS}


def test_our_own_loader_reads_it(winter: Path) -> None:
    crops = open_crops(winter)
    pids = {split: set(rows["pid"]) for split, rows in crops.groupby("split")}
    assert pids["train"] == set(range(1, PEOPLE + 1))
    assert pids["query"] == set(range(PEOPLE + 1, 2 * PEOPLE + 1))
    assert pids["gallery"] == pids["query"] | {0, -1}


@pytest.mark.parametrize("name", TOWNS)
def test_the_full_plan_has_the_promised_sizes(name: str) -> None:
    shots = plan_town(TOWNS[name])
    counts = Counter(shot.folder for shot in shots)
    assert 1800 < counts["bounding_box_train"] < 2250
    assert 400 < counts["query"] < 500
    assert 900 < counts["bounding_box_test"] < 1200
    assert len({shot.file for shot in shots}) == len(shots)
    kinds = Counter(min(shot.pid, 1) for shot in shots if shot.folder == "bounding_box_test")
    assert (kinds[0], kinds[-1]) == (100, 40)


@pytest.mark.parametrize("name", TOWNS)
def test_train_and_test_people_are_disjoint_and_both_have_families(name: str) -> None:
    town = TOWNS[name]
    shots = plan_town(town)
    train = {s.pid for s in shots if s.folder == "bounding_box_train"}
    test = {s.pid for s in shots if s.folder != "bounding_box_train" and s.pid > 0}
    assert (len(train), len(test), train & test) == (150, 100, set())
    people = town_people(town)
    assert not {people[p] for p in map(int, train)} & {people[p] for p in test}
    for half in (train, test):
        outfits = Counter((people[p].top.kind, people[p].top.colour, people[p].bottom, people[p].hair,
                           people[p].skin) for p in half)  # fmt: skip
        related = sum(n for n in outfits.values() if n > 1)
        assert related == pytest.approx(town.lookalikes * len(half), abs=8)


@pytest.mark.parametrize("name", TOWNS)
def test_every_query_has_a_match_under_another_camera(name: str) -> None:
    shots = plan_town(TOWNS[name], seed=4, people=40)
    gallery = defaultdict(set)
    for shot in shots:
        if shot.folder == "bounding_box_test":
            gallery[shot.pid].add(shot.camid)
    queries = [(s.pid, s.camid) for s in shots if s.folder == "query"]
    assert len(set(queries)) == len(queries)
    for pid, camid in queries:
        assert gallery[pid] - {camid}
        assert 3 <= len(gallery[pid]) <= 6


def test_the_bytes_do_not_depend_on_the_workers(winter: Path, tmp_path: Path) -> None:
    again = draw_town("winter", tmp_path / "two", people=PEOPLE, workers=2, progress=False)
    assert content(again) == content(winter)


def test_another_seed_is_another_town(winter: Path) -> None:
    assert town_people(TOWNS["winter"], seed=0) == town_people(TOWNS["winter"], seed=0)
    assert town_people(TOWNS["winter"], seed=0) != town_people(TOWNS["winter"], seed=1)
    one, other = (plan_town(TOWNS["winter"], seed=s, people=PEOPLE) for s in (0, 1))
    assert one != other


def test_a_complete_town_is_kept(winter: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in winter.rglob("*")}
    draw_town("winter", winter, people=PEOPLE, workers=1, progress=False)
    assert {p: p.stat().st_mtime_ns for p in winter.rglob("*")} == before


def small(**changes: object) -> Town:
    return replace(TOWNS["summer"], seen_by=(2, 2), train_crops=(1, 1), test_crops=(2, 2), **changes)


def test_an_interrupted_drawing_is_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, drawn = town_module.draw_crop, []

    def power_cut(*args: object, **kwargs: object) -> object:
        drawn.append(args)
        if len(drawn) == 4:
            raise KeyboardInterrupt
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(town_module, "draw_crop", power_cut)
    with pytest.raises(KeyboardInterrupt):
        draw_town(small(), tmp_path / "t", people=2, workers=1, progress=False)
    assert not (tmp_path / "t" / "town.json").exists()
    monkeypatch.undo()
    whole = content(draw_town(small(), tmp_path / "t", people=2, workers=1, progress=False))
    assert whole == content(draw_town(small(), tmp_path / "u", people=2, workers=1, progress=False))
    assert sorted(p.name for p in (tmp_path / "t").iterdir()) == sorted([*FOLDERS, "town.json"])


def test_a_town_that_lost_a_crop_is_drawn_again(tmp_path: Path) -> None:
    folder = draw_town(small(), tmp_path / "t", people=2, workers=1, progress=False)
    before = content(folder)
    next((folder / "query").iterdir()).unlink()
    assert content(draw_town(small(), folder, people=2, workers=1, progress=False)) == before


def test_a_foreign_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "query").mkdir()
    (tmp_path / "query" / "mine.jpg").write_bytes(b"mine")
    with pytest.raises(ReidkitError, match="'query', which is not a town of ours"):
        draw_town(small(), tmp_path, people=2, progress=False)
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ReidkitError, match=r"thesis\.txt"):
        draw_town(small(), tmp_path, people=2, progress=False)
    assert (tmp_path / "query" / "mine.jpg").read_bytes() == b"mine"
    with pytest.raises(ReidkitError, match="is a file"):
        draw_town(small(), tmp_path / "thesis.txt", people=2, progress=False)


def test_a_town_with_other_settings_is_refused(winter: Path) -> None:
    for changed in ({"seed": 1}, {"people": PEOPLE + 1}):
        with pytest.raises(ReidkitError, match="holds another town"):
            draw_town("winter", winter, progress=False, **({"people": PEOPLE} | changed))
    with pytest.raises(ReidkitError, match="holds another town"):
        draw_town(replace(TOWNS["winter"], blur=2.0), winter, people=PEOPLE, progress=False)


@pytest.mark.parametrize(
    ("town", "message"),
    [
        (replace(TOWNS["summer"], seen_by=(1, 5)), "between 2 cameras"),
        (replace(TOWNS["summer"], seen_by=(2, 7)), "the 6 there are"),
        (replace(TOWNS["summer"], test_crops=(1, 3)), "at least 2 crops"),
        (replace(TOWNS["summer"], back_share=0.8, side_share=0.5), "shares of views"),
        (replace(TOWNS["summer"], test_people=0), "1 to 9999 people"),
    ],
)
def test_impossible_towns_are_refused(town: Town, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match=message):
        draw_town(town, tmp_path / "t", progress=False)
    with pytest.raises(ReidkitError, match="no town is called 'autumn'"):
        draw_town("autumn", tmp_path / "t")
    assert not (tmp_path / "t").exists()
