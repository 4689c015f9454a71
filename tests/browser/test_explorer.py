"""The explorer in JupyterLab: what is done in one view is seen in the others and in the kernel."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.browser.explored import ExplorerPage
from tests.browser.lab import centre, wait_for
from tests.browser.pixels import pixels

ABOUT = 0.03  # a pixel of the histogram, and its rounding


def at_rest(explorer: ExplorerPage) -> np.ndarray:
    """What the map looks like once two looks at it are the same."""
    looks = [pixels(explorer.map)]

    def same() -> bool:
        explorer.page.evaluate("() => new Promise(requestAnimationFrame)")
        looks.append(pixels(explorer.map))
        return bool((looks[-1] == looks[-2]).all())

    wait_for(same, "a map at rest")
    return looks[-1]


@pytest.fixture(autouse=True)
def afresh(explorer: ExplorerPage) -> Iterator[None]:
    """Each test begins and ends with nothing selected, dialled or mended."""
    yield
    explorer.tidy()


def test_it_begins_as_recorded(explorer: ExplorerPage) -> None:
    assert explorer.value("explorer.session.eps") is None
    assert explorer.value("(explorer.labels == explorer.session.scene.labels(explorer.epoch)).all().item()")


def test_a_dot_under_the_mouse_shows_its_crop(explorer: ExplorerPage) -> None:
    explorer.page.mouse.move(*explorer.find_dot(0))
    explorer.tooltip.wait_for()
    row = explorer.value("explorer.map.scatter.widget.hovering")
    assert explorer.value(f"explorer.thumbs.uri({row})") in (explorer.tooltip.get_attribute("style") or "")
    explorer.scope.get_by_text(f"row {row}, ").wait_for()
    explorer.screenshot("hover")


def test_a_lasso_selects_and_deals_out_the_crops(explorer: ExplorerPage) -> None:
    explorer.lasso((0.02, 0.02), (0.5, 0.02), (0.5, 0.98), (0.02, 0.98))
    explorer.wait_for("len(explorer.selection)")
    x, inside = explorer.array("explorer.map._table['x']"), explorer.array("explorer.selection")
    outside = np.setdiff1d(np.arange(len(x)), inside)
    assert 0 < len(inside) < len(x)
    assert x[inside].max() < x[outside].min()
    explorer.see_cards(len(inside))
    explorer.scope.get_by_role("heading", name=f"{len(inside)} selected crops", exact=True).wait_for()
    images = explorer.cards.locator("img")
    assert images.count() == explorer.cards.count()
    assert images.first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_a_bin_deals_out_its_pairs(explorer: ExplorerPage) -> None:
    plot = explorer.histogram.locator(".plot")
    explorer.page.mouse.click(*centre(plot, 0.41, 0.97))
    explorer.wait_for("explorer.hand.count")
    bin = explorer.value("explorer.pairs.histogram.clicked")
    assert bin["low"] <= 0.82 <= bin["high"]
    explorer.see_cards(explorer.value("explorer.hand.count"))
    assert explorer.cards.first.locator("img").count() == 2
    told = [float(text) for text in explorer.cards.locator(".caption").all_inner_texts()]
    assert bin["low"] - 0.001 <= min(told) <= max(told) <= bin["high"] + 0.001
    label = explorer.array("explorer.labels")[explorer.array("explorer.hand.crops")]
    assert set(label[:, 0] == label[:, 1]) == {bin["pair"] == "pos"}


def test_the_threshold_follows_the_mouse(explorer: ExplorerPage) -> None:
    before = explorer.value("explorer.session.threshold")
    plot = explorer.histogram.locator(".plot")
    knob = centre(explorer.histogram.locator(".knob"))
    width = plot.bounding_box()["width"]  # type: ignore[index]
    explorer.drag(knob, (knob[0] - 0.2 * width, knob[1]))
    explorer.wait_for(f"abs(explorer.session.threshold - {before - 0.4}) < {ABOUT}")
    threshold = explorer.value("explorer.session.threshold")
    readout = explorer.histogram.locator(".readout").inner_text()
    assert f"closer than {threshold:.3f}" in readout
    true, false = explorer.value(
        "(explorer.pairs.histogram.true_pairs, explorer.pairs.histogram.false_pairs)"
    )
    assert f"{true:,} true, {false:,} false pairs" in readout.replace("\n", " ")


def test_the_dial_gives_other_labels_and_colours(explorer: ExplorerPage) -> None:
    before, dots = explorer.array("explorer.labels"), pixels(explorer.map)
    explorer.open_tab("Eps dial")
    slider = explorer.scope.locator(".widget-slider", has_text="eps").locator(".noUi-handle")
    slider.press("Home")
    explorer.wait_for("explorer.session.eps == 0.02")
    after = explorer.array("explorer.labels")
    assert (after == explorer.array("explorer.session.scene.tree(explorer.epoch).cut(0.02)")).all()
    assert (after != before).any()
    explorer.scope.get_by_text("eps 0.02:").wait_for()
    wait_for(lambda: (pixels(explorer.map) != dots).any(), "other colours on the map")
    explorer.press("As recorded")
    explorer.wait_for("explorer.session.eps is None")
    assert (explorer.array("explorer.labels") == before).all()


def test_of_changes_at_once_the_last_is_drawn(explorer: ExplorerPage) -> None:
    before = at_rest(explorer)
    explorer.do("explorer.colour_by('camera')")
    wait_for(lambda: (pixels(explorer.map) != before).any(), "other colours on the map")
    meant = at_rest(explorer)
    explorer.do("explorer.colour_by('pseudo-label')")
    wait_for(lambda: (pixels(explorer.map) == before).all(), "the first colours again")
    explorer.do("for eps in (0.3, 0.02, 0.75): explorer.set_eps(eps)\nexplorer.colour_by('camera')")
    wait_for(lambda: (pixels(explorer.map) == meant).all(), "the colours of the cameras")


def test_clusters_are_mended_and_the_edit_taken_back(explorer: ExplorerPage) -> None:
    before = explorer.array("explorer.labels")
    explorer.open_tab("Clusters")
    explorer.scope.locator("table tbody tr").first.click()
    chosen = explorer.wait_for("explorer.selection.tolist()")
    assert len(set(before[chosen])) == 1
    assert (before == before[chosen[0]]).sum() == len(chosen)

    explorer.do(f"explorer.select({chosen[:4]})")
    explorer.open_tab("Edits")
    explorer.press("Split off")
    explorer.wait_for("len(explorer.log.edits) == 1")
    split = explorer.array("explorer.labels")
    assert len(set(split[chosen[:4]])) == 1
    assert split[chosen[0]] not in before
    assert (np.delete(split, chosen[:4]) == np.delete(before, chosen[:4])).all()

    explorer.do(f"explorer.select({chosen})")
    explorer.press("Merge")
    explorer.wait_for("len(explorer.log.edits) == 2")
    assert len(set(explorer.array("explorer.labels")[chosen])) == 1
    explorer.press("Undo")
    explorer.wait_for("len(explorer.log.edits) == 1")
    explorer.press("Undo")
    explorer.wait_for("len(explorer.log.edits) == 0")
    assert (explorer.array("explorer.labels") == before).all()


def test_what_cannot_be_done_is_told_on_the_page(explorer: ExplorerPage) -> None:
    explorer.open_tab("Edits")
    explorer.press("Merge")
    told = explorer.scope.get_by_text("Nothing is selected: draw a lasso")
    told.wait_for()
    explorer.do("explorer.select_clusters(*explorer.session.clusters[:2].tolist())")
    explorer.press("Merge")
    explorer.wait_for("len(explorer.log.edits) == 1")
    told.wait_for(state="detached")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1400, 900), (900, 700)])
def test_how_it_looks(explorer: ExplorerPage, theme: str, width: int, height: int) -> None:
    explorer.page.set_viewport_size({"width": width, "height": height})
    explorer.theme(theme)
    explorer.do("explorer.select_clusters(*explorer.session.clusters[:2].tolist())")
    explorer.see_cards(explorer.value("len(explorer.selection)"))
    explorer.page.locator(".jp-OutputArea").first.evaluate("output => output.scrollIntoView()")
    explorer.screenshot(f"explorer_{theme}_{width}")
