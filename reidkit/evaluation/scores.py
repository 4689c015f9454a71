"""Scores of a test set: every setting of its protocol, over all trials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm.auto import tqdm

from reidkit.evaluation.open_set import open_set
from reidkit.evaluation.protocols import find_protocol
from reidkit.evaluation.protocols.base import Setting
from reidkit.evaluation.ranking import AP, Ranking, Top
from reidkit.evaluation.retrieval import rank_by

COUNTS = ("queries", "queries_counted", "junk", "distractors")


@dataclass(frozen=True)
class Fold:
    """Queries and gallery with their features: one way to part a benchmark's people; most have one.

    Attributes:
        query, gallery: tables with pid, camid and what the protocol asks for.
        query_features: float32 (Q, D), rows of length 1.
        gallery_features: float32 (G, D), rows of length 1.
    """

    query: pd.DataFrame
    gallery: pd.DataFrame
    query_features: NDArray[np.float32]
    gallery_features: NDArray[np.float32]

    def settings(self, protocol: str, *, seed: int = 0) -> list[Setting]:
        """Return the settings of a protocol for these crops, the main one first.

        Raises:
            ReidkitError: there is no such protocol, or the tables lack what it asks for.
        """
        return find_protocol(protocol)(self.query, self.gallery, seed=seed)

    def search(self, setting: Setting, trial: int = 0, *, progress: bool = False) -> Search:
        """Rank one trial of a setting.

        Raises:
            ReidkitError: no query has a match in it.
        """
        query, gallery, answers = setting.trial(trial)
        rows = self.query_features[query], self.gallery_features[gallery]
        return Search(setting, rank_by(answers, *rows, progress=progress), query, gallery)


class Search(NamedTuple):
    """One trial, ranked, and where its crops stand in the tables. A ranking counts within the trial."""

    setting: Setting
    ranking: Ranking
    query: NDArray[np.int64]
    """Rows of the table of queries: the ranking's query q is ``query[q]`` there."""
    gallery: NDArray[np.int64]
    """Rows of the table of the gallery."""

    def top(self, k: int, judged: NDArray[np.int64]) -> tuple[NDArray[np.int64], Top]:
        """Return the ``k`` nearest crops of some judged queries, as rows of the tables.

        Args:
            k: how many, at least 1.
            judged: places among the ranking's ``queries`` (and so in its ``ap``).

        Returns:
            Rows of the table of queries, and the :class:`Top`, whose indices are rows of the table of the
            gallery (-1 where no crop is left).
        """
        asked = self.ranking.queries[judged]
        top = self.ranking.top(k, asked)
        return self.query[asked], top._replace(indices=np.append(self.gallery, -1)[top.indices])


def score(
    folds: Sequence[Fold], protocol: str, *, seed: int = 0, progress: bool = False
) -> list[dict[str, Any]]:
    """Score a benchmark by a protocol.

    Args:
        folds: the test sets; most benchmarks have one.
        protocol: one of :data:`reidkit.evaluation.PROTOCOLS`.
        seed: of what the protocol draws.
        progress: show a bar.

    Returns:
        For each setting, the main one first, ``setting`` (its name), ``protocol`` (its rules in words)
        and ``ap`` (which average precision); ``folds``, and ``trials`` over all of them; what
        :meth:`~reidkit.evaluation.answers.Answers.account` has (of one trial, added up over the folds,
        but for ``gallery``, which is the mean); then mAP, mINP, rank1, rank5, rank10, rank20 and what
        :func:`~reidkit.evaluation.open_set.open_set` has, means over the trials; with several trials
        also ``mAP_sd`` and so on, their standard deviations.

    Raises:
        ReidkitError: a column is missing, or in a trial no query has a match.
    """
    each = [fold.settings(protocol, seed=seed) for fold in folds]
    total = sum(setting.trials for settings in each for setting in settings)
    scores = []
    with tqdm(total=total, desc="trials", unit="trial", disable=not progress or total < 2) as bar:
        for same in zip(*each, strict=True):  # one setting, in every fold
            rows = []
            for fold, setting in zip(folds, same, strict=True):
                for trial in range(setting.trials):
                    rows.append(_score_trial(fold, setting, trial, progress=progress and total == 1))
                    bar.update()
            scores.append(_summarise(same[0], rows))
    return scores


def as_columns(scores: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return scores as columns of a table, as a training's record has them.

    The main setting's mAP, mINP, rank1, ... keep their names. Of each other setting mAP and rank1
    follow, such as ``cloth_changing_mAP``.

    >>> main = dict.fromkeys(["mAP", "mINP", "rank1", "rank5", "rank10"], 0.5) | {"setting": "general"}
    >>> as_columns([main, main | {"setting": "cloth-changing"}])["cloth_changing_rank1"]
    0.5
    """
    first, *others = scores
    columns = {name: first[name] for name in ("mAP", "mINP", "rank1", "rank5", "rank10")}
    for other in others:
        columns |= {column_of(other["setting"], name): other[name] for name in ("mAP", "rank1")}
    return columns


def column_of(setting: str, figure: str) -> str:
    """Return what a record's column is called that holds a figure of a setting besides the main one.

    >>> column_of("indoor, single-shot", "mAP")
    'indoor_single_shot_mAP'
    """
    return "".join(c if c.isalnum() else "_" for c in setting.replace(", ", "_")) + f"_{figure}"


def _score_trial(fold: Fold, setting: Setting, trial: int, *, progress: bool) -> dict[str, Any]:
    ranking = fold.search(setting, trial, progress=progress).ranking
    return {"first": trial == 0, **ranking.account(), "figures": ranking.summary() | open_set(ranking)}


def _summarise(setting: Setting, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of the trials, with the crops that each fold counts."""
    figures = pd.DataFrame([row["figures"] for row in rows])
    one_a_fold = [row for row in rows if row["first"]]
    told: dict[str, Any] = {"setting": setting.name, "protocol": setting.rules, "ap": AP}
    told |= {"folds": len(one_a_fold), "trials": len(rows)}
    told |= {name: sum(row[name] for row in one_a_fold) for name in COUNTS}
    told["gallery"] = round(float(np.mean([row["gallery"] for row in one_a_fold])))
    told["left_out"] = _add_up(row["left_out"] for row in one_a_fold)
    told |= {str(name): float(value) for name, value in figures.mean().items()}
    if len(rows) > 1:
        with np.errstate(invalid="ignore"):  # a threshold may be infinite; its spread is then NaN
            told |= {f"{name}_sd": float(value) for name, value in figures.std().items()}
    return told


def _add_up(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for count in counts:
        total |= {reason: total.get(reason, 0) + number for reason, number in count.items()}
    return total
