"""Features to measure with: people seen by cameras, as a network would embed them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CROPS_PER_PERSON = 17  # Market-1501's training set: 12,936 crops of 751 people
CAMERAS = 6
LATENT = 32
"""A person, a camera and a moment differ in this many independent ways, whatever the dimension: so the
lists of neighbours mix people, as those of a network do that is not yet trained."""


class Crowd(NamedTuple):
    """Features of N crops, and whose they are."""

    features: np.ndarray
    """(N, D) float32, L2-normalised."""
    pids: np.ndarray
    """(N,) int64, from 1."""
    camids: np.ndarray
    """(N,) int64, from 0."""


def draw_crowd(n: int, dim: int, *, seed: int = 0) -> Crowd:
    """Draw person + camera + moment, in :data:`LATENT` dimensions, turned into ``dim``.

    Args:
        n: crops.
        dim: D, length of a feature.
        seed: the same seed draws the same crowd.

    >>> crowd = draw_crowd(100, 64)
    >>> crowd.features.shape, crowd.features.dtype, len(set(crowd.pids)) <= 6
    ((100, 64), dtype('float32'), True)
    """
    rng = np.random.default_rng(seed)
    people = max(round(n / CROPS_PER_PERSON), 2)
    pids, camids = rng.integers(people, size=n), rng.integers(CAMERAS, size=n)
    person, camera = rng.normal(size=(people, LATENT)), rng.normal(size=(CAMERAS, LATENT))
    latent = person[pids] + 0.5 * camera[camids] + 0.7 * rng.normal(size=(n, LATENT))
    turn = rng.normal(size=(LATENT, dim)).astype(np.float32)
    features = latent.astype(np.float32) @ turn
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return Crowd(features, pids + 1, camids)
