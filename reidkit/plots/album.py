"""Crops for a report: read one by one, with a grey tile where a file is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from reidkit.data.pixels import thumbnails
from reidkit.errors import ReidkitError
from reidkit.plots.sheet import HEIGHT, WIDTH

_GREY = np.full((HEIGHT, WIDTH, 3), 200, dtype=np.uint8)


class Album(Sequence[np.ndarray]):
    """The crops of a table as (96, 48, 3) uint8 pictures, each read when it is asked for.

    A run is often looked at on another machine than the one with the images. Then a grey tile
    stands for the crop, and :attr:`missing` remembers the file.

    Args:
        paths: one a crop.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = list(paths)
        self.missing = {path for path in self.paths if not Path(path).is_file()}

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def is_empty(self) -> bool:
        """No file is there at all."""
        return len(self.missing) == len(set(self.paths))

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[np.ndarray]: ...
    def __getitem__(self, index: int | slice) -> np.ndarray | Sequence[np.ndarray]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        path = self.paths[index]
        if path in self.missing:
            return _GREY
        try:
            return thumbnails([path], height=HEIGHT, width=WIDTH)[0]
        except ReidkitError:  # there, but no image: the same as gone
            self.missing.add(path)
            return _GREY
