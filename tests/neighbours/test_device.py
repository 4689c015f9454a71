"""The torch search gives what the other one gives (here on a CPU tensor)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.errors import ReidkitError
from reidkit.neighbours import dense_distances, device, jaccard_graph, nearest
from tests.neighbours.oracle import lattice, people


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 100), k=st.integers(1, 30), room=st.sampled_from([1, 700, 2**26]), seed=st.integers(0, 9)
)
def test_ties_and_copies_go_by_index_whatever_the_block(n: int, k: int, room: int, seed: int) -> None:
    f = lattice(n, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device, "ROOM", room)
        found = nearest(torch.from_numpy(f), k)
    for ours, expected in zip(found, nearest(f, k), strict=True):
        np.testing.assert_array_equal(ours, expected)
        assert isinstance(ours, np.ndarray)
        assert ours.dtype == expected.dtype


def test_a_tie_at_the_last_place_of_distinct_rows_goes_to_the_smaller_index() -> None:
    f = torch.eye(60)  # all equally far from each other
    np.testing.assert_array_equal(nearest(f, 4)[1][:3], [[0, 1, 2, 3], [1, 0, 2, 3], [2, 0, 1, 3]])


def test_takes_what_a_network_gives() -> None:
    f = people(200)
    tensor = torch.from_numpy(f).double().requires_grad_()
    np.testing.assert_allclose(nearest(tensor, 9)[0], nearest(f, 9)[0], atol=1e-3)
    by_tensor, by_array = jaccard_graph(tensor, k1=9), jaccard_graph(f, k1=9)
    np.testing.assert_allclose(dense_distances(by_tensor), dense_distances(by_array), atol=1e-5)


def test_names_a_broken_row() -> None:
    f = torch.from_numpy(people(10))
    f[7] = torch.inf
    with pytest.raises(ReidkitError, match="row 7"):
        nearest(f, 3)
