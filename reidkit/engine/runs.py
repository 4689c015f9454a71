"""Whole runs: from a path and a few options to a record."""

from __future__ import annotations

import platform
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from reidkit.data import open_crops, open_pixels, without_identities
from reidkit.data.samplers import ClusterSampler
from reidkit.engine.config import TrainConfig
from reidkit.engine.embedding import embed_crops
from reidkit.engine.judge import Judge
from reidkit.engine.record import Record, RecordWriter, replace_file
from reidkit.engine.runtime import Runtime
from reidkit.engine.trainer import Trainer
from reidkit.errors import ReidkitError
from reidkit.methods import (
    ClusterContrast,
    ClusterContrastConfig,
    Method,
    Supervised,
    SupervisedConfig,
)
from reidkit.models import build_model, save_weights

METHODS: dict[str, type[Method]] = {method.name: method for method in (ClusterContrast, Supervised)}
WEIGHTS = "model.safetensors"


def train(
    data: str | Path,
    out: str | Path,
    config: TrainConfig | None = None,
    *,
    layout: str | None = None,
    progress: bool = True,
) -> Record:
    """Train on a folder of crops and leave a record.

    Args:
        data: a data set that :func:`reidkit.data.open_crops` recognises.
        out: the run's folder; it must not hold a run with an epoch yet (:func:`resume` goes on with one).
        config: see :class:`reidkit.engine.config.TrainConfig`.
        layout: of the data; recognised when left out.
        progress: show bars and a line an epoch.

    Returns:
        The record; the trained weights lie beside it as model.safetensors.

    Raises:
        ReidkitError: the data, an option or the output folder is not usable; says which.
    """
    out, config = Path(out), config or TrainConfig()
    runtime = Runtime(device=config.device, mixed_precision=config.mixed_precision)
    runtime.on_main(lambda: _refuse_a_run(out))
    config = _with_absolute_init(config)
    crops = open_crops(data, layout=layout)
    settings = config.as_dict() | {"data": str(Path(data).resolve()), "layout": layout}
    settings |= _surroundings()
    return _run(crops, config, out, settings, runtime, progress=progress)


def _with_absolute_init(config: TrainConfig) -> TrainConfig:
    """Whoever resumes a run may stand in another folder."""
    if Path(config.init).is_file():
        return replace(config, init=str(Path(config.init).resolve()))
    return config


def _refuse_a_run(out: Path) -> None:
    if (out / "epochs.csv").exists():
        raise ReidkitError(
            f"{out} already holds a run. Go on with it (`reidkit train --resume {out}`), or give "
            "another --out; nothing is overwritten."
        )


def resume(out: str | Path, *, progress: bool = True) -> Record:
    """Go on with a run that was interrupted, from its last finished epoch.

    On the CPU the result is the same to the bit as that of a run left alone.

    Raises:
        ReidkitError: the folder holds no run, or its crops have changed since.
    """
    record = Record(out)
    settings = record.config
    if (record.path / WEIGHTS).exists():
        raise ReidkitError(f"{out} has ended: there is nothing left to resume.")
    names = TrainConfig().as_dict()
    config = TrainConfig(**{name: settings[name] for name in names if name in settings})
    crops = open_crops(settings["data"], layout=settings["layout"])
    columns = ["path", "camid", "split"]
    if not crops[columns].equals(record.crops[columns]):
        raise ReidkitError(
            f"The crops under {settings['data']} are not those that this run began with "
            f"({len(record.crops)} then, {len(crops)} now). Restore them, or start a new run."
        )
    runtime = Runtime(device=config.device, mixed_precision=config.mixed_precision)
    return _run(crops, config, record.path, settings, runtime, progress=progress)


def ensure_run(
    data: str | Path, out: str | Path, config: TrainConfig, *, progress: bool = True
) -> Record:
    """Return a finished run: the one that lies in ``out``, gone on with if need be, or a new one.

    Raises:
        ReidkitError: ``out`` holds a run of other options or other data.
    """
    out = Path(out)
    if not (out / "config.json").exists():
        return train(data, out, config, progress=progress)
    made_with = Record(out).config
    wanted = _with_absolute_init(config).as_dict() | {"data": str(Path(data).resolve())}
    if differs := [name for name, value in wanted.items() if made_with.get(name) != value]:
        name = differs[0]
        raise ReidkitError(
            f"{out} holds a run with {name} = {made_with.get(name)!r}, not {wanted[name]!r}. "
            "Give another folder, or delete this one."
        )
    return Record(out) if (out / WEIGHTS).exists() else resume(out, progress=progress)


def evaluate(
    data: str | Path,
    *,
    backbone: str,
    init: str,
    pooling: str = "gem",
    height: int | None = None,
    width: int | None = None,
    layout: str | None = None,
    device: str = "auto",
    progress: bool = True,
) -> dict[str, Any]:
    """Judge a network on a data set's query and gallery, without any training.

    Returns:
        The figures of epochs.csv that speak of the test set: mAP, rank1, overlap, d_prime, auc, ...

    Raises:
        ReidkitError: no query or no gallery with known people.
    """
    crops = open_crops(data, layout=layout)
    judge = Judge(crops)
    if not judge.has_test:
        raise ReidkitError(
            f"{data} has no query and gallery crops with known people, so nothing can be judged. "
            "`reidkit data check` shows what it has; a CSV names the split of each crop."
        )
    crops = crops[crops["split"] != "train"].reset_index(drop=True)
    model = build_model(backbone, init=init, pooling=pooling)
    features = embed_crops(model, crops, height=height, width=width, device=device, progress=progress)
    return judge.test(features["global"])[0]


def choose_preset(preset: str) -> str:
    """Turn "auto" into "paper" where there is a GPU, else "laptop"; leave other names alone."""
    if preset != "auto":
        return preset
    return "paper" if torch.accelerator.is_available() else "laptop"


def make_method(config: TrainConfig, crops: pd.DataFrame, dim: int) -> Method:
    """Make the method that the options ask for.

    Args:
        config: the options.
        crops: the table with its pids; only the supervised method reads them.
        dim: width of the network's global view.
    """
    sampler = ClusterSampler(config.clusters, config.instances, cameras=config.use_cameras)
    if _method_class(config.method) is ClusterContrast:
        return ClusterContrast(
            ClusterContrastConfig(
                k1=config.k1, k2=config.k2, eps=config.eps, min_samples=config.min_samples,
                temperature=config.temperature, momentum=config.momentum, sampler=sampler,
            )
        )  # fmt: skip
    train_crops = crops[crops["split"] == "train"]
    pids = train_crops["pid"].to_numpy(dtype=np.int64, na_value=-1)
    # The baseline draws its positives from anywhere, cameras or not.
    options = SupervisedConfig(sampler=replace(sampler, cameras=False))
    return Supervised(pids, dim, options, seed=config.seed)


def _method_class(name: str) -> type[Method]:
    if name not in METHODS:
        raise ReidkitError(f"Unknown method {name!r}; there are {', '.join(METHODS)}.")
    return METHODS[name]


def _run(
    crops: pd.DataFrame,
    config: TrainConfig,
    out: Path,
    settings: dict[str, Any],
    runtime: Runtime,
    *,
    progress: bool,
) -> Record:
    if not (crops["split"] == "train").any():
        raise ReidkitError(f"{settings['data']} has no training crops (split = train).")
    runtime.check_batch(config.clusters * config.instances)
    torch.manual_seed(config.seed)
    model = build_model(
        config.backbone, init=config.init, views=_method_class(config.method).views, pooling=config.pooling,
        bn_images=config.bn_images, seed=config.seed,
    )  # fmt: skip
    method = make_method(config, crops, model.embedding_dim)
    # Before the pixels: a run that is killed while they are decoded can be resumed too.
    record = runtime.on_main(lambda: RecordWriter(out, settings, crops))
    height, width = config.height or model.height, config.width or model.width
    pixels = runtime.on_main(lambda: open_pixels(crops, height=height, width=width, progress=progress))
    trainer = Trainer(
        model, method, without_identities(crops), pixels, config,
        judge=Judge(crops), record=record, runtime=runtime, progress=progress,
    )  # fmt: skip
    trainer.run()
    if runtime.is_main:
        replace_file(out / WEIGHTS, lambda path: save_weights(trainer.model, path))
    runtime.wait()
    return Record(out)


def _surroundings() -> dict[str, Any]:
    """What a run ran on, for its config.json."""
    packages = ("reidkit", "torch", "torchvision", "numpy", "numba", "scikit-learn", "umap-learn")
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "threads": torch.get_num_threads(),
        "versions": {name: version(name) for name in packages},
    }
