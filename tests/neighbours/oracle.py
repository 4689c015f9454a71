"""The published definitions written out set by set, in N x N memory; and features to try them on."""

from __future__ import annotations

import numpy as np


def people(n: int, dim: int = 24, spread: float = 0.5, seed: int = 0) -> np.ndarray:
    """Draw n crops of about n / 12 people, in random order."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(max(n // 12, 1), dim))
    x = centres[rng.integers(0, len(centres), n)] + spread * rng.normal(size=(n, dim))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def lattice(n: int, seed: int = 0) -> np.ndarray:
    """Draw rows of four halves, plus or minus, and two zeros.

    Their products are exact in float32, and few: many rows are equal, and many pairs equally far.
    """
    rng = np.random.default_rng(seed)
    halves = np.concatenate([rng.choice([-0.5, 0.5], size=(n, 4)), np.zeros((n, 2))], axis=1)
    return rng.permuted(halves, axis=1).astype(np.float32)


def neighbour_order(f: np.ndarray) -> np.ndarray:
    """All rows in the order of their nearness to each row: itself, then by product, then by index."""
    products = np.minimum(f @ f.T, 1)
    np.fill_diagonal(products, 2)
    return np.argsort(-products, axis=1, kind="stable")


def mutual(near: list[list[int]]) -> list[set[int]]:
    """For each i, those in its list that have i in theirs."""
    return [{j for j in near[i] if i in near[j]} for i in range(len(near))]


def softmax_rows(f: np.ndarray, circles: list[set[int]]) -> np.ndarray:
    v = np.zeros((len(f), len(f)))
    for i, circle in enumerate(circles):
        members = sorted(circle)
        weight = np.exp(-(2 - 2 * f[members] @ f[i]))
        v[i, members] = weight / weight.sum()
    return v


def distance_table(v: np.ndarray) -> np.ndarray:
    shared = np.stack([np.minimum(row, v).sum(axis=1) for row in v])
    table = np.maximum(1 - shared / (2 - shared), 0)
    np.fill_diagonal(table, 0)
    return table


def dense_jaccard(f: np.ndarray, order: np.ndarray, k1: int, k2: int) -> np.ndarray:
    """Zhong et al. as SpCL and Cluster Contrast release it; ``order``: each row's nearest, itself first."""
    half = min(int(np.around(k1 / 2)) + 1, k1)
    circles = mutual([list(row[:k1]) for row in order])
    halves = mutual([list(row[:half]) for row in order])
    expanded = [set(circle) for circle in circles]
    for i, circle in enumerate(circles):
        for q in circle:
            if len(halves[q] & circle) > 2 / 3 * len(halves[q]):
                expanded[i] |= halves[q]
    v = softmax_rows(f, expanded)
    return distance_table(np.stack([v[row[:k2]].mean(axis=0) for row in order]))


def dense_camera_jaccard(
    f: np.ndarray, cams: np.ndarray, k1: tuple[int, int], k2: tuple[int, int]
) -> np.ndarray:
    """Chen et al., ``k1`` and ``k2`` as (intra, inter)."""
    order = neighbour_order(f)
    intra = [[j for j in row if cams[j] == cams[i]] for i, row in enumerate(order)]
    inter = [[j for j in row if cams[j] != cams[i]] for i, row in enumerate(order)]
    near = mutual([row[: k1[0] + 1] for row in intra])
    far = mutual([row[: k1[1] + 1] for row in inter])
    v = softmax_rows(f, [a | b for a, b in zip(near, far, strict=True)])
    means = [a[: k2[0]] + b[: k2[1]] for a, b in zip(intra, inter, strict=True)]
    return distance_table(np.stack([v[members].mean(axis=0) for members in means]))
