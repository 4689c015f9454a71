"""The full table of a graph: what is not stored is 1."""

from __future__ import annotations

import numpy as np

from reidkit.neighbours import dense_distances, jaccard_graph


def test_what_is_stored_is_kept_and_the_rest_is_one() -> None:
    x = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    graph = jaccard_graph(x / np.linalg.norm(x, axis=1, keepdims=True), k1=6, k2=2)
    table = dense_distances(graph)
    stored = np.zeros(graph.shape, bool)
    for row in range(60):
        for at in range(graph.indptr[row], graph.indptr[row + 1]):
            stored[row, graph.indices[at]] = True
            assert table[row, graph.indices[at]] == graph.data[at]
    assert 0 < stored.mean() < 1
    assert (table[~stored] == 1).all()
    assert (np.diag(table) == 0).all()
