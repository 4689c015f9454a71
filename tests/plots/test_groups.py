"""A dot a crop: where it lies, in which row, in which colour."""

from __future__ import annotations

import numpy as np
import pytest

from reidkit.errors import ReidkitError
from reidkit.plots import plot_groups

VALUES = np.array([1.0, 2.0, 3.0, 10.0, np.nan])
GROUPS = np.array([7, 7, 7, 2, 2])
WORDS = {"title": "one stands aside", "x": "blueness", "y": "camera"}


def test_every_crop_is_a_dot_in_the_row_of_its_group() -> None:
    ax = plot_groups(VALUES, GROUPS, marked={"odd": VALUES == 10}, **WORDS).axes[0]
    plain, odd = (dots.get_offsets().filled(np.nan) for dots in ax.collections[:2])
    assert plain[:3, 0].tolist() == [1.0, 2.0, 3.0]
    assert odd[:, 0].tolist() == [10.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["2", "7"]
    assert plain[:3, 1].round().tolist() == [1, 1, 1]
    assert odd[:, 1].round().tolist() == [0]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the smallest group on top
    assert ax.get_legend_handles_labels()[1] == ["odd"]


def test_a_line_marks_each_median() -> None:
    ax = plot_groups(VALUES, GROUPS, **WORDS).axes[0]
    lines = [line.get_segments()[0] for line in ax.collections if hasattr(line, "get_segments")]
    assert [segment[0, 0] for segment in lines] == [10.0, 2.0]


def test_lists_of_other_lengths_are_refused() -> None:
    with pytest.raises(ReidkitError, match="5 values, but 4"):
        plot_groups(VALUES, GROUPS[:4], **WORDS)
    with pytest.raises(ReidkitError, match="5 values, but 2"):
        plot_groups(VALUES, GROUPS, marked={"odd": [True, False]}, **WORDS)
