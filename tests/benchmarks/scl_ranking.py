"""What SCL's ranking rule changes: mAP of the last epoch of a run, by our vector and as released.

    reidkit train data/towns/seed100/winter --preset towns --method scl --seed 100 --out runs/scl
    python -m tests.benchmarks.scl_ranking runs/scl

The released code ranks by lambda_g |g - g'| + (1 - lambda_g) / 8 sum_s |l^s - l'^s| + lambda_c [same camera],
with distances that are not squared; we by the vector of :func:`reidkit.methods.scl.combine`.
"""

from __future__ import annotations

import argparse

import numpy as np

from reidkit.engine.record import Record
from reidkit.evaluation import Answers, market1501
from reidkit.methods.scl import SCL, STRIPES, combine

LAMBDA_G, LAMBDA_C = 0.5, 0.05


def mean_ap(distances: np.ndarray, protocol: Answers) -> float:
    """Return mAP under the Market-1501 protocol; distances are (Q, G)."""
    precisions = []
    for query in protocol.judged:
        row = distances[query].copy()
        row[protocol.removed(query)] = np.inf
        order = np.argsort(row, kind="stable")
        places = np.flatnonzero(np.isin(order, protocol.matches(query))) + 1
        precisions.append(np.mean(np.arange(1, len(places) + 1) / places))
    return float(np.mean(precisions))


def euclidean(query: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """Return the distances of unit vectors, (Q, G)."""
    return np.sqrt(np.maximum(2 - 2 * query @ gallery.T, 0))


def main() -> None:
    """Print a line a rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("run")
    record = Record(parser.parse_args().run)
    epoch = record.recorded[-1]
    test = record.crops[record.crops["split"] != "train"]
    is_query = (test["split"] == "query").to_numpy()
    pids, camids = (test[name].to_numpy(np.int64, na_value=-2) for name in ("pid", "camid"))
    protocol = market1501(pids[is_query], camids[is_query], pids[~is_query], camids[~is_query])
    views = {name: record.features(epoch, name, "test") for name in SCL.views}
    apart = {name: euclidean(view[is_query], view[~is_query]) for name, view in views.items()}
    ours = combine(views, LAMBDA_G)
    released = LAMBDA_G * apart["global"] + (1 - LAMBDA_G) / 8 * sum(apart[name] for name in STRIPES)
    camera = LAMBDA_C * (camids[is_query][:, None] == camids[~is_query])
    rules = {
        "our vector": euclidean(ours[is_query], ours[~is_query]),
        "as released, without cameras": released,
        "as released": released + camera,
        "the global view alone": apart["global"],
    }
    for name, distances in rules.items():
        print(f"{name:30} mAP {mean_ap(distances, protocol):.4f}")


if __name__ == "__main__":
    main()
