"""What several commands share: their options, and how these become a run's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from reidkit.errors import ReidkitError

Data = Annotated[Path, typer.Argument(help="A benchmark's folder, a CSV, or a folder of images.")]
Backbone = Annotated[str | None, typer.Option(help="tiny, resnet18, resnet50, osnet_x0_25 ... osnet_x1_0.")]
Init = Annotated[str | None, typer.Option(help="First weights: tiny, imagenet, random, or a file.")]
Layout = Annotated[
    str | None,
    typer.Option(
        help="msmt17, personx, veri776, sysu_mm01, prcc, ltcc, market1501, cuhk03, mlr_cuhk03, viper, "
        "table (a CSV), people, folder; else recognised. Some take words, as cuhk03:detected:7."
    ),
]
Size = Annotated[int | None, typer.Option(help="Pixels the network sees; else the backbone's own.")]
Pooling = Annotated[str | None, typer.Option(help="gem or avg.")]
Device = Annotated[str | None, typer.Option(help="auto or cpu.")]
Epochs = Annotated[int | None, typer.Option(help="How often to label and train.")]
Iters = Annotated[int | None, typer.Option(help="Batches an epoch.")]
Seed = Annotated[int | None, typer.Option(help="Of every random choice.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="A part's own choice, as gds.kappa=2; may be repeated.")
]
Preset = Annotated[str, typer.Option(help="paper, laptop, towns; auto: paper with a GPU, else laptop.")]


def given_options(given: dict[str, Any]) -> dict[str, Any]:
    """Keep what belongs into a TrainConfig and was given."""
    from reidkit.engine.config import TrainConfig

    names = TrainConfig().as_dict()
    return {k: v for k, v in given.items() if k in names and v is not None}


def parse_settings(given: list[str]) -> dict[str, Any]:
    """Read PART.NAME=VALUE; a value is a number, true, false, or else text."""
    settings: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (equals and "." in name):
            raise ReidkitError(f"--set {text}: give PART.NAME=VALUE, as gds.kappa=2.")
        try:
            settings[name] = json.loads(value)
        except json.JSONDecodeError:
            settings[name] = value
    return settings
