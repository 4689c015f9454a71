"""Open-set search: what if the one who is looked for is not there?

A ranking always has a first place. In use, somebody must decide whether it shows the person at all,
and the only sign of it is the distance. So a threshold is set that few strangers pass, and one
asks how many of those who are there are still found.
"""

from __future__ import annotations

import numpy as np

from reidkit.evaluation.ranking import Ranking

SHARES = {"fpir1": 0.01, "fpir10": 0.1}


def open_set(ranking: Ranking) -> dict[str, float]:
    """Return how many queries are found below a threshold that few strangers pass.

    Each query asks twice. Once its person is in the gallery: it is *found* if the nearest crop of all
    that count is right, and nearer than the threshold. Once its person's crops are left out, so that
    the nearest crop is wrong: it is a *false alarm* if that one is nearer than the threshold. The
    shares of queries are called TPIR and FPIR, the true- and the false-positive identification rate
    (as by Grother and Ngan, FRVT, 2014, and by Liao et al., "Open-set person re-identification", 2014,
    as detection and identification rate at a false accept rate). Of all thresholds the largest is
    taken with at most 1 % (10 %) of false alarms.

    Returns:
        tpir_at_fpir1 and tpir_at_fpir10, fractions of 1, and fpir1_threshold and fpir10_threshold,
        Euclidean distances; infinite where no wrong crop is left to raise an alarm.

    >>> from reidkit.evaluation import rank
    >>> crops = [[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]]
    >>> found = open_set(rank(crops[::3], [7, 8], [1, 1], crops[1:3], [7, 8], [2, 2]))
    >>> found["tpir_at_fpir1"], round(found["fpir1_threshold"], 3)
    (1.0, 0.894)
    """
    right, wrong = ranking.nearest.T.astype(np.float64)
    figures: dict[str, float] = {}
    for name, share in SHARES.items():
        allowed = int(share * len(wrong) + 1e-9)  # false alarms
        threshold = float(np.sort(wrong)[allowed])
        figures[f"tpir_at_{name}"] = float(np.mean((right < threshold) & (right < wrong)))
        figures[f"{name}_threshold"] = threshold
    return figures
