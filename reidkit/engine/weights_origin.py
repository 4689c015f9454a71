"""Where weights come from, and what that means for a score: has the network been trained on its test?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reidkit.data import select
from reidkit.engine.record import Record
from reidkit.errors import ReidkitError

OPTIONS = ("height", "width", "pooling")


def cautions(
    init: str, folds: Sequence[pd.DataFrame], options: Mapping[str, Any], *, layout: str
) -> list[str]:
    """Return what should be known of weights before their score is believed, a sentence or two each.

    A run's weights lie in its folder, beside its record, which says on what they were trained. Of other
    weights nothing is known; but where a benchmark has folds, what must hold is said.

    Args:
        init: the weights, as for :func:`reidkit.models.build_model`.
        folds: the test crops of each fold they are judged on.
        options: height, width and pooling with which they are judged.
        layout: the layout of the data without a fold, for what to do about it.
    """
    run = _run_of(init)
    if run is None:
        return [_of_folds(layout, len(folds))] if len(folds) > 1 else []
    return [*_trained_on_test(run, folds, layout), *_judged_otherwise(run, options)]


def _run_of(init: str) -> Record | None:
    """Return the run in whose folder a file of weights lies, if there is one that can be read."""
    folder = Path(init).expanduser().parent
    if not (Path(init).is_file() and (folder / "crops.parquet").is_file()):
        return None
    try:
        return Record(folder)
    except ReidkitError:
        return None


def _of_folds(layout: str, folds: int) -> str:
    return (
        f"one network is judged on all {folds} folds: right for weights that have seen none of these people. "
        "A network trained on one fold has seen the people whom the others test; judge it on its own, as "
        f"--layout {layout}:7 does for fold 7."
    )


def _trained_on_test(run: Record, folds: Sequence[pd.DataFrame], layout: str) -> list[str]:
    """Say how many of the crops that are judged were trained on, by their paths."""
    seen = set(select(run.crops, "train")["path"])
    tested = {path for fold in folds for path in fold["path"]}
    both = len(seen & tested)
    if not both:
        return []
    told = (
        f"{run.path} was trained on {both:,} of the {len(tested):,} crops that are judged here, so these "
        "figures are too good."
    )
    own: list[int] = list(run.crops["fold"].dropna().unique()) if "fold" in run.crops else []
    cure = f" Judge it on its own fold: --layout {layout}:{own[0]}." if len(own) == 1 else ""
    return [told + cure]


def _judged_otherwise(run: Record, options: Mapping[str, Any]) -> list[str]:
    """Say which options the run had, where it is judged with others."""
    had = {name: run.config.get(name) for name in OPTIONS}
    other = [f"--{name} {value}" for name, value in had.items() if value not in (None, options[name])]
    return (
        [f"{run.path} was trained with {' '.join(other)}; without, this is not its score."] if other else []
    )
