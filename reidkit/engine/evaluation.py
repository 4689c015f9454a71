"""Evaluation without training: of a network as it is, or of features that another code has made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reidkit.data import open_folds, select
from reidkit.engine.embedding import embed_crops
from reidkit.engine.judge import Judge, count_test_pairs, fold_of, separations
from reidkit.errors import ReidkitError
from reidkit.evaluation import protocol_of
from reidkit.evaluation.files import CropFeatures, read_features, read_multi_query
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
        protocol: one of :data:`reidkit.evaluation.PROTOCOLS`; None: the one that fits the data set.
        device: "auto" (the best there is) or "cpu".
        progress: show bars.

    Returns:
        As :func:`evaluate_features`, without what only a file has.

    Raises:
        ReidkitError: no query or no gallery with known people, or one as :func:`evaluate_features`.
    """
    folds = [select(crops, "test") for crops in open_folds(data, layout=layout)]
    if not all(Judge(fold).has_test for fold in folds):
        raise ReidkitError(
            f"{data} has no query and gallery crops with known people, so nothing can be judged. "
            "`reidkit data check` shows what it has; a CSV names the split of each crop."
        )
    test = pd.concat(folds).drop_duplicates("path").reset_index(drop=True)  # folds share their crops
    model = build_model(backbone, init=init, pooling=pooling)
    found = embed_crops(model, test, height=height, width=width, device=device, progress=progress)["global"]
    rows = pd.Series(np.arange(len(test)), test["path"])
    each = [fold_of(fold, found[rows[fold["path"]]]) for fold in folds]
    figures = _figures(each, protocol or protocol_of(folds[0]), progress=progress)
    return figures | separations(count_test_pairs(test, found, progress=progress), "")


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
    if multi is not None and protocol != "market1501":
        raise ReidkitError(f"Multi-query is Market-1501's; it does not go with the protocol {protocol}.")
    file = read_features(path)
    query, gallery, unused = file.query, file.gallery, file.unused
    averaged: dict[str, str] = {}
    if multi is not None:
        query = _averaged(query, read_multi_query(multi))
        averaged = {"multi_query": str(multi)}
        if Path(multi) == Path(path):
            unused = tuple(name for name in unused if not name.startswith("multi_"))
    fold = Fold(query.table(), gallery.table(), query.features, gallery.features)
    figures = _figures([fold], protocol, progress=progress)
    if multi is not None:
        figures["protocol"] = figures["settings"][0]["protocol"] = MARKET_MULTI
    lengths = [*query.lengths, *gallery.lengths]
    pairs = count_test_pairs(
        pd.concat([fold.query, fold.gallery], ignore_index=True),
        np.concatenate([query.features, gallery.features]),
        progress=progress,
    )
    return (
        {"file": str(path)}
        | averaged
        | figures
        | {"dimensions": query.features.shape[1], "lengths": (min(lengths), max(lengths)), "unused": unused}
        | separations(pairs, "")
    )


def _averaged(query: CropFeatures, crops: CropFeatures) -> CropFeatures:
    """Return the queries with the means of what their cameras saw."""
    rows = multi_query(query.pids, query.camids, crops.features, crops.pids, crops.camids)
    return query._replace(features=rows, lengths=crops.lengths)


def _figures(folds: list[Fold], protocol: str, *, progress: bool) -> dict[str, Any]:
    """Return the main score, and all of them."""
    scores = score(folds, protocol, progress=progress)
    return scores[0] | {"settings": scores}
