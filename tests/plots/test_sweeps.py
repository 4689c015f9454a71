"""The sweep: its best and its suggested value are named and marked, and a poor sweep is drawn too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from reidkit.labels import label_quality
from reidkit.plots import plot_sweep

PIDS = np.array([1, 1, 2, 2, 3, 3])
TRIED = {0.2: [-1, -1, -1, -1, -1, -1], 0.4: [0, 0, 1, 1, 2, 2], 0.6: [0, 0, 0, 0, 1, 1]}


def sweep(values: list[float], knob: str = "eps") -> pd.DataFrame:
    return pd.DataFrame([{knob: eps, **label_quality(TRIED[eps], PIDS)} for eps in values])


def without_identities(values: list[float]) -> pd.DataFrame:
    table = sweep(values)[["eps", "clusters", "outliers"]]
    return table.assign(largest=[np.bincount(np.array(TRIED[eps]) + 1)[1:].max(initial=0) for eps in values])


def upright(ax: Axes) -> dict[str, float]:
    """Where the vertical lines stand, by their names."""
    lines = {line.get_label(): line.get_xdata() for line in ax.get_lines()}
    return {name: x[0] for name, x in lines.items() if len(x) == 2 and x[0] == x[1]}


def test_the_best_value_is_named_and_marked_in_both_panels() -> None:
    figure = plot_sweep(sweep([0.2, 0.4, 0.6]))
    assert figure.get_suptitle() == "Pair F1 is best at eps = 0.4: 100%"
    assert [upright(ax) for ax in figure.axes] == [{"best pair F1": 0.4}] * 2


def test_the_suggested_value_is_compared_with_the_best() -> None:
    figure = plot_sweep(sweep([0.2, 0.4, 0.6]), plateau=(0.5, 0.7))
    f1 = label_quality(TRIED[0.6], PIDS)["pair_f1"]
    assert figure.get_suptitle() == f"eps = 0.6 is suggested and gets {f1:.0%} of the best pair F1"
    for ax in figure.axes:
        assert upright(ax) == {"best pair F1": 0.4, "suggested": pytest.approx(0.6)}
        (band,) = ax.patches
        assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((0.5, 0.7))


def test_the_counts_are_those_of_the_labels() -> None:
    table = without_identities([0.2, 0.4, 0.6]).assign(people=3)
    lines = {line.get_label(): line for line in plot_sweep(table).axes[0].get_lines()}
    assert lines["clusters"].get_ydata().tolist() == [0, 3, 2]
    assert lines["outliers"].get_ydata().tolist() == [6, 0, 0]
    assert lines["crops in the largest cluster"].get_ydata().tolist() == [0, 2, 4]
    assert set(lines["true people"].get_ydata()) == {3}


def test_without_identities_there_is_one_panel_and_no_word_of_them() -> None:
    figure = plot_sweep(without_identities([0.2, 0.4, 0.6]))
    assert figure.get_suptitle() == "Most clusters, 3, at eps = 0.4"
    assert len(figure.axes) == 1
    assert "true" not in " ".join(text.get_text() for text in figure.axes[0].get_legend().get_texts())
    figure = plot_sweep(without_identities([0.2, 0.4, 0.6]), plateau=(0.4, 0.6))
    assert figure.get_suptitle() == "eps = 0.5 is suggested, the middle of the plateau"


def test_without_any_cluster_it_says_so() -> None:
    assert plot_sweep(sweep([0.2], "k1"), knob="k1").get_suptitle() == "No value of k1 makes a cluster"
