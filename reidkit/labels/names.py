"""Which crops are meant? Rows, names or a mask become rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reidkit.errors import ReidkitError

Rows = NDArray[np.int64]
Some = Iterable[int] | Iterable[str]
"""Some crops: rows, names, or a mask of N booleans."""


class Names:
    """The names of N crops, and how to find crops by them.

    Args:
        names: N different ones.

    Raises:
        ReidkitError: a name is there twice.

    >>> names = Names(["a.jpg", "b.jpg", "c.jpg"])
    >>> names.find(["c.jpg", "a.jpg"])
    array([0, 2])
    """

    def __init__(self, names: Sequence[str] | pd.Series) -> None:
        self.all = [str(name) for name in names]
        self._rows = {name: row for row, name in enumerate(self.all)}
        if len(self._rows) < len(self.all):
            twice = next(name for row, name in enumerate(self.all) if self._rows[name] != row)
            raise ReidkitError(f"names: {twice} is there twice; each crop needs a name of its own.")

    def __len__(self) -> int:
        return len(self.all)

    def find(self, crops: Some) -> Rows:
        """Return the rows of some crops, ascending, each once.

        Raises:
            ReidkitError: no crop, or an unknown one.
        """
        given = np.asarray(crops if isinstance(crops, (np.ndarray, Sequence)) else list(crops))
        if given.dtype == bool and given.shape == (len(self),):
            given = np.flatnonzero(given)
        if not given.size:
            raise ReidkitError("No crop is selected: give at least one.")
        if given.dtype.kind in "UO" and given.ndim == 1:
            given = np.array([self._row(name) for name in given])
        if given.dtype.kind not in "iu" or given.ndim != 1:
            raise ReidkitError(f"crops: give a list of rows or names, or a mask of {len(self)}.")
        rows = np.unique(given).astype(np.int64)
        if rows[0] < 0 or rows[-1] >= len(self):
            wrong = rows[0] if rows[0] < 0 else rows[-1]
            raise ReidkitError(f"crop {wrong}: there are rows 0 to {len(self) - 1}.")
        return rows

    def check(self, names: Sequence[str] | pd.Series, owner: str) -> None:
        """Raise a ReidkitError unless these are the same crops; their common folder may have moved.

        Args:
            names: of other crops.
            owner: what has *our* names, for the message.
        """
        theirs = [str(name) for name in names]
        if len(theirs) != len(self):
            raise ReidkitError(f"{owner} is of {len(self)} crops, but there are {len(theirs)} here.")
        if self.all == theirs or below_their_folder(self.all)[1] == below_their_folder(theirs)[1]:
            return
        row = next(row for row, name in enumerate(self.all) if name != theirs[row])
        raise ReidkitError(
            f"{owner} is of other crops: its row {row} is {self.all[row]}, where {theirs[row]} is here."
        )

    def _row(self, name: object) -> int:
        row = self._rows.get(name) if isinstance(name, str) else name
        if not isinstance(row, (int, np.integer)) or isinstance(row, bool):
            raise ReidkitError(f"There is no crop {name}.")
        return int(row)


def below_their_folder(names: Sequence[str]) -> tuple[str, list[str]]:
    """Return the folder that all absolute names lie in, and the names below it; "" where there is none.

    >>> below_their_folder(["/data/cam1/a.jpg", "/data/cam2/b.jpg"])
    ('/data', ['cam1/a.jpg', 'cam2/b.jpg'])
    """
    if not names or not all(os.path.isabs(name) for name in names):
        return "", list(names)
    folder = os.path.commonpath([os.path.dirname(name) for name in names])
    return folder, [name[len(folder) :].lstrip(os.sep) for name in names]
