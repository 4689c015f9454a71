"""How good are the pseudo-labels? Compare them with the true identities, for judging only.

Training never sees these numbers: they need the identities which unsupervised training lacks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

from reidkit.distances.checks import integer_ids
from reidkit.errors import ReidkitError

SCORES = ("ami", "ari", "pair_precision", "pair_recall", "pair_f1", "purity")
CLUSTERED = ("ami_clustered", "ari_clustered")


def label_quality(labels: ArrayLike, pids: ArrayLike | pd.Series, *, ami: bool = True) -> dict[str, float]:
    """Compare pseudo-labels with identities.

    ``ami`` and ``ari`` (adjusted mutual information and adjusted Rand index, Vinh et al. 2010 and
    Hubert & Arabie 1985) are 0 for random and 1 for perfect labels. "Adjusted" matters: plain NMI
    grows with the number of clusters, whatever they hold. In these headline numbers every outlier
    is a cluster of its own, as for the pair scores: a clustering that calls all difficult crops
    outliers is not rewarded for it. ``ami_clustered`` and ``ari_clustered`` look at the clustered
    crops alone, which are the ones a method trains on.

    Of all pairs of crops in one cluster, ``pair_precision`` is the share that is one person; of all
    pairs of one person, ``pair_recall`` is the share that is in one cluster; ``pair_f1`` is their
    harmonic mean. Outliers form no pair, so they cost recall. ``purity`` is the share of clustered
    crops that belong to the person most frequent in their cluster.

    Args:
        labels: (N,) integers, clusters 0..K-1, -1 an outlier.
        pids: (N,) integers or a nullable ``pid`` column. Crops whose pid is missing, junk (-1) or a
            distractor (0) count in ``clusters`` and ``outliers`` but are not judged.
        ami: False leaves ``ami`` and ``ami_clustered`` out. They take nearly all of the time (2 s for
            12,936 crops, the rest 0.04 s: ``python -m tests.benchmarks.cluster_tree``).

    Returns:
        ``clusters`` and ``outliers`` of all N crops; ``people`` and ``judged`` (crops) with a known
        identity; the scores above. Without any judged crop in a cluster the scores are NaN, and
        ``pair_precision`` (or ``pair_recall``) is NaN also where no pair shares a cluster (or a
        person).

    Raises:
        ReidkitError: not two lists of N integers, or a label below -1.

    Three people of two crops each; cluster 0 mixes two of them, and one crop is an outlier:

    >>> scores = label_quality([0, 0, 0, 0, 1, -1], [1, 1, 2, 2, 3, 3])
    >>> scores["clusters"], scores["outliers"], scores["people"]
    (2, 1, 3)
    >>> round(scores["pair_precision"], 3), round(scores["pair_recall"], 3), scores["purity"]
    (0.333, 0.667, 0.6)
    """
    clusters, people = _read(labels, pids)
    known = people > 0
    result: dict[str, float] = {
        "clusters": len(np.unique(clusters[clusters >= 0])),
        "outliers": int((clusters < 0).sum()),
        "people": len(np.unique(people[known])),
        "judged": int(known.sum()),
    }
    clusters, people = clusters[known], people[known]
    if not (clusters >= 0).any():
        scores = [score for score in (*SCORES, *CLUSTERED) if ami or not score.startswith("ami")]
        return result | dict.fromkeys(scores, float("nan"))
    return result | _agreement(clusters, people, ami) | _pair_scores(clusters, people)


def _read(labels: ArrayLike, pids: ArrayLike | pd.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    people = integer_ids(pids, "pids", np.size(pids))
    clusters = integer_ids(labels, "labels", len(people))
    if len(clusters) and clusters.min() < -1:
        raise ReidkitError(f"label {clusters.min()}: clusters are 0, 1, ... and -1 is an outlier.")
    return clusters, people


def _agreement(clusters: NDArray[np.int64], people: NDArray[np.int64], ami: bool) -> dict[str, float]:
    inside = clusters >= 0
    singletons = np.where(inside, clusters, clusters.max() + 1 + np.arange(len(clusters)))
    scores = {
        "ari": float(adjusted_rand_score(people, singletons)),
        "ari_clustered": float(adjusted_rand_score(people[inside], clusters[inside])),
    }
    if ami:
        scores["ami"] = float(adjusted_mutual_info_score(people, singletons))
        scores["ami_clustered"] = float(adjusted_mutual_info_score(people[inside], clusters[inside]))
    return scores


def _pair_scores(clusters: NDArray[np.int64], people: NDArray[np.int64]) -> dict[str, float]:
    inside = clusters >= 0
    table = contingency_matrix(people[inside], clusters[inside], sparse=True, dtype=np.int64)
    right = count_pairs(table.data)
    in_clusters = count_pairs(np.bincount(clusters[inside]))
    of_people = count_pairs(np.unique(people, return_counts=True)[1])
    found = in_clusters + of_people
    return {
        "pair_precision": right / in_clusters if in_clusters else float("nan"),
        "pair_recall": right / of_people if of_people else float("nan"),
        "pair_f1": 2 * right / found if found else float("nan"),
        "purity": float(table.max(axis=0).sum() / inside.sum()),
    }


def count_pairs(sizes: NDArray[np.int64]) -> int:
    """Count the pairs of crops that share a group, for groups of these sizes."""
    return int((sizes * (sizes - 1) // 2).sum())
