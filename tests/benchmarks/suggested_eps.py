"""How good is an eps that is suggested without identities?

Winter towns are drawn and embedded by the shipped network, untrained for them; recorded runs give features
after some training. For each, the pair F1 at the suggested eps is given as a share of the best that any eps
reaches (which needs identities to be found). So it is for three others: the eps from which on three of four
crops are core crops, the 0.5 of our towns preset, and the 0.6 of Cluster Contrast.
Run: ``python -m tests.benchmarks.suggested_eps [--seeds 0 1 2] [--people 40] [--runs RUN ...]``
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from reidkit.data import open_crops, select
from reidkit.data.towns import draw_town
from reidkit.engine.embedding import embed_crops
from reidkit.engine.record import Record
from reidkit.labels import cluster_tree, label_quality
from reidkit.models import build_model
from reidkit.neighbours import jaccard_graph

RULES = ("suggested", "3/4 core", "0.5", "0.6")
Features = tuple[str, np.ndarray, pd.Series]


def towns(folder: Path, seeds: list[int], people: int | None) -> Iterator[Features]:
    """Draw Winter towns; yield a name, the features and the identities of the training crops."""
    model = build_model("tiny", init="tiny")
    for seed in seeds:
        town = draw_town("winter", folder / f"winter{seed}", seed=seed, people=people, progress=False)
        crops = select(open_crops(town), "train")
        yield f"winter {seed}", embed_crops(model, crops, progress=False)["global"], crops["pid"]


def runs(folders: list[Path]) -> Iterator[Features]:
    """Yield the features of some epochs of recorded runs."""
    for folder in folders:
        run = Record(folder)
        for epoch in run.recorded[1::3]:
            yield f"{folder.name}, epoch {epoch}", run.features(epoch), select(run.crops, "train")["pid"]


def judge(name: str, features: np.ndarray, pids: pd.Series, k1: int) -> dict[str, object]:
    """Return one row: the best eps, the suggested one, and the share of the best F1 that each rule gets."""
    tree = cluster_tree(jaccard_graph(features, k1=k1))
    f1 = tree.sweep(pids=pids).set_index("eps")["pair_f1"]
    three_of_four = min(float(np.quantile(tree.core, 0.75)), 1.0)
    chosen = dict(zip(RULES, (tree.suggest_eps(), three_of_four, 0.5, 0.6), strict=True))
    row = {"features": name, "k1": k1, "best eps": f1.idxmax(), "best F1": f1.max(), "eps": chosen[RULES[0]]}
    for rule, eps in chosen.items():
        row[rule] = label_quality(tree.cut(eps), pids, ami=False)["pair_f1"] / f1.max()
    return row


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--runs", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        sets = [*towns(Path(temporary), args.seeds, args.people), *runs(args.runs)]
        table = pd.DataFrame([judge(*features, k1) for features in sets for k1 in (30, 15)])
    print(table.round(2).to_string(index=False))
    shares = table[list(RULES)]
    print(pd.DataFrame({"mean": shares.mean(), "least": shares.min()}).round(2).T.to_string())


if __name__ == "__main__":
    main()
