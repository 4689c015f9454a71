"""The camera-aware Jaccard distance against the definition written out densely."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.errors import ReidkitError
from reidkit.neighbours import camera_jaccard_graph, dense_distances, jaccard_graph
from tests.neighbours.oracle import dense_camera_jaccard, people

SMALL = st.integers(1, 6)


@settings(max_examples=15, deadline=None)
@given(
    n=st.integers(1, 100), cameras=st.integers(1, 6), seed=st.integers(0, 99),
    k1=st.tuples(SMALL, st.integers(1, 25)), k2=st.tuples(SMALL, SMALL),
)  # fmt: skip
def test_equals_the_dense_definition(n, cameras, seed, k1, k2) -> None:  # type: ignore[no-untyped-def]
    f = people(n, seed=seed)
    cams = np.random.default_rng(seed).integers(0, cameras, n)
    graph = camera_jaccard_graph(
        f, cams, k1_intra=k1[0], k1_inter=k1[1], k2_intra=k2[0], k2_inter=k2[1]
    )  # fmt: skip
    np.testing.assert_allclose(dense_distances(graph), dense_camera_jaccard(f, cams, k1, k2), atol=1e-5)


def test_the_defaults_are_the_released_values() -> None:
    f, cams = people(150), np.arange(150) % 4
    expected = dense_camera_jaccard(f, cams, (5, 20), (2, 4))
    np.testing.assert_allclose(dense_distances(camera_jaccard_graph(f, cams)), expected, atol=1e-5)


def test_brings_cameras_together_that_look_different() -> None:
    rng = np.random.default_rng(0)
    pids, cams = np.repeat(np.arange(40), 12), np.tile(np.arange(3), 160)
    x = (
        rng.normal(size=(40, 48))[pids]
        + 2 * rng.normal(size=(3, 48))[cams]
        + 0.7 * rng.normal(size=(480, 48))
    )
    f = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
    positive = (pids[:, None] == pids) & (cams[:, None] != cams)
    plain, aware = dense_distances(jaccard_graph(f)), dense_distances(camera_jaccard_graph(f, cams))
    assert aware[positive].mean() < plain[positive].mean() - 0.1


def test_the_names_of_the_cameras_do_not_matter() -> None:
    f, cams = people(200), np.arange(200) % 3
    graph, renamed = camera_jaccard_graph(f, cams), camera_jaccard_graph(f, np.array([70, 3, 9])[cams])
    np.testing.assert_allclose(dense_distances(graph), dense_distances(renamed), atol=1e-6)


def test_eps_keeps_what_is_within_and_no_more() -> None:
    f, cams = people(300), np.arange(300) % 3
    whole = dense_distances(camera_jaccard_graph(f, cams))
    cut = dense_distances(camera_jaccard_graph(f, cams, eps=0.6))
    np.testing.assert_array_equal(cut, np.where(whole <= np.float32(0.6), whole, 1))


def test_every_camera_must_be_known() -> None:
    cams = np.arange(20) % 3
    cams[4] = -1
    with pytest.raises(ReidkitError, match="camera of 1 crops is not known, the first is row 4"):
        camera_jaccard_graph(people(20), cams)
    with pytest.raises(ReidkitError, match="19 values for 20 crops"):
        camera_jaccard_graph(people(20), cams[:19])


def test_refuses_empty_lists() -> None:
    with pytest.raises(ReidkitError, match="k2_inter = 0"):
        camera_jaccard_graph(people(20), np.zeros(20), k2_inter=0)
