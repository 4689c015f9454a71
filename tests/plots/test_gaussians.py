"""The bells and the running Gaussians: what is drawn is what the table says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reidkit.errors import ReidkitError
from reidkit.plots import NEG, POS, plot_bells, plot_gaussians, plot_pulls

TOY = {"gds_pos_mean": 0.6, "gds_pos_std": 0.2, "gds_neg_mean": 1.3, "gds_neg_std": 0.1}


def batches(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({name: value + 0.01 * rng.normal(size=n) for name, value in TOY.items()})


def test_bells_have_area_1_and_their_top_at_the_mean() -> None:
    ax = plot_bells(TOY, kappa=2).axes[0]
    bells = [line for line in ax.get_lines() if "Gaussian" in str(line.get_label())]
    assert [bell.get_color() for bell in bells] == [POS, NEG]
    for bell, mean in zip(bells, (0.6, 1.3), strict=True):
        x, y = bell.get_data()
        assert x[np.argmax(y)] == pytest.approx(mean, abs=0.005)
        assert np.trapezoid(y, x) == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize(("kappa", "said"), [(0, "0.70 left"), (2, "0.10 left"), (3, "0.20 right")])
def test_the_marked_points_are_the_tails_that_the_loss_compares(kappa: float, said: str) -> None:
    ax = plot_bells(TOY, kappa=kappa).axes[0]
    marks = [line.get_xdata()[0] for line in ax.get_lines() if line.get_marker() == "^"]
    assert marks == pytest.approx([0.6 + kappa * 0.2, 1.3 - kappa * 0.1])
    assert said in ax.get_title(loc="left")


def test_every_pair_has_an_arrow_from_its_distance_and_the_nearest_is_lowest() -> None:
    positive, negative = np.array([[0.7, -0.2], [0.5, 0.1]]), np.array([[1.2, 0.3]])
    ax = plot_pulls(positive, negative, title="moves").axes[0]
    assert [line.get_xdata().tolist() for line in ax.get_lines()] == [[0.5, 0.7], [1.2]]
    assert (np.diff(ax.get_lines()[0].get_ydata()) > 0).all()
    arrows = {colour: q for q, colour in zip(ax.collections, (POS, NEG), strict=True)}
    assert arrows[POS].U.tolist() == [0.1, -0.2]
    assert arrows[NEG].U.tolist() == [0.3]
    low, high = ax.get_xlim()
    assert low < 0.5
    assert high > 1.5  # where the last arrow ends


def test_each_pass_is_a_line_of_its_own_over_its_batches() -> None:
    passes = [batches(5), batches(7, seed=1)]
    ax = plot_gaussians(passes).axes[0]
    for colour, column in ((POS, "gds_pos_mean"), (NEG, "gds_neg_mean")):
        lines = [line for line in ax.get_lines() if line.get_color() == colour]
        assert [line.get_xdata().tolist() for line in lines] == [[*range(1, 6)], [*range(6, 13)]]
        for line, table in zip(lines, passes, strict=True):
            np.testing.assert_allclose(line.get_ydata(), table[column])
    ends = passes[1].iloc[-1]
    assert f"{ends['gds_pos_mean']:.2f} (Pos)" in ax.get_title(loc="left")


def test_exact_values_stand_at_the_ends_of_the_passes() -> None:
    exact = batches(3, seed=2)
    ax = plot_gaussians([batches(5), batches(7)], exact=exact).axes[0]
    drawn = [line for line in ax.get_lines() if line.get_marker() == "D"]
    for line, kind in zip(drawn, ("pos", "neg"), strict=True):
        np.testing.assert_allclose(np.array(line.get_xdata(), float), [0.5, 5.5, 12.5])
        np.testing.assert_allclose(np.array(line.get_ydata(), float), exact[f"gds_{kind}_mean"])


def test_what_cannot_be_drawn_is_named() -> None:
    with pytest.raises(ReidkitError, match="no pass"):
        plot_gaussians([])
    with pytest.raises(ReidkitError, match="3 ends, but exact has 2 rows"):
        plot_gaussians([batches(2), batches(2)], exact=batches(2))
    with pytest.raises(ReidkitError, match=r"no gds_neg_std .*--add gds"):
        plot_gaussians([batches(2).drop(columns="gds_neg_std")])
    with pytest.raises(ReidkitError, match="no gds_pos_mean"):
        plot_bells(TOY | {"gds_pos_mean": np.nan})
