"""Sequential writes to a memory, many at once."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor


def rounds(rows: Tensor) -> Iterator[Tensor]:
    """Yield which writes can be made together, so that every row gets its writes in their order.

    A memory that is written sample by sample depends on the order, but only within a row: different rows
    do not touch each other. So the first write of *every* row is made at once, then every second one, ...:
    as many rounds as the most written row has writes, and the same numbers.

    Args:
        rows: (W,) int64, the row that each write goes to, in the order of the writes.

    Yields:
        int64 indices into ``rows``; within a round, no row twice.

    >>> for now in rounds(torch.tensor([7, 7, 3, 7, 3])):
    ...     print(now.tolist())
    [0, 2]
    [1, 4]
    [3]
    """
    earlier = (rows[:, None] == rows[None, :]).tril(diagonal=-1).sum(dim=1)
    for r in range(int(earlier.max()) + 1 if len(rows) else 0):
        yield torch.nonzero(earlier == r).flatten()
