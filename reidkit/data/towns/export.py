"""A town as a camera system hands it over: one plain folder, names that say nothing, and a few bad files.

::

    FOLDER/crops/00001.jpg …   every crop of the town, in no order
    FOLDER/key.csv             who it is and which camera took it; nobody with real crops has this file
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from reidkit.data.layouts import market1501
from reidkit.errors import ReidkitError

CROPS, KEY = "crops", "key.csv"
_WRITING = "key.writing.csv"
TWICE = 3
"""So many crops are exported a second time, under another name."""
SPECK = (12, 6)
"""Height and width in pixels of a detection far away."""


def export_town(town: str | Path, folder: str | Path, *, seed: int = 0) -> Path:
    """Write the crops of a drawn town as a plain folder: no person, no camera and no split in any name.

    As real exports do, it has bad files: one that is cut off in the middle, one too small to see anybody,
    and :data:`TWICE` that were written twice. A folder that holds this very export is kept.

    Args:
        town: from :func:`reidkit.data.towns.draw_town`.
        folder: where ``crops/`` and the key go; made when missing.
        seed: of the order of the crops, and of which are bad.

    Returns:
        The plain folder, ``folder/crops``.

    Raises:
        ReidkitError: the town is none, or the folder holds something else.
    """
    folder, known = Path(folder), market1501.read(Path(town))
    order, key = _plan(known, np.random.default_rng([seed, 4]))
    if _already_there(folder, key):
        return folder / CROPS
    (folder / CROPS).mkdir(parents=True)
    (folder / _WRITING).write_text(_text(key), encoding="utf-8")
    for row, name, fault in zip(order, key["file"], key["fault"], strict=True):
        _copy(Path(known["path"][row]), folder / CROPS / name, fault)
    (folder / _WRITING).replace(folder / KEY)
    return folder / CROPS


def read_key(crops: str | Path) -> pd.DataFrame:
    """Return what the town knows of an exported folder.

    Returns:
        Columns path, pid (0 and -1 as ever), camid, fault ("", "cut", "speck", "twice"), by path.

    Raises:
        ReidkitError: there is no key beside the folder.
    """
    file = Path(crops).parent / KEY
    if not file.is_file():
        raise ReidkitError(
            f"{file} is not there: {crops} is no folder of export_town, so nobody knows who is who. "
            "Label some crops by hand: a CSV with the columns path, pid, camid."
        )
    key = pd.read_csv(file, dtype={"pid": "Int64", "camid": "Int64"}, keep_default_na=False)
    key.insert(0, "path", [str((Path(crops) / name).absolute()) for name in key["file"]])
    return key.drop(columns="file")


def label_by_hand(
    crops: str | Path, *, people: int = 15, cameras: Sequence[int] = (1, 2), shots: int = 4, seed: int = 0
) -> pd.DataFrame:
    """Label a few crops of an exported folder, as somebody with twenty minutes would.

    She takes people who pass all of ``cameras``, and numbers them as she meets them.

    Args:
        crops: the folder that :func:`export_town` returned.
        people: at most so many.
        cameras: which cameras she looks at.
        shots: at most so many crops of a person in a camera.
        seed: of whom she meets.

    Returns:
        Columns path, pid (from 1), camid; by pid, then camera.

    Raises:
        ReidkitError: there is no key, or nobody passes all the cameras.
    """
    key = read_key(crops)
    key = key[(key["pid"] > 0) & key["camid"].isin(cameras) & (key["fault"] == "")]
    seen = key.drop_duplicates(["pid", "camid"])
    passing = seen["pid"].value_counts().eq(len(set(cameras)))
    candidates = sorted(int(pid) for pid in passing.index[passing])
    if not candidates:
        raise ReidkitError(f"Nobody in {Path(crops).name} passes all of the cameras {list(cameras)}.")
    rng = np.random.default_rng([seed, 5])
    met = [candidates[at] for at in rng.permutation(len(candidates))[:people]]
    some = key[key["pid"].isin(met)].groupby(["pid", "camid"]).head(shots)
    numbers = {pid: number for number, pid in enumerate(met, start=1)}
    some = some.assign(pid=some["pid"].map(numbers).astype("Int64"))
    return some[["path", "pid", "camid"]].sort_values(["pid", "camid", "path"], ignore_index=True)


def _plan(known: pd.DataFrame, rng: np.random.Generator) -> tuple[np.ndarray, pd.DataFrame]:
    """Decide which crop of the town becomes which file: rows of the town, and the key."""
    faults = np.full(len(known), "", dtype=object)
    bad = rng.permutation(len(known))[: TWICE + 2]
    faults[bad] = ["cut", "speck", *["twice"] * TWICE][: len(bad)]
    order = rng.permutation(np.concatenate([np.arange(len(known)), bad[2:]]))
    key = known.loc[order, ["pid", "camid"]].reset_index(drop=True)
    key.insert(0, "file", [f"{number:05d}.jpg" for number in range(1, len(order) + 1)])
    return order, key.assign(fault=faults[order])


def _copy(source: Path, target: Path, fault: str) -> None:
    """Copy a crop, with its fault."""
    if fault == "cut":
        whole = source.read_bytes()
        target.write_bytes(whole[: len(whole) // 2])
    elif fault == "speck":
        height, width = SPECK
        Image.open(source).resize((width, height)).save(target)
    else:
        shutil.copyfile(source, target)


def _already_there(folder: Path, key: pd.DataFrame) -> bool:
    """Whether the folder holds this export, whole; one that was interrupted is cleared away."""
    if not folder.exists() or not any(folder.iterdir()):
        return False
    found, ours = sorted(path.name for path in folder.iterdir()), {CROPS, KEY, _WRITING}
    files = {path.name for path in (folder / CROPS).glob("*")}
    if strangers := [name for name in found if name not in ours] or sorted(files - set(key["file"])):
        raise ReidkitError(f"{folder} holds {strangers[0]!r}, which is not ours; choose another folder")
    written = [folder / name for name in (KEY, _WRITING) if name in found]
    if not written or written[0].read_text(encoding="utf-8") != _text(key):
        raise ReidkitError(f"{folder} holds no export of this town and seed; choose another folder")
    if written[0].name == KEY and files == set(key["file"]):
        return True
    shutil.rmtree(folder / CROPS, ignore_errors=True)
    written[0].unlink()
    return False


def _text(key: pd.DataFrame) -> str:
    text: str = key.to_csv(index=False, lineterminator="\n")
    return text
