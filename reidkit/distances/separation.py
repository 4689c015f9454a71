"""How well are Pos-distr and Neg-distr separated? One number does not say it all; here are six.

All of them treat the distance of a pair as a test, "same person if closer than a threshold":

- ``overlap``: area shared by the two distributions, 0 (apart) to 1 (the same).
- ``d_prime``: distance of the two means in units of the typical spread (signal detection theory).
- ``auc``: chance that a random positive pair is closer than a random negative pair.
- ``eer``: error rate at the threshold where both kinds of error are equally frequent.
- ``tpr_at_fpr1``, ``tpr_at_fpr01``: share of positive pairs found if at most 1 % (0.1 %) of the
  negative pairs may be taken for positive.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from reidkit.distances.distributions import PAIRS, PairDistributions

MEASURES = ("overlap", "d_prime", "auc", "eer", "eer_threshold", "tpr_at_fpr1", "tpr_at_fpr01")


@dataclass(frozen=True)
class Separation:
    """Measures of separation; NaN where there are no positive, or no negative, pairs.

    Attributes:
        overlap: sum over bins of width 0.01 of the smaller of the two densities, in [0, 1].
        d_prime: ``(neg_mean - pos_mean) / sqrt((pos_std**2 + neg_std**2) / 2)``; infinite when
            neither distribution has any spread, NaN when, besides, the means are equal.
        auc: area under the ROC curve, in [0, 1].
        eer: equal error rate, in [0, 1].
        eer_threshold: the distance at which the two error rates are equal. If a gap without any
            pair separates the two distributions, its middle.
        tpr_at_fpr1: true-positive rate at a false-positive rate of at most 0.01.
        tpr_at_fpr01: the same at 0.001.
        pos_mean: mean distance of the positive pairs.
        pos_std: their standard deviation.
        neg_mean: mean distance of the negative pairs.
        neg_std: their standard deviation.
        pos_pairs: number of positive pairs.
        neg_pairs: number of negative pairs.
    """

    overlap: float
    d_prime: float
    auc: float
    eer: float
    eer_threshold: float
    tpr_at_fpr1: float
    tpr_at_fpr01: float
    pos_mean: float
    pos_std: float
    neg_mean: float
    neg_std: float
    pos_pairs: int
    neg_pairs: int

    def as_row(self, prefix: str = "", suffix: str = "") -> dict[str, float]:
        """Return the measures by name, for a row of a table.

        ``as_row("train_")`` names them ``train_overlap, ...``; ``as_row(suffix="_same")`` names
        them ``overlap_same, ...``.
        """
        return {f"{prefix}{name}{suffix}": value for name, value in asdict(self).items()}


def separation(dist: PairDistributions, cameras: str = "all") -> Separation:
    """Measure how well the positive pairs of ``dist`` are separated from the negative ones.

    ``auc``, ``eer`` and the true-positive rates come from the fine histogram (bins of 0.0005 unless
    told otherwise), so they are exact up to the order of distances inside one bin. With ``p_k`` and
    ``q_k`` the shares of the positive and negative pairs in bin ``k``, the AUC is off by at most
    ``sum_k p_k q_k / 2``: by 0.0005 where both fill a range of 0.5 evenly, less where they differ.
    The EER and the true-positive rates are interpolated linearly inside a bin, so they lie between
    the rates at its two ends, as the exact ones do.

    Args:
        dist: from :func:`~reidkit.distances.distributions.pair_distributions`.
        cameras: use "all" pairs, only those within the "same" camera, or only "cross"-camera ones.

    Returns:
        NaN (not an error) in all measures which need pairs that are not there: an epoch without any
        cluster has no positive pair, and a set from one camera no cross-camera pair.

    Raises:
        ReidkitError: ``cameras`` is none of these.

    >>> from reidkit.distances import pair_distributions
    >>> crops = [[1, 0], [0, 1], [-1, 0], [0, -1]]
    >>> separation(pair_distributions(crops, [1, 1, 2, 2], never_positive=0)).auc
    0.75
    """
    pos, neg = dist.fine("pos", cameras), dist.fine("neg", cameras)
    measured = dict.fromkeys(MEASURES, float("nan"))
    if pos.any() and neg.any():
        measured = _measure(dist, cameras)
    return Separation(
        **measured,
        pos_mean=dist.mean("pos", cameras),
        pos_std=dist.variance("pos", cameras) ** 0.5,
        neg_mean=dist.mean("neg", cameras),
        neg_std=dist.variance("neg", cameras) ** 0.5,
        pos_pairs=int(pos.sum()),
        neg_pairs=int(neg.sum()),
    )


def _measure(dist: PairDistributions, cameras: str) -> dict[str, float]:
    tpr = _rate_below_edges(dist.fine("pos", cameras))
    fpr = _rate_below_edges(dist.fine("neg", cameras))
    eer, eer_threshold = equal_error(dist.fine("pos", cameras), dist.fine("neg", cameras), dist.edges)
    moments = [(dist.mean(pair, cameras), dist.variance(pair, cameras)) for pair in PAIRS]
    return {
        "overlap": _overlap(dist.coarse("pos", cameras), dist.coarse("neg", cameras)),
        "d_prime": d_prime(*moments[0], *moments[1]),
        "auc": _auc(tpr, fpr),
        "eer": eer,
        "eer_threshold": eer_threshold,
        "tpr_at_fpr1": _tpr_at(tpr, fpr, 0.01),
        "tpr_at_fpr01": _tpr_at(tpr, fpr, 0.001),
    }


def d_prime(pos_mean: float, pos_var: float, neg_mean: float, neg_var: float) -> float:
    """Return ``(neg_mean - pos_mean) / sqrt((pos_var + neg_var) / 2)``.

    Variances are squared distances (distances have no unit). Positive when negative pairs are the
    farther ones. Without any variance the result is infinite, or NaN if the means are equal.

    >>> round(d_prime(0.6, 0.04, 1.3, 0.01), 3)
    4.427
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.divide(neg_mean - pos_mean, np.sqrt((pos_var + neg_var) / 2)))


def _overlap(pos: NDArray[np.int64], neg: NDArray[np.int64]) -> float:
    return float(min(np.minimum(pos / pos.sum(), neg / neg.sum()).sum(), 1.0))


def _rate_below_edges(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of pairs below each bin edge: B + 1 values from 0 to 1."""
    return np.concatenate([[0], np.cumsum(counts)]) / counts.sum()


def _auc(tpr: NDArray[np.float64], fpr: NDArray[np.float64]) -> float:
    """Return P(pos < neg) + P(tie) / 2, which is the area of the ROC's trapezoids."""
    return float(np.trapezoid(tpr, fpr))


def equal_error(
    pos: NDArray[np.int64], neg: NDArray[np.int64], edges: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the equal error rate and its threshold, linear inside the bin where they cross.

    Args:
        pos, neg: (B,) numbers of pairs in each bin, some in both.
        edges: (B + 1,) of the bins.
    """
    tpr, fpr = _rate_below_edges(pos), _rate_below_edges(neg)
    excess = fpr - (1 - tpr)  # rises from -1 to 1
    low = np.flatnonzero(excess <= 0)[-1]
    high = np.flatnonzero(excess >= 0)[0]
    if high <= low:  # equal on one edge or on several, between which there is no pair
        return float(fpr[low]), float((edges[high] + edges[low]) / 2)
    share = -excess[low] / (excess[high] - excess[low])
    eer = fpr[low] + share * (fpr[high] - fpr[low])
    return float(eer), float(edges[low] + share * (edges[high] - edges[low]))


def _tpr_at(tpr: NDArray[np.float64], fpr: NDArray[np.float64], limit: float) -> float:
    return float(np.interp(limit, fpr, tpr))  # on a plateau of fpr it takes the last, highest, tpr
