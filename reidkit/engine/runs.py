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
from reidkit.data.crops import select
from reidkit.data.pixels import Pixels
from reidkit.engine.config import TrainConfig, find_method
from reidkit.engine.embedding import embed
from reidkit.engine.judge import Judge
from reidkit.engine.limits import cannot_know
from reidkit.engine.mending import LABELS, keep_labels, read_mending
from reidkit.engine.record import TEACHER, WEIGHTS, Record, RecordWriter
from reidkit.engine.runtime import Runtime
from reidkit.engine.trainer import Trainer
from reidkit.errors import ReidkitError
from reidkit.files import replace_file
from reidkit.methods import TERMS, Method, Setting, compose
from reidkit.models import Embedder, build_model, save_weights


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
    config = _with_absolute_files(config)
    data = Path(data).resolve()  # also through a link: a resumed run must find the very same paths
    crops = open_crops(data, layout=layout)
    settings = config.as_dict() | {"data": str(data), "layout": layout}
    settings |= _surroundings()
    return _run(crops, config, out, settings, runtime, progress=progress)


def _with_absolute_files(config: TrainConfig) -> TrainConfig:
    """Whoever resumes a run may stand in another folder."""
    if Path(config.init).is_file():
        config = replace(config, init=str(Path(config.init).resolve()))
    return config if config.labels is None else replace(config, labels=str(Path(config.labels).resolve()))


def _refuse_a_run(out: Path) -> None:
    if (out / "epochs.csv").exists():
        raise ReidkitError(
            f"{out} already holds a run. Go on with it (`reidkit train --resume {out}`), or give "
            "another --out; nothing is overwritten."
        )
    if (out / LABELS).exists():
        (out / LABELS).unlink()  # of a run that never got to its first epoch


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
    data: str | Path,
    out: str | Path,
    config: TrainConfig,
    *,
    layout: str | None = None,
    progress: bool = True,
) -> Record:
    """Return a finished run: the one that lies in ``out``, gone on with if need be, or a new one.

    Raises:
        ReidkitError: ``out`` holds a run of other options or other data.
    """
    out = Path(out)
    wanted = _with_absolute_files(config).as_dict() | {"data": str(Path(data).resolve())}
    runtime = Runtime(device=config.device, mixed_precision=config.mixed_precision)
    # One process looks: the others could see what it has written since.
    begun, ended = runtime.on_main(lambda: _look_for_run(out, wanted))
    if not begun:
        return train(data, out, config, layout=layout, progress=progress)
    return Record(out) if ended else resume(out, progress=progress)


def _look_for_run(out: Path, wanted: dict[str, Any]) -> tuple[bool, bool]:
    """Say whether a run was begun in a folder, and whether it ended; refuse one of other options."""
    if not (out / "config.json").exists():
        return False, False
    # An option that is younger than the run was at its default then.
    made_with = TrainConfig().as_dict() | Record(out).config
    if differs := [name for name, value in wanted.items() if made_with.get(name) != value]:
        name = differs[0]
        raise ReidkitError(
            f"{out} holds a run with {name} = {made_with.get(name)!r}, not {wanted[name]!r}. "
            "Give another folder, or delete this one."
        )
    kept, given = out / LABELS, wanted["labels"]
    if given and kept.exists() and Path(given).exists() and kept.read_bytes() != Path(given).read_bytes():
        raise ReidkitError(f"{given} was edited since {out} began with it. Give another folder.")
    return True, (out / WEIGHTS).exists()


def choose_preset(preset: str) -> str:
    """Turn "auto" into "paper" where there is a GPU, else "laptop"; leave other names alone."""
    if preset != "auto":
        return preset
    return "paper" if torch.accelerator.is_available() else "laptop"


def make_method(config: TrainConfig, setting: Setting) -> Method:
    """Make the method that the options ask for, with what is added to it."""
    method = find_method(config.method).build(setting)
    terms = [TERMS[name].build(setting.options) for name in config.add if name in TERMS]
    return compose(method, *terms)


def _setting(config: TrainConfig, crops: pd.DataFrame, model: Embedder) -> Setting:
    """Gather what the method may know; identities only where it says that it needs them."""
    train_crops, options = select(crops, "train"), config.as_dict()
    camids = train_crops["camid"].to_numpy(dtype=np.int64, na_value=-1)
    if not find_method(config.method).needs_identities:
        return Setting(options, model.dims, camids)
    return Setting(options, model.dims, camids, train_crops["pid"].to_numpy(dtype=np.int64, na_value=-1))


def _with_teacher(
    setting: Setting,
    config: TrainConfig,
    out: Path,
    pixels: Pixels,
    rows: np.ndarray,
    runtime: Runtime,
    progress: bool,
) -> Setting:
    """Add the network that teaches, and what it makes of the training crops."""
    name = find_method(config.method).teacher
    if name is None:
        return setting
    teacher = build_model(
        config.backbone, init=out / TEACHER / WEIGHTS, pooling=config.pooling, bn_images=config.bn_images,
        **find_method(name).network(config.as_dict()),
    )  # fmt: skip
    features = embed(teacher.to(runtime.device), pixels, rows, runtime, progress=progress)
    return replace(setting, teacher=teacher, teacher_features=features)


def _train_teacher(settings: dict[str, Any], config: TrainConfig, out: Path, progress: bool) -> None:
    """Train the run's teacher first, or go on with it, as a run of its own in RUN/teacher."""
    kind = find_method(config.method)
    name = kind.teacher
    if name is None:
        return
    added = {key: value for key, value in config.settings.items() if key.split(".")[0] in config.add}
    taught = replace(config, method=name, settings=added | kind.teacher_settings(config.as_dict()))
    if progress:
        print(f"Teacher ({name}), in {out / TEACHER}:")
    record = ensure_run(settings["data"], out / TEACHER, taught, layout=settings["layout"], progress=progress)
    if record.summary["stopped"]:
        raise ReidkitError(f"The teacher in {record.path} stopped: {record.summary['stopped']}")
    if progress:
        print(f"Student ({config.method}), in {out}:")


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
    model = build_model(
        config.backbone, init=config.init, pooling=config.pooling, bn_images=config.bn_images,
        seed=config.seed, **find_method(config.method).network(config.as_dict()),
    )  # fmt: skip
    mending = runtime.on_main(lambda: read_mending(config, crops, out))
    # Before the teacher and the pixels: a run that is killed during either can be resumed too.
    record = runtime.on_main(lambda: RecordWriter(out, settings, crops))
    runtime.on_main(lambda: keep_labels(config, out))
    if progress:
        print("".join(f"cannot be known: {what}\n" for what in cannot_know(crops)), end="")
    _train_teacher(settings, config, out, progress)
    torch.manual_seed(config.seed)  # also where the teacher was trained in another session
    height, width = config.height or model.height, config.width or model.width
    pixels = runtime.on_main(lambda: open_pixels(crops, height=height, width=width, progress=progress))
    rows = np.flatnonzero(crops["split"] == "train")
    setting = _setting(config, crops, model)
    setting = _with_teacher(setting, config, out, pixels, rows, runtime, progress)
    method = make_method(config, setting)
    trainer = Trainer(
        model, method, without_identities(crops), pixels, config,
        judge=Judge(crops), record=record, runtime=runtime, mending=mending, progress=progress,
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
