"""In JupyterLab: a slider redraws its figure, also while a cell is running."""

from __future__ import annotations

from tests.browser.lab import Lab

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
while live.controls["height"].value == 3 and time.monotonic() < end:
    time.sleep(0.05)
print("moved to", live.controls["height"].value)
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
    """JupyterLab answers widgets in a thread of their own: a live view during a training stays alive."""
    lab.start("busy", LIVE, BUSY)
    lab.page.locator(".noUi-handle").press("ArrowRight")
    lab.finish()
    lab.page.locator(".jp-OutputArea-output", has_text="moved to 4").wait_for()
