"""From the table of pair counts to the two curves that are drawn: Pos-distr and Neg-distr.

A *pair* is two crops and the distance between their features. It is a Pos pair where both show the
same person (or carry the same pseudo-label) and a Neg pair otherwise. The table does not keep the
pairs, there may be half a billion of them: it keeps how many fell into each bin of the distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d

from reidkit.errors import ReidkitError

if TYPE_CHECKING:
    from reidkit.engine.record import Record

Cameras = Literal["all", "same", "cross"]


@dataclass(frozen=True)
class Curve:
    """One distribution of distances, as a histogram that sums to one."""

    left: np.ndarray  # (B,) float64, left edge of each bin
    width: float  # of every bin
    count: np.ndarray  # (B,) int64, pairs in each bin

    @property
    def centre(self) -> np.ndarray:
        """(B,) float64, the middle of each bin."""
        return self.left + self.width / 2

    @property
    def density(self) -> np.ndarray:
        """(B,) float64: share of the pairs per unit of distance, so that the area is 1."""
        return self.count / (self.count.sum() * self.width)

    @property
    def mean(self) -> float:
        return float(np.average(self.centre, weights=self.count))

    @property
    def std(self) -> float:
        return float(np.sqrt(np.average((self.centre - self.mean) ** 2, weights=self.count)))

    def smoothed(self, sigma: float) -> np.ndarray:
        """The density blurred by a Gaussian of ``sigma`` (distance units); the area stays 1.

        Only for the eye: numbers are always computed from the bins themselves.
        """
        if sigma <= 0:
            return self.density
        return gaussian_filter1d(self.density, sigma / self.width, mode="reflect")


class Pairs(NamedTuple):
    """Both curves on the same bins."""

    pos: Curve
    neg: Curve

    @property
    def overlap(self) -> float:
        """Area under the lower of the two curves: 0 = fully apart, 1 = the same curve."""
        lower = np.minimum(self.pos.density, self.neg.density)
        return float(lower.sum() * self.pos.width)

    @property
    def d_prime(self) -> float:
        """Distance of the two means in pooled standard deviations (signal detection's d′)."""
        pooled = np.sqrt((self.pos.std**2 + self.neg.std**2) / 2)
        return float((self.neg.mean - self.pos.mean) / pooled) if pooled > 0 else float("inf")


def curves(
    pairs: pd.DataFrame,
    *,
    crops: str = "test",
    ids: str = "identity",
    cameras: Cameras = "all",
) -> Pairs:
    """Pick the Pos and the Neg curve of one kind out of the pairs table.

    Args:
        pairs: columns ``crops, ids, pair, cameras, left, width, count``; one row a bin.
        crops: ``"train"`` or ``"test"``.
        ids: ``"identity"`` (who is truly in the crop) or ``"pseudo"`` (the pseudo-labels).
        cameras: pairs of the ``"same"`` camera, of two cameras (``"cross"``), or ``"all"``.

    Raises:
        ReidkitError: the table holds no such pairs; the message lists what it does hold.

    >>> table = pd.DataFrame({
    ...     "crops": "test", "ids": "identity", "pair": ["pos", "pos", "neg", "neg"],
    ...     "cameras": "cross", "left": [0.0, 1.0, 0.0, 1.0], "width": 1.0, "count": [3, 1, 1, 3]})
    >>> curves(table).overlap
    0.5
    """
    rows = pairs[(pairs["crops"] == crops) & (pairs["ids"] == ids)]
    if cameras != "all":
        rows = rows[rows["cameras"] == cameras]
    counts = rows.pivot_table(index="left", columns="pair", values="count", aggfunc="sum")
    missing = [kind for kind in ("pos", "neg") if kind not in counts or counts[kind].sum() == 0]
    if missing:
        raise ReidkitError(_nothing_to_draw(pairs, missing, f"{crops}/{ids}, {cameras} cameras"))
    left = counts.index.to_numpy(dtype=np.float64)
    width = float(rows["width"].iloc[0])
    both = counts.fillna(0)
    return Pairs(*(Curve(left, width, both[kind].to_numpy(dtype=np.int64)) for kind in ("pos", "neg")))


def holds(pairs: pd.DataFrame, crops: str, ids: str) -> bool:
    """Whether a pairs table says anything about these crops by these ids."""
    return bool(((pairs["crops"] == crops) & (pairs["ids"] == ids)).any())


def over_epochs(
    record: Record, *, crops: str = "test", ids: str = "identity", cameras: Cameras = "all"
) -> dict[int, Pairs]:
    """The curves of every recorded epoch that has them (the test crops are not judged in each).

    Raises:
        ReidkitError: no epoch has such pairs.
    """
    tables = {epoch: record.pairs(epoch) for epoch in record.recorded}
    held = {epoch: table for epoch, table in tables.items() if holds(table, crops, ids)}
    if not held:
        raise ReidkitError(
            f"{record.path} has no {crops}/{ids} pairs in any epoch: "
            "the true identities, or the test crops, are not known."
        )
    return {epoch: curves(table, crops=crops, ids=ids, cameras=cameras) for epoch, table in held.items()}


def spread(epochs: list[int], count: int) -> list[int]:
    """Choose at most ``count`` epochs, evenly, the first and the last among them.

    >>> spread(list(range(11)), 3)
    [0, 5, 10]
    """
    if len(epochs) <= count:
        return list(epochs)
    return [epochs[i] for i in np.unique(np.linspace(0, len(epochs) - 1, count).round().astype(int))]


def _nothing_to_draw(pairs: pd.DataFrame, missing: list[str], asked: str) -> str:
    full = pairs[pairs["count"] > 0]
    held = sorted(set(zip(full["crops"], full["ids"], strict=True)))
    listed = ", ".join(f"{crops}/{ids}" for crops, ids in held) or "nothing at all"
    return (
        f"No {' and no '.join(missing)} pairs for {asked}. The table holds: {listed}. "
        "True identities may be unknown here: ask for ids='pseudo'."
    )
