"""What can be explored, and what is said of what cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.explore.opening import open_scene
from tests.plots.fake_run import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return make_run(tmp_path_factory.mktemp("opening"), epochs=2, people=6)


def features(n: int = 40, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 8)).astype(np.float32)


def test_a_run_is_opened_by_its_folder_or_its_record(run: Record) -> None:
    for source in (run, run.path, str(run.path)):
        scene = open_scene(source)
        assert scene.epochs == [0, 1, 2]
        assert scene.known
        assert len(scene) == (run.crops["split"] == "train").sum()
        assert (scene.labels(2) == run.labels(2)).all()
        assert scene.run == run.path


def test_a_run_of_unknown_people(tmp_path: Path) -> None:
    scene = open_scene(make_run(tmp_path, epochs=1, people=5, known=False))
    assert not scene.known


def test_maps_of_other_epochs_lie_on_the_last_ones(run: Record) -> None:
    scene = open_scene(run)
    assert not scene.has_layout(2)
    last, before = scene.layout(2), scene.layout(1)
    assert scene.has_layout(1)
    assert last.shape == before.shape == (len(scene), 2)
    others = np.random.default_rng(0).permutation(len(last))
    assert np.linalg.norm(last - before) < np.linalg.norm(last - before[others])
    assert (scene.layout(1) == before).all()


def test_an_array_is_scaled_and_clustered() -> None:
    rows = np.repeat(3 * np.eye(8, dtype=np.float32), 6, axis=0) + 0.05 * features(48)
    scene = open_scene(rows, camids=np.arange(48) % 3)
    assert np.linalg.norm(scene.features(0), axis=1) == pytest.approx(1, abs=1e-6)
    assert len(np.unique(scene.labels(0))) >= 2
    assert scene.paths == [None] * 48


def test_a_file_of_features(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", features=features(), labels=np.arange(40) // 4, pids=np.arange(40))
    scene = open_scene(tmp_path / "mine.npz")
    assert scene.name == "mine"
    assert scene.known
    assert (scene.labels(0) == np.arange(40) // 4).all()


def test_query_and_gallery_are_put_behind_each_other(tmp_path: Path) -> None:
    parts = {"query_features": features(10), "gallery_features": features(30, 1)}
    parts |= {"query_pids": np.arange(10), "gallery_pids": np.arange(30)}
    np.savez(tmp_path / "test.npz", **parts)
    scene = open_scene(tmp_path / "test.npz")
    assert scene.pids.tolist() == [*range(10), *range(30)]


def test_a_mat_with_its_own_names(tmp_path: Path) -> None:
    parts = {"query_f": features(10), "gallery_f": features(30, 1)}
    parts |= {"query_label": np.arange(10), "gallery_label": np.arange(30)}
    savemat(tmp_path / "test.mat", parts)
    scene = open_scene(tmp_path / "test.mat")
    assert scene.pids.tolist() == [*range(10), *range(30)]


NAN = features()
NAN[7, 2] = np.nan


@pytest.mark.parametrize(
    ("source", "given", "message"),
    [
        (NAN, {}, "1 of 40 rows of features hold NaN.*first is row 7"),
        (features()[0], {}, "shape"),
        (features(), {"labels": [1, 2]}, "labels: 2 values for 40 crops"),
        (features(), {"camids": ["a"] * 40}, "camids: expected 40 integers"),
        (features(), {"paths": ["one.jpg"]}, "1 paths for 40 crops"),
        ("nowhere", {}, "holds no run"),
        ("nowhere.npz", {}, "does not exist"),
        (42, {}, "Cannot explore a int"),
    ],
)
def test_what_does_not_fit_is_named(source: object, given: dict, message: str) -> None:
    with pytest.raises(ReidkitError, match=message):
        open_scene(source, **given)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"vectors": features()}, "but neither features"),
        ({"features": features(), "lables": np.zeros(40)}, "lables.*labels, camids, pids, paths"),
        ({"query_features": features()}, "lacks gallery_features"),
        (
            {"query_features": features(), "gallery_features": features()[:, :5]},
            r"query_features of shape \(40, 8\) do not fit gallery_features of \(40, 5\)",
        ),
    ],
)
def test_files_with_other_names(tmp_path: Path, arrays: dict, message: str) -> None:
    np.savez(tmp_path / "odd.npz", **arrays)
    with pytest.raises(ReidkitError, match=message):
        open_scene(tmp_path / "odd.npz")


def test_a_run_that_was_copied_in_part(tmp_path: Path) -> None:
    record = make_run(tmp_path, epochs=1, people=5)
    (record.path / "epochs" / "001" / "labels.parquet").unlink()
    with pytest.raises(ReidkitError, match=r"labels\.parquet is not there"):
        open_scene(record)


def test_a_notebook_shows_the_sentence_alone() -> None:
    assert ReidkitError("Do that.")._render_traceback_() == ["ReidkitError: Do that."]
