"""What the dots of a map can be coloured by, and in which colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reidkit.plots.style import PALE, palette

Rows = NDArray[np.int64]
SHADES = 24
"""So many colours are told apart at best; more groups than that share them."""
SCALE = ("#2D708E", "#29AF7F", "#B8DE29", "#F8961E", "#D00000")
"""From unsuspicious to suspicious, or from long ago to just now: blue, green, yellow, orange, red."""


@dataclass(frozen=True)
class Colouring:
    """One colour a crop.

    Attributes:
        codes: (N,) int64, which of the colours.
        colours: as "#RRGGBB".
        entries: (name, colour, mask of the crops) for a legend; empty where there are too many groups.
    """

    codes: Rows
    colours: list[str]
    entries: list[tuple[str, str, NDArray[np.bool_]]]

    def same_as(self, other: Colouring) -> bool:
        """Whether every crop has the same colour in both."""
        return self.colours == other.colours and np.array_equal(self.codes, other.codes)


def by_group(ids: Rows, names: Sequence[str] | None = None, *, alone: str = "outliers") -> Colouring:
    """Colour groups so that a group keeps its colour while other groups come and go.

    A group's colour hangs on its first crop. So when the eps dial joins two clusters, one of the two colours
    stays, and nobody else's changes.

    Args:
        ids: (N,) labels, people or cameras; below 0: in no group, pale grey.
        names: for the legend, by id in ascending order; None: no legend.
        alone: what to call crops in no group.
    """
    shades = [PALE, *list(palette(range(SHADES)).values())]
    codes = np.zeros(len(ids), np.int64)
    found, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    few = len(found[found >= 0]) <= SHADES
    order = np.cumsum(found >= 0) - 1 if few else _scattered(first)
    codes = np.where(ids >= 0, 1 + order[inverse] % SHADES, 0)
    entries = []
    if names is not None and few:
        groups = found[found >= 0]
        entries = [
            (name, shades[1 + place % SHADES], ids == group)
            for place, (group, name) in enumerate(zip(groups, names, strict=True))
        ]
    if (ids < 0).any():
        entries.append((alone, PALE, ids < 0))
    return Colouring(codes, shades, entries)


def _scattered(first: Rows) -> Rows:
    """Turn rows into numbers far apart, the same for the same row (Knuth's multiplicative hash)."""
    return (first.astype(np.uint64) * np.uint64(2654435761) % np.uint64(2**32) >> np.uint64(16)).astype(
        np.int64
    )


def by_amount(values: NDArray[np.floating], names: Sequence[str]) -> Colouring:
    """Colour by a share from 0 to 1 in five steps; NaN is pale grey.

    Args:
        values: (N,).
        names: of the five steps, for the legend.
    """
    step = np.minimum(np.nan_to_num(values, nan=0.0) * len(SCALE), len(SCALE) - 1).astype(np.int64)
    known = ~np.isnan(values)
    codes = np.where(known, step + 1, 0)
    shades = [PALE, *SCALE]
    entries = [
        (name, shades[k + 1], codes == k + 1) for k, name in enumerate(names) if (codes == k + 1).any()
    ]
    if (~known).any():
        entries.append(("none", PALE, ~known))
    return Colouring(codes, shades, entries)
