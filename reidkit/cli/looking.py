"""Commands that draw, examine, judge and show."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from reidkit.cli.app import app, data_app
from reidkit.cli.options import Data, Layout, Size
from reidkit.cli.statement import statement
from reidkit.errors import ReidkitError


@app.command()
def towns(
    out: Annotated[
        Path | None, typer.Option(help="Folder for seed0/summer/, seed0/winter/; data/towns when left out.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same pixels.")] = 0,
    form: Annotated[
        str | None, typer.Option(help="A benchmark's form, such as sysu-mm01; list shows all.")
    ] = None,
) -> None:
    """Draw the two towns: a labelled source (summer) and an unlabelled target (winter).

    With --form, draw a miniature instead: some of their people as a benchmark lays them on disk, with its
    names, folders and lists. `--form list` shows the forms.

    Examples:

    `reidkit towns --out data/towns --seed 0`

    `reidkit towns --form sysu-mm01 --out data/mini/sysu-mm01`
    """
    from reidkit.data.towns import TOWNS, draw_town

    if form is not None:
        _miniature(form, out or Path("data/mini") / form, seed)
        return
    out = out or Path("data/towns")
    for name in TOWNS:
        print(f"{name} town: {draw_town(name, out / f'seed{seed}' / name, seed=seed)}")


@data_app.command("check")
def check(
    data: Data,
    layout: Layout = None,
    html: Annotated[Path | None, typer.Option(help="Write the report with pictures as one page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Examine a data set: which one it is, counts, broken or doubled images, queries without a match.

    Ends with status 1 when something would spoil a result.

    Examples:

    `reidkit data check data/towns/seed0/winter`

    `reidkit data check data/towns/seed0/winter --html winter.html`
    """
    from reidkit.data import check_data, open_crops
    from reidkit.data.layouts import which_layout

    name = which_layout(data, layout=layout)
    report = check_data(open_crops(data, layout=layout), layout=name, progress=not as_json)
    if as_json:
        from reidkit.engine.record import plain_json

        print(plain_json({"data": str(data)} | report.as_dict()))
    else:
        print(report)
    if html is not None:
        from reidkit.report import write_data_page

        written = write_data_page(report, html, title=data.resolve().name)
        if not as_json:
            print(f"page: {written}")
    raise typer.Exit(report.exit_status)


@app.command()
def evaluate(
    data: Annotated[Path | None, typer.Argument(help="As for others; not with --features.")] = None,
    features: Annotated[Path | None, typer.Option(help="An .npz or .mat of another code's features.")] = None,
    multi_query: Annotated[
        Path | None,
        typer.Option(help="A file, or with DATA the folder around gt_bbox: crops to average."),
    ] = None,
    backbone: Annotated[str | None, typer.Option(help="As for train; tiny when left out.")] = None,
    init: Annotated[str | None, typer.Option(help="The weights to judge; tiny when left out.")] = None,
    pooling: Annotated[str | None, typer.Option(help="gem (when left out) or avg.")] = None,
    height: Size = None,
    width: Size = None,
    layout: Layout = None,
    protocol: Annotated[
        str | None,
        typer.Option(help="market1501, cuhk03, viper, mlr-cuhk03, sysu-mm01, ltcc, prcc; else what fits."),
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto (when left out) or cpu.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Judge a network on query and gallery, as it is: retrieval, by the data set's protocol, and separation.

    Which protocol it is, which average precision, how many queries counted and why any did not stands first.

    With --features, no network is needed: the file holds query_features, query_pids, query_camids,
    gallery_features, gallery_pids and gallery_camids (in a .mat also query_f, query_label, query_cam, ...).
    For Market-1501's multi-query protocol, --multi-query names a file of multi_features, multi_pids and
    multi_camids (mquery_f, mquery_label, mquery_cam); it may be the same file. With DATA it names the folder
    in which gt_bbox lies, mostly DATA itself. Other protocols than
    Market-1501's ask for more arrays, such as query_clothes and gallery_clothes, and for --protocol.

    Examples:

    `reidkit evaluate data/towns/seed0/winter --backbone tiny --init tiny`

    `reidkit evaluate data/market1501 --multi-query data/market1501`

    `reidkit evaluate --features features.npz`

    `reidkit evaluate --features pytorch_result.mat --multi-query multi_query.mat`
    """
    from reidkit.engine.record import plain_json

    options: dict[str, Any] = {"backbone": backbone, "init": init, "pooling": pooling, "height": height,
                               "width": width, "layout": layout, "device": device}  # fmt: skip
    given = {name: value for name, value in options.items() if value is not None}
    if features is not None:
        figures = _judge_features(features, multi_query, protocol, data, given, progress=not as_json)
        print(plain_json(figures) if as_json else statement(figures))
        return
    if data is None:
        raise ReidkitError("Give DATA, or --features FILE with what a network made of query and gallery.")
    from reidkit.engine.evaluation import evaluate as judge

    options = {"backbone": "tiny", "init": "tiny", "protocol": protocol, "multi": multi_query} | given
    figures = {"data": str(data)} | judge(data, **options, progress=not as_json)
    print(plain_json(figures) if as_json else statement(figures))


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
def explore(
    run: Annotated[Path, typer.Argument(help="A run's folder, or an .npz or .mat of features.")],
    port: Annotated[int, typer.Option(help="The next free one is taken where it is not.")] = 8866,
    browser: Annotated[bool, typer.Option(help="Open the page in your browser.")] = True,
) -> None:
    """Explore a run in the browser: its map, pairs, crops and clusters. Ctrl-C ends it.

    The page is served by this machine for this machine alone, at an address that holds a secret.

    Example: `reidkit explore runs/winter`
    """
    from reidkit.explore.page import serve

    serve(run, port=port, browse=browser)


@app.command()
def bench(
    sizes: Annotated[list[int], typer.Option(help="Crops N; repeat for several.")] = [3000, 12936],  # noqa: B006
    dims: Annotated[list[int], typer.Option(help="Dimensions D of a feature.")] = [512],  # noqa: B006
    stages: Annotated[list[str] | None, typer.Option(help="Some of them; all when left out.")] = None,
    reference: Annotated[bool, typer.Option(help="Measure what ours is compared with, too.")] = True,
    repeat: Annotated[int, typer.Option(help="Runs of each; the quickest counts.")] = 1,
    out: Annotated[Path, typer.Option(help="JSON file; what it holds is not measured again.")] = Path(
        "runs/bench.json"
    ),
) -> None:
    """Time the heavy computations (neighbours, Jaccard, DBSCAN, ranking, all pairs, map) against plain ones.

    Example: `reidkit bench --sizes 3000 --stages jaccard --stages tree`
    """
    from reidkit.bench import STAGES, as_table
    from reidkit.bench import bench as measure

    rows = measure(
        out, sizes=sizes, dims=dims, stages=stages or tuple(STAGES), reference=reference, repeat=repeat
    )
    print(f"{as_table(rows).to_string(index=False)}\n\n{out}")


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


def _miniature(form: str, out: Path, seed: int) -> None:
    from reidkit.data.towns.forms import FORMS, draw_form

    if form == "list":
        print("\n".join(f"{name:17}{one.says}" for name, one in FORMS.items()))
        return
    folder = draw_form(form, out, seed=seed)
    print(f"{form}: {folder}")
    for way in FORMS[form].ways:
        print(f"  reidkit data check {out / FORMS[form].root / way.folder} --layout {way.layout}")


def _judge_features(
    features: Path,
    multi_query: Path | None,
    protocol: str | None,
    data: Path | None,
    given: dict[str, Any],
    *,
    progress: bool,
) -> dict[str, Any]:
    from reidkit.engine.evaluation import evaluate_features

    if data is not None:
        raise ReidkitError(f"--features {features} are judged as they are: without DATA ({data}).")
    if given:
        raise ReidkitError(
            f"--features {features} are judged as they are: no --{' and no --'.join(given)} goes with them."
        )
    return evaluate_features(
        features, multi=multi_query, protocol=protocol or "market1501", progress=progress
    )
