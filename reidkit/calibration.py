"""Are the towns hard enough to teach, and can they be learned? The figures, over several seeds.

The drawn towns are tuned so that a class sees something: direct transfer from Summer to Winter lands at
20-45 % mAP, cluster contrast clearly above it, training with Winter's identities above 85 %. This module
measures all three; ``reidkit calibrate`` prints the table that the README shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from reidkit.data.towns import draw_town
from reidkit.engine.config import make_config
from reidkit.engine.record import write_json
from reidkit.engine.runs import ensure_run

FIGURES = ("mAP", "rank1", "overlap", "d_prime", "auc")


def calibrate(out: Path, data: Path, *, seeds: Sequence[int] = (0, 1, 2)) -> pd.DataFrame:
    """Measure direct transfer, cluster contrast and the supervised bound on Winter town.

    Each seed draws its own Winter town, and seeds the training. Runs that are complete are kept, an
    interrupted one goes on: the command may be repeated.

    Args:
        out: folder for the runs (seed0/cluster_contrast, ...) and calibration.json.
        data: folder for the towns (seed0/winter, ...).
        seeds: of the towns and of the trainings.

    Returns:
        One row for each seed and way of training, with the figures of the test set as fractions of 1.
    """
    rows = []
    for seed in seeds:
        town = draw_town("winter", data / f"seed{seed}" / "winter", seed=seed)
        contrast = ensure_run(
            town, out / f"seed{seed}" / "cluster_contrast", make_config("towns", {"seed": seed})
        )
        bound = ensure_run(
            town, out / f"seed{seed}" / "supervised", make_config("towns-supervised", {"seed": seed})
        )
        ends = {
            "direct transfer": contrast.summary["first"],
            "cluster contrast": contrast.summary["last"],
            "supervised": bound.summary["last"],
        }
        rows += [
            {"seed": seed, "run": name, **{figure: end[figure] for figure in FIGURES}}
            for name, end in ends.items()
        ]
    table = pd.DataFrame(rows)
    write_json(out / "calibration.json", {"rows": table.to_dict(orient="records")})
    return table


def summarise(table: pd.DataFrame) -> str:
    """Set the table for the terminal: mean and standard deviation over the seeds.

    >>> rows = [{"seed": s, "run": "a", **dict.fromkeys(FIGURES, s / 2)} for s in (0, 1)]
    >>> print(summarise(pd.DataFrame(rows)))
                 mAP        rank1      overlap      d_prime          auc
    a  0.250 ± 0.354  0.250 ± 0.354  0.250 ± 0.354  0.250 ± 0.354  0.250 ± 0.354
    """
    groups = table.groupby("run", sort=False)[list(FIGURES)]
    mean, spread = groups.mean(), groups.std(ddof=1)
    cells = mean.map("{:.3f}".format) + " ± " + spread.map("{:.3f}".format)
    cells.index.name = None
    return cells.to_string()
