"""The sweep: its best value is named and marked, and a sweep without clusters is drawn too."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reidkit.labels import label_quality
from reidkit.plots import plot_sweep

PIDS = np.array([1, 1, 2, 2, 3, 3])
TRIED = {0.2: [-1, -1, -1, -1, -1, -1], 0.4: [0, 0, 1, 1, 2, 2], 0.6: [0, 0, 0, 0, 1, 1]}


def sweep(values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({eps: label_quality(TRIED[eps], PIDS) for eps in values}).T


def test_the_best_value_is_named_and_marked_in_both_panels() -> None:
    figure = plot_sweep(sweep([0.2, 0.4, 0.6]))
    assert figure.get_suptitle() == "Pair F1 is best at eps = 0.4: 100%"
    for ax in figure.axes:
        assert 0.4 in [line.get_xdata()[0] for line in ax.get_lines() if len(set(line.get_xdata())) == 1]


def test_the_counts_are_those_of_the_labels() -> None:
    lines = {line.get_label(): line for line in plot_sweep(sweep([0.2, 0.4, 0.6])).axes[0].get_lines()}
    assert lines["clusters"].get_ydata().tolist() == [0, 3, 2]
    assert lines["outliers"].get_ydata().tolist() == [6, 0, 0]
    assert set(lines["true people"].get_ydata()) == {3}


def test_without_any_cluster_it_says_so() -> None:
    assert plot_sweep(sweep([0.2]), knob="k1").get_suptitle() == "No value of k1 makes a cluster"
