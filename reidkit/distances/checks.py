"""Checks every distance computation begins with: unit vectors, and integer ids."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from reidkit.errors import ReidkitError

NORM_TOLERANCE = 1e-3
"""How far from 1 the length of a row may be: far above float32 rounding, far below a forgotten
normalisation."""


def unit_rows(features: ArrayLike, name: str = "features") -> NDArray[np.float32]:
    """Return ``features`` as a float32 (N, D) array, having checked that every row has length 1.

    Args:
        features: (N, D), any floating type.
        name: what to call the array in an error message.

    Raises:
        ReidkitError: not two-dimensional; a row holds NaN or infinity; a row is not of unit length.

    >>> unit_rows([[0.6, 0.8]])
    array([[0.6, 0.8]], dtype=float32)
    >>> unit_rows([[3.0, 4.0]])
    Traceback (most recent call last):
    ...
    reidkit.errors.ReidkitError: features: row 0 has length 5, not 1; divide every row by its ...
    """
    rows = np.ascontiguousarray(features, dtype=np.float32)
    if rows.ndim != 2:
        raise ReidkitError(f"{name}: expected a table (N, D), got shape {rows.shape}.")
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    if (broken := np.flatnonzero(~np.isfinite(length))).size:
        raise ReidkitError(
            f"{name}: {broken.size} of {len(rows)} rows hold NaN or infinity, the first is row "
            f"{broken[0]}. The training has probably diverged: look at its loss."
        )
    if (long := np.flatnonzero(np.abs(length - 1) > NORM_TOLERANCE)).size:
        raise ReidkitError(
            f"{name}: row {long[0]} has length {length[long[0]]:.4g}, not 1; divide every row by "
            "its Euclidean length first."
        )
    return rows


def scaled_rows(
    features: ArrayLike, name: str = "features"
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return features of any length, scaled to length 1, and the lengths that they had.

    Args:
        features: (N, D), any real numbers.
        name: what to call the array in an error message.

    Returns:
        float32 (N, D) and float64 (N,).

    Raises:
        ReidkitError: not a table of numbers, no row at all, or a row that holds NaN, infinity or only
            zeros.

    >>> scaled_rows([[3.0, 4.0]])
    (array([[0.6, 0.8]], dtype=float32), array([5.]))
    """
    rows = np.asarray(features)
    if rows.dtype.kind not in "fiu":
        raise ReidkitError(f"{name}: expected real numbers, got {rows.dtype}.")
    if rows.ndim != 2 or not rows.size:
        raise ReidkitError(f"{name} of shape {rows.shape}: expected a table (N, D).")
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    if (broken := np.flatnonzero(~np.isfinite(length) | (length == 0))).size:
        raise ReidkitError(
            f"{broken.size} of {len(rows)} rows of {name} hold NaN, infinity or only zeros; the first is row "
            f"{broken[0]}. The network that made them has probably diverged."
        )
    return np.divide(rows, length[:, None], dtype=np.float32, casting="same_kind"), length


def integer_ids(values: ArrayLike | pd.Series, name: str, n: int) -> NDArray[np.int64]:
    """Return ids as int64 (N,); a missing value (``<NA>``, NaN) becomes -1, "unknown".

    Args:
        values: N integers, for example the nullable ``pid`` or ``camid`` column of a crops table.
        name: what to call them in an error message.
        n: how many there must be.

    Raises:
        ReidkitError: not N integers.

    >>> integer_ids(pd.array([7, None], dtype="Int64"), "pids", 2)
    array([ 7, -1])
    """
    try:
        column = pd.Series(values, dtype="Int64")
    except (TypeError, ValueError) as error:
        raise ReidkitError(f"{name}: expected {n} integers ({error}).") from error
    if len(column) != n:
        raise ReidkitError(f"{name}: {len(column)} values for {n} crops; give one per crop.")
    return np.ascontiguousarray(column.to_numpy(dtype=np.int64, na_value=-1))
