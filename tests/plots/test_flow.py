"""The flow picture: no crop is lost on the way, and what happened is said and seen."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex

from reidkit.errors import ReidkitError
from reidkit.labels.lineage import Lineage
from reidkit.plots import plot_churn, plot_flow
from reidkit.plots.ribbons import OTHERS, eventful, lay_out, passed
from reidkit.plots.style import INK, NEG

labels = st.lists(st.integers(-1, 5), min_size=20, max_size=20)
lineages = st.lists(labels, min_size=2, max_size=4).map(lambda told: Lineage(dict(enumerate(told))))


@given(lineage=lineages, chosen=st.sets(st.integers(0, 8)))
@settings(max_examples=40, deadline=None)
def test_every_crop_is_in_one_ribbon_and_ribbons_fill_their_bars(lineage: Lineage, chosen: set[int]) -> None:
    layout = lay_out(lineage, chosen)
    for step, (a, b) in enumerate(pairwise(layout.names)):
        ribbons = layout.ribbons[layout.ribbons["step"] == step]
        counted = {(r.before, r.after): r.crops for r in ribbons.itertuples()}
        pairs = list(zip(a.tolist(), b.tolist(), strict=True))
        assert counted == {pair: pairs.count(pair) for pair in pairs}
        for side, name in ((0, "before"), (1, "after")):
            for bar in layout.bars[layout.bars["step"] == step + side].itertuples():
                mine = ribbons[ribbons[name] == bar.name].sort_values([f"low{side}", f"height{side}"])
                edges = [bar.low, *(mine[f"low{side}"] + mine[f"height{side}"])]
                np.testing.assert_allclose(mine[f"low{side}"], edges[:-1], atol=1e-9)
                assert edges[-1] == pytest.approx(bar.low + bar.height)


@given(lineage=lineages, chosen=st.sets(st.integers(0, 8)))
@settings(max_examples=40, deadline=None)
def test_bars_stand_on_each_other_with_the_bundles_below(lineage: Lineage, chosen: set[int]) -> None:
    layout = lay_out(lineage, chosen)
    for step, (lines, names) in enumerate(zip(lineage.lines.values(), layout.names, strict=True)):
        told = np.isin(lines, list(chosen))
        np.testing.assert_array_equal(names, np.where(told | (lines == -1), lines, OTHERS))
        bars = layout.bars[layout.bars["step"] == step].sort_values("low")
        assert (bars["low"].iloc[1:].to_numpy() > (bars["low"] + bars["height"]).iloc[:-1].to_numpy()).all()
        below = [name for name in bars["name"] if name < 0]
        assert bars["name"].tolist()[: len(below)] == below == sorted(below, reverse=True)
        for bar in bars.itertuples():
            assert bar.crops == (names == bar.name).sum()
            assert bar.height == pytest.approx(bar.crops * layout.scale.get(bar.name, 1))


def story(*, people: int = 40, shots: int = 10) -> np.ndarray:
    return np.repeat(np.arange(people), shots)


def test_ribbons_of_clusters_that_go_on_do_not_cross() -> None:
    start = story(people=8)
    shuffled = np.random.default_rng(0).permutation(8)[start]
    layout = lay_out(Lineage({0: start, 1: shuffled, 2: start}), range(8))
    orders = [bars.sort_values("low")["name"].tolist() for _, bars in layout.bars.groupby("step")]
    assert orders[0] == orders[1] == orders[2]


def test_the_largest_events_are_told_and_quiet_clusters_are_not() -> None:
    start = story()
    merged, lost = start.copy(), start.copy()
    merged[start == 3] = 7
    lost[start == 20] = -1
    assert eventful(Lineage({0: start, 1: merged, 2: merged}), 5) == [3, 7, 40]  # the union has a new number
    assert eventful(Lineage({0: start, 1: lost}), 5) == [20]
    assert eventful(Lineage({0: start, 1: merged}), 2) == [3, 40]  # of a union of equals, one of the two
    assert eventful(Lineage({0: start[5:], 1: start[5:]}), 3) == [1, 2, 3]  # no event: the largest


def test_a_squeezed_bundle_says_so_and_the_others_keep_their_scale() -> None:
    start = story()
    merged = np.where(start == 3, 7, start)
    figure = plot_flow(Lineage({0: start, 1: merged}))
    said = [text.get_text() for text in figure.axes[0].texts]
    assert any(text.startswith("all other\nclusters\n(drawn 1:") for text in said)
    assert {"epoch 0\n40 clusters", "epoch 1\n39 clusters"} <= set(said)
    (ribbons,) = (c for c in figure.axes[0].collections if isinstance(c, PolyCollection))
    assert len(ribbons.get_paths()) == 3


@pytest.mark.parametrize(("limit", "written"), [(20, 20), (40, 0)])
def test_lines_are_numbered_where_the_numbers_have_room(limit: int, written: int) -> None:
    figure = plot_flow(Lineage({0: story(), 1: story()}), limit=limit)
    said = [text.get_text() for text in figure.axes[0].texts]
    assert sum(text.startswith("line ") for text in said) == written


def test_a_picture_of_few_epochs_keeps_its_width() -> None:
    """The sentence above it once took all of the room."""
    people = pd.Series(np.arange(400) // 10 + 1, dtype="Int64")
    figure = plot_flow(Lineage({0: story(), 1: story(), 2: story()}), pids=people)
    figure.canvas.draw()
    assert figure.axes[0].get_position().width > 0.6


def test_a_collapse_is_named() -> None:
    start = story()
    figure = plot_flow(Lineage({0: start, 1: start % 20, 2: np.where(start < 2, -1, 0)}))
    assert figure.axes[0].get_title(loc="left") == "Collapse: one cluster holds 95% of all crops at epoch 2"


def test_settled_on_mistakes_low_churn_with_wrong_pairs() -> None:
    people, wrong = story() + 1, story() // 2
    figure = plot_flow(Lineage({0: wrong, 1: wrong}), pids=pd.Series(people, dtype="Int64"))
    claim = figure.axes[0].get_title(loc="left")
    share = 1 - 9 / 19  # of the 19 companions of a crop, 9 are the same person
    assert "churn 0% → 0%" in claim
    assert claim.endswith(f"in the end {share:.0%} of the pairs are wrong (true identities)")
    red = [bar.get_height() for bar in figure.axes[0].patches if to_hex(bar.get_facecolor()) == NEG.lower()]
    bars = lay_out(Lineage({0: wrong, 1: wrong}), eventful(Lineage({0: wrong, 1: wrong}), 24)).bars
    np.testing.assert_allclose(sorted(red), sorted(bars["height"] / 2))  # a half of every cluster
    churn = {line.get_label(): line.get_ydata() for line in figure.axes[1].get_lines()}
    np.testing.assert_allclose(churn["wrong pairs (true identities)"], [share, share])


def test_nobody_known_is_no_claim() -> None:
    nobody = pd.array([pd.NA] * 400, dtype="Int64")
    figure = plot_flow(Lineage({0: story(), 1: story()}), pids=nobody)
    assert "wrong" not in figure.axes[0].get_title(loc="left")


def test_the_story_of_some_crops_is_a_line_through_their_bars() -> None:
    start = story()
    moved = start.copy()
    moved[:5] = 9
    lineage = Lineage({0: start, 1: moved, 2: np.where(np.arange(400) == 2, -1, moved)})
    assert passed(lineage, [2]) == [0, 9]
    figure = plot_flow(lineage, crops=[2, 7])
    threads = [line for line in figure.axes[0].get_lines() if to_hex(line.get_color()) == INK]
    assert len(threads) == 2
    layout = lay_out(lineage, passed(lineage, [2, 7]))
    for crop, thread in zip([2, 7], threads, strict=True):
        x, y = thread.get_data()
        for step, names in enumerate(layout.names):
            bar = layout.bars.query(f"step == {step} and name == {names[crop]}").iloc[0]
            at = y[np.abs(x - step).argmin()]
            assert bar["low"] <= at <= bar["low"] + bar["height"]
    assert {"crop 2", "crop 7"} <= {text.get_text() for text in figure.axes[0].texts}


def test_the_churn_and_the_ends_are_those_of_the_summary() -> None:
    rng = np.random.default_rng(0)
    lineage = Lineage({epoch: rng.integers(-1, 4, 60) for epoch in (0, 2, 4)})
    ax = plot_churn(lineage).axes[0]
    told = lineage.summary()
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), told["churn"])
    heights = np.array([bar.get_height() for bar in ax.patches]).reshape(3, 2)
    clusters = [len(set(lines.tolist()) - {-1}) for lines in lineage.lines.values()][:-1]
    np.testing.assert_allclose(heights * clusters, told[["merged", "split", "died"]].to_numpy().T)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "2", "4"]


def test_only_outliers_can_be_drawn() -> None:
    nothing = np.full(10, -1)
    figure = plot_flow(Lineage({0: nothing, 1: nothing}))
    assert figure.axes[0].get_title(loc="left").startswith("0 → 0 clusters")


def test_what_has_no_story_is_said() -> None:
    lineage = Lineage({0: [0, 0, -1], 1: [0, 0, -1]})
    with pytest.raises(ReidkitError, match="Only one epoch"):
        plot_flow(Lineage({0: [0, 0]}))
    with pytest.raises(ReidkitError, match="Only one epoch"):
        plot_churn(Lineage({0: [0, 0]}))
    with pytest.raises(ReidkitError, match=r"clusters = \[4\]"):
        plot_flow(lineage, clusters=[0, 4])
    with pytest.raises(ReidkitError, match=r"crops = \[3\]: there are rows 0 to 2"):
        plot_flow(lineage, crops=[3])
    with pytest.raises(ReidkitError, match="outliers in all epochs"):
        plot_flow(lineage, crops=[2])
    with pytest.raises(ReidkitError, match="pids: 2 values for 3"):
        plot_flow(lineage, pids=[1, 2])
