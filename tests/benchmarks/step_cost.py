"""What does one step of each method cost, beside the network's own forward and backward pass?

A step is the network's forward pass, the losses, the backward pass and the memories' update. It is measured
in turn with the network alone on the same batch, in seconds of CPU, so that other programs disturb little;
medians are set against each other. LP's student needs its teacher's forward pass too: that is the second
column of ratios. Optimiser, pixels and augmentation are the same for all methods, and are in
``python -m tests.benchmarks.iteration``.

Run: ``python -m tests.benchmarks.step_cost [--backbone tiny] [--preset towns] [--crops 2000] [--steps 15]``
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from reidkit.comparison import parse_variant
from reidkit.engine.config import TrainConfig, find_method
from reidkit.engine.runs import make_method
from reidkit.engine.trainer import Step
from reidkit.methods import Batch, Features, Setting
from reidkit.models import Embedder, build_model

VARIANTS = (
    "cluster-contrast", "cluster-contrast+gds", "sbl", "sbl+gds", "scl", "scl+gds",
    "lp-teacher", "lp-teacher+gds", "lp", "lp+gds",
)  # fmt: skip
CROPS_OF_A_PERSON = 8
LATE = 5
"""An epoch after every warm-up and first pass."""


class Seconds(NamedTuple):
    """Median CPU seconds of the parts."""

    network: float
    teacher: float
    step: float


def draw_features(model: Embedder, crops: int) -> Features:
    """Return unit features by chance, as many as the network would give."""
    rng = np.random.default_rng(0)
    drawn = {name: rng.normal(size=(crops, dim)).astype(np.float32) for name, dim in model.dims.items()}
    return {name: rows / np.linalg.norm(rows, axis=1, keepdims=True) for name, rows in drawn.items()}


def build(config: TrainConfig, method: str) -> Embedder:
    """Return a network from random weights, as a method wants it."""
    return build_model(
        config.backbone, init="random", bn_images=config.bn_images, pooling=config.pooling,
        **find_method(method).network(config.as_dict()),
    )  # fmt: skip


def measure(variant: str, backbone: str, preset: str, crops: int, steps: int) -> Seconds:
    """Time some steps of a variant, labelled as if each eight crops in a row were a person."""
    config = parse_variant(variant, preset, {"backbone": backbone, "init": "random"})
    model, teaches = build(config, config.method), find_method(config.method).teacher
    teacher = build(config, teaches).train() if teaches else None
    features, labels = draw_features(model, crops), np.arange(crops) // CROPS_OF_A_PERSON
    camids = np.arange(crops) % 6
    setting = Setting(config.as_dict(), model.dims, camids, teacher=teacher, teacher_features=features)
    step = Step(model, make_method(config, setting)).train()
    for epoch in (0, LATE):
        step.method.start_epoch(features, labels, epoch)
    seconds: list[Seconds] = []
    for rows in step.method.batches(labels, camids, steps + 2, np.random.default_rng(1)):
        images = torch.randn(len(rows), 3, model.height, model.width)
        batch = Batch(images, torch.from_numpy(rows), torch.from_numpy(labels[rows]))
        alone = timed(forward_and_backward, model, images)
        taught = timed(look, teacher, images) if teacher else 0.0
        seconds.append(Seconds(alone, taught, timed(make_step, step, batch)))
    return Seconds(*np.median(seconds[2:], axis=0))


def timed(function: Callable[..., object], *given: object) -> float:
    """Return the seconds of CPU that a call takes, over all threads."""
    start = time.process_time()
    function(*given)
    return time.process_time() - start


def forward_and_backward(model: Embedder, images: torch.Tensor) -> None:
    """What every method needs of the network."""
    units = [view.unit for view in model(images).values()]
    torch.autograd.backward(units, [torch.ones_like(unit) for unit in units])
    model.zero_grad()


@torch.no_grad()
def look(teacher: Embedder, images: torch.Tensor) -> None:
    """The teacher's forward pass."""
    teacher(images)


def make_step(step: Step, batch: Batch) -> None:
    """All of a method's step."""
    losses, kept = step(*batch)
    sum(losses.values()).backward()  # type: ignore[union-attr]
    step.method.update(kept)
    step.zero_grad()


def main() -> None:
    """Print one line a method."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variants", nargs="*", default=VARIANTS)
    parser.add_argument("--backbone", default="tiny")
    parser.add_argument("--preset", default="towns")
    parser.add_argument("--crops", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=15)
    args = parser.parse_args()
    print(f"{'method':24} {'network ms':>10} {'step ms':>8} {'step/network':>13} {'with teacher':>13}")
    for variant in args.variants:
        s = measure(variant, args.backbone, args.preset, args.crops, args.steps)
        print(
            f"{variant:24} {1000 * s.network:10.1f} {1000 * s.step:8.1f} {s.step / s.network:13.2f} "
            f"{s.step / (s.network + s.teacher):13.2f}"
        )


if __name__ == "__main__":
    main()
