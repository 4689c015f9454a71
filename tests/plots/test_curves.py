"""Numbers over the epochs: the lines carry the table's values."""

from __future__ import annotations

import numpy as np
import pytest

from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.plots import plot_label_quality, plot_means, plot_overlap
from reidkit.plots.curves import measured


def test_means_carry_the_recorded_numbers_and_their_spread(run: Record) -> None:
    ax = plot_means(run.epochs).axes[0]
    for line, pair in zip(ax.get_lines(), ("pos", "neg"), strict=True):
        np.testing.assert_allclose(line.get_ydata(), run.epochs[f"{pair}_mean"])
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx((run.epochs.pos_mean + run.epochs.pos_std).max())
    assert "grows" in ax.get_title(loc="left")


def test_overlap_draws_one_panel_a_score(run: Record) -> None:
    figure = plot_overlap(run.epochs, also=("auc", "mAP"))
    assert len(figure.axes) == 3
    for ax, column in zip(figure.axes, ("overlap", "auc", "mAP"), strict=True):
        np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), run.epochs[column])
        assert ax.get_ylim() == (0, 1.02)
    assert "apart" in figure.get_suptitle()


def test_cameras_are_three_lines_in_one_panel(run: Record) -> None:
    (ax,) = plot_overlap(run.epochs, cameras=True).axes
    drawn = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    assert set(drawn) == {"all pairs", "same camera", "two cameras"}
    np.testing.assert_allclose(drawn["two cameras"], run.epochs["overlap_cross"])


def test_runs_are_told_apart_by_name_and_colour(run: Record) -> None:
    (ax,) = plot_overlap({"one": run.epochs, "two": run.epochs}).axes
    assert [line.get_label() for line in ax.get_lines()] == ["one", "two"]
    assert len({line.get_color() for line in ax.get_lines()}) == 2


def test_epochs_without_a_test_are_left_out(run: Record) -> None:
    table = run.epochs
    table.loc[1, "overlap"] = np.nan
    (ax,) = plot_overlap(table).axes
    assert ax.get_lines()[0].get_xdata().tolist() == [0, 2, 3]


def test_label_quality_with_and_without_identities(run: Record, blind_run: Record) -> None:
    figure = plot_label_quality(run.epochs)
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    np.testing.assert_allclose(lines["AMI"].get_ydata(), run.epochs["ami"])
    assert "true people (12)" in [line.get_label() for line in figure.axes[1].get_lines()]
    assert "better" in figure.get_suptitle()
    blind = plot_label_quality(blind_run.epochs)
    assert "identities unknown" in blind.axes[0].texts[0].get_text()
    outliers = blind.axes[2].get_lines()[0].get_ydata()
    np.testing.assert_array_equal(outliers, blind_run.epochs["outliers"])


def test_what_was_never_measured_is_named(blind_run: Record) -> None:
    with pytest.raises(ReidkitError, match="never measured pos_mean"):
        plot_means(blind_run.epochs)
    assert plot_means(blind_run.epochs, which="pseudo").axes[0].get_lines()
    with pytest.raises(ReidkitError, match="mAP"):
        measured(blind_run.epochs, ["mAP"])
