"""CUHK03 as it was published: five pairs of cameras in one MATLAB file, or that file unpacked.

Its people were cropped twice, by a detector and by hand: ``cuhk03:detected`` and ``cuhk03:labeled``.
Two protocols part them. The classic one draws 100 people for the test, twenty times: word ``7`` is
fold 7, none is fold 0. Word ``np`` is the new one, with 767 people to train on and 700 to test.

The images come from folders ``images_detected`` and ``images_labeled``, as torchreid unpacks them, or
from ``cuhk-03.mat`` (see :mod:`reidkit.data.layouts.cuhk03_mat`). ``1_017_2_06.png`` is person 17 of
pair 1, seen by the second camera of the pair. People are numbered from 1 in each pair; here person
17 of pair 1 is 17, of pair 2 is 1017, of pair 5 is 4017. The camera is the view, 1 or 2, and column
``pair`` says of which pair.

In a fold all test crops are queries, and all are in the gallery: both rows name the same file.

Sources: Li et al., "DeepReID: deep filter pairing neural network for person re-identification", CVPR
2014. The new protocol: Zhong et al., "Re-ranking person re-identification with k-reciprocal
encoding", CVPR 2017.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import mark, squash
from reidkit.data.crops import check_crops
from reidkit.data.images import image_files
from reidkit.data.layouts.cuhk03_lists import CONFIG, NEW_LISTS, People, classic_people, new_protocol
from reidkit.data.layouts.cuhk03_mat import MAT, extract, read_test_people
from reidkit.data.layouts.lists import note_unlisted
from reidkit.data.layouts.named import has_names, read_names
from reidkit.errors import ReidkitError

BOXES = ("detected", "labeled")
WORDS = {
    "detected": "boxes found by a detector",
    "labeled": "boxes drawn by hand",
    "np": "the new protocol, 767 people to train on and 700 to test",
}
FOLDS = 20
RELEASE = "cuhk03_release"
_NAME = re.compile(r"(?P<pair>[1-5])_(?P<person>(?!000)\d{3})_(?P<camid>[12])_\d{2}\.")


def recognises(path: Path) -> bool:
    """Say whether this folder holds CUHK03's files, or images that torchreid unpacked from them."""
    files = [MAT, *(CONFIG.format(boxes) for boxes in BOXES)]
    return any((path / name).is_file() for name in files) or any(
        has_names(path / f"images_{boxes}", _NAME) for boxes in BOXES
    )


def read(path: Path, *words: str) -> pd.DataFrame:
    """Return the crops of one kind of boxes in one parting, with ``dataset``, ``pair`` and ``fold``.

    Images that lie in ``cuhk-03.mat`` only are first written into reidkit's cache, beside a progress
    bar. The new protocol has no folds, and so no such column.

    Raises:
        ReidkitError: both kinds of boxes are there and no word says which, words contradict each
            other, images or the lists that part them are missing, or a name breaks the rule.
    """
    folds = [int(word) for word in words if word.isdecimal()]
    if len(folds) + ("np" in words) > 1:
        raise ReidkitError(f"cuhk03:{':'.join(words)} asks for two partings of the people: leave one")
    boxes = _boxes(path, words)
    if "np" in words:
        return _new(path, boxes)
    return _classic(path, boxes, folds or [0])[0]


def read_folds(path: Path, *words: str) -> list[pd.DataFrame]:
    """Return all folds of the classic protocol, or the one table of the new one.

    Raises:
        ReidkitError: as :func:`read`.
    """
    return [read(path, *words)] if "np" in words else _classic(path, _boxes(path, words), range(FOLDS))


def _classic(path: Path, boxes: str, folds: Sequence[int]) -> list[pd.DataFrame]:
    """Return some folds: in each the test people are query and gallery, all others train."""
    people = _test_people(path, boxes, folds)  # asked for first: to extract takes long
    crops = _read_names(pd.DataFrame({"path": [str(file) for file in _images(path, boxes)]}))
    crops = mark(check_crops(crops), f"CUHK03 {boxes}")
    return [_part(path, crops, test, fold) for test, fold in zip(people, folds, strict=True)]


def _part(path: Path, crops: pd.DataFrame, people: People, fold: int) -> pd.DataFrame:
    """Return one fold of a checked table. Its rows stay in the order of :func:`check_crops`."""
    test = crops["pid"].isin([_number(pair, person) for pair, person in people])
    if not test.any():
        raise ReidkitError(f"{path}: no image shows any test person of fold {fold}")
    parts = {"train": crops[~test], "query": crops[test], "gallery": crops[test]}
    table = pd.concat([part.assign(split=split) for split, part in parts.items()], ignore_index=True)
    return table.assign(fold=pd.Series(fold, index=table.index, dtype="Int64"))


def _new(path: Path, boxes: str) -> pd.DataFrame:
    """Return the crops that the new protocol names. One without a file is left to the doctor."""
    file = _find(path, CONFIG.format(boxes)) or _find(path, NEW_LISTS.format(boxes))
    if file is None:
        raise ReidkitError(
            f"{path} has neither {CONFIG.format(boxes)} nor {NEW_LISTS.format(boxes)}: the new protocol "
            "asks for one of them (see data/README.md)"
        )
    named = new_protocol(file)
    files = _images(path, boxes)
    there = {file.stem: str(file) for file in files}
    paths = [there.get(Path(name).stem, str(files[0].with_name(name))) for name in named["name"]]
    crops = _read_names(named.drop(columns="name").assign(path=paths))
    if "label" in crops and not _one_to_one(crops["pid"], crops["label"]):
        raise ReidkitError(f"{file}: its labels and the people in its file names do not agree")
    crops = note_unlisted(crops.drop(columns="label", errors="ignore"), [str(file) for file in files])
    return mark(check_crops(crops), f"CUHK03-NP {boxes}")


def _read_names(files: pd.DataFrame) -> pd.DataFrame:
    """Return the files with what their names say: pid, camid and pair."""
    says = "<pair>_<person>_<view>_<image>, all counted from 1"
    crops = read_names(files, _NAME, says=says, example="1_017_2_06.png")
    pids = [_number(pair, int(person)) for pair, person in zip(crops["pair"], crops["person"], strict=True)]
    return crops.assign(pid=pids).drop(columns="person")


def _number(pair: int, person: int) -> int:
    """Return a person's number among all: no pair has a thousand people."""
    return 1000 * (pair - 1) + person


def _test_people(path: Path, boxes: str, folds: Sequence[int]) -> list[People]:
    """Return the test people of some folds."""
    if mat := _find(path, MAT):
        return read_test_people(mat, folds)
    name = f"splits_classic_{boxes}.json"
    if lists := _find(path, name):
        return classic_people(lists, folds)
    raise ReidkitError(
        f"{path} does not say who is in the test: the classic protocol asks for {MAT} or torchreid's "
        f"{name}, the new one (cuhk03:{boxes}:np) for {CONFIG.format(boxes)}"
    )


def _images(path: Path, boxes: str) -> list[Path]:
    """Return the files of one kind of boxes, which are extracted from the MATLAB file if there are none."""
    folder = _find(path, f"images_{boxes}")
    if folder and (files := image_files(folder)):  # torchreid makes the folder before it can fail
        return files
    if mat := _find(path, MAT):
        return image_files(extract(mat, boxes))
    raise ReidkitError(f"{path} has neither images in a folder images_{boxes} nor {MAT}")


def _boxes(path: Path, words: tuple[str, ...]) -> str:
    """Return which kind of boxes is asked for, or there is just one of."""
    asked = [boxes for boxes in BOXES if boxes in words]
    both = _find(path, MAT) is not None
    there = asked or [boxes for boxes in BOXES if both or _find(path, f"images_{boxes}")]
    if len(there) == 1:
        return there[0]
    if not there:
        raise ReidkitError(f"{path} has no images: CUHK03 asks for {MAT}, images_detected or images_labeled")
    choices = " or ".join(f"--layout cuhk03:{boxes} ({WORDS[boxes]})" for boxes in BOXES)
    raise ReidkitError(
        f"{path} holds CUHK03 with boxes of both kinds: choose one, {choices}. That is fold 0 of "
        f"{FOLDS}; :7 behind it takes fold 7, :np the new protocol"
    )


def _find(path: Path, name: str) -> Path | None:
    """Return where a file or folder lies: here, in the release's folder, or around it."""
    around = [path.parent] if squash(path.name) == squash(RELEASE) else []
    places = [place / name for place in (path, path / RELEASE, *around)]
    return next((place for place in places if place.exists()), None)


def _one_to_one(left: pd.Series, right: pd.Series) -> bool:
    """Say whether each value of one column stands beside just one of the other."""
    pairs = pd.DataFrame({"left": left, "right": right}).drop_duplicates()
    return pairs["left"].is_unique and pairs["right"].is_unique
