"""How much of a training iteration is the network itself?

Everything else - reading pixels, augmenting, the optimiser, the memory, the numbers for the record - should
stay below a tenth. Run: ``python -m tests.benchmarks.iteration [--batches 20]``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from reidkit.data import open_crops, open_pixels, without_identities
from reidkit.engine.config import TrainConfig
from reidkit.engine.judge import Judge
from reidkit.engine.record import RecordWriter
from reidkit.engine.runtime import Runtime
from reidkit.engine.trainer import Trainer
from reidkit.methods import ClusterContrast, Setting
from reidkit.models import build_model
from tests.benchmarks.scenes import write_market

CASES = (("tiny", 128, 64), ("osnet_x0_25", 256, 128))
PEOPLE = 128


def timed(seconds: Counter[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, its seconds added up under a name."""

    def call(*args: Any, **options: Any) -> Any:
        start = time.perf_counter()
        result = function(*args, **options)
        if torch.accelerator.is_available():
            torch.accelerator.synchronize()
        seconds[name] += time.perf_counter() - start
        return result

    return call


def make_trainer(folder: Path, backbone: str, height: int, width: int, device: str) -> Trainer:
    """Set up a training of Cluster Contrast, batches of 16 x 4, labelled as if clustering were perfect."""
    crops = open_crops(folder / f"{height}")
    config = TrainConfig(backbone=backbone, init="random", instances=4, device=device)
    runtime = Runtime(device=device)
    model = build_model(backbone, init="random", bn_images=config.bn_images)
    setting = Setting(config.as_dict(), model.dims, np.zeros(0, np.int64))
    trainer = Trainer(
        model, ClusterContrast.build(setting), without_identities(crops),
        open_pixels(crops, height=height, width=width, progress=False), config,
        judge=Judge(crops), record=RecordWriter(folder / f"run-{backbone}", {}, crops), runtime=runtime,
    )  # fmt: skip
    trainer._labels = crops["pid"].to_numpy(np.int64)[crops["split"] == "train"] - 1
    features = np.random.default_rng(0).normal(size=(len(trainer._labels), model.embedding_dim))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    trainer._features = {"global": features.astype(np.float32)}
    return trainer


def measure(trainer: Trainer, batches: int) -> Counter[str]:
    """Train some batches and return the seconds of each part of an iteration."""
    seconds: Counter[str] = Counter()
    method = trainer._bare.method
    method.start_epoch(trainer._features, trainer._labels, 0)
    trainer.step.train()
    drawn = list(method.batches(trainer._labels, trainer._camids, batches + 3, trainer._rng))
    for batch in drawn[:3]:  # warm up
        trainer._train_batch(batch)
    trainer.runtime.backward = timed(seconds, "network", trainer.runtime.backward)
    trainer.step.forward = timed(seconds, "network", trainer.step.forward)
    trainer.optimiser.step = timed(seconds, "optimiser", trainer.optimiser.step)
    trainer.augment = timed(seconds, "augment", trainer.augment)
    method.update = timed(seconds, "memory", method.update)
    start = time.perf_counter()
    for batch in drawn[3:]:
        trainer._train_batch(batch)
    seconds["all"] = time.perf_counter() - start
    return seconds


def main() -> None:
    """Print one line a network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    print(
        f"{'network':12} {'crops':8} {'ms a batch':>10}  share of network | augment, optimiser, memory, rest"
    )
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["REIDKIT_CACHE"] = f"{temporary}/cache"
        for backbone, height, width in CASES:
            counts = {"train": 8 * PEOPLE, "query": 1, "gallery": 1}
            write_market(Path(temporary) / f"{height}", counts, people=PEOPLE, height=height, width=width)
            trainer = make_trainer(Path(temporary), backbone, height, width, args.device)
            seconds = measure(trainer, args.batches)
            parts = [seconds[name] / seconds["all"] for name in ("network", "augment", "optimiser", "memory")]
            ms = 1000 * seconds["all"] / args.batches
            shares = ", ".join(f"{part:.1%}" for part in [*parts[1:], 1 - sum(parts)])
            print(f"{backbone:12} {height}x{width:<4} {ms:10.1f}  {parts[0]:16.1%} | {shares}")


if __name__ == "__main__":
    main()
