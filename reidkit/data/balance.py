"""White balance: which crops have a colour cast, and a copy of the data set without it.

A wrong white balance multiplies the red, green and blue of a whole picture by three factors. The crops of
one camera show the same scene behind different people, so their mean colours should be alike. If some of them
are much bluer, say, the ratio of the two means is the cast, and multiplying by it takes the cast away. (One
factor a channel is von Kries' rule, the oldest model of colour constancy; that pictures of a scene have the
same mean is the grey-world assumption, here within one camera only.) What was cut off at white is lost.

    colours = mean_colours(crops)
    odd = (crops["camid"] == 2) & (blueness(colours) > 0.5)
    factors = colour_cast(colours, odd, (crops["camid"] == 2) & ~odd)
    write_balanced("data/town", "data/town-balanced", crops["path"][odd], factors)
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from reidkit.data.images import Broken, decode, in_threads, reason, refuse
from reidkit.errors import ReidkitError

DONE = "balanced.json"
"""In a folder that :func:`write_balanced` made: what it did, written last."""

Colours = NDArray[np.float64]


def mean_colours(crops: pd.DataFrame, *, progress: bool = True) -> Colours:
    """Return the mean red, green and blue of each crop: (N, 3) float64, 0 to 255.

    Raises:
        ReidkitError: some of the files cannot be read; all of them are named.
    """
    found = list(in_threads(_mean, [str(path) for path in crops["path"]], title="colours", progress=progress))
    refuse([one for one in found if isinstance(one, Broken)])
    return np.array(found, np.float64).reshape(-1, 3)


def blueness(colours: Colours) -> NDArray[np.float64]:
    """Say how blue a colour is compared with red: (N,), +1 twice as much blue, -1 twice as much red.

    >>> blueness(np.array([[50, 80, 100], [80, 80, 80]]))
    array([1., 0.])
    """
    red, blue = colours[..., 0], colours[..., 2]
    result: NDArray[np.float64] = np.log2(np.maximum(blue, 1) / np.maximum(red, 1))
    return result


def colour_cast(colours: Colours, odd: ArrayLike, others: ArrayLike) -> Colours:
    """Measure the three factors that give some crops the mean colour of others of the same scene.

    Args:
        colours: (N, 3), from :func:`mean_colours`.
        odd, others: two masks (N,).

    Returns:
        (3,): of red, green and blue.

    Raises:
        ReidkitError: one of the two holds no crop.

    >>> colour_cast(np.array([[50.0, 80, 100], [80, 80, 80]]), [True, False], [False, True])
    array([1.6, 1. , 0.8])
    """
    some, rest = (colours[np.asarray(mask, bool)] for mask in (odd, others))
    if not len(some) or not len(rest):
        raise ReidkitError(f"A cast of {len(some)} crops against {len(rest)} others: both must be there.")
    ratio: Colours = rest.mean(axis=0) / np.maximum(some.mean(axis=0), 1)
    return ratio


def write_balanced(data: str | Path, out: str | Path, paths: Iterable[str], factors: ArrayLike) -> Path:
    """Copy a data set; in the copy, multiply the colours of some of its crops.

    All other files are copied as they are, and names stay, so it reads like the original.

    Args:
        data: the folder of the data set.
        out: the copy. One that was made before is made again.
        paths: of the crops, below ``data``.
        factors: (3,), of red, green and blue.

    Returns:
        ``out``.

    Raises:
        ReidkitError: ``out`` holds something else, a path is not below ``data``, or a file cannot be read.
    """
    data, out, wanted = Path(data).resolve(), Path(out), [Path(path).resolve() for path in paths]
    scale = np.asarray(factors, np.float64)
    if scale.shape != (3,) or not (np.isfinite(scale) & (scale > 0)).all():
        raise ReidkitError(
            f"factors = {scale.tolist()}: give three numbers above 0, for red, green and blue."
        )
    if strange := [path for path in wanted if data not in path.parents]:
        raise ReidkitError(f"{strange[0]} is not below {data}.")
    _clear(data, out)
    shutil.copytree(data, out)
    (out / DONE).unlink(missing_ok=True)  # of a copy of a copy
    names = [os.fspath(path.relative_to(data)) for path in wanted]
    multiply = partial(_multiply, scale=scale)
    done = list(in_threads(multiply, [out / name for name in names], title="", progress=False))
    refuse([one for one in done if one is not None])
    about = {"factors": scale.tolist(), "crops": names}
    (out / DONE).write_text(json.dumps(about, indent=1), encoding="utf-8")
    return out


def _clear(data: Path, out: Path) -> None:
    """Take an earlier copy away; refuse anything else."""
    if out.resolve() == data or data in out.resolve().parents:
        raise ReidkitError(f"{out} lies in the data set itself: give another folder.")
    if out.exists() and any(out.iterdir() if out.is_dir() else [out]):
        if not (out / DONE).is_file():
            raise ReidkitError(f"{out} holds something else than a balanced copy; give another folder.")
        shutil.rmtree(out)
    elif out.exists():
        out.rmdir()


def _mean(path: str) -> Colours | Broken:
    try:
        pixels = np.asarray(decode(Path(path).read_bytes()))
    except Exception as error:  # a damaged file can raise nearly anything in a decoder
        return Broken(path, reason(error))
    mean: Colours = pixels.reshape(-1, 3).mean(axis=0)
    return mean


def _multiply(path: Path, scale: Colours) -> Broken | None:
    try:
        pixels = np.asarray(decode(path.read_bytes()), np.float64)
        balanced = np.clip(pixels * scale + 0.5, 0, 255).astype(np.uint8)
        Image.fromarray(balanced).save(path, quality=95, subsampling=0)
    except Exception as error:
        return Broken(str(path), reason(error))
    return None
