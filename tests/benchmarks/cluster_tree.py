"""How does the cluster tree compare with one DBSCAN after another?

Ratios of times taken in turn in one process, at Market-1501's size by default, and a larger graph's cost.
The features are people x cameras: a direction of the person, one of the camera, one of the person under this
camera, and noise.
Run: ``python -m tests.benchmarks.cluster_tree [--crops 12936] [--large 126000]``. Needs about 4 GB of memory.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from scipy.sparse import csr_array
from sklearn.cluster import DBSCAN

from reidkit.labels import cluster_tree, dbscan, label_quality
from reidkit.neighbours import dense_distances, jaccard_graph
from tests.benchmarks.full_size import peak_gb

T = TypeVar("T")
CAMERAS, CROPS_OF_A_PERSON, DIM = 6, 17, 256


def draw_features(crops: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (N, D) unit features and (N,) identities."""
    rng = np.random.default_rng(0)
    people = crops // CROPS_OF_A_PERSON
    person, camera = rng.integers(0, people, crops), rng.integers(0, CAMERAS, crops)
    features = rng.normal(size=(people, DIM))[person] + 0.5 * rng.normal(size=(CAMERAS, DIM))[camera]
    features += 0.7 * rng.normal(size=(people * CAMERAS, DIM))[person * CAMERAS + camera]
    features += rng.normal(size=(crops, DIM))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return features.astype(np.float32), person + 1


def seconds(work: Callable[[], T]) -> tuple[float, T]:
    """Do the work; return the seconds it took, and its result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def on_the_full_table(graph: csr_array) -> float:
    """Return the seconds of one scikit-learn DBSCAN on N x N distances, the best of three."""
    dense = dense_distances(graph)
    model = DBSCAN(eps=0.6, min_samples=4, metric="precomputed")
    return min(seconds(lambda: model.fit(dense))[0] for _ in range(3))


def compare(crops: int) -> None:
    """Print the tree's cost against scikit-learn's, on the full table and on the sparse graph."""
    features, pids = draw_features(crops)
    made, graph = seconds(lambda: jaccard_graph(features))
    print(f"{crops} crops: {graph.nnz / crops**2:.0%} of the table stored, graph made in {made:.1f} s")
    one = on_the_full_table(graph)
    sparse, _ = seconds(lambda: dbscan(graph, eps=0.6))
    build, tree = seconds(lambda: cluster_tree(graph))
    cuts, _ = seconds(lambda: [tree.cut(eps) for eps in np.linspace(0.01, 0.99, 100)])
    print(f"scikit-learn's DBSCAN: {one:.2f} s on the full table (best of 3), {sparse:.2f} s on the graph")
    print(f"tree: {build:.2f} s to build, {10 * cuts:.2f} ms a cut")
    print(f"build + 100 cuts: {(build + cuts) / one:.2f} of one DBSCAN on the full table, "
          f"{(build + cuts) / sparse:.2f} of one on the graph")  # fmt: skip
    short = jaccard_graph(features, eps=0.6)
    sparse, labels = seconds(lambda: dbscan(short, eps=0.6))
    build, tree = seconds(lambda: cluster_tree(short, eps_max=0.6))
    print(f"graph cut at 0.6: tree {1000 * build:.0f} ms, scikit-learn {1000 * sparse:.0f} ms")
    slow, _ = seconds(lambda: label_quality(labels, pids))
    quick, _ = seconds(lambda: label_quality(labels, pids, ami=False))
    print(f"label_quality: {slow:.2f} s, without AMI {quick:.3f} s")


def draw_graph(crops: int) -> csr_array:
    """Link each crop to 100 others, nearer where both are of one person: as large as a graph cut at 0.7."""
    rng = np.random.default_rng(0)
    steps = np.concatenate([np.arange(1, 17), rng.choice(np.arange(17, crops // 2), 34, replace=False)])
    one = np.repeat(np.arange(crops), len(steps))
    other = (one + np.tile(steps, crops)) % crops
    same_person = one // CROPS_OF_A_PERSON == other // CROPS_OF_A_PERSON
    distance = np.where(same_person, 0.1, 0.4) + 0.3 * rng.random(len(one))
    half = csr_array((distance.astype(np.float32), (one, other)), shape=(crops, crops))
    return half + half.T


def enlarge(crops: int) -> None:
    """Print what the tree of a large graph costs."""
    graph, before = draw_graph(crops), peak_gb()
    build, tree = seconds(lambda: cluster_tree(graph, eps_max=0.7))
    cuts, _ = seconds(lambda: [tree.cut(eps) for eps in np.linspace(0.01, 0.7, 20)])
    print(
        f"{crops} crops, {graph.nnz / crops:.0f} entries a row: {build:.2f} s to build, {50 * cuts:.1f} ms "
        f"a cut; peak {before:.2f} -> {peak_gb():.2f} GB"
    )


def main() -> None:
    """Compile first, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", type=int, default=12_936)
    parser.add_argument("--large", type=int, default=126_000)
    args = parser.parse_args()
    cluster_tree(jaccard_graph(draw_features(300)[0])).cut(0.5)
    enlarge(args.large)
    compare(args.crops)


if __name__ == "__main__":
    main()
