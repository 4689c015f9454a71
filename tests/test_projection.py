"""UMAP as we use it: repeatable, fed with exact neighbours, steady over the epochs."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from sklearn.manifold import trustworthiness

from reidkit.errors import ReidkitError
from reidkit.neighbours import nearest
from reidkit.projection import align, project, project_epochs


def clouds(noise: float, *, people: int = 8, each: int = 12, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centre = np.repeat(np.random.default_rng(9).normal(size=(people, 16)), each, axis=0)
    x = centre + noise * rng.normal(size=centre.shape)
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def layout() -> np.ndarray:
    return project(clouds(0.4), seed=3)


def test_neighbours_stay_neighbours(layout: np.ndarray) -> None:
    assert layout.shape == (96, 2)
    assert layout.dtype == np.float32
    np.testing.assert_allclose(layout.mean(axis=0), 0, atol=1e-4)
    assert trustworthiness(clouds(0.4), layout, n_neighbors=8) > 0.9


def test_the_same_seed_gives_the_same_map_without_a_warning(layout: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        again = project(clouds(0.4), seed=3)
    np.testing.assert_array_equal(again, layout)
    assert not np.array_equal(project(clouds(0.4), seed=4), layout)


def test_given_neighbours_are_used_instead_of_new_ones(layout: np.ndarray) -> None:
    x = clouds(0.4)
    np.testing.assert_array_equal(project(x, seed=3, neighbours=nearest(x, 15)), layout)
    # Neighbours of other features must give another map: they are what UMAP looks at.
    others = nearest(x[::-1].copy(), 15)
    assert not np.allclose(project(x, seed=3, neighbours=others), layout)


def test_each_epoch_may_bring_its_neighbours() -> None:
    x, y = clouds(0.4), clouds(0.3, seed=1)
    plain = project_epochs([x, y], first=30, later=10)
    given = project_epochs([x, y], neighbours=[nearest(x, 15), nearest(y, 15)], first=30, later=10)
    for mine, theirs in zip(plain, given, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    with pytest.raises(ReidkitError, match="neighbours of 1 epochs for features of 2"):
        project_epochs([x, y], neighbours=[nearest(x, 15)])


def test_a_few_crops_are_enough() -> None:
    few = project(clouds(0.2, people=2, each=3), epochs=20)
    assert few.shape == (6, 2)
    assert np.isfinite(few).all()


def test_what_does_not_fit_is_refused() -> None:
    x = clouds(0.4)
    with pytest.raises(ReidkitError, match="at least 5"):
        project(x[:4])
    distances, indices = nearest(x, 10)
    with pytest.raises(ReidkitError, match="nearest returns them"):
        project(x, neighbours=(indices, distances))
    with pytest.raises(ReidkitError, match="init"):
        project(x, init=np.zeros((3, 2)))
    with pytest.raises(ReidkitError, match="same crops"):
        project_epochs([x, x[:-1]])


def test_points_hardly_move_when_their_features_do_not() -> None:
    x = clouds(0.4)
    first, same, other = project_epochs([x, x, clouds(0.3, seed=1)], seed=0)
    assert np.corrcoef(first.ravel(), same.ravel())[0, 1] > 0.85
    assert np.corrcoef(same.ravel(), other.ravel())[0, 1] > 0.6
    alone = project(clouds(0.3, seed=1), seed=5)
    jump = np.linalg.norm(same - alone, axis=1).mean()
    assert np.linalg.norm(same - other, axis=1).mean() < jump
    assert trustworthiness(clouds(0.3, seed=1), other, n_neighbors=8) > 0.9


@given(st.floats(0, 360), st.floats(0.1, 10), st.booleans(), st.integers(0, 50))
def test_align_undoes_turn_scale_shift_and_mirror(angle, scale, mirror, seed) -> None:
    onto = np.random.default_rng(seed).normal(size=(12, 2))
    turn = Rotation.from_euler("z", angle, degrees=True).as_matrix()[:2, :2]
    moved = scale * (onto * (1, -1 if mirror else 1)) @ turn + (3, -7)
    np.testing.assert_allclose(align(moved, onto), onto, atol=1e-4)


def test_align_keeps_the_width_where_layouts_disagree() -> None:
    rng = np.random.default_rng(0)
    onto, layout = rng.normal(size=(50, 2)), rng.normal(size=(50, 2))
    assert align(layout, onto).std() == pytest.approx(onto.std(), rel=0.05)
