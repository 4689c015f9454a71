"""Judging: the only place where true identities meet features. Nothing learned flows back from here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reidkit.data.crops import DISTRACTOR, select
from reidkit.distances import PairDistributions, pair_distributions, separation
from reidkit.evaluation import rank
from reidkit.evaluation.files import read_features, read_multi_query
from reidkit.evaluation.protocols import MARKET_MULTI, market1501, multi_query
from reidkit.evaluation.retrieval import AP
from reidkit.labels import label_quality

UNKNOWN = -2


class Judge:
    """Measure features and pseudo-labels against what is known of the crops.

    Args:
        crops: the table *with* its pids. Where they are unknown, the figures that need them are left
            out, and columns that speak of pseudo-labels remain.
    """

    def __init__(self, crops: pd.DataFrame) -> None:
        self._train, self._query, self._gallery = (
            _Ids(select(crops, split)) for split in ("train", "query", "gallery")
        )

    @property
    def has_test(self) -> bool:
        """Whether there are query and gallery crops with known people."""
        return bool((self._query.pids > 0).any() and (self._gallery.pids > 0).any())

    def train(self, features: np.ndarray, labels: np.ndarray) -> tuple[dict[str, Any], list[pd.DataFrame]]:
        """Judge the training crops: label quality, and the separation by true and by pseudo-label.

        Args:
            features: (N_train, D) float32, L2-normalised.
            labels: (N_train,) int64 pseudo-labels.

        Returns:
            Columns for epochs.csv, and tables of pair histograms.
        """
        ids = self._train
        row: dict[str, Any] = {
            "clusters": int(labels.max(initial=-1)) + 1,
            "outliers": int((labels < 0).sum()),
        }
        pseudo = pair_distributions(features, labels, ids.camids, never_positive=None)
        row |= _separations(pseudo, "pseudo_")
        tables = [pseudo.table(crops="train", ids="pseudo")]
        if (ids.pids > 0).any():
            row |= label_quality(labels, ids.pids)
            true = pair_distributions(features, ids.pids, ids.camids, never_positive=DISTRACTOR)
            row |= _separations(true, "train_")
            tables.append(true.table(crops="train", ids="identity"))
        return row, tables

    def test(self, features: np.ndarray) -> tuple[dict[str, Any], list[pd.DataFrame]]:
        """Judge the test crops: retrieval, and the separation of all their pairs.

        Args:
            features: (N_query + N_gallery, D) float32, L2-normalised, query rows first.

        Returns:
            Columns for epochs.csv, and tables of pair histograms.
        """
        q, g = self._query, self._gallery
        split = len(q.pids)
        ranking = rank(features[:split], q.pids, q.camids, features[split:], g.pids, g.camids)
        pairs = _all_pairs(
            features, np.concatenate([q.pids, g.pids]), np.concatenate([q.camids, g.camids]), False
        )
        return ranking.summary() | _separations(pairs, ""), [pairs.table(crops="test", ids="identity")]

    def rules(self) -> dict[str, Any]:
        """Say by which rules :meth:`test` ranks, and which queries count.

        Returns:
            What :meth:`reidkit.evaluation.Ranking.account` has, and ``distractors``.
        """
        q, g = self._query, self._gallery
        return (
            market1501(q.pids, q.camids, g.pids, g.camids).account()
            | {"ap": AP}
            | {"distractors": int((g.pids == DISTRACTOR).sum())}
        )


def judge_file(
    path: str | Path, *, multi: str | Path | None = None, progress: bool = False
) -> dict[str, Any]:
    """Judge features that another code has computed, as :meth:`Judge.test` judges ours.

    They are scaled to length 1 first, so that their distances are those of their directions.

    Args:
        path: an .npz or .mat, see :func:`reidkit.evaluation.files.read_features`.
        multi: an .npz or .mat with the crops that are averaged for a query, see
            :func:`reidkit.evaluation.files.read_multi_query`. The means take the queries' place in the
            ranking and in the pairs. None: each query is its own crop.
        progress: show bars.

    Returns:
        ``file`` (and ``multi_query``); how it was judged, see
        :meth:`reidkit.evaluation.Ranking.account`, besides ``distractors``, ``dimensions``, ``lengths`` (the
        smallest and largest before scaling) and ``unused`` arrays; then the figures: mAP, mINP, rank1,
        rank5, rank10, rank20, and the separation of all pairs of crops but junk, of those within a camera
        (``_same``) and of those across (``_cross``).

    Raises:
        ReidkitError: a file cannot be read, or its arrays do not fit; no query has a match.
    """
    file = read_features(path)
    q, g, unused = file.query, file.gallery, file.unused
    rows, lengths, rules = q.features, [*q.lengths, *g.lengths], dict[str, str]()
    if multi is not None:
        crops = read_multi_query(multi)
        rows = multi_query(q.pids, q.camids, crops.features, crops.pids, crops.camids)
        lengths = [*crops.lengths, *g.lengths]
        rules = {"protocol": MARKET_MULTI, "multi_query": str(multi)}
        if Path(multi) == Path(path):
            unused = tuple(name for name in unused if not name.startswith("multi_"))
    ranking = rank(rows, q.pids, q.camids, g.features, g.pids, g.camids, progress=progress)
    pids, camids = np.concatenate([q.pids, g.pids]), np.concatenate([q.camids, g.camids])
    pairs = _all_pairs(np.concatenate([rows, g.features]), pids, camids, progress)
    return (
        {"file": str(path)}
        | ranking.account()
        | rules
        | {"distractors": int((g.pids == DISTRACTOR).sum()), "dimensions": rows.shape[1]}
        | {"lengths": (min(lengths), max(lengths)), "unused": unused}
        | ranking.summary()
        | {"rank20": float(ranking.cmc(20)[-1])}
        | _separations(pairs, "")
    )


def _all_pairs(
    features: np.ndarray, pids: np.ndarray, camids: np.ndarray, progress: bool
) -> PairDistributions:
    return pair_distributions(features, pids, camids, never_positive=DISTRACTOR, progress=progress)


class _Ids:
    """The pid and camid columns as int64, unknown ones negative."""

    def __init__(self, crops: pd.DataFrame) -> None:
        self.pids = crops["pid"].to_numpy(dtype=np.int64, na_value=UNKNOWN)
        self.camids = crops["camid"].to_numpy(dtype=np.int64, na_value=UNKNOWN)


def _separations(pairs: PairDistributions, prefix: str) -> dict[str, float]:
    """All pairs, then same-camera and cross-camera pairs apart."""
    row = separation(pairs).as_row(prefix=prefix)
    for cameras in ("same", "cross"):
        row |= separation(pairs, cameras).as_row(prefix=prefix, suffix=f"_{cameras}")
    return row
