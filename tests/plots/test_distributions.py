"""Pictures of the two distributions, checked by what is on the axes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.plots import NEG, POS, animate, canvas, compare_pairs, plot_over_epochs, plot_pairs
from reidkit.plots.pairs import curves


def area(line: Line2D) -> float:
    x, y = line.get_data()
    return float(np.sum(y) * (x[1] - x[0]))


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def curve_of(figure: Figure, name: str) -> Line2D:
    (line,) = [line for line in figure.axes[0].get_lines() if line.get_label().startswith(name)]
    return line


def test_both_curves_have_area_one_and_their_fixed_colours(run: Record) -> None:
    figure = plot_pairs(run.pairs(0))
    for name, colour in (("Pos", POS), ("Neg", NEG)):
        line = curve_of(figure, name)
        assert area(line) == pytest.approx(1, abs=1e-6)
        assert to_hex(line.get_color()).upper() == colour
    assert legend(figure) == ["Pos: same person", "Neg: other people", "overlap"]


def test_a_pseudo_label_is_not_called_a_person(run: Record) -> None:
    labels = {"crops": "train", "ids": "pseudo"}
    figures = [plot_pairs(run.pairs(0), **labels), plot_over_epochs(run, **labels)]
    assert legend(figures[0])[:2] == ["Pos: same label", "Neg: other labels"]
    assert legend(figures[1]) == ["Pos: same label", "Neg: other labels"]


def test_title_states_the_overlap_of_the_table_or_the_one_given(run: Record) -> None:
    both = curves(run.pairs(0))
    title = plot_pairs(run.pairs(0)).axes[0].get_title(loc="left")
    assert f"{both.overlap:.0%}" in title
    assert f"{both.d_prime:.2f}" in title
    exact = SimpleNamespace(overlap=0.123, d_prime=4.56)
    title = plot_pairs(run.pairs(0), separation=exact).axes[0].get_title(loc="left")
    assert "12%" in title
    assert "4.56" in title


def test_the_shaded_area_lies_below_both_curves(run: Record) -> None:
    figure = plot_pairs(run.pairs(0))
    (shade,) = [c for c in figure.axes[0].collections if c.get_label() == "overlap"]
    x, y = shade.get_paths()[0].vertices.T
    polygon = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2  # shoelace formula
    lower = np.minimum(*(curve_of(figure, name).get_ydata() for name in ("Pos", "Neg")))
    assert polygon == pytest.approx(lower.sum() * 0.01, abs=0.005)


def test_a_threshold_says_what_it_lets_through(run: Record) -> None:
    both = curves(run.pairs(0))
    figure = plot_pairs(run.pairs(0), threshold=1.0)
    kept = both.pos.count[both.pos.left < 0.995].sum() / both.pos.count.sum()
    let_in = both.neg.count[both.neg.left < 0.995].sum() / both.neg.count.sum()
    assert f"below 1.00: {kept:.0%} of Pos, {let_in:.1%} of Neg" in legend(figure)
    assert curve_of(figure, "below").get_xdata()[0] == 1.0


def test_what_lies_below_a_threshold_is_shaded_and_the_overlap_is_not(run: Record) -> None:
    figure = plot_pairs(run.pairs(0), threshold=0.8)
    whole_pos, whole_neg, *below = figure.axes[0].collections
    assert len(below) == 2
    for shade, whole in zip(below, (whole_pos, whole_neg), strict=True):
        assert shade.get_paths()[0].vertices[:, 0].max() == pytest.approx(0.8, abs=0.01)
        assert whole.get_paths()[0].vertices[:, 0].max() > 1.9
        assert shade.get_facecolor()[0, 3] > whole.get_facecolor()[0, 3]


def test_before_is_dashed_and_after_is_filled(run: Record) -> None:
    figure = compare_pairs({"old": run.pairs(0), "new": run.pairs(3)})
    assert len(legend(figure)) == 4
    assert curve_of(figure, "Pos, old").is_dashed()
    assert not curve_of(figure, "Pos, new").is_dashed()
    assert "old" in figure.axes[0].get_title(loc="left")
    with pytest.raises(ReidkitError, match="exactly two"):
        compare_pairs({"old": run.pairs(0)})


def test_no_curve_is_cut_off_at_the_top(run: Record) -> None:
    for order in ((0, 3), (3, 0)):
        figure = compare_pairs({str(epoch): run.pairs(epoch) for epoch in order})
        top = figure.axes[0].get_ylim()[1]
        assert all(line.get_ydata().max() < top for line in figure.axes[0].get_lines())


def test_ridge_has_one_labelled_row_an_epoch_on_one_scale(run: Record) -> None:
    figure = plot_over_epochs(run)
    ax = figure.axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == [f"epoch {e}" for e in range(4)]
    said = {text.get_text() for text in ax.texts}
    for epoch in range(4):
        assert f"{curves(run.pairs(epoch)).overlap:.0%}" in said
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) > 2]
    heights = [area(line) - float(min(line.get_ydata())) * 2.0 for line in lines]
    assert len(lines) == 8
    np.testing.assert_allclose(heights, heights[0], rtol=1e-6)  # equal areas: one scale


def test_a_long_run_is_thinned_out(run: Record) -> None:
    labels = plot_over_epochs(run, rows=2).axes[0].get_yticklabels()
    assert [label.get_text() for label in labels] == ["epoch 0", "epoch 3"]


def test_the_film_has_a_frame_an_epoch_and_holds_the_last(run: Record, tmp_path) -> None:
    path = animate(run, tmp_path / "film.gif", fps=4)
    film = Image.open(path)
    seconds = 0.0
    for frame in range(film.n_frames):
        film.seek(frame)
        seconds += film.info["duration"] / 1000
    assert film.n_frames >= 4
    assert seconds == pytest.approx((4 + 2) / 4, abs=0.1)


def test_drawing_on_given_axes_makes_no_new_figure(run: Record) -> None:
    figure, axes = canvas(1, 2)
    assert plot_pairs(run.pairs(0), ax=axes[0, 1]) is figure
    assert not axes[0, 0].lines
    assert axes[0, 1].lines
