"""SCL's global and local banks against their formula."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from reidkit.memory import FeatureBank


def unit_parts(seed: int, *shape: int) -> torch.Tensor:
    rows = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return functional.normalize(rows, dim=-1)


def test_only_the_batchs_own_rows_move_and_each_part_by_itself() -> None:
    bank = FeatureBank(5, 3, parts=2, momentum=0.25)
    start, seen = unit_parts(0, 5, 2, 3), unit_parts(1, 2, 2, 3)
    bank.fill(start.flatten(1).numpy())
    bank.update(torch.tensor([3, 1]), seen.flatten(1).requires_grad_())
    expected = start.clone()
    for n, row in enumerate((3, 1)):
        for part in range(2):
            blend = 0.25 * start[row, part] + 0.75 * seen[n, part]
            expected[row, part] = blend / blend.norm()
    torch.testing.assert_close(bank.rows, expected)
    assert not bank.rows.requires_grad


def test_similarity_is_the_mean_cosine_of_the_parts() -> None:
    bank = FeatureBank(4, 3, parts=8)
    rows, seen = unit_parts(0, 4, 8, 3), unit_parts(1, 2, 8, 3)
    bank.fill(rows.flatten(1).numpy())
    for n, a in enumerate(seen):
        for m, b in enumerate(rows):
            expected = sum(float(a[s] @ b[s]) for s in range(8)) / 8
            assert bank.similarity(seen.flatten(1))[n, m].item() == pytest.approx(expected, abs=1e-6)


def test_mixed_precision_does_not_reach_the_similarity() -> None:
    bank, seen = FeatureBank(4, 64), unit_parts(1, 2, 64)
    bank.fill(unit_parts(0, 4, 64).numpy())
    with torch.autocast("cpu", torch.bfloat16):
        similarity = bank.similarity(seen)
    assert torch.equal(similarity, bank.similarity(seen))
