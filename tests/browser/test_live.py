"""In JupyterLab: a slider redraws its figure, also while a cell runs."""

from __future__ import annotations

from tests.browser.lab import PATIENCE, Lab

LIVE = """
from ipywidgets import IntSlider
from reidkit.explore import Live
from reidkit.plots import canvas

def draw(height):
    figure, axes = canvas(size=(3, 2))
    axes[0, 0].bar([0], [height])
    if height == 5:
        raise KeyError("no such bar")
    return figure

live = Live(draw, height=IntSlider(3, max=9))
live
"""

BUSY = """
import time
end = time.monotonic() + 30
while (heard := live.controls["height"].value) == 4 and time.monotonic() < end:
    time.sleep(0.05)
"""


def test_a_slider_redraws_the_picture_and_an_error_is_seen(lab: Lab) -> None:
    lab.run("live", LIVE)
    picture = lab.page.locator(".jp-OutputArea .widget-image")
    trouble = lab.page.locator(".jp-OutputArea pre", has_text="KeyError: 'no such bar'")
    first = picture.get_attribute("src")
    lab.page.locator(".noUi-handle").press("ArrowRight")
    lab.page.wait_for_function("first => document.querySelector('.widget-image').src != first", arg=first)
    assert lab.value("live.controls['height'].value") == 4
    lab.page.locator(".noUi-handle").press("ArrowRight")
    trouble.wait_for()
    lab.page.locator(".noUi-handle").press("ArrowRight")
    trouble.wait_for(state="detached")
    assert lab.value("live.controls['height'].value") == 6


def test_a_slider_is_heard_while_a_cell_runs(lab: Lab) -> None:
    """JupyterLab answers widgets in a thread of their own, but for the first touch, which starts it."""
    lab.run("busy", LIVE)
    slider = lab.page.locator(".noUi-handle")
    slider.press("ArrowRight")
    lab.wait_for("live.controls['height'].value == 4")
    with lab.kernel() as client:
        client.execute(BUSY)
        slider.press("ArrowRight")
        client.get_shell_msg(timeout=PATIENCE)
    assert lab.value("heard") == 5
