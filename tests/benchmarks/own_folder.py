"""What of notebook 10 was luck? Its three trainings, on several drawn folders.

Each seed draws a town, exports it as a plain folder, labels a few crops, and trains three times: "leak", on
all crops, the labelled ones among them (without their names); "fair", without these; "cameras", the same with
the camera of every crop known. All are judged on the labelled crops. A call that was interrupted goes on.
Run: ``OMP_NUM_THREADS=1 python -m tests.benchmarks.own_folder [--seeds 0 1 2 3 4] [--out runs/own_folder]``
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from reidkit.data import check_data, open_crops
from reidkit.data.towns import draw_town, export_town, label_by_hand, read_key
from reidkit.engine.config import make_config
from reidkit.engine.evaluation import evaluate
from reidkit.engine.runs import WEIGHTS, ensure_run

SIZE = {"epochs": 4, "iters": 40}
FIGURES = ["mAP", "rank1", "overlap"]


def tables(folder: Path, seed: int) -> dict[str, pd.DataFrame]:
    """The three tables to train on, the labelled crops in the last two as the notebook splits them."""
    images = check_data(open_crops(folder), progress=False).images
    good = images[(images["broken"] == "") & (images["height"] >= 16) & ~images.duplicated("digest")]
    mine = good[["path", "split"]]
    labelled = label_by_hand(folder, people=15, cameras=(1, 4), shots=4, seed=seed)
    first = labelled.groupby(["pid", "camid"]).cumcount() == 0
    labelled["split"] = np.where(first, "query", "gallery")
    rest = mine[~mine["path"].isin(labelled["path"])]
    known = rest.merge(read_key(folder)[["path", "camid"]], on="path")
    return {"leak": mine, "fair": pd.concat([rest, labelled]), "cameras": pd.concat([known, labelled])}


def series(seed: int, out: Path) -> pd.DataFrame:
    """Make the runs of one seed; one row each, direct transfer first."""
    town = draw_town("winter", out / f"town{seed}", seed=seed, people=40, progress=False)
    folder = export_town(town, out / f"shop{seed}", seed=seed)
    inits = {"direct transfer": "tiny"}
    for name, table in tables(folder, seed).items():
        table.to_csv(out / f"{name}{seed}.csv", index=False)
        config = make_config("towns", SIZE | {"seed": seed})
        run = ensure_run(out / f"{name}{seed}.csv", out / f"run_{name}{seed}", config, progress=False)
        inits[name] = str(run.path / WEIGHTS)
    rows = []
    for name, init in inits.items():
        found = evaluate(out / f"fair{seed}.csv", backbone="tiny", init=init, progress=False)
        rows.append({"run": name, "seed": seed} | {figure: found[figure] for figure in FIGURES})
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--out", type=Path, default=Path("runs/own_folder"))
    args = parser.parse_args()
    parts = []
    for seed in args.seeds:
        parts.append(series(seed, args.out))
        print(parts[-1].round(3).to_string(index=False), flush=True)
    table = pd.concat(parts)
    print(table.pivot_table(index="run", columns="seed", values="mAP", sort=False).round(3).to_string())
    groups = table.groupby("run", sort=False)[FIGURES]
    print(pd.concat({"mean": groups.mean(), "±": groups.std()}, axis=1).round(3).to_string())


if __name__ == "__main__":
    main()
