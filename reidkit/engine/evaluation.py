"""Evaluation without training: of a network as it is, or of features that another code has made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from reidkit.data import multi_query_crops, open_folds, select
from reidkit.data.layouts import which_layout
from reidkit.engine.embedding import embed_crops
from reidkit.engine.judge import count_test_pairs, fold_of, separations
from reidkit.engine.limits import has_test
from reidkit.engine.weights_origin import cautions
from reidkit.errors import ReidkitError
from reidkit.evaluation import protocol_of
from reidkit.evaluation.files import read_features, read_multi_query
from reidkit.evaluation.protocols import MARKET_MULTI, multi_query
from reidkit.evaluation.scores import Fold, score
from reidkit.models import build_model


def evaluate(
    data: str | Path,
    *,
    backbone: str,
    init: str,
    pooling: str = "gem",
    height: int | None = None,
    width: int | None = None,
    layout: str | None = None,
    multi: str | Path | None = None,
    protocol: str | None = None,
    device: str = "auto",
    progress: bool = True,
) -> dict[str, Any]:
    """Judge a network on a data set's query and gallery, without any training.

    A benchmark of several folds is judged on all of them, unless its layout names one.

    Args:
        data, layout: as for :func:`reidkit.data.open_crops`.
        backbone, init, pooling: as for :func:`reidkit.models.build_model`.
        height, width: of the pictures, in pixels; None: the network's own.
        multi: a data set with crops for multi-query (see :func:`reidkit.data.multi_query_crops`), mostly
            ``data`` itself: those of a query's person and camera are averaged. None: one crop a query.
        protocol: one of :data:`reidkit.evaluation.PROTOCOLS`; None: the one that fits the data set.
        device: "auto" (the best there is) or "cpu".
        progress: show bars.

    Returns:
        As :func:`evaluate_features`, without what only a file has. ``careful``, if there is anything, says
        what should be known before the score is believed; see :mod:`reidkit.engine.weights_origin`.

    Raises:
        ReidkitError: no query or no gallery with known people, or one as :func:`evaluate_features`.
    """
    folds = _test_folds(data, layout)
    protocol = _protocol(protocol or protocol_of(folds[0]), multi)
    test = pd.concat(folds).drop_duplicates("path").reset_index(drop=True)  # folds share their crops
    seen = test.head(0) if multi is None else _of_queries(multi_query_crops(multi), test)
    found = embed_crops(
        build_model(backbone, init=init, pooling=pooling), pd.concat([test, seen], ignore_index=True),
        height=height, width=width, device=device, progress=progress,
    )["global"]  # fmt: skip
    rows = pd.Series(np.arange(len(test)), test["path"])
    each = [fold_of(fold, found[rows[fold["path"]]]) for fold in folds]
    if multi is not None:
        each = [_averaged(fold, seen["pid"], seen["camid"], found[len(test) :]) for fold in each]
    options = {"height": height, "width": width, "pooling": pooling}
    careful = cautions(init, folds, options, layout=_without_fold(data, layout))
    return ({"careful": careful} if careful else {}) | _judge(each, protocol, multi, progress=progress)


def evaluate_features(
    path: str | Path,
    *,
    multi: str | Path | None = None,
    protocol: str = "market1501",
    progress: bool = False,
) -> dict[str, Any]:
    """Judge features that another code has computed, as :func:`evaluate` judges ours.

    They are scaled to length 1 first, so that their distances are those of their directions.

    Args:
        path: an .npz or .mat, see :func:`reidkit.evaluation.files.read_features`.
        multi: an .npz or .mat with the crops that are averaged for a query, see
            :func:`reidkit.evaluation.files.read_multi_query`. The means take the queries' place in the
            ranking and in the pairs. None: each query is its own crop.
        protocol: one of :data:`reidkit.evaluation.PROTOCOLS`. What it asks for beside person and camera
            stands in further arrays, such as query_clothes and gallery_clothes.
        progress: show bars.

    Returns:
        ``file`` (and ``multi_query``); the score of the main setting, see
        :func:`reidkit.evaluation.scores.score`, and those of all in ``settings``; ``dimensions``,
        ``lengths`` (the smallest and largest before scaling) and ``unused`` arrays; then the separation of
        all pairs of crops but junk, of those within a camera (``_same``) and across (``_cross``).

    Raises:
        ReidkitError: a file cannot be read, or its arrays do not fit; the protocol asks for what is not
            there; no query has a match.
    """
    protocol = _protocol(protocol, multi)
    file = read_features(path)
    query, gallery, unused = file.query, file.gallery, file.unused
    fold = Fold(query.table(), gallery.table(), query.features, gallery.features)
    asked = query
    if multi is not None:
        asked = read_multi_query(multi)
        fold = _averaged(fold, asked.pids, asked.camids, asked.features)
        if Path(multi) == Path(path):
            unused = tuple(name for name in unused if not name.startswith("multi_"))
    lengths = [*asked.lengths, *gallery.lengths]
    return (
        {"file": str(path)}
        | _judge([fold], protocol, multi, progress=progress)
        | {"dimensions": query.features.shape[1], "lengths": (min(lengths), max(lengths)), "unused": unused}
    )


def _test_folds(data: str | Path, layout: str | None) -> list[pd.DataFrame]:
    """Return the test crops of each fold; with nobody known in one, nothing can be judged."""
    folds = [select(crops, "test") for crops in open_folds(data, layout=layout)]
    if not all(has_test(fold) for fold in folds):
        raise ReidkitError(
            f"{data} has no query and gallery crops with known people, so nothing can be judged. "
            "`reidkit data check` shows what it has; a CSV names the split of each crop."
        )
    return folds


def _without_fold(data: str | Path, layout: str | None) -> str:
    """Return the layout's name and words but for a fold."""
    return ":".join(word for word in which_layout(data, layout=layout).split(":") if not word.isdecimal())


def _protocol(name: str, multi: str | Path | None) -> str:
    """Return the protocol's name; multi-query is one protocol's alone."""
    if multi is not None and name != "market1501":
        raise ReidkitError(f"Multi-query is Market-1501's; it does not go with the protocol {name}.")
    return name


def _of_queries(crops: pd.DataFrame, test: pd.DataFrame) -> pd.DataFrame:
    """Return the crops of people and cameras that the queries have; the others need no features."""
    queries = test.loc[test["split"] == "query", ["pid", "camid"]].drop_duplicates()
    return crops.merge(queries, on=["pid", "camid"])


def _averaged(fold: Fold, pids: ArrayLike, camids: ArrayLike, features: np.ndarray) -> Fold:
    """Return the fold with a mean of these crops in each query's place."""
    rows = multi_query(fold.query["pid"], fold.query["camid"], features, pids, camids)
    return replace(fold, query_features=rows)


def _judge(folds: list[Fold], protocol: str, multi: str | Path | None, *, progress: bool) -> dict[str, Any]:
    """Return where averaged crops came from, the main score, all of them, and the separation of all pairs."""
    scores = score(folds, protocol, progress=progress)
    if multi is not None:
        scores[0] = {"multi_query": str(multi)} | scores[0] | {"protocol": MARKET_MULTI}
    tables = [table for fold in folds for table in (fold.query, fold.gallery)]
    features = [rows for fold in folds for rows in (fold.query_features, fold.gallery_features)]
    pairs = count_test_pairs(
        pd.concat(tables, ignore_index=True), np.concatenate(features), progress=progress
    )
    return scores[0] | {"settings": scores} | separations(pairs, "")
