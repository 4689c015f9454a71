"""Choosing positives and negatives, against a sort of each row."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.memory import distances_to, everybody, nobody, select, two_groups


def scene(batch: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random((batch, count)).astype(np.float32), rng.permutation(count)[:batch]


def slow_two_groups(row: np.ndarray) -> int:
    scores = []
    for n in range(1, len(row)):
        w = n / len(row)
        scores.append(w * (1 - w) * (row[n:].mean() - row[:n].mean()) ** 2)
    return int(np.argmax(scores)) + 1


@settings(max_examples=40, deadline=None)
@given(
    batch=st.integers(1, 6),
    positives=st.integers(0, 9),
    negatives=st.integers(1, 40),
    spare=st.integers(2, 30),
    groups=st.booleans(),
    seed=st.integers(0, 99),
)
def test_select_equals_a_sort(
    batch: int, positives: int, negatives: int, spare: int, groups: bool, seed: int
) -> None:
    count = max(positives + spare, batch)
    distances, own = scene(batch, count, seed)
    cut = two_groups if groups and positives else everybody
    chosen = select(
        torch.from_numpy(distances), torch.from_numpy(own), positives=positives, negatives=negatives, cut=cut
    )
    wanted = min(negatives, count - 1 - positives)
    for n in range(batch):
        order = [row for row in np.argsort(distances[n]) if row != own[n]]
        taken = slow_two_groups(distances[n][order[: positives + 1]]) if cut is two_groups else positives
        assert chosen.positives[n].tolist() == order[:taken] + [-1] * (positives - taken)
        assert chosen.negatives[n].tolist() == order[taken : taken + wanted]


def test_nobody_is_chosen_in_the_warm_up() -> None:
    distances, own = (torch.from_numpy(array) for array in scene(3, 9, 0))
    chosen = select(distances, own, positives=2, negatives=4, cut=nobody)
    assert (chosen.positives == -1).all()
    assert torch.equal(chosen.negatives, select(distances, own, positives=0, negatives=4).negatives)


def test_two_groups_finds_the_step() -> None:
    rng = np.random.default_rng(0)
    sizes = [3, 8, 20, 29]
    rows = [np.sort(np.r_[0.2 + 0.05 * rng.random(n), 0.8 + 0.05 * rng.random(31 - n)]) for n in sizes]
    assert two_groups(torch.from_numpy(np.stack(rows))).tolist() == sizes


def test_the_distances_to_what_was_chosen() -> None:
    squared = torch.tensor([[0.0, 0.25, 4.0], [1.0, 9.0, 0.0]], requires_grad=True)
    found = distances_to(torch.tensor([[0, 2], [1, -1]]), squared)
    assert found.tolist() == pytest.approx([1e-6, 2.0, 3.0])
    found.sum().backward()
    assert torch.isfinite(squared.grad).all()
    assert distances_to(torch.empty(2, 0, dtype=torch.int64), squared).shape == (0,)
