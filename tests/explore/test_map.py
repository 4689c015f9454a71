"""The map: every dot in the colour that it is meant to have."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from reidkit.explore import Explorer, explore
from reidkit.explore.redraw import IGNORES, WAITS


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    """Eight clouds of ten crops in a map of noise; where they lie does not matter here."""
    rng = np.random.default_rng(0)
    features = np.repeat(rng.normal(size=(8, 16)), 10, axis=0) + 0.3 * rng.normal(size=(80, 16))
    return explore(features, labels=np.repeat(np.arange(8), 10), camids=np.tile([1, 3], 40))


def dots(explorer: Explorer) -> list[str]:
    """The colours that the browser is told to draw the dots in."""
    told = explorer.map.scatter.widget
    return [to_hex(told.color[int(code)]).upper() for code in told.points[:, 2]]


def meant(explorer: Explorer) -> list[str]:
    colouring = explorer.map.colouring
    return [colouring.colours[code].upper() for code in colouring.codes]


@pytest.mark.parametrize("colour", ["pseudo-label", "camera"])
@pytest.mark.parametrize("outliers", [0, 3, 80])
def test_dots_have_their_colours(explorer: Explorer, colour: str, outliers: int) -> None:
    explorer.go_to(0).colour_by(colour)
    if outliers:
        explorer.editing.drop(np.arange(outliers))
    assert (explorer.labels < 0).sum() == outliers
    assert dots(explorer) == meant(explorer)
    while explorer.log.edits:
        explorer.editing.undo()
    assert dots(explorer) == meant(explorer)


def test_dots_have_their_colours_where_one_is_left_out(explorer: Explorer) -> None:
    explorer.go_to(0).colour_by("pseudo-label")
    explorer.editing.merge(2, 5)
    assert dots(explorer) == meant(explorer)
    explorer.editing.undo()


def test_the_browser_is_told_to_wait_and_not_to_ignore(explorer: Explorer) -> None:
    script = explorer.map.scatter.widget._esm
    assert script.count(WAITS) == 1
    assert IGNORES not in script
