"""In JupyterLab: the threshold is dragged, bins are clicked on, and Python computes what the page says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, centre

HISTOGRAM = """
import numpy as np
from reidkit.explore import PairHistogram

def counts(mean, pairs):
    return np.histogram(np.random.default_rng(0).normal(mean, 0.2, pairs), bins=200, range=(0, 2))[0]

histogram = PairHistogram(threshold=0.8)
histogram.show(counts(0.6, 60_000), counts(1.1, 900_000), title="Pairs")
clicks = []
histogram.on_bin(lambda pair, low, high: clicks.append((pair, low, high)))
histogram
"""


@pytest.fixture
def root(lab: Lab) -> Locator:
    lab.run("pair_histogram", HISTOGRAM)
    root = lab.page.locator(".rk-pairs")
    expect(root).to_have_attribute("data-drawn", "100")
    return root


def data(root: Locator) -> dict[str, Any]:
    return root.evaluate("root => ({...root.dataset})")


def assert_they_agree(lab: Lab, root: Locator) -> None:
    """The page and Python say the same of the threshold."""
    said = data(root)
    lab.wait_for(f"histogram.threshold == {said['threshold']}")
    names = "tpr", "fpr", "true_pairs", "false_pairs"
    tpr, fpr, true, false = lab.value(f"[float(getattr(histogram, name)) for name in {names}]")
    assert float(said["tpr"]) == pytest.approx(tpr, rel=1e-12)
    assert float(said["fpr"]) == pytest.approx(fpr, rel=1e-9, abs=1e-15)
    expect(root.locator(".readout")).to_contain_text(f"{true:,.0f} true, {false:,.0f} false pairs")


def test_the_line_is_dragged_and_moved_with_keys(lab: Lab, root: Locator) -> None:
    assert_they_agree(lab, root)
    line, mouse = root.locator(".line"), lab.page.mouse
    x, y = centre(root.locator(".knob"))
    mouse.move(x, y)
    mouse.down()
    for step in range(1, 5):
        before = data(root)["threshold"]
        mouse.move(x + 17 * step, y)
        expect(root).not_to_have_attribute("data-threshold", before)  # the page has drawn it
        assert_they_agree(lab, root)
    mouse.up()
    assert float(data(root)["threshold"]) > 0.85
    # The notebook has these keys too, for its cells; they must not get through to it.
    for key, moved in (("ArrowUp", 0.01), ("Shift+ArrowLeft", -0.001), ("PageDown", -0.1), ("End", 2.0)):
        after = min(2.0, round(float(data(root)["threshold"]) + moved, 3))
        line.press(key)
        expect(root).to_have_attribute("data-threshold", f"{after:g}")
        assert_they_agree(lab, root)
    assert data(root)["tpr"] == "1"


def test_a_click_means_the_lower_of_two_bars(lab: Lab, root: Locator) -> None:
    """At 0.7 to 0.72 there are many Pos pairs and few Neg pairs."""
    for serial, (up, pair) in enumerate([(0.03, "neg"), (0.5, "pos"), (0.99, "pos")], 1):
        place = centre(root.locator(".plot"), 0.355, 1 - up)
        lab.page.mouse.move(*place)
        meant = root.locator(".tooltip .meant")
        expect(meant).to_contain_text(pair.capitalize())
        lab.page.mouse.click(*place)
        told = {"pair": pair, "low": 0.7, "high": 0.72, "serial": serial}
        expect(root).to_have_attribute("data-clicked", json.dumps(told, separators=(",", ":")))
    lab.wait_for("len(clicks) == 3")
    assert lab.value("clicks[0]") == ("neg", 0.7, 0.72)
    counts = lab.value("(int(histogram.pos[70:72].sum()), int(histogram.neg[70:72].sum()))")
    tooltip = root.locator(".tooltip")
    for name, count in zip(("Pos", "Neg"), counts, strict=True):
        expect(tooltip).to_contain_text(f"{name}: {count:,} pairs")


def test_a_callback_that_fails_is_seen_and_the_kernel_lives_on(lab: Lab, root: Locator) -> None:
    lab.value("histogram.on_bin(lambda *bin: [].pop())")
    lab.page.mouse.click(*centre(root.locator(".plot"), 0.355, 0.5))
    expect(root.locator(".trouble")).to_contain_text("IndexError: pop from empty list")
    lab.value("histogram.clear('Select some crops.')")
    expect(root.locator(".empty")).to_have_text("Select some crops.")
    expect(root.locator(".trouble")).to_be_hidden()
