"""One crop of each person in the gallery: CUHK03 as it was first used, VIPeR and MLR-CUHK03."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reidkit.errors import ReidkitError
from reidkit.evaluation.answers import answer, other_people, same_person
from reidkit.evaluation.protocols.base import (
    TRIALS,
    Setting,
    Trial,
    crops_in,
    draw_each,
    need,
    need_some,
    rows_where,
)
from reidkit.evaluation.protocols.market import whole

REPEATS = 100
CUHK03 = (
    "CUHK03, classic: each crop of the test people asks, and the other view is searched: one random crop of "
    f"each person from it, drawn {REPEATS} times; the people are parted in 20 published ways (folds)"
)
VIPER = (
    "VIPeR: a half of the people, drawn at random, is searched: the crop of each from one camera asks, those "
    "from the other camera are the gallery; ten halves, each in both directions, are 20 folds"
)
LOW = (
    "MLR-CUHK03, single-shot: low-resolution crops ask; the gallery is one random high-resolution crop of "
    "each person, drawn ten times"
)
LOW_ALL = "MLR-CUHK03, multi-shot: low-resolution crops ask; the gallery is all high-resolution crops"


def cuhk03(query: pd.DataFrame, gallery: pd.DataFrame, *, seed: int = 0) -> list[Setting]:
    """Return the one setting of the classic CUHK03, for one fold of its people.

    With one right crop in the gallery, AP is 1 / its place. Codes of the field differ here: open-reid also
    searches the other view only, but draws a gallery for each query (the mean is the same); torchreid lets
    the query's own view in, but for its own person, and takes AP over all crops of the person, not one.

    Source: Li et al., "DeepReID: deep filter pairing neural network for person re-identification", CVPR
    2014. (The newer split, CUHK03-NP, has Market-1501's rules.)

    Args:
        query, gallery: the test crops, ``camid`` being the view.
        seed: of the draws.

    Raises:
        ReidkitError: the tables hold several folds.
    """
    folds = set(pd.concat([t["fold"] for t in (query, gallery) if "fold" in t] or [pd.Series([0])]))
    if len(folds) > 1:
        raise ReidkitError(
            f"These are {len(folds)} folds of CUHK03 in one test set. Each has a network of its own: judge "
            "one at a time, and take the mean."
        )
    (fold,) = (int(number) for number in folds)

    def search(repeat: int) -> Trial:
        rows = draw_each(gallery, ["pid", "camid"], 1, (seed, fold, repeat))
        shown = gallery.iloc[rows]
        q, g = crops_in(query, shown)
        pairs = same_person(q, g)
        other_view = q.camids[pairs.query] != g.camids[pairs.gallery]
        own_view = other_people(q, g, q.camids[:, None] == g.camids)
        return Trial(np.arange(len(query)), rows, answer(q, g, pairs, other_view, also_removed=own_view))

    return [Setting("single-shot", CUHK03, search, REPEATS)]


def viper(query: pd.DataFrame, gallery: pd.DataFrame, *, seed: int = 0) -> list[Setting]:
    """Return the one setting of VIPeR, for one fold of its people; nothing is drawn here.

    Nobody has published the halves, so every code draws its own; torchreid too asks in both directions.

    Source: Gray, Brennan and Tao, "Evaluating appearance models for recognition, reacquisition, and
    tracking", PETS 2007.
    """
    return [Setting("single-shot", VIPER, lambda _: whole(query, gallery))]


def mlr_cuhk03(query: pd.DataFrame, gallery: pd.DataFrame, *, seed: int = 0) -> list[Setting]:
    """Return two settings: low-resolution queries against one high-resolution crop a person, or all.

    Source: Jiao et al., "Deep low-resolution person re-identification", AAAI 2018, for the first.

    Args:
        query, gallery: tables of crops with ``resolution``, "low" or "high".
        seed: of the ten draws.

    Raises:
        ReidkitError: a table has no ``resolution``, or one has no crop of the kind that it must have.
    """
    for table in (query, gallery):
        need(table, "resolution", "the resolution (low or high)", among=("low", "high"))
    low, high = rows_where(query, "resolution", "low"), rows_where(gallery, "resolution", "high")
    need_some(low, "low-resolution query")
    need_some(high, "high-resolution gallery crop")

    def search(rows: NDArray[np.int64]) -> Trial:
        return Trial(low, rows, whole(query.iloc[low], gallery.iloc[rows]).answers)

    def one_each(trial: int) -> Trial:
        return search(high[draw_each(gallery.iloc[high], ["pid"], 1, (seed, trial))])

    return [
        Setting("single-shot", LOW, one_each, TRIALS),
        Setting("multi-shot", LOW_ALL, lambda _: search(high)),
    ]
