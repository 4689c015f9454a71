"""The demo: two drawn towns, one shipped network, and Pos and Neg coming apart."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pandas as pd

from reidkit.data.towns import TOWNS, draw_town
from reidkit.engine.config import TrainConfig, make_config
from reidkit.engine.record import Record, write_json
from reidkit.engine.runs import WEIGHTS, ensure_run
from reidkit.errors import ReidkitError
from reidkit.plots import animate, plot_over_epochs
from reidkit.report import write_report

FIGURES = ("mAP", "rank1", "overlap", "d_prime", "auc")


def run_demo(out: Path, data: Path, *, seed: int = 0, preset: str = "towns", **options: Any) -> Path:
    """Adapt the shipped network from Summer to Winter town, and leave table, record and report.

    Args:
        out: folder for ``cluster_contrast/`` (the record), ``summary.json``, ``report.html``, and
            ``separation.png`` and ``.gif``. An interrupted demo goes on; a finished one is made again.
        data: folder for the towns (seed0/summer, ...); drawn if they are not there.
        seed: of the towns and of the training: the same seed, the same numbers.
        preset, options: see :func:`reidkit.engine.config.make_config`.

    Returns:
        ``out``.

    Raises:
        ReidkitError: ``out`` holds something that is not a demo.
    """
    clock, seconds = time.perf_counter(), {}
    for name in TOWNS:
        draw_town(name, data / f"seed{seed}" / name, seed=seed)
    seconds["towns"] = time.perf_counter() - clock
    clock = time.perf_counter()
    config = make_config(preset, options | {"seed": seed})
    record = _adapt(out / "cluster_contrast", data / f"seed{seed}" / "winter", config)
    seconds["cluster_contrast"] = time.perf_counter() - clock
    clock = time.perf_counter()
    report = write_report({"cluster contrast": record.path}, out / "report.html")
    plot_over_epochs(record).savefig(out / "separation.png")
    animate(record, out / "separation.gif")
    seconds["report"] = time.perf_counter() - clock
    runs = summarise(record)
    write_json(out / "summary.json", {"runs": runs, "seed": seed, "seconds": seconds})
    print(f"\nSummer -> Winter town, seed {seed}\n\n{table(runs)}\n")
    print(f"record:  {record.path}\nsummary: {out / 'summary.json'}\nreport:  {report}")
    print(f"\nLook around in it: reidkit explore {record.path}")
    return out


def _adapt(run: Path, town: Path, config: TrainConfig) -> Record:
    if run.exists() and any(run.iterdir()) and not (run / "config.json").exists():
        raise ReidkitError(f"{run} holds something else than a demo: give another --out.")
    if (run / WEIGHTS).exists():
        print(f"A finished demo lies in {run}: it is made again.")
        shutil.rmtree(run)
    return ensure_run(town, run, config)


def summarise(record: Record) -> dict[str, dict[str, float]]:
    """Return the figures of the first epoch (direct transfer) and of the last (cluster contrast)."""
    ends = {"direct_transfer": record.summary["first"], "cluster_contrast": record.summary["last"]}
    return {name: {figure: row[figure] for figure in FIGURES} for name, row in ends.items()}


def table(runs: dict[str, dict[str, float]]) -> str:
    """Set the figures of several runs as a table for the terminal.

    >>> print(table({"direct_transfer": dict.fromkeys(FIGURES, 0.5)}))
                         mAP  Rank-1  overlap    d'    AUC
    direct transfer   50.0 %  50.0 %    0.500  0.50  0.500
    """
    frame = pd.DataFrame(runs).T
    frame.index = [name.replace("_", " ") for name in runs]
    formats = {"mAP": "{:.1%}", "rank1": "{:.1%}", "overlap": "{:.3f}", "d_prime": "{:.2f}", "auc": "{:.3f}"}
    text = pd.DataFrame({name: frame[name].map(f.format) for name, f in formats.items()})
    text = text.apply(lambda column: column.str.replace("%", " %"))
    return text.rename(columns={"rank1": "Rank-1", "d_prime": "d'", "auc": "AUC"}).to_string()
