"""Where two crops agree: every part counted by hand, and the sum is the similarity that the run recorded."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plots.fake_run import make_run

from reidkit.engine.embedding import embed_crops
from reidkit.engine.record import Record, write_json
from reidkit.errors import ReidkitError
from reidkit.explore.agreement import Agreement, agreement
from reidkit.models import build_model, save_weights


@given(seed=st.integers(0, 99), a=st.tuples(st.integers(1, 4), st.integers(1, 3)), b=st.integers(1, 3))
def test_every_pair_of_cells_has_its_part(seed: int, a: tuple[int, int], b: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.normal(size=(*a, 6)), rng.normal(size=(b, 2, 6))
    u, v = (x.mean(axis=(0, 1)) for x in (one, other))
    length = np.linalg.norm(u) * np.linalg.norm(v)
    first, second = np.zeros(a), np.zeros((b, 2))
    for i in np.ndindex(a):
        for j in np.ndindex(b, 2):
            part = one[i] @ other[j] / (first.size * second.size * length)
            first[i] += part
            second[j] += part
    maps = agreement(one, other)
    np.testing.assert_allclose(maps[0], first, atol=1e-12)
    np.testing.assert_allclose(maps[1], second, atol=1e-12)
    assert maps[0].sum() == pytest.approx(u @ v / length)


def with_network(folder: Path, **config) -> tuple[Record, dict[str, np.ndarray]]:
    """A run whose network is there, and what its features should be."""
    run = make_run(folder, epochs=1, people=3)
    write_json(run.path / "config.json", run.config | config)
    views = ("global", "upper", "lower") if config.get("method") == "lp" else ("global",)
    model = build_model("tiny", init="tiny", views=views, pooling=config.get("pooling", "gem"))
    save_weights(model, run.path / "model.safetensors")
    size = {name: config.get(name) for name in ("height", "width")}
    features = embed_crops(model, run.crops, **size, device="cpu", progress=False)
    return Record(run.path), features


@pytest.mark.parametrize(
    "config",
    [{}, {"pooling": "avg"}, {"method": "lp"}, {"height": 96, "width": 48}],
    ids=["gem", "avg", "views", "size"],
)
def test_the_parts_sum_to_the_similarity_of_the_features(tmp_path: Path, config: dict) -> None:
    run, features = with_network(tmp_path, **config)
    compared = Agreement(run)
    for a, b in ((0, 1), (0, 30), (5, 5)):
        found = compared.compare(run.crops["path"][a], run.crops["path"][b])
        cosine = float(features["global"][a] @ features["global"][b])
        assert found.similarity == pytest.approx(cosine, abs=1e-4)
        assert [float(one.sum()) for one in found.maps] == pytest.approx([cosine, cosine], abs=1e-4)
        assert set(found.distances) == set(features)
        for view, rows in features.items():
            assert found.distances[view] == pytest.approx(np.linalg.norm(rows[a] - rows[b]), abs=0.02)
    assert found.maps[0].shape == ((6, 3) if "height" in config else (8, 4))


def test_the_picture_says_it_and_a_crop_is_read_once(tmp_path: Path, monkeypatch) -> None:
    run, features = with_network(tmp_path)
    paths = run.crops["path"].tolist()
    compared = Agreement(run)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = compared.picture(paths[0], paths[1])
    said = figure.get_suptitle()
    assert said.startswith(f"Similarity {features['global'][0] @ features['global'][1]:.2f}")
    assert figure.photo
    assert figure.png()[:4] == b"\x89PNG"
    compared.picture(paths[0], paths[2])
    assert (compared.cells.cache_info().hits, compared.cells.cache_info().misses) == (1, 3)


def test_a_run_without_its_network_says_so(tmp_path: Path) -> None:
    run = make_run(tmp_path, epochs=1, people=3)
    with pytest.raises(ReidkitError, match=r"holds no trained network \(model.safetensors\)"):
        Agreement(run)
    with pytest.raises(ReidkitError, match="holds no run"):
        Agreement(tmp_path)


def test_a_missing_crop_is_named(tmp_path: Path) -> None:
    run, _ = with_network(tmp_path)
    with pytest.raises(ReidkitError, match=r"gone\.jpg"):
        Agreement(run.path).picture(run.crops["path"][0], str(tmp_path / "gone.jpg"))


def test_torch_is_loaded_only_to_compare() -> None:
    code = "import sys, reidkit.explore, reidkit.explore.agreement; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
