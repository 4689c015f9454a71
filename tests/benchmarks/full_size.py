"""Market-1501's size from end to end: does it fit into a laptop's memory, and where does the time go?

13,000 training, 3,400 query and 20,000 gallery crops of 256x128 are drawn into a temporary folder, then go
through everything that a run does around its training. The network is a fixed, cheap one: it is not measured.
Run: ``python -m tests.benchmarks.full_size [--scale 0.1]``. Needs about 4 GB of disk.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor, nn
from torch.nn import functional

from reidkit.data import open_crops, open_pixels
from reidkit.engine.embedding import embed
from reidkit.engine.judge import Judge
from reidkit.engine.runtime import Runtime
from reidkit.labels import cluster_tree, dbscan
from reidkit.models import View
from reidkit.neighbours import jaccard_graph, nearest
from reidkit.projection import project
from tests.benchmarks.scenes import write_market

T = TypeVar("T")
COUNTS = {"train": 13_000, "query": 3_400, "gallery": 20_000}
PEOPLE, HEIGHT, WIDTH, DIM = 750, 256, 128, 2048
LIMIT_GB = 6.0


class CheapNetwork(nn.Module):
    """The crop's 16x8 mean colours, projected to as many numbers as a ResNet-50 gives."""

    def __init__(self) -> None:
        super().__init__()
        self.projection = nn.Linear(16 * 8 * 3, DIM, bias=False)

    def forward(self, images: Tensor) -> dict[str, View]:
        pooled = self.projection(functional.adaptive_avg_pool2d(images, (16, 8)).flatten(1))
        return {"global": View(pooled, pooled, functional.normalize(pooled, dim=1))}


def peak_gb() -> float:
    """Return the most memory that this process ever held, in GB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def stage(name: str, work: Callable[[], T]) -> T:
    """Do the work; print its seconds, and the peak of memory so far."""
    start = time.perf_counter()
    result = work()
    print(f"{name:24} {time.perf_counter() - start:8.1f} s   peak {peak_gb():5.2f} GB", flush=True)
    return result


def every_eps(graph: csr_array) -> list[np.ndarray]:
    """Build the cluster tree and cut it at 100 values of eps."""
    tree = cluster_tree(graph, eps_max=0.6)
    return [tree.cut(eps) for eps in np.linspace(0.1, 0.6, 100)]


def measure(root: Path, scale: float) -> None:
    """Go through all stages and print a line each."""
    counts = {split: max(int(count * scale), 40) for split, count in COUNTS.items()}
    people = max(int(PEOPLE * scale), 10)
    stage(
        "write the crops",
        lambda: write_market(root / "data", counts, people=people, height=HEIGHT, width=WIDTH),
    )
    runtime = Runtime(device="cpu")
    crops = stage("open_crops", lambda: open_crops(root / "data"))
    pixels = stage(
        "open_pixels (decode)", lambda: open_pixels(crops, height=HEIGHT, width=WIDTH, progress=False)
    )
    stage("open_pixels (again)", lambda: open_pixels(crops, height=HEIGHT, width=WIDTH, progress=False))
    torch.manual_seed(0)
    model = CheapNetwork()
    rows = np.arange(len(crops))
    features = stage("embed", lambda: embed(model, pixels, rows, runtime, progress=False)["global"])
    is_train = (crops["split"] == "train").to_numpy()
    train, test = features[is_train], features[~is_train]
    near = stage("neighbours (30)", lambda: nearest(train, 30))
    graph = stage("Jaccard distance", lambda: jaccard_graph(train, eps=0.6, neighbours=near))
    labels = stage("DBSCAN", lambda: dbscan(graph, eps=0.6))
    stage("the tree, cut at 100 eps", lambda: every_eps(graph))
    judge = Judge(crops)
    row, _ = stage("judge the training crops", lambda: judge.train(train, labels))
    figures, _ = stage("judge the test crops", lambda: judge.test(test))
    print(f"{len(crops)} crops: {row['clusters']} clusters, label F1 {row['pair_f1']:.2f}, "
          f"mAP {figures['mAP']:.2f}")  # fmt: skip
    stage("load umap-learn", lambda: import_module("umap"))
    stage("map (UMAP)", lambda: project(train, neighbours=near))
    print(
        f"peak memory {peak_gb():.2f} GB: {'within' if peak_gb() <= LIMIT_GB else 'ABOVE'} {LIMIT_GB:.0f} GB"
    )


def main() -> None:
    """Draw, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full number of crops")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["REIDKIT_CACHE"] = f"{temporary}/cache"
        measure(Path(temporary), args.scale)


if __name__ == "__main__":
    main()
