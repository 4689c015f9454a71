"""SpCL's reliability criterion: does a cluster hold together if eps is a little smaller, or larger?

A trustworthy cluster is *independent*: it stays what it is when clustering gets looser, instead of
swallowing its neighbours. And it is *compact*: it does not fall apart when clustering gets tighter. With
I(i) the members of i's cluster, and I_loose(i), I_tight(i) those at eps + gap and eps - gap:

    R_indep(i) = |I(i) n I_loose(i)| / |I(i) u I_loose(i)|
    R_comp(i)  = |I(i) n I_tight(i)| / |I(i) u I_tight(i)|

Both lie in (0, 1]; 1 is the best. The most independent nine tenths of the clusters are kept, and of each
only its most compact crops; the others become outliers.

Source: Ge et al., "Self-paced Contrastive Learning with Hybrid Memory for Domain Adaptive Object Re-ID",
NeurIPS 2020, section 3.3, and the released code (yxgeee/SpCL), which says what the paper leaves open: a
cluster is as independent as its *best* crop, and the threshold is set in the first epoch and then stays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from reidkit.errors import ReidkitError
from reidkit.labels.clustering import OUTLIER

KEPT = 0.9
"""Share of the clusters that are independent enough, in the first epoch."""


class Reliability(NamedTuple):
    """Scores of every crop, float64 (N,); an outlier is a cluster of its own."""

    independence: np.ndarray
    compactness: np.ndarray


def reliability(labels: np.ndarray, *, tight: np.ndarray, loose: np.ndarray) -> Reliability:
    """Compare each crop's cluster with the one that it has at a smaller and at a larger eps.

    Args:
        labels: (N,) int64 pseudo-labels, -1 an outlier.
        tight: those at eps - gap.
        loose: those at eps + gap.

    Two clusters of two that become one when eps grows; when it shrinks, the second falls apart:

    >>> a = np.array([0, 0, 1, 1, -1])
    >>> reliability(a, tight=np.array([0, 0, -1, -1, -1]), loose=np.array([0, 0, 0, 0, -1]))
    Reliability(independence=array([0.5, 0.5, 0.5, 0.5, 1. ]), compactness=array([1. , 1. , 0.5, 0.5, 1. ]))
    """
    return Reliability(_overlap(labels, loose), _overlap(labels, tight))


def independence_threshold(labels: np.ndarray, scores: Reliability) -> float:
    """Return the R_indep that nine tenths of the clusters reach; 0 without any cluster."""
    clustered = np.sort(_best_of_cluster(labels, scores.independence))[::-1]
    if not len(clustered):
        return 0.0
    # The released rule, rounding included: the n-th best, counted from 0, with n = 0.9 K.
    return float(clustered[min(len(clustered) - 1, int(np.round(len(clustered) * KEPT)))])


def keep_reliable(labels: np.ndarray, scores: Reliability, threshold: float) -> np.ndarray:
    """Turn the unreliable crops into outliers.

    Args:
        labels: (N,) int64 pseudo-labels, clusters 0 .. K-1, -1 an outlier.
        scores: from :func:`reliability`.
        threshold: from :func:`independence_threshold`, of the first epoch.

    Returns:
        (N,) int64, the clusters that are left numbered anew, 0 .. K'-1, in their old order.

    Of cluster 0 one crop is less compact than the others; cluster 1 is not independent:

    >>> labels = np.array([0, 0, 0, 1, 1])
    >>> scores = Reliability(np.array([1, 1, 1, 0.5, 0.5]), np.array([1, 1, 0.4, 1, 1]))
    >>> keep_reliable(labels, scores, threshold=0.9)
    array([ 0,  0, -1, -1, -1])
    """
    clustered = labels != OUTLIER
    own = labels[clustered]
    independent = _best_of_cluster(labels, scores.independence)[own] >= threshold
    compact = scores.compactness[clustered] >= _best_of_cluster(labels, scores.compactness)[own]
    kept = np.full(len(labels), OUTLIER, np.int64)
    rows = np.flatnonzero(clustered)[independent & compact]
    kept[rows] = np.unique(labels[rows], return_inverse=True)[1]
    return kept


def _overlap(labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return, for each crop, intersection over union of its two clusters."""
    if labels.shape != others.shape:
        raise ReidkitError(f"{len(labels)} and {len(others)} labels: give those of the same crops.")
    one, other = _singletons(labels), _singletons(others)
    pair = np.unique(np.stack([one, other], axis=1), axis=0, return_inverse=True)[1]
    count = np.bincount(pair)[pair]
    return count / (np.bincount(one)[one] + np.bincount(other)[other] - count)


def _singletons(labels: np.ndarray) -> np.ndarray:
    """Give every outlier a label of its own."""
    outliers = labels == OUTLIER
    own = labels.max(initial=-1) + 1 + np.arange(outliers.sum())
    filled = labels.copy()
    filled[outliers] = own
    return filled


def _best_of_cluster(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return the largest score in each cluster, (K,)."""
    best = np.zeros(int(labels.max(initial=-1)) + 1)
    np.maximum.at(best, labels[labels != OUTLIER], scores[labels != OUTLIER])
    return best
