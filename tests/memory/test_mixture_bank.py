"""The mixture bank against the writes in their order."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.memory import MixtureBank


@settings(max_examples=40, deadline=None)
@given(
    batch=st.integers(1, 12),
    width=st.integers(1, 5),
    rows=st.integers(1, 8),
    seed=st.integers(0, 99),
    length=st.sampled_from([1.0, 8**0.5]),
)
def test_update_equals_the_sequential_version(
    batch: int, width: int, rows: int, seed: int, length: float
) -> None:
    generator = torch.Generator().manual_seed(seed)
    bank = MixtureBank(rows, 6)
    bank.rows[::2] = torch.nn.functional.normalize(torch.randn(rows, 6, generator=generator), dim=1)[::2]
    features = length * torch.nn.functional.normalize(torch.randn(batch, 6, generator=generator), dim=1)
    targets = torch.randint(-1, rows, (batch, width), generator=generator)
    expected = bank.rows.clone()
    for z, chosen in zip(features, targets, strict=True):
        for y in chosen.tolist():
            if y >= 0:
                expected[y] = (expected[y] + z) / 2
                expected[y] /= expected[y].norm()
    bank.update(targets, features)
    torch.testing.assert_close(bank.rows, expected)


def test_it_begins_at_zero_and_the_first_to_write_is_taken_whole() -> None:
    bank = MixtureBank(3, 2)
    assert not bank.rows.any()
    bank.update(torch.tensor([[1, -1]]), torch.tensor([[6.0, 8.0]]))
    torch.testing.assert_close(bank.rows, torch.tensor([[0, 0], [0.6, 0.8], [0, 0]]))


def test_a_longer_feature_takes_a_larger_share() -> None:
    bank = MixtureBank(1, 2)
    bank.update(torch.tensor([[0]]), torch.tensor([[1.0, 0.0]]))
    bank.update(torch.tensor([[0]]), torch.tensor([[0.0, 8**0.5]]))
    # (1, sqrt 8) / 3
    torch.testing.assert_close(bank.rows, torch.tensor([[1 / 3, 8**0.5 / 3]]))
