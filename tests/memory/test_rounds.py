"""Writes in rounds are the writes in their order."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from reidkit.memory.rounds import rounds


@given(st.lists(st.integers(0, 6), max_size=40))
def test_each_write_happens_once_and_after_the_earlier_ones_of_its_row(rows: list[int]) -> None:
    order: list[int] = []
    for now in rounds(torch.tensor(rows, dtype=torch.int64)):
        written = [rows[n] for n in now]
        assert len(set(written)) == len(written)
        order += now.tolist()
    assert sorted(order) == list(range(len(rows)))
    for row in set(rows):
        of_row = [n for n in order if rows[n] == row]
        assert of_row == sorted(of_row)
