"""White balance: a cast is measured, taken away, and nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reidkit.data.balance import DONE, blueness, colour_cast, mean_colours, write_balanced
from reidkit.errors import ReidkitError


def scene(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(60, 140, (8, 4, 3), dtype=np.uint8))
    return np.asarray(coarse.resize((32, 64), Image.Resampling.BILINEAR))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four crops of one scene; the last two have twice the blue and half the red."""
    data = tmp_path / "data"
    data.mkdir()
    for number in range(4):
        pixels = scene(number) * (np.array([0.5, 1.0, 1.7]) if number > 1 else 1.0)
        Image.fromarray(pixels.astype(np.uint8)).save(data / f"{number}.png")
    (data / "notes.txt").write_text("kept")
    return data


def table(folder: Path) -> pd.DataFrame:
    return pd.DataFrame({"path": [str(folder / f"{number}.png") for number in range(4)]})


ODD = np.array([False, False, True, True])


def test_the_mean_colour_is_the_mean_of_all_pixels(folder: Path) -> None:
    colours = mean_colours(table(folder), progress=False)
    for number, colour in enumerate(colours):
        pixels = np.asarray(Image.open(folder / f"{number}.png"), np.float64)
        assert colour == pytest.approx([pixels[..., channel].mean() for channel in range(3)])
    assert (blueness(colours)[2:] > 1).all()
    assert (np.abs(blueness(colours)[:2]) < 0.3).all()


def test_a_measured_cast_is_taken_away(folder: Path, tmp_path: Path) -> None:
    crops = table(folder)
    colours = mean_colours(crops, progress=False)
    factors = colour_cast(colours, ODD, ~ODD)
    assert factors == pytest.approx([2.0, 1.0, 1 / 1.7], rel=0.12)
    out = write_balanced(folder, tmp_path / "out", crops["path"][ODD], factors)
    after = mean_colours(table(out), progress=False)
    assert colour_cast(after, ODD, ~ODD) == pytest.approx(np.ones(3), abs=0.02)
    for name in ("0.png", "1.png", "notes.txt"):
        assert (out / name).read_bytes() == (folder / name).read_bytes()
    assert json.loads((out / DONE).read_text())["crops"] == ["2.png", "3.png"]


def test_white_stays_white(folder: Path, tmp_path: Path) -> None:
    Image.new("RGB", (4, 8), (250, 250, 250)).save(folder / "2.png")
    out = write_balanced(folder, tmp_path / "out", [str(folder / "2.png")], [2.0, 1.0, 0.5])
    assert np.asarray(Image.open(out / "2.png"))[0, 0].tolist() == [255, 250, 125]


def test_an_earlier_copy_is_made_again_and_nothing_else_is_overwritten(folder: Path, tmp_path: Path) -> None:
    out = write_balanced(folder, tmp_path / "out", [str(folder / "2.png")], [2, 1, 1])
    (out / "3.png").unlink()
    write_balanced(folder, out, [str(folder / "3.png")], [2, 1, 1])
    assert (out / "2.png").read_bytes() == (folder / "2.png").read_bytes()
    (out / DONE).unlink()
    with pytest.raises(ReidkitError, match="something else than a balanced copy"):
        write_balanced(folder, out, [], [1, 1, 1])
    with pytest.raises(ReidkitError, match="lies in the data set itself"):
        write_balanced(folder, folder / "out", [], [1, 1, 1])


def test_what_cannot_be_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match="give three numbers above 0"):
        write_balanced(folder, tmp_path / "out", [], [1, 0, 1])
    with pytest.raises(ReidkitError, match="is not below"):
        write_balanced(folder, tmp_path / "out", [str(tmp_path / "x.png")], [1, 1, 1])
    assert not (tmp_path / "out").exists()
    with pytest.raises(ReidkitError, match="0 crops against 4 others"):
        colour_cast(mean_colours(table(folder), progress=False), ODD & False, ODD | True)
    (folder / "0.png").write_bytes(b"no image")
    with pytest.raises(ReidkitError, match=r"0\.png: not an image"):
        mean_colours(table(folder), progress=False)
    with pytest.raises(ReidkitError, match=r"0\.png: not an image"):
        write_balanced(folder, tmp_path / "out", [str(folder / "0.png")], [1, 1, 1])
    assert not (tmp_path / "out" / DONE).exists()


@given(st.lists(st.floats(0.2, 5), min_size=3, max_size=3), st.integers(0, 99))
def test_a_cast_of_known_factors_is_found(factors: list[float], seed: int) -> None:
    colours = np.random.default_rng(seed).uniform(20, 50, (6, 3))
    both = np.concatenate([colours, colours / factors])
    odd = np.arange(12) >= 6
    assert colour_cast(both, odd, ~odd) == pytest.approx(factors)
