"""Pixels: decoded as Pillow does, kept by content, never half-built, light in memory."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from reidkit.data import cache_folder, open_pixels, pixels, thumbnails
from reidkit.errors import ReidkitError

Draw = Callable[..., Path]


def table(*paths: Path) -> pd.DataFrame:
    return pd.DataFrame({"path": [str(path) for path in paths]})


def open_small(crops: pd.DataFrame, cache: Path, **options: Any) -> pixels.Pixels:
    sizes = {"height": 24, "width": 12} | options
    return open_pixels(crops, cache_dir=cache, progress=False, **sizes)


def bicubic(image: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Resize one axis by Keys' cubic (a = -0.5), widened when shrinking; float64."""
    image = np.moveaxis(image.astype(float), axis, 0)
    scale = image.shape[0] / size
    stretch = max(scale, 1.0)
    centres = (np.arange(size) + 0.5) * scale
    t = np.abs(np.arange(image.shape[0])[None] + 0.5 - centres[:, None]) / stretch
    near = 1.5 * t**3 - 2.5 * t**2 + 1
    far = -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    weights = np.where(t < 1, near, np.where(t < 2, far, 0.0))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.moveaxis(np.tensordot(weights, image, axes=1), 0, axis)


@pytest.mark.parametrize(("height", "width"), [(24, 12), (64, 40)])
def test_resizing_is_bicubic_with_antialias(draw: Draw, tmp_path: Path, height: int, width: int) -> None:
    path = draw("a.png", height=50, width=30)
    seen = open_small(table(path), tmp_path / "cache", height=height, width=width).read([0])[0]
    image = np.asarray(Image.open(path))
    across = np.clip(np.round(bicubic(image, width, axis=1)), 0, 255)  # Pillow rounds in between
    expected = np.clip(np.round(bicubic(across, height, axis=0)), 0, 255)
    assert seen.shape == (height, width, 3)
    assert seen.dtype == np.uint8
    assert np.abs(seen - expected).max() <= 1


def test_rows_come_in_the_order_asked_for(draw: Draw, tmp_path: Path) -> None:
    paths = [draw(f"{seed}.png", seed=seed, height=24, width=12) for seed in range(6)]
    opened = open_small(table(*paths), tmp_path / "cache")
    images = np.stack([np.asarray(Image.open(path)) for path in paths])
    assert len(opened) == 6
    order = [5, 0, 3, 3, 1]
    np.testing.assert_array_equal(opened.read(order), images[order])
    again = opened.read(np.array(order, np.int32))
    again[:] = 0  # a copy: writing on it leaves the cache alone
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(opened)).read(order), images[order])
    assert opened.read([]).shape == (0, 24, 12, 3)


@pytest.mark.parametrize("rows", [[0, 2], [-1], [[0]], [0.0], 0])
def test_indices_are_checked(draw: Draw, tmp_path: Path, rows: Any) -> None:
    opened = open_small(table(draw("a.png"), draw("b.png")), tmp_path / "cache")
    with pytest.raises(ReidkitError, match="indices"):
        opened.read(rows)


def test_modes_and_orientation(tmp_path: Path) -> None:
    upright = np.zeros((24, 12, 3), np.uint8)
    upright[:12] = 200
    lying = Image.fromarray(np.rot90(upright).copy())
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn a quarter clockwise to show"
    lying.save(tmp_path / "photo.png", exif=exif)
    Image.new("L", (12, 24), 77).save(tmp_path / "grey.png")
    Image.new("RGBA", (12, 24), (9, 8, 7, 128)).save(tmp_path / "clear.png")
    names = ("photo.png", "grey.png", "clear.png")
    photo, grey, clear = open_small(table(*(tmp_path / n for n in names)), tmp_path / "c").read([0, 1, 2])
    np.testing.assert_array_equal(photo, upright)
    assert (grey == 77).all()
    assert (clear == (9, 8, 7)).all()


def test_an_open_again_decodes_nothing(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = draw("data/a.png", seed=1), draw("data/b.png", seed=2)
    first = open_small(table(a, b), tmp_path / "cache")
    monkeypatch.setattr(pixels, "_build", None)  # building would fail now
    assert open_small(table(a, b), tmp_path / "cache") == first
    monkeypatch.undo()
    assert open_small(table(b, a), tmp_path / "cache").path != first.path
    assert open_small(table(a, b), tmp_path / "cache", width=13).path != first.path
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["a.png", "b.png"]


def test_a_change_of_equal_size_and_date_is_noticed(draw: Draw, tmp_path: Path) -> None:
    path = draw("a.bmp", seed=1, height=24, width=12)
    before = path.stat()
    old = open_small(table(path), tmp_path / "cache").read([0])
    draw("a.bmp", seed=2, height=24, width=12)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    new = open_small(table(path), tmp_path / "cache").read([0])
    np.testing.assert_array_equal(new[0], np.asarray(Image.open(path)))
    assert not np.array_equal(old, new)


def broken_folder(draw: Draw, tmp_path: Path) -> list[Path]:
    """One good image, then a cut-off, an empty, a missing, a text and a 16-bit one."""
    good = draw("good.png")
    cut = draw("cut.jpg", height=256, width=128)
    cut.write_bytes(cut.read_bytes()[:-2000])
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("hello")
    Image.fromarray(np.full((24, 12), 60_000, np.uint16)).save(tmp_path / "deep.png")
    names = ("empty.jpg", "missing.jpg", "text.jpg", "deep.png")
    return [good, cut, *(tmp_path / name for name in names)]


def test_all_broken_images_are_named_at_once(draw: Draw, tmp_path: Path) -> None:
    good, *broken = broken_folder(draw, tmp_path)
    with pytest.raises(ReidkitError) as error:
        open_small(table(good, *broken), tmp_path / "cache")
    text = str(error.value)
    assert text.startswith("5 images cannot be read")
    assert [path for path in broken if f"{path}: " not in text] == []
    assert str(good) not in text
    assert "truncated" in text
    assert "No such file" in text
    assert "deeper than 8 bits" in text
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_file_that_changes_on_the_way_is_refused(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = draw("a.png", seed=1)
    build = pixels._build

    def change_then_build(*args: Any, **options: Any) -> None:
        draw("a.png", seed=2)
        build(*args, **options)

    monkeypatch.setattr(pixels, "_build", change_then_build)
    with pytest.raises(ReidkitError, match=r"a\.png: the file changed"):
        open_small(table(path), tmp_path / "cache")


KILLED = """
import os, sys, pandas as pd
from reidkit.data import open_pixels
os.replace = lambda *paths: os._exit(9)   # killed when all is written but nothing is named
open_pixels(pd.DataFrame({"path": sys.argv[2:]}), height=24, width=12, cache_dir=sys.argv[1])
"""


def test_a_killed_build_is_never_taken_for_a_cache(draw: Draw, tmp_path: Path) -> None:
    path, cache = draw("a.png", height=24, width=12), tmp_path / "cache"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(cache), str(path)], check=False)
    assert killed.returncode == 9
    (left,) = cache.iterdir()
    assert left.suffix == ".part"
    opened = open_small(table(path), cache)
    np.testing.assert_array_equal(opened.read([0])[0], np.asarray(Image.open(path)))
    assert left.exists()  # fresh: it may belong to a build that still runs
    os.utime(left, (time.time() - 90_000,) * 2)
    open_small(table(path), cache, height=30)
    assert not left.exists()


def test_an_interrupted_build_leaves_nothing(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(job: Any, **size: int) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(pixels, "read_tile", interrupt)
    with pytest.raises(KeyboardInterrupt):
        open_small(table(draw("a.png")), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_cache_cut_short_is_built_anew_and_one_deleted_is_told(draw: Draw, tmp_path: Path) -> None:
    paths = [draw(f"{seed}.png", seed=seed) for seed in range(3)]
    opened = open_small(table(*paths), tmp_path / "cache")
    whole = opened.read([0, 1, 2])
    os.truncate(opened.path, 1000)
    with pytest.raises(ReidkitError, match="cut short"):
        opened.read([2])
    open_small(table(*paths), tmp_path / "cache")
    np.testing.assert_array_equal(opened.read([0, 1, 2]), whole)
    opened.path.unlink()
    with pytest.raises(ReidkitError, match="is gone"):
        opened.read([0])


def _open_and_read(crops: pd.DataFrame, cache: Path, barrier: Any, queue: Any) -> None:
    barrier.wait()
    opened = open_small(crops, cache)
    queue.put(opened.read(range(len(opened))))


def test_two_processes_build_at_once(draw: Draw, tmp_path: Path) -> None:
    paths = [draw(f"{seed}.png", seed=seed, height=24, width=12) for seed in range(40)]
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(2), context.Queue()
    builders = [
        context.Process(target=_open_and_read, args=(table(*paths), tmp_path / "cache", barrier, queue))
        for _ in range(2)
    ]
    for builder in builders:
        builder.start()
    seen = [queue.get(timeout=60) for _ in builders]
    for builder in builders:
        builder.join()
    expected = np.stack([np.asarray(Image.open(path)) for path in paths])
    for images in seen:
        np.testing.assert_array_equal(images, expected)
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_full_disk_and_a_folder_that_cannot_be_written(draw: Draw, tmp_path: Path) -> None:
    crops, cache = table(draw("a.png")), tmp_path / "cache"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # no file may grow over 100 bytes
    try:
        with pytest.raises(ReidkitError, match=r"cannot keep .*cache.*REIDKIT_CACHE"):
            open_small(crops, cache)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(cache.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(ReidkitError, match=r"cannot keep .*file.*REIDKIT_CACHE"):
        open_small(crops, tmp_path / "file" / "cache")


def test_the_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REIDKIT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == Path.home() / ".cache" / "reidkit"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "reidkit"
    monkeypatch.setenv("REIDKIT_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"


def test_nothing_to_open_and_no_size(draw: Draw, tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match="no crops"):
        open_small(table(), tmp_path)
    with pytest.raises(ReidkitError, match="0×12"):
        open_small(table(draw("a.png")), tmp_path, height=0)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_reading_everything_does_not_fill_the_memory(draw: Draw, tmp_path: Path) -> None:
    paths = [draw(f"{seed}.png", seed=seed) for seed in range(8)] * 250
    before = resident()
    opened = open_small(table(*paths), tmp_path / "cache", height=128, width=64)
    grown = [resident() - before]
    for start in range(0, len(opened), 50):
        opened.read(range(start, start + 50))
        grown.append(resident() - before)
    assert opened.path.stat().st_size == 2000 * 128 * 64 * 3  # 49 MB on disk
    assert max(grown) < 20e6


def resident() -> int:
    """Bytes of this process in memory now, file pages that it maps included."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def test_thumbnails(draw: Draw, tmp_path: Path) -> None:
    paths = [str(draw(f"{seed}.png", seed=seed)) for seed in range(2)]
    small = thumbnails(paths, height=20, width=10)
    direct = Image.open(paths[1]).resize((10, 20), Image.Resampling.BICUBIC)
    assert small.shape == (2, 20, 10, 3)
    assert small.dtype == np.uint8
    np.testing.assert_array_equal(small[1], np.asarray(direct))
    assert thumbnails([]).shape == (0, 96, 48, 3)
    with pytest.raises(ReidkitError, match=r"gone\.png: No such file"):
        thumbnails([*paths, str(tmp_path / "gone.png")])
