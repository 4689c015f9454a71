"""The command line. Each command is a few lines around one function of the library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from reidkit.errors import ReidkitError

app = typer.Typer(
    help="See, teach and debug unsupervised person re-identification.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="Look at a data set before you train on it.", no_args_is_help=True)
app.add_typer(data_app, name="data")

Data = Annotated[Path, typer.Argument(help="A Market-1501 folder, a CSV, or a folder of images.")]
Backbone = Annotated[str | None, typer.Option(help="tiny, resnet18, resnet50, osnet_x0_25 ... osnet_x1_0.")]
Init = Annotated[str | None, typer.Option(help="First weights: tiny, imagenet, random, or a file.")]
Layout = Annotated[str | None, typer.Option(help="market1501, table (a CSV), folder; else recognised.")]
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


def main() -> None:
    """Run the command line; a user's error is one line, never a traceback."""
    if os.environ.get("RANK", "0") != "0":
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - of several processes, one speaks
    try:
        app()
    except ReidkitError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except SystemExit as end:
        if end.code == 130:  # what typer makes of Ctrl-C
            print("\nInterrupted. A training run goes on with `reidkit train --resume RUN`.", file=sys.stderr)
        raise


@app.command()
def towns(
    out: Annotated[Path, typer.Option(help="Folder for seed0/summer/, seed0/winter/.")] = Path("data/towns"),
    seed: Annotated[int, typer.Option(help="The same seed draws the same pixels.")] = 0,
) -> None:
    """Draw the two towns: a labelled source (summer) and an unlabelled target (winter).

    Example: `reidkit towns --out data/towns --seed 0`
    """
    from reidkit.data.towns import TOWNS, draw_town

    for name in TOWNS:
        print(f"{name} town: {draw_town(name, out / f'seed{seed}' / name, seed=seed)}")


@data_app.command("check")
def check(data: Data, layout: Layout = None) -> None:
    """Examine a data set: counts, broken or doubled images, queries without a match, and more.

    Ends with status 1 when something would spoil a result.

    Example: `reidkit data check data/towns/seed0/winter`
    """
    from reidkit.data import check_data, open_crops

    report = check_data(open_crops(data, layout=layout))
    print(report)
    raise typer.Exit(report.exit_status)


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
    options = _options(locals()) | {"method": "supervised"}
    _train(data, out, preset, options, layout)


@app.command()
def train(
    data: Annotated[Path | None, typer.Argument(help="As for the other commands; not with --resume.")] = None,
    method: Annotated[str, typer.Option(help="cluster-contrast, sbl, scl or lp.")] = "cluster-contrast",
    add: Annotated[list[str] | None, typer.Option(help="Add gds or reliability; may be repeated.")] = None,
    set_: Settings = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the run.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with this run where it stopped.")] = None,
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
    """
    from reidkit.engine.runs import resume as go_on

    if resume is not None:
        _say_end(go_on(resume))
        return
    if data is None or out is None:
        raise ReidkitError("Give DATA and --out RUN (or --resume RUN to go on with a run).")
    if method == "supervised":
        raise ReidkitError("--method supervised needs identities: that is `reidkit pretrain`.")
    options = _options(locals())
    if no_cam:
        options["use_cameras"] = False
    options["settings"] = _settings(set_ or [])
    _train(data, out, preset, options, layout)


@app.command()
def evaluate(
    data: Data,
    backbone: Annotated[str, typer.Option(help="As for train.")] = "tiny",
    init: Annotated[str, typer.Option(help="The weights to judge.")] = "tiny",
    pooling: Annotated[str, typer.Option(help="gem or avg.")] = "gem",
    height: Size = None,
    width: Size = None,
    layout: Layout = None,
    device: Annotated[str, typer.Option(help="auto or cpu.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Judge a network on query and gallery, as it is: retrieval (Market-1501 protocol) and separation.

    Example: `reidkit evaluate data/towns/seed0/winter --backbone tiny --init tiny`
    """
    from reidkit.engine.record import plain_json
    from reidkit.engine.runs import evaluate as judge

    figures = judge(
        data, backbone=backbone, init=init, pooling=pooling, height=height, width=width,
        layout=layout, device=device, progress=not as_json,
    )  # fmt: skip
    print(plain_json(figures) if as_json else _lines(figures))


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(help="One run, or several to compare.")],
    out: Annotated[Path | None, typer.Option(help="The HTML file; RUN/report.html when left out.")] = None,
) -> None:
    """Write a run as one HTML page that needs nothing else.

    Example: `reidkit report runs/winter`
    """
    from reidkit.report import write_report

    target = out or runs[0] / "report.html"
    named = {run.name: run for run in runs}
    print(f"report: {write_report(named, target)}")


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

    options = _options(locals()) | {"settings": _settings(set_ or [])}
    table = measure(variants, out, seeds=seeds, preset=preset, data=data, options=options, layout=layout)
    print(f"\n{summarise(table).to_string()}\n\ntable and figure: {out / 'comparison.md'}, .csv, .png")
    for row in table.dropna(subset="stopped").to_dict(orient="records"):
        print(f"{row['run']}, seed {row['seed']}, stopped: {row['stopped']}")


@app.command()
def lab(
    notebooks: Annotated[Path, typer.Option(help="Folder of the course.")] = Path("notebooks"),
) -> None:
    """Open JupyterLab on the course.

    Example: `reidkit lab`
    """
    if not notebooks.is_dir():
        raise ReidkitError(f"There is no folder {notebooks}: run this in the project's own folder.")
    raise typer.Exit(subprocess.call([sys.executable, "-m", "jupyterlab", str(notebooks)]))


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """Keep what belongs into a TrainConfig and was given."""
    from reidkit.engine.config import TrainConfig

    names = TrainConfig().as_dict()
    return {k: v for k, v in given.items() if k in names and v is not None}


def _settings(given: list[str]) -> dict[str, Any]:
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


def _train(data: Path, out: Path, preset: str, options: dict[str, Any], layout: str | None) -> None:
    from reidkit.engine.config import make_config
    from reidkit.engine.runs import choose_preset
    from reidkit.engine.runs import train as run

    chosen = choose_preset(preset)
    if preset == "auto":
        print(f"preset: {chosen} (--preset paper|laptop|towns picks another)")
    _say_end(run(data, out, make_config(chosen, options), layout=layout))


def _say_end(record: Any) -> None:
    print(f"record: {record.path}")
    summary = record.summary
    if summary["stopped"]:
        raise ReidkitError(f"Training stopped at epoch {summary['epochs']}: {summary['stopped']}")
    for name in ("mAP", "rank1", "overlap", "d_prime", "auc"):
        first, last = (summary[end].get(name) for end in ("first", "last"))
        if first is not None and last is not None:
            print(f"  {name:8} {first:.4f} -> {last:.4f}")


def _lines(figures: dict[str, Any]) -> str:
    return "\n".join(f"{name:20} {value}" for name, value in figures.items())


if __name__ == "__main__":
    main()
