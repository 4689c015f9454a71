"""Which idea moved what? Methods and their compositions on the same crops, over several seeds.

A *variant* is written as on paper: ``cluster-contrast``, ``lp+gds``, ``cluster-contrast+reliability+gds``.
Without a data set, each seed draws its own Winter town. The first line of the table is *direct
transfer*: the first variant's network before any training. (A method with other views searches with
another vector, so its own start may differ: row 0 of its record.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from reidkit.data import open_crops
from reidkit.data.towns import draw_town
from reidkit.engine.config import TrainConfig, make_config
from reidkit.engine.limits import has_test
from reidkit.engine.record import Record
from reidkit.engine.runs import ensure_run
from reidkit.errors import ReidkitError
from reidkit.files import replace_file
from reidkit.plots.comparison import plot_comparison

FIGURES = ("mAP", "rank1", "overlap", "d_prime", "ami", "pair_f1", "seconds")
NAMES = {"rank1": "Rank-1", "d_prime": "d'", "auc": "AUC", "ami": "AMI", "pair_f1": "pair F1"}
DIRECT = "direct transfer"


def compare(
    variants: Sequence[str],
    out: str | Path,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    preset: str = "towns",
    data: str | Path | None = None,
    towns: str | Path = "data/towns",
    options: Mapping[str, Any] | None = None,
    layout: str | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Train every variant with every seed, and set their figures side by side.

    Runs that are complete are kept, and an interrupted one goes on: the command may be repeated, and a
    variant or a seed may be added later.

    Args:
        variants: methods, each with what is added to it, joined by "+".
        out: folder for the runs (seed0/lp+gds, ...) and for comparison.csv, .md and .png.
        seeds: of the trainings, and of the towns.
        preset, options: see :func:`reidkit.engine.config.make_config`; a setting PART.NAME counts for the
            variants that have the part.
        data: the crops; None draws Winter town, another one for each seed.
        towns: folder for the drawn towns (seed0/winter, ...).
        layout: of the data; recognised when left out.
        progress: show bars and lines.

    Returns:
        One row for each seed and variant: seed, run, :data:`FIGURES`, auc, and "stopped", the reason
        where a run ended early. Figures of the test crops, as fractions of 1; AMI and pair F1 of the last
        pseudo-labels; seconds of the training, its teacher's included.

    Raises:
        ReidkitError: an unknown variant or option, a folder that holds another run, or crops on which
            nothing can be judged.
    """
    configs = {
        (seed, name): parse_variant(name, preset, {**(options or {}), "seed": seed})
        for seed in seeds
        for name in variants
    }
    out, towns = Path(out), Path(towns)
    if data is not None:
        _need_a_test(data, layout)
    rows: list[dict[str, Any]] = []
    for done, ((seed, name), config) in enumerate(configs.items()):
        crops = data or draw_town("winter", towns / f"seed{seed}" / "winter", seed=seed, progress=progress)
        if progress:
            print(f"[{done + 1}/{len(configs)}] {name}, seed {seed}")
        record = ensure_run(crops, out / f"seed{seed}" / name, config, layout=layout, progress=progress)
        if name == variants[0]:
            rows.append({"seed": seed, "run": DIRECT, **_figures(record.summary["first"]), "seconds": 0.0})
        last = _figures(record.summary["last"]) | {"seconds": _seconds(record)}
        rows.append({"seed": seed, "run": name, **last, "stopped": record.summary["stopped"]})
        _write(pd.DataFrame(rows), out)  # after each run: an interrupted comparison leaves a table
    return pd.DataFrame(rows)


def _need_a_test(data: str | Path, layout: str | None) -> None:
    """Refuse crops without a test set before hours are spent: each method looks good on its own labels."""
    if not has_test(open_crops(data, layout=layout)):
        raise ReidkitError(
            f"{data} has no query and gallery crops with known people, so no method can be called better "
            "than another. `reidkit train` trains on it; a CSV names the split and pid of each crop."
        )


def parse_variant(text: str, preset: str, options: Mapping[str, Any]) -> TrainConfig:
    """Read a variant such as "lp+gds".

    Raises:
        ReidkitError: an unknown method, addition or option.

    >>> config = parse_variant("cluster-contrast+gds", "towns", {"settings": {"gds.kappa": 2, "scl.dim": 64}})
    >>> config.method, config.add, config.settings
    ('cluster-contrast', ('gds',), {'gds.kappa': 2})
    """
    method, *add = text.split("+")
    settings = {k: v for k, v in (options.get("settings") or {}).items() if k.split(".")[0] in (method, *add)}
    return make_config(preset, {**options, "method": method, "add": tuple(add), "settings": settings})


def summarise(table: pd.DataFrame, figures: Sequence[str] = FIGURES) -> pd.DataFrame:
    """Return mean ± standard deviation over the seeds as text, one row a run.

    >>> rows = [{"seed": s, "run": "lp", "mAP": 0.5 + s / 4, "seconds": 60.0 + s} for s in (0, 1)]
    >>> print(summarise(pd.DataFrame(rows), ["mAP", "seconds"]))
                  mAP seconds
    lp  0.625 ± 0.177  60 ± 1
    """
    groups = table.groupby("run", sort=False)[list(figures)]
    mean, spread = groups.mean(), groups.std(ddof=1)
    cells = pd.DataFrame(
        {
            NAMES.get(name, name): mean[name].map(_format(name)) + spread[name].map(_plus_minus(name))
            for name in figures
        }
    )
    cells.index.name = None
    return cells


def paired_differences(
    table: pd.DataFrame, against: Mapping[str, str], figure: str = "mAP", *, confidence: float = 0.95
) -> pd.DataFrame:
    """Set each run against another one, seed by seed.

    The towns of two seeds differ more than two methods on one town. So the difference is taken within each
    seed, and only then averaged.

    Args:
        table: from :func:`compare`.
        against: for each run, the run to subtract.
        figure: a column of the table.
        confidence: of Student's t interval for the mean. With three seeds it is wide, as it should be: 95 %
            is 4.3 standard errors.

    Returns:
        One row a run: the difference of each seed under its number, then "mean", "low" and "high" (NaN where
        there is one seed).

    Raises:
        ReidkitError: a run that the table does not have.

    >>> rows = [{"seed": s, "run": run, "mAP": 0.5 + s / 10 + more} for s in (0, 1, 2)
    ...         for run, more in (("a", 0.0), ("a+gds", 0.02 + s / 100))]
    >>> print(paired_differences(pd.DataFrame(rows), {"a+gds": "a"}).round(3).to_string(index=False))
    against    0    1    2  mean   low  high
          a 0.02 0.03 0.04  0.03 0.005 0.055
    """
    values = table.pivot(index="run", columns="seed", values=figure)
    if missing := sorted({*against, *against.values()} - set(values.index)):
        raise ReidkitError(f"The comparison has no run {missing[0]!r}; it has {', '.join(values.index)}.")
    apart = values.loc[list(against)] - values.loc[list(against.values())].to_numpy()
    mean, seeds = apart.mean(axis=1), apart.count(axis=1)
    error = apart.std(axis=1, ddof=1).to_numpy() / np.sqrt(seeds.to_numpy())
    reach = error * stats.t.ppf((1 + confidence) / 2, (seeds - 1).clip(lower=1))
    apart.columns = apart.columns.astype(str)
    apart.insert(0, "against", list(against.values()))
    return apart.assign(mean=mean, low=mean - reach, high=mean + reach)


def _format(name: str) -> Any:
    return {"seconds": "{:.0f}", "d_prime": "{:.2f}"}.get(name, "{:.3f}").format


def _plus_minus(name: str) -> Any:
    """A single seed has no standard deviation."""
    return lambda spread: "" if pd.isna(spread) else f" ± {_format(name)(spread)}"


def _figures(row: Mapping[str, Any]) -> dict[str, float]:
    return {name: row.get(name, float("nan")) for name in (*FIGURES[:-1], "auc")}


def _seconds(record: Record) -> float:
    seconds = float(sum(record.summary["seconds"].values()))
    return seconds + (_seconds(record.teacher) if record.teacher else 0.0)


def _write(table: pd.DataFrame, out: Path) -> None:
    replace_file(out / "comparison.csv", lambda path: table.to_csv(path, index=False))
    replace_file(out / "comparison.md", lambda path: path.write_text(markdown(summarise(table))))
    replace_file(out / "comparison.png", lambda path: path.write_bytes(plot_comparison(table).png()))


def markdown(cells: pd.DataFrame) -> str:
    """Set a table of text as Markdown.

    >>> print(markdown(pd.DataFrame({"mAP": ["0.5"]}, index=["lp"])))
    | run | mAP |
    |---|---|
    | lp | 0.5 |
    """
    body = [[str(name), *row] for name, row in zip(cells.index, cells.to_numpy(), strict=True)]
    lines = [f"| {' | '.join(row)} |" for row in (["run", *cells.columns], *body)]
    return "\n".join([lines[0], "|" + "---|" * (len(cells.columns) + 1), *lines[1:]])
