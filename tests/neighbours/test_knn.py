"""Exact nearest neighbours against a full sort, ties and copies included."""

from __future__ import annotations

import subprocess
import sys

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.errors import ReidkitError
from reidkit.neighbours import nearest
from tests.neighbours.oracle import lattice, neighbour_order, people


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 80), k=st.integers(1, 90), seed=st.integers(0, 99))
def test_distances_equal_a_full_sort(n: int, k: int, seed: int) -> None:
    f = people(n, seed=seed)
    distances, indices = nearest(f, k)
    dense = np.linalg.norm(f[:, None] - f[None], axis=2)
    np.testing.assert_allclose(distances, np.sort(dense, axis=1)[:, : min(k, n)], atol=1e-3)
    np.testing.assert_allclose(distances, np.take_along_axis(dense, indices, axis=1), atol=1e-3)
    assert all(len(set(row)) == min(k, n) for row in indices.tolist())
    assert (distances.dtype, indices.dtype) == (np.float32, np.int64)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 300), k=st.integers(1, 40), seed=st.integers(0, 99))
def test_ties_and_copies_go_by_index_also_at_the_last_place(n: int, k: int, seed: int) -> None:
    f = lattice(n, seed)
    np.testing.assert_array_equal(nearest(f, k)[1], neighbour_order(f)[:, :k])


def test_equals_faiss_on_more_crops_than_one_tile() -> None:
    f = people(2000, dim=64)
    products, indices = faiss.knn(f, f, 30, metric=faiss.METRIC_INNER_PRODUCT)
    ours = nearest(f, 30)
    np.testing.assert_allclose(1 - ours[0] ** 2 / 2, np.minimum(products, 1), atol=1e-6)
    assert (np.sort(ours[1], axis=1) == np.sort(indices, axis=1)).mean() > 0.9999, "but for rounding"


def test_a_crop_comes_first_even_among_many_copies() -> None:
    f = np.repeat(people(2, seed=3), 20, axis=0)
    distances, indices = nearest(f, 5)
    np.testing.assert_array_equal(indices[:, 0], np.arange(40))
    np.testing.assert_array_equal(indices[3], [3, 0, 1, 2, 4])
    np.testing.assert_array_equal(indices[39], [39, 20, 21, 22, 23])
    assert (distances == 0).all()


@pytest.mark.parametrize(("tile", "cores"), [(512, 1), (512, 3), (37, 2), (8, 5)])
def test_copies_do_not_depend_on_tiles_or_cores(
    tile: int, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    f = np.random.default_rng(0).permutation(np.repeat(people(60, dim=300), 5, axis=0))
    expected = nearest(f, 12)
    monkeypatch.setattr("reidkit.neighbours.tiles.TILE", tile)
    monkeypatch.setattr("reidkit.neighbours.tiles.cpu_count", lambda: cores)
    monkeypatch.setattr("reidkit.distances.threads.cpu_count", lambda: cores)
    distances, indices = nearest(f, 12)
    np.testing.assert_array_equal(indices, expected[1])
    np.testing.assert_allclose(distances**2, expected[0] ** 2, atol=1e-5)


def test_names_a_broken_row() -> None:
    f = people(10)
    f[7] = np.nan
    with pytest.raises(ReidkitError, match="row 7"):
        nearest(f, 3)


def test_refuses_to_find_nobody() -> None:
    with pytest.raises(ReidkitError, match="k = 0"):
        nearest(people(10), 0)


def test_a_processor_needs_no_torch() -> None:
    code = (
        "import sys, numpy; from reidkit.neighbours import jaccard_graph;"
        "jaccard_graph(numpy.eye(9, dtype=numpy.float32)); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
