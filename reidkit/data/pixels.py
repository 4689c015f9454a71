"""Pixels: every crop decoded once, kept on disk as plain uint8.

Decoding and resizing a JPEG costs about as much as a small network's forward pass, and training
would do it again in every epoch. So it is done once: all crops, at the size the network wants, in
one file of N·height·width·3 bytes in the cache folder. Later runs find the file by its *content*:
its name is a digest of all image files' bytes, in order, and of the size. Nothing is ever written
beside the data.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from reidkit.data.images import Broken, digest, in_threads, read_tile, reason, refuse
from reidkit.errors import ReidkitError

_VERSION = b"reidkit pixels 1"  # raise it when decoding changes: old caches are then left alone
_DAY = 24 * 3600.0


@dataclass(frozen=True)
class Pixels:
    """The decoded crops of one table, row for row; as light as its path, and it pickles."""

    path: Path
    count: int
    height: int
    width: int

    def __len__(self) -> int:
        return self.count

    def read(self, indices: ArrayLike) -> np.ndarray:
        """Return a fresh copy of some crops: (n, height, width, 3) uint8, in the order asked for.

        The file is opened for this call, read from front to back, and closed. It is not
        memory-mapped: a map counts every page once touched as the process's own memory, which so
        would grow to the size of the data set.

        Args:
            indices: (n,) integers in [0, N), in any order, repeats allowed.

        Raises:
            ReidkitError: an index is not in [0, N), or the cache file was deleted or cut short.
        """
        rows = np.asarray(indices)
        if rows.size == 0:
            rows = rows.astype(np.int64)  # an empty list arrives as floats
        self._check(rows)
        crops = np.empty((len(rows), self.height, self.width, 3), np.uint8)
        size = self.height * self.width * 3
        try:
            with open(self.path, "rb", buffering=0) as file:
                for place in np.argsort(rows, kind="stable"):
                    file.seek(int(rows[place]) * size)
                    if file.readinto(crops[place].data) != size:
                        raise ReidkitError(f"the pixel cache {self.path} was cut short: delete it")
        except FileNotFoundError:
            raise ReidkitError(f"the pixel cache {self.path} is gone: open it again") from None
        return crops

    def _check(self, rows: np.ndarray) -> None:
        """Raise unless these are row numbers of this table."""
        if rows.ndim != 1 or not np.issubdtype(rows.dtype, np.integer):
            raise ReidkitError(f"indices must be one row of integers, not {rows.dtype}{rows.shape}")
        if len(rows) and (rows.min() < 0 or rows.max() >= self.count):
            raise ReidkitError(
                f"indices run from {rows.min()} to {rows.max()}, but there are {self.count} crops "
                f"(0 to {self.count - 1})"
            )


def open_pixels(
    crops: pd.DataFrame,
    *,
    height: int,
    width: int,
    cache_dir: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> Pixels:
    """Return the crops as uint8 pixels, decoding them if no cache holds them yet.

    Every file is read and digested on each call (some ten thousand files a second), so a changed
    image is noticed even if its size and date are the same. Pictures are turned upright by their
    EXIF tag, made RGB and resized bicubically with antialias, as Pillow does.

    Args:
        crops: a table with a ``path`` column; row i becomes crop i.
        height, width: size in pixels that every crop is brought to.
        cache_dir: where the cache lies; None takes :func:`cache_folder`.
        workers: threads that decode; None takes one a CPU core.
        progress: show a progress bar.

    Raises:
        ReidkitError: there are no crops, a size is not positive, some images cannot be read (all
            of them are named), or the cache folder cannot be written.
    """
    if crops.empty:
        raise ReidkitError("there are no crops to open")
    if height < 1 or width < 1:
        raise ReidkitError(f"crops of {height}×{width} pixels: both must be 1 or more")
    paths = list(crops["path"])
    digests = list(in_threads(_digest_file, paths, title="read", workers=workers, progress=progress))
    folder = Path(cache_dir) if cache_dir is not None else cache_folder()
    path = folder / f"{_key(digests, height, width)}.pixels"
    size = len(paths) * height * width * 3
    if not _is_whole(path, size):
        tiles = partial(read_tile, height=height, width=width)
        jobs = list(zip(paths, digests, strict=True))
        try:
            _build(path, tiles, jobs, workers=workers, progress=progress)
        except OSError as error:
            raise ReidkitError(
                f"cannot keep {size / 1e6:,.0f} MB of pixels in {folder} ({reason(error)}): "
                "make room there, or set REIDKIT_CACHE to another folder"
            ) from error
    return Pixels(path, len(paths), height, width)


def thumbnails(paths: Sequence[str], *, height: int = 96, width: int = 48) -> np.ndarray:
    """Return small pictures of image files, for plots: (n, height, width, 3) uint8.

    Raises:
        ReidkitError: some of the files cannot be read; all of them are named.
    """
    tile = partial(read_tile, height=height, width=width)
    tiles = list(in_threads(tile, [(path, None) for path in paths], title="", progress=False))
    refuse([tile for tile in tiles if isinstance(tile, Broken)])
    return np.array(tiles, np.uint8).reshape(-1, height, width, 3)


def cache_folder() -> Path:
    """Return the cache folder: $REIDKIT_CACHE, else ``reidkit`` in the user's cache folder."""
    if chosen := os.environ.get("REIDKIT_CACHE"):
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reidkit"


def _digest_file(path: str) -> bytes:
    """Return the digest of a file; of one that cannot be read, b'', which no file has."""
    try:
        return digest(Path(path).read_bytes())
    except OSError:
        return b""  # read_tile meets the same file again and tells why, with all the others


def _key(digests: list[bytes], height: int, width: int) -> str:
    """Return the name of the cache: these contents in this order at this size."""
    key = hashlib.blake2b(_VERSION, digest_size=20)
    key.update(f"{len(digests)} crops of {height}x{width}".encode())
    for one in digests:
        key.update(one)
    return key.hexdigest()


def _is_whole(path: Path, size: int) -> bool:
    """Say whether the cache is there; it is moved to its name only when it is complete."""
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def _build(
    path: Path,
    tiles: partial[np.ndarray | Broken],
    jobs: list[tuple[str, bytes]],
    *,
    workers: int | None,
    progress: bool,
) -> None:
    """Decode all crops into a file of our own, then move it to its name in one step.

    Whoever is killed on the way leaves only that unnamed file, and two processes that build at
    once do not meet: each moves a whole file, and the two are the same.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    unfinished = path.with_suffix(f".{uuid.uuid4().hex}.part")
    try:
        with open(unfinished, "xb") as file:
            results = in_threads(tiles, jobs, title="decode", workers=workers, progress=progress)
            refuse(_write(file, results))
            file.flush()
            os.fsync(file.fileno())  # the name must not outlive the content in a power cut
        os.replace(unfinished, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished)
        raise


def _write(file: BinaryIO, tiles: Iterable[np.ndarray | Broken]) -> list[Broken]:
    """Write the tiles one after the other; return the broken ones.

    Plain writes, not a memory map: on a full disk these raise, while a map would kill the process.
    """
    broken = []
    for tile in tiles:
        if isinstance(tile, Broken):
            broken.append(tile)
        elif not broken:  # after a broken one we go on only to find the others
            file.write(tile.tobytes())
    return broken


def _sweep(folder: Path) -> None:
    """Remove what builds that died more than a day ago left behind."""
    for unfinished in folder.glob("*.part"):
        with suppress(OSError):  # another process may be sweeping too
            if time.time() - unfinished.stat().st_mtime > _DAY:
                unfinished.unlink()
