"""Image files: which files are images, and how one becomes an array."""

from __future__ import annotations

import hashlib
import io
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from PIL import Image, ImageOps
from tqdm.auto import tqdm

from reidkit.errors import ReidkitError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".ppm", ".pgm"})

Item = TypeVar("Item")
Result = TypeVar("Result")


def image_files(folder: Path) -> list[Path]:
    """Return every image file in the folder and below, sorted by path.

    An image is told by its suffix, in upper or lower case. Hidden files are no images: copies made
    on a Mac are full of ``._0001.jpg`` that hold none. Nor are those in hidden folders, and in what
    zip and storage programs leave behind. Linked folders are followed, each once.

    Raises:
        ReidkitError: a folder below cannot be listed, or a name is not valid Unicode.
    """
    found, seen = [], {os.path.realpath(folder)}
    for parent, folders, names in os.walk(folder, followlinks=True, onerror=_cannot_list):
        folders[:] = [x for x in folders if not is_passed_over(x) and _is_new(Path(parent, x), seen)]
        found += [_in_unicode(Path(parent, name)) for name in names if is_image(name)]
    return sorted(found)


def is_image(name: str) -> bool:
    """Say whether a file of this name is taken for an image."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES


def is_passed_over(folder: str) -> bool:
    """Say whether a folder of this name holds no data: it is hidden, or a program has left it there."""
    return folder.startswith(".") or folder in ("__MACOSX", "@eaDir")  # a Mac's zip; thumbnails of a NAS


def decode(data: bytes) -> Image.Image:
    """Decode a whole image file into an upright RGB picture.

    The EXIF orientation of photographs is honoured: a crop from a phone stands on its feet. (The
    public ReID sets have none, so there it changes nothing.) Of an animation, the first frame.

    Raises:
        OSError, ValueError, SyntaxError: the bytes are no image, or a damaged or cut-off one.
    """
    with Image.open(io.BytesIO(data)) as image:
        if image.mode.startswith(("I", "F")):  # Pillow would cut these off at 255, silently
            raise ValueError(f"{image.mode} pixels are deeper than 8 bits: save it as 8-bit first")
        return ImageOps.exif_transpose(image).convert("RGB")


def resize(image: Image.Image, *, height: int, width: int) -> np.ndarray:
    """Return the picture as a (height, width, 3) uint8 array, resized bicubically.

    Pillow's bicubic filter widens when it shrinks a picture (antialias), which is what the public
    unsupervised-ReID code trains on (torchvision's ``Resize(interpolation=3)`` on Pillow images).
    """
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


class Look(NamedTuple):
    """What an image file was found to be: its content's digest and size, or what is wrong."""

    digest: bytes = b""
    height: int = 0
    width: int = 0
    broken: str = ""


def look(path: str) -> Look:
    """Read a file and decode all of it: a header can be fine when the rest is cut off."""
    try:
        data = Path(path).read_bytes()
        image = decode(data)
    except Exception as error:  # a damaged file can raise nearly anything in a decoder
        return Look(broken=reason(error))
    return Look(digest(data), image.height, image.width)


@dataclass(frozen=True)
class Broken:
    """A file that gave no picture, and why."""

    path: str
    reason: str


def read_tile(job: tuple[str, bytes | None], *, height: int, width: int) -> np.ndarray | Broken:
    """Return one file as (height, width, 3) uint8, or say what is wrong with it.

    Args:
        job: the path, and the digest that its content must have (None: any).
        height, width: size in pixels.
    """
    path, expected = job
    try:
        data = Path(path).read_bytes()
        tile = resize(decode(data), height=height, width=width)
    except Exception as error:  # a damaged file can raise nearly anything in a decoder
        return Broken(path, reason(error))
    if expected is not None and digest(data) != expected:
        return Broken(path, "the file changed while it was read: try again")
    return tile


def refuse(broken: Sequence[Broken]) -> None:
    """Raise if there are broken files, naming every one with its reason."""
    if broken:
        lines = "\n".join(f"  {one.path}: {one.reason}" for one in broken)
        raise ReidkitError(
            f"{len(broken)} image{'s' * (len(broken) > 1)} cannot be read; mend them or take them "
            f"out of the data set:\n{lines}"
        )


def digest(data: bytes) -> bytes:
    """Return 16 bytes that stand for this content and, for all practical purposes, no other."""
    return hashlib.blake2b(data, digest_size=16).digest()


def reason(error: Exception) -> str:
    """Return in a few words why a file could not be read."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, Image.UnidentifiedImageError):
        return "not an image that Pillow can read"
    return str(error) or type(error).__name__


def in_threads(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    title: str,
    workers: int | None = None,
    progress: bool = True,
) -> Iterator[Result]:
    """Yield ``work(item)`` for every item, in order, worked out by several threads.

    Pillow and hashing let go of Python's lock, so threads are enough. Only a few results wait at a
    time: a slow reader of a large data set does not fill the memory.

    Args:
        work: called once an item, in a thread; what it raises is raised here.
        items: what to work on.
        title: the name on the progress bar.
        workers: number of threads; None takes one a CPU core.
        progress: show the bar.
    """
    threads = workers or os.cpu_count() or 1
    waiting: deque[Future[Result]] = deque()
    with (
        ThreadPoolExecutor(threads) as pool,
        tqdm(total=len(items), desc=title, unit="crop", disable=not progress) as bar,
    ):
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= 8 * threads:
                yield waiting.popleft().result()
                bar.update()
        while waiting:
            yield waiting.popleft().result()
            bar.update()


def _is_new(folder: Path, seen: set[str]) -> bool:
    """Say whether a folder is met for the first time; links may run in circles."""
    real = os.path.realpath(folder)
    new = real not in seen
    seen.add(real)
    return new


def _in_unicode(file: Path) -> Path:
    """Return the path; raise if no table of strings could hold it (an old disk's name, say)."""
    try:
        str(file).encode()
    except UnicodeEncodeError:
        raise ReidkitError(f"the name {str(file)!r} is not valid Unicode: rename it") from None
    return file


def _cannot_list(error: OSError) -> None:
    raise ReidkitError(f"cannot list the folder {error.filename}: {error.strerror}")
