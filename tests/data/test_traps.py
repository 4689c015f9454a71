"""The traps that other loaders and evaluations fall into, each through the commands a user types.

That every layout stands them too is tested on the miniatures (test_forms.py) and layout by layout
(test_named_layouts.py, test_cuhk03.py, ...); here the question is: is the number right, or is the error
clear?
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.data import open_crops
from reidkit.data.towns.forms import draw_form
from reidkit.errors import ReidkitError
from reidkit.evaluation import rank
from tests.data.small_sets import backwards
from tests.shell import reidkit

Copy = Callable[..., Path]
SMALL = ("--backbone=tiny", "--init=tiny", "--height=64", "--width=32", "--device=cpu")


def judged(folder: Path) -> dict[str, Any]:
    """Return the figures of `reidkit evaluate`."""
    status, out, err = reidkit("evaluate", folder, *SMALL, "--json")
    assert status == 0, err
    return json.loads(out)


def scores(folder: Path) -> dict[str, Any]:
    """Return the figures that do not name the folder."""
    return {name: value for name, value in judged(folder).items() if name != "data"}


def checked(folder: Path, *options: str) -> tuple[int, str]:
    """Return status and text of `reidkit data check`, its lines joined."""
    status, out, _ = reidkit("data", "check", folder, *options)
    return status, " ".join(out.split())


def rename(folder: Path, new: Callable[[str], str]) -> Path:
    """Rename every image below a folder."""
    for file in sorted(folder.rglob("*.*")):
        if file.is_file():
            file.rename(file.with_name(new(file.name)))
    return folder


@pytest.fixture
def copy(market: Path, tmp_path: Path) -> Copy:
    """Return a function that copies the small market to a place of that name."""
    return lambda name="mine": Path(shutil.copytree(market, tmp_path / name))


@pytest.fixture(scope="module")
def right(market: Path) -> dict[str, Any]:
    """The figures of the small market when nothing is odd."""
    found = scores(market)
    assert 0 < found["mAP"] < 1  # else everything would be right
    return found


# --- Names and folders: the score stays what it is ---------------------------------------------------


def test_rules_searched_in_the_whole_path_read_the_person_out_of_a_parent_folder(
    copy: Copy, right: dict[str, Any]
) -> None:
    folder = copy("exp3_c2/9999_c7/my_code")
    assert scores(folder) == right
    counts = json.loads(reidkit("data", "check", folder, "--json")[1])["splits"]["all"]
    assert (counts["people"], counts["cameras"]) == (24, 3)  # read from the path: one of each


def test_a_suffix_in_capitals_loads_no_image(copy: Copy, right: dict[str, Any]) -> None:
    assert scores(rename(copy(), lambda name: name.replace(".png", ".PNG"))) == right


def test_the_order_of_the_disk_becomes_the_order_of_the_crops(
    copy: Copy, right: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy()
    ordered = open_crops(folder)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(open_crops(folder), ordered)
    assert scores(folder) == right


def test_cameras_from_0_or_from_1(copy: Copy, right: dict[str, Any]) -> None:
    folder = rename(copy(), lambda name: f"{name[:6]}{int(name[6]) - 1}{name[7:]}")
    assert scores(folder) == right
    assert "3 cameras, numbered 0 to 2 (0-based)" in checked(folder)[1]


def test_people_are_not_numbered_from_0_to_k(copy: Copy, market: Path, tmp_path: Path) -> None:
    """A classifier over pids needs 0 to K-1; any numbers do here, and change nothing."""
    folder = rename(copy(), lambda name: f"{int(name[:4]) * 1000 + 7:06d}{name[4:]}")
    losses = []
    for number, data in enumerate((market, folder)):
        run = tmp_path / f"run{number}"
        small = ("--epochs=1", "--iters=2", "--height=64", "--width=32", "--device=cpu")
        status, _, err = reidkit("pretrain", data, "--preset=towns-pretrain", f"--out={run}", *small)
        assert status == 0, err
        losses.append(pd.read_csv(run / "epochs.csv")[["loss", "mAP"]])
    pd.testing.assert_frame_equal(*losses, check_exact=True)


# --- Cameras and galleries: the evaluation -----------------------------------------------------------


def test_one_camera_for_everything(copy: Copy) -> None:
    """ "All query identities do not appear in gallery": the message says the cause and the cure."""
    folder = rename(copy(), lambda name: f"{name[:6]}1{name[7:-4]}_{name[6]}{name[-4:]}")
    status, told = checked(folder)
    assert status == 1
    assert "12 of 12 queries without a match under another camera" in told
    assert "for 12 the cause is that every test crop has the same camera" in told
    assert "If there were several, give each its camid" in told
    status, _, err = reidkit("evaluate", folder, *SMALL)
    assert status == 2
    cause = "All crops have camera id 1, so the camera was probably not read from the file names"
    assert cause in err
    with pytest.raises(ReidkitError, match=cause):
        rank(np.eye(2), [1, 2], [1, 1], np.eye(2), [1, 2], [1, 1])
    assert "give 0 to every query and 1 to every gallery crop" in err
    crops = open_crops(folder)  # the cure
    crops["camid"] = crops["split"].eq("gallery").astype(int)
    crops.to_csv(folder / "crops.csv", index=False)
    assert judged(folder / "crops.csv")["queries_counted"] == 12


@settings(max_examples=30)
@given(st.integers(1, 49), st.integers(1, 66), st.integers(0, 999))
def test_a_gallery_of_fewer_than_50_crops(n_gallery: int, n_query: int, seed: int) -> None:
    """A curve of 50 ranks from shorter lists, some of them shortened by their own camera."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n_query + n_gallery, 4)).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    pids, camids = rng.integers(1, 4, n_query + n_gallery), rng.integers(0, 3, n_query + n_gallery)
    query, gallery = np.split(np.arange(n_query + n_gallery), [n_query])
    firsts = []
    for q in query:
        kept = [g for g in gallery if (pids[g], camids[g]) != (pids[q], camids[q])]
        kept.sort(key=lambda g: -(features[q] @ features[g]))
        right = [pids[g] == pids[q] for g in kept]
        if any(right):
            firsts.append(right.index(True) + 1)
    parts = [(features[rows], pids[rows], camids[rows]) for rows in (query, gallery)]
    if not firsts:
        with pytest.raises(ReidkitError, match="has a match"):
            rank(*parts[0], *parts[1])
        return
    expected = [np.mean([first <= k for first in firsts]) for k in range(1, 51)]
    np.testing.assert_allclose(rank(*parts[0], *parts[1]).cmc(50), expected)


def test_a_small_gallery_from_the_command_line(copy: Copy) -> None:
    folder = copy()
    for file in sorted((folder / "bounding_box_test").iterdir())[5:]:
        file.unlink()
    figures = judged(folder)
    assert figures["gallery"] == 5
    assert (figures["queries"], figures["queries_counted"]) == (12, 1)
    assert figures["rank10"] == 1  # the fifth place is the last there is


# --- Benchmarks --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that draws a benchmark's form once."""
    root = tmp_path_factory.mktemp("forms")
    return lambda form: draw_form(form, root / form, people=3, progress=False)


def test_msmt17_with_cameras_from_0(draw: Callable[[str], Path], tmp_path: Path) -> None:
    """Loaders number its 15 cameras from 0 or from 1: the score is the same, and the doctor says which."""
    as_published = draw("msmt17-v1")
    moved = Path(shutil.copytree(as_published, tmp_path / as_published.name))

    def shifted(name: str) -> str:
        person, image, camera, rest = name.split("_", 3)
        return f"{person}_{image}_{int(camera) - 1:02}_{rest}"

    for file in moved.glob("list_*.txt"):
        lines = [line.rsplit("/", 1) for line in file.read_text().splitlines()]
        file.write_text("".join(f"{folder}/{shifted(name)}\n" for folder, name in lines))
    for part in ("train", "test"):
        rename(moved / part, shifted)
    assert scores(moved) == scores(as_published)
    assert "(0-based)" in checked(moved)[1]
    assert "(1-based)" in checked(as_published)[1]


@pytest.mark.parametrize(
    ("form", "version", "form_of_it"),
    [
        ("msmt17-v1", "V1", "train in train, query in test"),
        ("msmt17-v2", "V2", "train in mask_train_v2, query in mask_test_v2"),
        ("msmt17-packed", "V1", "train in bounding_box_train, query in query"),
    ],
)
def test_the_versions_of_msmt17(
    draw: Callable[[str], Path], form: str, version: str, form_of_it: str
) -> None:
    """V2 for V1 costs score, and nobody notices."""
    told = checked(draw(form))[1]
    assert told.startswith(f"data set: MSMT17 {version} (layout msmt17) {form_of_it}")
    assert f"This is {version} of MSMT17" in told


@pytest.mark.parametrize(("form", "name"), [("personx", "PersonX"), ("personx-v1", "PersonX v1")])
def test_personx_in_both_forms(draw: Callable[[str], Path], form: str, name: str) -> None:
    """Loaders accept the cameras 3, 4, 8, 10, 11 and 12 alone, and so not the first form, from 1 to 6."""
    folder = draw(form)
    assert checked(folder)[1].startswith(f"data set: {name} (layout personx)")
    cameras = set(open_crops(folder)["camid"])
    assert cameras <= ({3, 4, 8, 10, 11, 12} if form == "personx" else {1, 2, 3, 4, 5, 6})
    assert judged(folder)["queries_counted"] > 0


@pytest.mark.parametrize("form", ["dukemtmc", "occluded-duke"])
def test_dukemtmc_was_withdrawn(draw: Callable[[str], Path], form: str) -> None:
    assert "withdrawn by its authors in 2019: the people in it had not agreed" in checked(draw(form))[1]


def test_a_copy_of_half_a_benchmark(draw: Callable[[str], Path]) -> None:
    """It would train, and its score would be compared with those of others."""
    status, told = checked(draw("market1501"))
    assert status == 0
    assert "warning This is called Market-1501, but differs from what is published" in told
    assert "Do not compare scores on it with published ones" in told


def test_a_test_crop_that_training_has_seen(copy: Copy) -> None:
    folder = copy()
    train, test = (sorted((folder / f"bounding_box_{part}").iterdir())[0] for part in ("train", "test"))
    shutil.copy(train, test)
    status, told = checked(folder)
    assert status == 1
    assert "1 picture found both in train and in the test set" in told
    assert os.path.basename(train) in told
