"""Miniatures: what is drawn in a benchmark's form is read back as it was planned."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from reidkit import cli
from reidkit.data import check_data, open_crops
from reidkit.data.images import image_files
from reidkit.data.layouts.market1501 import read_multi_query
from reidkit.data.towns.forms import FORMS, draw_form, planned_crops
from reidkit.errors import ReidkitError
from tests.data.small_sets import backwards, said

Draw = Callable[[str], Path]
IN_FILES = [form for form in FORMS if form != "cuhk03"]


EVERY_WAY = [(form, number) for form, one in FORMS.items() for number in range(len(one.ways))]


@pytest.fixture(scope="module")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    """Return a function that draws a form once, below folders with names that look like crops.

    It returns the form's root, which may hold two data sets.
    """
    around = tmp_path_factory.mktemp("0007_c2") / "my_code_3_c4s1"

    def once(form: str) -> Path:
        draw_form(form, around / form, people=3, progress=False)
        return around / form / FORMS[form].root

    return once


@pytest.fixture
def copy(draw: Draw, tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that gives a miniature of its own to a test; it may break it."""

    def give(form: str) -> Path:
        return Path(shutil.copytree(draw(form), tmp_path / "0007_c2" / FORMS[form].root))

    return give


def opened(root: Path, form: str, number: int = 0, fold: int = 0) -> pd.DataFrame:
    """Open a form's root in one of its ways."""
    one = FORMS[form].ways[number]
    return open_crops(root / one.folder, layout=one.layout + (f":{fold}" if fold else ""))


def same(crops: pd.DataFrame, root: Path, planned: pd.DataFrame, *, case: bool = True) -> None:
    """Check that a table holds just the planned rows: files, and every planned column."""
    files = [Path(path) for path in crops["path"]]
    inside = all(file.is_relative_to(root) for file in files)  # not so for what a .mat is unpacked to
    found = crops.assign(file=[str(f.relative_to(root)) if inside else f.name for f in files])
    if not case:
        found, planned = (t.assign(file=t["file"].str.lower()) for t in (found, planned))
    columns = list(planned.columns)
    tables = []
    for table in (found, planned):
        texts = table[columns].astype("string").fillna("unknown")
        tables.append(texts.sort_values(columns).reset_index(drop=True))
    pd.testing.assert_frame_equal(*tables)


def plan(form: str, number: int = 0, fold: int = 0) -> pd.DataFrame:
    """What must be read: the plan, but of a plain folder nobody can know the people."""
    planned = planned_crops(form, way=number, fold=fold, people=3)
    return planned.assign(pid=pd.NA, camid=pd.NA) if form == "folder" else planned


@pytest.mark.parametrize(("form", "number"), EVERY_WAY)
def test_what_was_planned_is_read(draw: Draw, form: str, number: int) -> None:
    root = draw(form)
    same(opened(root, form, number), root, plan(form, number))
    if FORMS[form].ways[number].folds:
        same(opened(root, form, number, 7), root, plan(form, number, 7))
        assert plan(form, number, 7)["split"].tolist() != plan(form, number)["split"].tolist()


@pytest.mark.parametrize("form", FORMS)
def test_it_is_recognised_without_being_named(draw: Draw, form: str) -> None:
    if form.startswith("cuhk03") and form != "cuhk03-np":
        with pytest.raises(ReidkitError, match="cuhk03:detected"):  # two data sets: one must choose
            open_crops(draw(form))
        return
    root = draw(form) / FORMS[form].ways[0].folder
    pd.testing.assert_frame_equal(open_crops(root), opened(draw(form), form))


@pytest.mark.parametrize("form", FORMS)
def test_the_doctor_finds_no_error(draw: Draw, form: str) -> None:
    root = draw(form)
    report = check_data(opened(root, form), progress=False)
    assert report.ok, str(report)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "folder"])
def test_every_query_has_a_match_under_another_camera(form: str) -> None:
    for number, one in enumerate(FORMS[form].ways):
        for seed in range(3):
            crops = planned_crops(form, way=number, seed=seed, people=4)
            query, gallery = (crops[crops["split"] == split] for split in ("query", "gallery"))
            pairs = query.merge(gallery, on="pid", suffixes=("", "_gallery"))
            assert len(query), one
            assert set(query["file"]) == set(pairs["file"][pairs["camid"] != pairs["camid_gallery"]])
            assert not set(crops["pid"][crops["split"] == "train"]) & set(query["pid"])


@pytest.mark.parametrize("form", IN_FILES)
def test_no_two_files_show_the_same_pixels(draw: Draw, form: str) -> None:
    root = draw(form)
    prints = {file: hashlib.sha1(Image.open(file).tobytes()).hexdigest() for file in image_files(root)}
    files = [f for f in prints if f.parent.name != "image_query"]  # VeRi-776's own queries lie there twice
    assert len({prints[file] for file in files}) == len(files) >= 12


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_seed_gives_the_same_bytes(form: str, tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        draw_form(form, tmp_path / name, seed=seed, people=1, progress=False)
    one, two, other = (contents(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert one != other


@pytest.mark.parametrize("form", FORMS)
def test_the_order_on_disk_does_not_matter(draw: Draw, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = draw(form)
    crops = opened(root, form)
    backwards(monkeypatch)
    pd.testing.assert_frame_equal(opened(root, form), crops)


@pytest.mark.parametrize("form", IN_FILES)
def test_capitals_in_a_suffix_do_not_matter(copy: Draw, form: str) -> None:
    root = copy(form)
    for file in image_files(root)[::2]:
        file.rename(file.with_suffix(file.suffix.upper()))
    if form == "table":  # a CSV names files as they are: the doctor says that they are gone
        assert not check_data(opened(root, form), progress=False).ok
        return
    same(opened(root, form), root, plan(form), case=False)


MARKET = {"query": "no folder query", "bounding_box_test": "no folder bounding_box_test"}
MSMT17 = {"list_query.txt": "no list_query.txt", "list_train.txt": "no list_train.txt"}
MISSING: dict[str, dict[str, str]] = {
    "market1501": MARKET | {"bounding_box_train": "no folder bounding_box_train"},
    "dukemtmc": MARKET,
    "occluded-duke": MARKET,
    "msmt17-packed": MARKET,
    "cuhk03-np": {"detected/query": "no folder query", "detected/bounding_box_train": "no folder"},
    "personx": MARKET,
    "personx-v1": {"3/query": "no folder query"},
    "msmt17-v1": MSMT17 | {"test": "no folder test", "train": "no folder train"},
    "msmt17-v2": MSMT17 | {"mask_test_v2": "no folder mask_test_v2"},
    "veri776": {"image_query": "no folder image_query"},
    "sysu-mm01": {"exp/test_id.txt": "no exp/test_id.txt", "cam6": "no folder cam6"},
    "ltcc": {"query": "no folder query", "test": "no folder test"},
    "prcc": {"rgb/test/C": "no folder test/C", "rgb/train": "no folder train"},
    "mlr-cuhk03": {"query": "no folder query", "val": "no folder val"},
    "viper": {"cam_b": "no folder cam_b"},
    "cuhk03": {"cuhk03_release/cuhk-03.mat": "cuhk-03.mat"},
    "cuhk03-extracted": {"splits_classic_detected.json": "splits_classic_detected.json"},
}


@pytest.mark.parametrize("form", MISSING)
def test_a_missing_part_or_list_is_named(copy: Draw, form: str) -> None:
    root = copy(form)
    for part, words in MISSING[form].items():
        away = root.parent / "away"
        (root / part).rename(away)
        with pytest.raises(ReidkitError, match=words):
            opened(root, form)
        away.rename(root / part)
    same(opened(root, form), root, plan(form))


def test_a_list_says_what_counts(copy: Draw) -> None:
    root = copy("msmt17-v1")
    lines = (root / "list_gallery.txt").read_text().splitlines()
    (root / "list_gallery.txt").write_text("\n".join(lines[1:]))
    planned, left_out = plan("msmt17-v1"), f"test/{lines[0].split()[0]}"
    crops = opened(root, "msmt17-v1")
    same(crops, root, planned[planned["file"] != left_out])
    assert f"1 image in no list, and so left out, such as {root / left_out}." in said(crops)
    root = copy("sysu-mm01")
    (root / "exp" / "val_id.txt").write_text("1,3\n")  # 5, who was in it, is in no list now
    planned = plan("sysu-mm01")
    same(opened(root, "sysu-mm01"), root, planned[planned["pid"] != 5])


@pytest.mark.parametrize("number", range(4))
def test_a_cut_off_mat_is_named(copy: Draw, number: int) -> None:
    root = copy("cuhk03")
    name = "cuhk03_new_protocol_config_*.mat" if number > 1 else "cuhk03_release/cuhk-03.mat"
    for file in root.glob(name):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ReidkitError, match=r"cuhk.*\.mat cannot be read"):
        opened(root, "cuhk03", number)


def test_versions_of_msmt17_are_told_apart(draw: Draw, copy: Draw) -> None:
    for form, name in {"msmt17-v1": "MSMT17 V1", "msmt17-v2": "MSMT17 V2"}.items():
        assert set(open_crops(draw(form))["dataset"]) == {name}
    root = copy("msmt17-v2")
    (root / "train").mkdir()
    with pytest.raises(ReidkitError, match="both versions"):
        open_crops(root)


def test_boxes_for_several_crops_a_query(draw: Draw) -> None:
    planned = plan("market1501")
    boxes = read_multi_query(draw("market1501"))
    asked = planned[planned["split"] == "query"][["pid", "camid"]]
    found = asked.merge(boxes, on=["pid", "camid"]).groupby(["pid", "camid"]).size()
    assert len(found) == len(asked)
    assert found.min() >= 2


def test_a_miniature_is_kept_or_refused_but_never_mixed(tmp_path: Path) -> None:
    root = draw_form("viper", tmp_path, people=2, progress=False)
    stamps = {file: file.stat().st_mtime_ns for file in image_files(root)}
    (tmp_path / "VIPeR.drawing").mkdir()  # an interrupted drawing
    assert draw_form("viper", tmp_path, people=2, progress=False) == root
    assert {file: file.stat().st_mtime_ns for file in image_files(root)} == stamps
    with pytest.raises(ReidkitError, match="VIPeR is there already, but not this miniature"):
        draw_form("viper", tmp_path, people=2, seed=1, progress=False)
    with pytest.raises(ReidkitError, match=r"no form is called 'vipr'; choose one of market1501, "):
        draw_form("vipr", tmp_path)
    with pytest.raises(ReidkitError, match="1 to 9999 people"):
        draw_form("ltcc", tmp_path, people=0)
    shutil.rmtree(root)
    assert draw_form("viper", tmp_path, people=2, seed=1, progress=False) == root
    assert not (tmp_path / "VIPeR.drawing").exists()


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def reidkit(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["reidkit", *arguments])
        with contextlib.suppress(SystemExit):
            cli.main()
        return "".join(capsys.readouterr())

    told = reidkit("towns", "--form", "viper", "--out", str(tmp_path), "--seed", "2")
    assert f"viper: {tmp_path / 'VIPeR'}\n" in told
    assert f"reidkit data check {tmp_path / 'VIPeR'} --layout viper\n" in told
    same(open_crops(tmp_path / "VIPeR"), tmp_path / "VIPeR", planned_crops("viper", seed=2))
    assert [line.split()[0] for line in reidkit("towns", "--form", "list").splitlines()] == list(FORMS)
    assert "error: no form is called 'sysu'; choose one of" in reidkit("towns", "--form", "sysu")
