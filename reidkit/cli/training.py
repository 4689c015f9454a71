"""Commands that train."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from reidkit.cli.app import app
from reidkit.cli.options import (
    Backbone,
    Data,
    Device,
    Epochs,
    Init,
    Iters,
    Layout,
    Pooling,
    Preset,
    Seed,
    Settings,
    Size,
    given_options,
    parse_settings,
)
from reidkit.errors import ReidkitError


@app.command()
def pretrain(
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder for the run and its weights.")],
    backbone: Backbone = None,
    init: Init = None,
    pooling: Pooling = None,
    epochs: Epochs = None,
    iters: Iters = None,
    height: Size = None,
    width: Size = None,
    seed: Seed = None,
    preset: Preset = "auto",
    layout: Layout = None,
    device: Device = None,
) -> None:
    """Train on a labelled set, with its identities: the first network, or the supervised bound.

    Example: `reidkit pretrain data/towns/seed0/summer --preset towns-pretrain --out runs/summer`
    """
    options = given_options(locals()) | {"method": "supervised"}
    _train(data, out, preset, options, layout)


@app.command()
def train(
    data: Annotated[Path | None, typer.Argument(help="As for the other commands; not with --resume.")] = None,
    method: Annotated[str | None, typer.Option(help="cluster-contrast (default), sbl, scl or lp.")] = None,
    add: Annotated[list[str] | None, typer.Option(help="Add gds or reliability; may be repeated.")] = None,
    set_: Settings = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the run.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with this run where it stopped.")] = None,
    labels: Annotated[str | None, typer.Option(help="Edited labels (EditLog.save) to begin with.")] = None,
    labels_hold: Annotated[int | None, typer.Option(help="Passes that keep them as they are.")] = None,
    backbone: Backbone = None,
    init: Init = None,
    pooling: Pooling = None,
    epochs: Epochs = None,
    iters: Iters = None,
    clusters: Annotated[int | None, typer.Option(help="Clusters in a batch (P).")] = None,
    instances: Annotated[int | None, typer.Option(help="Crops of each (K).")] = None,
    no_cam: Annotated[bool, typer.Option("--no-cam", help="Draw batches from any camera.")] = False,
    lr: Annotated[float | None, typer.Option(help="Learning rate of Adam.")] = None,
    bn_images: Annotated[int | None, typer.Option(help="Images that share batch-norm statistics.")] = None,
    k1: Annotated[int | None, typer.Option(help="Neighbours of the Jaccard distance.")] = None,
    k2: Annotated[int | None, typer.Option(help="Neighbours averaged over.")] = None,
    eps: Annotated[float | None, typer.Option(help="DBSCAN's radius.")] = None,
    min_samples: Annotated[int | None, typer.Option(help="DBSCAN's least neighbours.")] = None,
    momentum: Annotated[float | None, typer.Option(help="Share of the old centroid that stays.")] = None,
    height: Size = None,
    width: Size = None,
    eval_every: Annotated[int | None, typer.Option(help="Judge on the test set this often.")] = None,
    seed: Seed = None,
    preset: Preset = "auto",
    layout: Layout = None,
    device: Device = None,
    mixed_precision: Annotated[str | None, typer.Option(help="no, bf16 or fp16.")] = None,
) -> None:
    """Train without identities, and record every epoch.

    Examples:

    `reidkit train data/towns/seed0/winter --preset towns --out runs/winter`

    `reidkit train crops.csv --backbone osnet_x0_25 --init osnet_x0_25_msmt17.pth --out runs/mine`

    `reidkit train data/towns/seed0/winter --preset towns --method lp --add gds --out runs/lp-gds`

    `reidkit train --resume runs/mine`

    `reidkit train --labels edited.json --out runs/mended` (without DATA, it goes on from the run that the
    labels come from: its crops, its options but those given, its trained weights)
    """
    from reidkit.engine.runs import resume as go_on

    if resume is not None:
        if labels is not None:
            raise ReidkitError("--resume goes on with the labels that the run began with: no --labels.")
        _say_end(go_on(resume))
        return
    if out is None or (data is None and labels is None):
        raise ReidkitError("Give DATA and --out RUN (or --resume RUN to go on with a run).")
    if method == "supervised":
        raise ReidkitError("--method supervised needs identities: that is `reidkit pretrain`.")
    options = given_options(locals())
    if no_cam:
        options["use_cameras"] = False
    options["settings"] = parse_settings(set_ or [])
    if data is None:
        _train_on(out, preset, options, layout)
    else:
        _train(data, out, preset, {"method": "cluster-contrast"} | options, layout)


@app.command()
def compare(
    variants: Annotated[list[str], typer.Argument(help="As cluster-contrast, lp+gds, scl.")],
    out: Annotated[Path, typer.Option(help="Folder for the runs and the table.")] = Path("runs/comparison"),
    data: Annotated[Path | None, typer.Option(help="The crops; else each seed's Winter town.")] = None,
    seeds: Annotated[list[int], typer.Option(help="Repeat for several.")] = [0, 1, 2],  # noqa: B006
    preset: Annotated[str, typer.Option(help="paper, laptop or towns.")] = "towns",
    backbone: Backbone = None,
    init: Init = None,
    epochs: Epochs = None,
    iters: Iters = None,
    height: Size = None,
    width: Size = None,
    set_: Settings = None,
    layout: Layout = None,
    device: Device = None,
) -> None:
    """Train methods and their compositions over several seeds; write the table and the figure.

    It may be interrupted and repeated: finished runs are kept.

    Example: `reidkit compare cluster-contrast cluster-contrast+gds lp lp+gds`
    """
    from reidkit.comparison import compare as measure
    from reidkit.comparison import summarise

    options = given_options(locals()) | {"settings": parse_settings(set_ or [])}
    table = measure(variants, out, seeds=seeds, preset=preset, data=data, options=options, layout=layout)
    print(f"\n{summarise(table).to_string()}\n\ntable and figure: {out / 'comparison.md'}, .csv, .png")
    for row in table.dropna(subset="stopped").to_dict(orient="records"):
        print(f"{row['run']}, seed {row['seed']}, stopped: {row['stopped']}")


@app.command()
def calibrate(
    out: Annotated[Path, typer.Option(help="Folder for the runs.")] = Path("runs/calibration"),
    data: Annotated[Path, typer.Option(help="Folder for the drawn towns.")] = Path("data/towns"),
    seeds: Annotated[list[int], typer.Option(help="Repeat for several.")] = [0, 1, 2],  # noqa: B006
) -> None:
    """Measure how hard the towns are: direct transfer, cluster contrast, and training with identities.

    Example: `reidkit calibrate --seeds 0 --seeds 1 --seeds 2`
    """
    from reidkit.comparison import compare as measure
    from reidkit.comparison import summarise

    table = measure(("cluster-contrast", "supervised"), out, seeds=seeds, towns=data)
    print(f"\n{summarise(table, ('mAP', 'rank1', 'overlap', 'd_prime', 'auc')).to_string()}")


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("runs/demo"),
    data: Annotated[Path, typer.Option(help="Folder for the drawn towns.")] = Path("data/towns"),
    seed: Annotated[int, typer.Option(help="Of the towns and of the training.")] = 0,
) -> None:
    """Draw the towns, adapt the shipped network from summer to winter, and report.

    Example: `reidkit demo`
    """
    from reidkit.demo import run_demo

    run_demo(out, data, seed=seed)


def _train(data: Path, out: Path, preset: str, options: dict[str, Any], layout: str | None) -> None:
    from reidkit.engine.config import make_config
    from reidkit.engine.runs import choose_preset
    from reidkit.engine.runs import train as run

    chosen = choose_preset(preset)
    if preset == "auto":
        print(f"preset: {chosen} (--preset paper|laptop|towns picks another)")
    _say_end(run(data, out, make_config(chosen, options), layout=layout))


def _train_on(out: Path, preset: str, options: dict[str, Any], layout: str | None) -> None:
    from reidkit.engine.mending import origin
    from reidkit.engine.runs import train as run

    if preset != "auto" or layout is not None:
        raise ReidkitError("--preset and --layout go with DATA; without it, the labels' own run has them.")
    config, data, layout = origin(options["labels"], options)
    print(f"data: {data}\nweights: {config.init}\n(options as in the run that the labels come from)")
    _say_end(run(data, out, config, layout=layout))


def _say_end(record: Any) -> None:
    print(f"record: {record.path}")
    summary = record.summary
    if summary["stopped"]:
        raise ReidkitError(f"Training stopped at epoch {summary['epochs']}: {summary['stopped']}")
    names = ("mAP", "rank1", "overlap", "d_prime", "auc")
    if not _say_change(summary, names) and _say_change(summary, [f"pseudo_{name}" for name in names[2:]]):
        print(
            "These are pairs by pseudo-label: how well the clusters stand apart, not whether they are people."
        )


def _say_change(summary: dict[str, Any], names: Sequence[str]) -> bool:
    """Print what became of some figures from first to last; say whether any was measured."""
    width, told = max(map(len, names)) + 1, False
    for name in names:
        first, last = (summary[end].get(name) for end in ("first", "last"))
        if first is not None and last is not None:
            print(f"  {name:{width}} {first:.4f} -> {last:.4f}")
            told = True
    return told
