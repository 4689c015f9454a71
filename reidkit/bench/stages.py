"""The computations that are measured. Each is a pair of functions: ours, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reidkit.bench import references
from reidkit.bench.features import Crowd, draw_crowd
from reidkit.distances import pair_distributions
from reidkit.evaluation import rank
from reidkit.labels import cluster_tree, dbscan
from reidkit.neighbours import dense_distances, jaccard_graph, nearest
from reidkit.projection import project

DENSE_LIMIT = 13_000  # rows: an N x N table of float32 then has 0.68 GB
EPS = 0.6
CUTS = np.linspace(0.2, 0.6, 100)
TEST_SIZES = {12_936: (3_368, 15_913), 32_621: (11_659, 82_161), 126_000: (11_659, 114_341)}
"""Query and gallery crops that go with a number of training crops: Market-1501's, MSMT17's, and all of
MSMT17 but the queries."""


@dataclass(frozen=True)
class Stage:
    """One computation.

    Attributes:
        about: what it is, for the table.
        ours: the function that is measured, on what ``prepare`` made.
        references: by name, what it is compared with, and up to which N.
        warm_up: crops of the first, uncounted run: what numba compiles and libraries load is not the
            computation.
        prepare: makes the input from N, D and a seed; not measured. ``dense``: also what only a
            reference needs.
    """

    about: str
    ours: Callable[[Any], Any]
    references: Mapping[str, tuple[Callable[[Any], Any], int]] = field(default_factory=dict)
    prepare: Callable[[int, int, bool], Any] = lambda n, dim, dense: draw_crowd(n, dim)
    warm_up: int = 256


def _labels(crowd: Crowd) -> np.ndarray:
    return dbscan(jaccard_graph(crowd.features, eps=EPS), eps=EPS)


def _graph(n: int, dim: int, dense: bool) -> Any:
    graph = jaccard_graph(draw_crowd(n, dim).features, eps=None if dense else EPS)
    return dense_distances(graph) if dense else graph


def _tree(graph: Any) -> list[np.ndarray]:
    tree = cluster_tree(graph, min_samples=4)
    return [tree.cut(eps) for eps in CUTS]


def _test_set(n: int, dim: int, dense: bool) -> tuple[Crowd, Crowd]:
    queries, gallery = TEST_SIZES.get(n, (n // 5, n - n // 5))
    crowd = draw_crowd(queries + gallery, dim)
    return Crowd(*(part[:queries] for part in crowd)), Crowd(*(part[queries:] for part in crowd))


def _rank(test: tuple[Crowd, Crowd]) -> float:
    query, gallery = test
    ranking = rank(query.features, query.pids, query.camids, gallery.features, gallery.pids, gallery.camids)
    return ranking.summary()["mAP"]


def _pairs(crowd: Crowd) -> Any:
    return pair_distributions(crowd.features, crowd.pids, crowd.camids, never_positive=0)


def _umap(crowd: Crowd) -> np.ndarray:
    from umap import UMAP

    return UMAP(random_state=0).fit_transform(crowd.features)


STAGES: dict[str, Stage] = {
    "neighbours": Stage(
        "the 30 nearest of each crop",
        lambda crowd: nearest(crowd.features, 30)[1],
        {"N x N table": (lambda crowd: references.dense_neighbours(crowd.features, 30), DENSE_LIMIT)},
    ),
    "jaccard": Stage(
        "neighbours, Jaccard distance, DBSCAN",
        _labels,
        {
            "N x N tables, Python loops": (
                lambda crowd: references.dense_labels(references.dense_jaccard(crowd.features), EPS),
                DENSE_LIMIT,
            )
        },
    ),
    "tree": Stage(
        "DBSCAN at 100 values of eps",
        _tree,
        {
            "three DBSCANs on the N x N table": (
                lambda table: [references.dense_labels(table, eps) for eps in (0.4, 0.5, 0.6)],
                DENSE_LIMIT,
            )
        },
        _graph,
    ),
    "ranking": Stage(
        "CMC, mAP, mINP of the test crops",
        _rank,
        {"sorting the gallery": (lambda test: references.sorted_map(*test), DENSE_LIMIT)},
        _test_set,
    ),
    "pairs": Stage(
        "histograms of all pairs",
        _pairs,
        {
            "the bare product": (lambda crowd: references.bare_products(crowd.features), 200_000),
            "N x N tables": (references.dense_histograms, DENSE_LIMIT),
        },
    ),
    "map": Stage(
        "UMAP",
        lambda crowd: project(crowd.features),
        {"umap-learn": (_umap, DENSE_LIMIT)},
        warm_up=4_200,  # only above 4,096 crops does umap-learn compile its own search for neighbours
    ),
}
