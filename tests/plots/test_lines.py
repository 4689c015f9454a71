"""Lines of a table: each column once, in its colour and its dashes."""

from __future__ import annotations

import pandas as pd

from reidkit.plots import NEG, POS, plot_lines

TABLE = pd.DataFrame({"right": [0.2, 0.1], "wrong": [0.4, 0.3]}, index=[0, 1])


def test_every_column_is_a_line_over_the_index() -> None:
    figure = plot_lines(
        TABLE, title="both fall", x="epoch", y="distance", colours={"wrong": NEG, "right": POS}
    )
    lines = figure.axes[0].get_lines()
    assert [(line.get_label(), line.get_color()) for line in lines] == [("right", POS), ("wrong", NEG)]
    assert [line.get_ydata().tolist() for line in lines] == [[0.2, 0.1], [0.4, 0.3]]
    assert len({line.get_linestyle() for line in lines}) == 2
    assert figure.axes[0].get_title(loc="left") == "both fall"


def test_whole_numbers_get_whole_ticks_and_the_axis_begins_at_zero() -> None:
    ax = plot_lines(TABLE, title="", x="epoch", y="distance").axes[0]
    assert all(float(tick).is_integer() for tick in ax.get_xticks())
    assert ax.get_ylim()[0] == 0
