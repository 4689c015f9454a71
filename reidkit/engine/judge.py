"""Judging: the only place where true identities meet features. Nothing learned flows back from here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from reidkit.data.crops import DISTRACTOR, select
from reidkit.distances import PairDistributions, pair_distributions, separation
from reidkit.engine.limits import has_test
from reidkit.evaluation import protocol_of
from reidkit.evaluation.scores import Fold, as_columns, score
from reidkit.labels import label_quality

UNKNOWN = -2


class Judge:
    """Measure features and pseudo-labels against what is known of the crops.

    Args:
        crops: the table *with* its pids. Where they are unknown, the figures that need them are left
            out, and columns that speak of pseudo-labels remain. The test crops are judged by the
            protocol that fits them (:func:`reidkit.evaluation.protocol_of`).
    """

    def __init__(self, crops: pd.DataFrame) -> None:
        self._train, self._test = _Ids(select(crops, "train")), select(crops, "test")

    @property
    def has_test(self) -> bool:
        """Whether there are query and gallery crops with known people."""
        return has_test(self._test)

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
        row |= separations(pseudo, "pseudo_")
        tables = [pseudo.table(crops="train", ids="pseudo")]
        if (ids.pids > 0).any():
            row |= label_quality(labels, ids.pids)
            true = pair_distributions(features, ids.pids, ids.camids, never_positive=DISTRACTOR)
            row |= separations(true, "train_")
            tables.append(true.table(crops="train", ids="identity"))
        return row, tables

    def test(self, features: np.ndarray) -> tuple[dict[str, Any], list[pd.DataFrame]]:
        """Judge the test crops: retrieval, and the separation of all their pairs.

        Args:
            features: (N_query + N_gallery, D) float32, L2-normalised, query rows first.

        Returns:
            Columns for epochs.csv, and tables of pair histograms.
        """
        scores = score([fold_of(self._test, features)], protocol_of(self._test))
        pairs = count_test_pairs(self._test, features)
        return as_columns(scores) | separations(pairs, ""), [pairs.table(crops="test", ids="identity")]


def fold_of(test: pd.DataFrame, features: np.ndarray) -> Fold:
    """Return queries and gallery with their features, from a table of both and one array."""
    asks, shown = (np.flatnonzero(test["split"] == split) for split in ("query", "gallery"))
    return Fold(test.iloc[asks], test.iloc[shown], features[asks], features[shown])


def count_test_pairs(
    test: pd.DataFrame, features: np.ndarray, *, progress: bool = False
) -> PairDistributions:
    """Count all pairs of test crops but junk, by distance. A crop that is in both splits counts once."""
    once = ~test["path"].duplicated().to_numpy() if "path" in test else slice(None)
    ids = _Ids(test)
    return pair_distributions(
        features[once], ids.pids[once], ids.camids[once], never_positive=DISTRACTOR, progress=progress
    )


class _Ids:
    """The pid and camid columns as int64, unknown ones negative."""

    def __init__(self, crops: pd.DataFrame) -> None:
        self.pids = crops["pid"].to_numpy(dtype=np.int64, na_value=UNKNOWN)
        self.camids = crops["camid"].to_numpy(dtype=np.int64, na_value=UNKNOWN)


def separations(pairs: PairDistributions, prefix: str) -> dict[str, float]:
    """Return the measures of all pairs, then of same-camera and of cross-camera pairs apart."""
    row = separation(pairs).as_row(prefix=prefix)
    for cameras in ("same", "cross"):
        row |= separation(pairs, cameras).as_row(prefix=prefix, suffix=f"_{cameras}")
    return row
