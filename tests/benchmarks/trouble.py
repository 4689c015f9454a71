"""What is each cure worth? The run of notebook 09, mended one fault after the other.

On each troubled town (see :mod:`reidkit.data.towns.trouble`) a run with a wrong eps is followed by runs
from the same shipped network: with the released eps, or the end of the plateau of the first run's last
features if that is lower; on crops whose colour cast was measured and taken away, too; and with the doctor's
suspected merges cut, suspected splits joined and the copies dropped, too. "no fault" is the same town without
any, at the same eps. A call that was interrupted goes on.
Run: ``OMP_NUM_THREADS=1 python -m tests.benchmarks.trouble [--seeds 0 1 2] [--out runs/trouble]``
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reidkit.data import blueness, colour_cast, mean_colours, open_crops, select, write_balanced
from reidkit.data.towns import Trouble, draw_troubled_town
from reidkit.engine.config import make_config
from reidkit.engine.embedding import embed_crops
from reidkit.engine.record import Record
from reidkit.engine.runs import WEIGHTS, ensure_run
from reidkit.labels import cluster_tree
from reidkit.labels.doctor import examine
from reidkit.labels.edits import EditLog
from reidkit.labels.symptoms import SAME_PICTURE
from reidkit.models import build_model
from reidkit.neighbours import jaccard_graph, nearest

BAD_EPS, GOOD_EPS, BLUE, ROUNDS = 0.75, 0.6, 0.5, 3
FIGURES = ["mAP", "rank1", "overlap", "clusters", "pair_precision", "pair_recall", "pair_f1"]


def balanced(town: Path, out: Path) -> Path:
    """Take the cast away: in camera 2, the crops that are bluer than its others by half an octave."""
    crops = open_crops(town)
    colours = mean_colours(crops, progress=False)
    mine = (crops["camid"] == 2).to_numpy(bool)
    odd = mine & (blueness(colours) > BLUE)
    factors = colour_cast(colours, odd, mine & ~odd)
    return write_balanced(town, out, crops["path"][odd], factors)


def mended(run: Record, town: Path, eps: float, file: Path) -> Path:
    """Drop copies, cut, then join what the doctor suspects, in a run's labels for the balanced crops."""
    crops = select(open_crops(town), "train")
    features = embed_crops(build_model("tiny", init=run.path / WEIGHTS), crops, progress=False)["global"]
    log = EditLog(cluster_tree(jaccard_graph(features)).cut(eps), crops["path"])
    distance, row = nearest(features, 2)
    first = np.arange(len(crops))
    copies = first[(distance[:, 1] < SAME_PICTURE) & (row[:, 1] < first) & (log.labels >= 0)]
    if len(copies):
        log.drop(copies)
    for kinds in (["merge"], ["split", "camera"]):
        for _ in range(ROUNDS):
            log.apply_all(examine(features, log.labels, crops["camid"], kinds=kinds))
    print(pd.DataFrame(log.quality(crops["pid"])).round(3).T.to_string())
    return log.save(file)


def series(seed: int, out: Path, size: dict[str, Any]) -> pd.DataFrame:
    """Make all runs of one seed; one row each."""
    town = draw_troubled_town(out / f"town{seed}", seed=seed, progress=False)
    nothing = Trouble(sequences=(), twins=0, copies=0)
    clean = draw_troubled_town(out / f"faultless{seed}", nothing, seed=seed, progress=False)

    def go(name: str, data: Path, eps: float, **more: Any) -> Record:
        config = make_config("towns", size | {"seed": seed, "eps": eps} | more)
        return ensure_run(data, out / f"{name}{seed}", config, progress=False)

    bad = go("bad", town, BAD_EPS)
    eps = min(GOOD_EPS, cluster_tree(jaccard_graph(bad.features(bad.recorded[-1]))).plateau()[1])
    whole = balanced(town, out / f"balanced{seed}")
    runs = {"bad": bad, "eps": go("eps", town, eps), "colours": go("colours", whole, eps),
            "no fault": go("clean", clean, eps)}  # fmt: skip
    edited = mended(bad, whole, eps, out / f"edited{seed}.json")
    runs["labels"] = go("labels", whole, eps, labels=str(edited))
    table = pd.DataFrame({name: run.epochs.iloc[-1][FIGURES] for name, run in runs.items()}).T.astype(float)
    print(f"seed {seed}, eps {eps:.3f}", table.round(3).to_string(), sep="\n", flush=True)
    return table


def main() -> None:
    """Print a table a seed, and their mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=Path("runs/trouble"))
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--iters", type=int, default=40)
    args = parser.parse_args()
    tables = [series(seed, args.out, {"epochs": args.epochs, "iters": args.iters}) for seed in args.seeds]
    together = pd.concat(tables).groupby(level=0, sort=False)
    print(together.mean().round(3).to_string(), together.std().round(3).to_string(), sep="\n")


if __name__ == "__main__":
    main()
