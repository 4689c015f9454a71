"""The ROC curve, checked against the exact measures of the same pairs."""

from __future__ import annotations

import re

import numpy as np
import pytest

from reidkit.distances import pair_distributions, separation
from reidkit.plots import canvas, plot_roc


def two_people() -> tuple[np.ndarray, np.ndarray]:
    """Crops of two people around two directions, with noise that makes Pos and Neg overlap."""
    rng = np.random.default_rng(0)
    pids = np.repeat([1, 2], 60)
    features = rng.normal(size=(120, 8)) + 1.5 * np.eye(8)[pids]
    return (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32), pids


def test_the_title_agrees_with_the_exact_measures() -> None:
    pairs = pair_distributions(*two_people(), never_positive=0)
    exact = separation(pairs)
    title = plot_roc(pairs.table(crops="test", ids="identity")).axes[0].get_title(loc="left")
    area, eer = (float(number) for number in re.findall(r"[\d.]+", title))
    assert area == pytest.approx(exact.auc, abs=0.006)
    assert eer / 100 == pytest.approx(exact.eer, abs=0.006)


def test_the_curve_is_the_share_below_each_threshold() -> None:
    features, pids = two_people()
    table = pair_distributions(features, pids, never_positive=0).table(crops="test", ids="identity")
    _, curve, dot = plot_roc(table).axes[0].get_lines()
    distance = np.linalg.norm(features[:, None] - features[None], axis=2)[np.triu_indices(120, k=1)]
    same = (pids[:, None] == pids)[np.triu_indices(120, k=1)]
    fpr, tpr = curve.get_data()
    for edge in (50, 100, 150):  # the thresholds 0.5, 1.0 and 1.5
        assert fpr[edge] == pytest.approx((distance[~same] < edge / 100).mean(), abs=1e-3)
        assert tpr[edge] == pytest.approx((distance[same] < edge / 100).mean(), abs=1e-3)
    (x,), (y,) = dot.get_data()
    assert x + y == pytest.approx(1)


def test_it_draws_on_given_axes() -> None:
    figure, axes = canvas(1, 2)
    table = pair_distributions(*two_people(), never_positive=0).table(crops="test", ids="identity")
    assert plot_roc(table, title="mine", ax=axes[0, 1]) is figure
    assert axes[0, 1].get_title(loc="left") == "mine"
