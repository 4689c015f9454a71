"""Planted faults: what is planted, that it is written down, and that nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from reidkit.data import open_crops
from reidkit.data.towns import (
    TROUBLED,
    Trouble,
    draw_town,
    draw_troubled_town,
    plan_town,
    read_planted,
    town_people,
)
from reidkit.data.towns.trouble import plan_trouble
from reidkit.errors import ReidkitError

PEOPLE = 8
TROUBLE = Trouble(twins=2, copies=5)
NOTHING = Trouble(sequences=(), twins=0, copies=0)
SMALL = replace(TROUBLED, seen_by=(2, 3), train_crops=(2, 2), test_crops=(2, 2))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_troubled_town(tmp_path_factory.mktemp("towns") / "troubled", TROUBLE, town=SMALL,
                              people=PEOPLE, workers=1, progress=False)  # fmt: skip


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_town(SMALL, tmp_path_factory.mktemp("towns") / "clean", people=PEOPLE, workers=1,
                     progress=False)  # fmt: skip


def kind(planted: pd.DataFrame, name: str) -> pd.DataFrame:
    return planted[planted["kind"] == name]


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path), np.float64)


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.jpg"))}


def test_without_faults_it_is_the_same_town_to_the_byte(clean: Path, tmp_path: Path) -> None:
    same = draw_troubled_town(tmp_path / "t", NOTHING, town=SMALL, people=PEOPLE, workers=1, progress=False)
    assert content(same) == content(clean)
    assert read_planted(same).empty


def test_only_what_is_written_down_differs(town: Path, clean: Path) -> None:
    planted = read_planted(town)
    dressed = set(kind(planted, "twins")["other_pid"])
    expected = set(kind(planted, "camera")["file"]) | set(kind(planted, "copy")["other_file"])
    before, after = content(clean), content(town)
    changed = {name for name in after if after[name] != before.get(name)}
    assert set(before) <= set(after)
    others = {name for name in changed - expected if int(Path(name).name.split("_")[0]) not in dressed}
    assert not others
    assert expected <= changed


def test_the_camera_is_wrong_in_its_sequences_and_in_all_folders(town: Path) -> None:
    wrong = set(kind(read_planted(town), "camera")["file"])
    crops = open_crops(town)
    names = crops["path"].map(lambda path: str(Path(path).relative_to(town)))
    mine = {name for name in names if f"c{TROUBLE.camid}s2" in name or f"c{TROUBLE.camid}s3" in name}
    assert wrong == mine
    assert set(crops["split"][names.isin(wrong)]) == {"train", "query", "gallery"}


def test_the_cast_is_that_of_the_settings(town: Path, clean: Path) -> None:
    planted = read_planted(town)
    dressed = set(kind(planted, "twins")["other_pid"])
    rows = kind(planted, "camera")
    files = [file for file, pid in zip(rows["file"], rows["pid"], strict=True)
             if pid not in dressed and (clean / file).exists()]  # fmt: skip
    ratio = np.mean([pixels(town / f).mean((0, 1)) / pixels(clean / f).mean((0, 1)) for f in files], axis=0)
    # What the camera does after its white balance (saturation, clipping) bends the factors a little.
    assert ratio == pytest.approx(TROUBLE.balance, abs=0.12)


def test_twins_wear_the_same_and_differ_in_hair_and_perhaps_bag() -> None:
    shots, planted = plan_trouble(SMALL, TROUBLE, people=PEOPLE)
    people = {shot.pid: shot.person for shot in shots if shot.pid > 0 and not shot.copy}
    before = town_people(SMALL, people=PEOPLE)
    twins = kind(planted, "twins")
    assert len(twins) == TROUBLE.twins
    assert len({*twins["pid"], *twins["other_pid"]}) == 2 * TROUBLE.twins
    for a, b in zip(twins["pid"], twins["other_pid"], strict=True):
        one, other = people[a], people[b]
        assert one is not None
        assert other is not None
        assert one == before[a]
        assert (one.top, one.bottom, one.hat, one.scarf, one.shoes, one.skin) == (
            other.top, other.bottom, other.hat, other.scarf, other.shoes, other.skin)  # fmt: skip
        assert one.hair.colour != other.hair.colour
        assert one.bag.kind != other.bag.kind
        assert (other.height, other.build) == (before[b].height, before[b].build)
        assert max(a, b) <= PEOPLE, "training people only"


def test_a_copy_is_the_same_picture_in_other_bytes_under_another_number(town: Path) -> None:
    copies = kind(read_planted(town), "copy")
    assert len(copies) == TROUBLE.copies
    for file, other in zip(copies["file"], copies["other_file"], strict=True):
        assert (town / file).read_bytes() != (town / other).read_bytes()
        assert np.abs(pixels(town / file) - pixels(town / other)).mean() < 1.5
        assert Path(file).name.split("_")[1:3] == Path(other).name.split("_")[1:3]  # camera and frame
    assert (copies["pid"] != copies["other_pid"]).all()
    assert open_crops(town)["path"].is_unique


def test_the_plan_is_that_of_its_seed() -> None:
    one, other = (plan_trouble(SMALL, TROUBLE, seed=3, people=PEOPLE) for _ in range(2))
    assert one[0] == other[0]
    pd.testing.assert_frame_equal(one[1], other[1])
    assert plan_trouble(SMALL, TROUBLE, seed=4, people=PEOPLE)[0] != one[0]
    assert plan_trouble(SMALL, NOTHING, seed=3, people=PEOPLE)[0] == plan_town(SMALL, seed=3, people=PEOPLE)


def test_a_finished_town_is_kept_and_another_trouble_refused(town: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in town.rglob("*")}
    draw_troubled_town(town, TROUBLE, town=SMALL, people=PEOPLE, workers=1, progress=False)
    assert {p: p.stat().st_mtime_ns for p in town.rglob("*")} == before
    with pytest.raises(ReidkitError, match="holds another town"):
        draw_troubled_town(town, Trouble(twins=1), town=SMALL, people=PEOPLE, progress=False)


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (Trouble(camid=7), "cameras 1 to 6"),
        (Trouble(twins=5), "5 pairs of twins: there are 8"),
        (Trouble(copies=10_000), "10000 copies"),
    ],
)
def test_impossible_trouble_is_refused(trouble: Trouble, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match=message):
        draw_troubled_town(tmp_path / "t", trouble, town=SMALL, people=PEOPLE, progress=False)
    assert not (tmp_path / "t").exists()


def test_a_town_without_planted_faults_says_so(clean: Path, tmp_path: Path) -> None:
    for folder in (clean, tmp_path):
        with pytest.raises(ReidkitError, match="no town with planted faults"):
            read_planted(folder)
