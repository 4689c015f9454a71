"""A town as a plain folder: its names say nothing, its bad files are bad, and the key knows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from reidkit.data import check_data, open_crops
from reidkit.data.towns import draw_town, export_town, label_by_hand, read_key
from reidkit.data.towns.export import TWICE
from reidkit.errors import ReidkitError


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_town("winter", tmp_path_factory.mktemp("towns") / "winter", people=8, workers=1,
                     progress=False)  # fmt: skip


@pytest.fixture
def folder(town: Path, tmp_path: Path) -> Path:
    return export_town(town, tmp_path / "shop")


def digests(paths: pd.Series) -> list[str]:
    return [hashlib.md5(Path(path).read_bytes()).hexdigest() for path in paths]


def test_the_folder_says_nothing_and_holds_everything(town: Path, folder: Path) -> None:
    crops, known = open_crops(folder), open_crops(town)
    assert crops[["pid", "camid"]].isna().all(axis=None)
    assert set(crops["split"]) == {"train"}
    assert [Path(path).name for path in crops["path"]] == [f"{n:05d}.jpg" for n in range(1, len(crops) + 1)]
    assert len(crops) == len(known) + TWICE
    # The numbers do not give the people away: neighbours in the folder are strangers mostly.
    assert (read_key(folder)["pid"].diff() == 0).mean() < 0.3


def test_the_key_tells_every_crop_that_is_whole(town: Path, folder: Path) -> None:
    key, known = read_key(folder), open_crops(town)
    assert key["fault"].value_counts().to_dict() == {"": len(known) - TWICE - 2, "twice": 2 * TWICE,
                                                     "cut": 1, "speck": 1}  # fmt: skip
    whole = key[key["fault"].isin(["", "twice"])]
    told = dict(zip(digests(known["path"]), zip(known["pid"], known["camid"], strict=True), strict=True))
    assert [told[d] for d in digests(whole["path"])] == list(zip(whole["pid"], whole["camid"], strict=True))


def test_the_doctor_finds_the_bad_files(folder: Path) -> None:
    findings = {one.what for one in check_data(open_crops(folder), progress=False).findings}
    for words in ("1 image of", "1 image smaller", f"{TWICE} pictures found more than once"):
        assert any(what.startswith(words) for what in findings), words


def test_it_is_kept_and_an_interrupted_one_is_written_anew(town: Path, folder: Path) -> None:
    before = digests(open_crops(folder)["path"])
    first = folder / "00001.jpg"
    stamp = first.stat().st_mtime_ns
    assert export_town(town, folder.parent) == folder
    assert first.stat().st_mtime_ns == stamp
    (folder.parent / "key.csv").rename(folder.parent / "key.writing.csv")
    first.unlink()
    export_town(town, folder.parent)
    assert digests(open_crops(folder)["path"]) == before


def test_what_is_not_ours_is_left_alone(town: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match="no export of this town and seed"):
        export_town(town, folder.parent, seed=1)
    (folder / "mine.jpg").touch()
    with pytest.raises(ReidkitError, match=r"holds 'mine.jpg', which is not ours"):
        export_town(town, folder.parent)
    own = tmp_path / "own" / "crops"
    own.mkdir(parents=True)
    (own / "00001.jpg").touch()
    with pytest.raises(ReidkitError, match="no export of this town"):
        export_town(town, own.parent)
    assert (folder / "mine.jpg").exists()
    assert (own / "00001.jpg").exists()


@pytest.mark.parametrize("shots", [1, 3])
def test_twenty_minutes_of_labels(folder: Path, shots: int) -> None:
    labels = label_by_hand(folder, people=3, cameras=(1, 4), shots=shots, seed=2)
    assert list(labels.columns) == ["path", "pid", "camid"]
    truth = labels[["path"]].merge(read_key(folder), on="path")
    assert (truth["fault"] == "").all()
    assert (truth["camid"] == labels["camid"]).all()
    pairs = set(zip(labels["pid"], truth["pid"], strict=True))
    assert len(pairs) == labels["pid"].nunique() == len({theirs for _, theirs in pairs}) <= 3
    counts = labels.groupby(["pid", "camid"]).size()
    assert counts.max() <= shots
    assert (counts.groupby("pid").size() == 2).all()
    assert labels.equals(label_by_hand(folder, people=3, cameras=(1, 4), shots=shots, seed=2))


def test_without_a_key_or_a_passer_by_it_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match=r"key.csv is not there.*Label some crops by hand"):
        label_by_hand(tmp_path / "mine")
    with pytest.raises(ReidkitError, match=r"Nobody in crops passes all of the cameras \[1, 9\]"):
        label_by_hand(folder, cameras=(1, 9))
