"""In JupyterLab: the crop grid is leafed through, cards are clicked on and marked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab

GRID = """
import io
import numpy as np
from PIL import Image
from reidkit.explore import Card, CropGrid

def crop(k):
    pixels = np.full((64, 32, 3), (k % 256, 120, 255 - k % 256), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "jpeg")
    return file.getvalue()

def source(start, stop):
    if start == 96:
        raise ValueError("the third page is broken")
    return [Card((crop(k), crop(k + 1)), f"pair {k}", ("pos", "neg")[k % 2], f"ten {k // 10}")
            for k in range(start, stop)]

grid = CropGrid()
grid.show(1234, source, title="Pairs")
clicks = []
grid.on_card(lambda index, part: clicks.append((index, part)))
grid
"""


@pytest.fixture
def root(lab: Lab) -> Locator:
    lab.run("crop_grid", GRID)
    root = lab.page.locator(".rk-crops")
    expect(root).to_have_attribute("data-shown", "48")
    return root


def data(root: Locator, name: str) -> Any:
    return json.loads(root.get_attribute(f"data-{name}") or "")


def card(root: Locator, index: int) -> Locator:
    return root.locator(f".card[data-index='{index}']")


def test_pages_are_turned_and_a_broken_one_is_seen(lab: Lab, root: Locator) -> None:
    expect(root.locator(".range")).to_have_text("1–48 of 1,234")
    root.get_by_label("Next page").click()
    expect(root.locator(".range")).to_have_text("49–96 of 1,234")
    # naturalWidth: the bytes arrived, and they are a picture
    assert (
        root.locator(".card img").first.evaluate("image => image.decode().then(() => image.naturalWidth)")
        == 32
    )
    root.get_by_label("Next page").click()
    expect(root.locator(".trouble")).to_contain_text("the third page is broken")
    expect(root).to_have_attribute("data-page", "1")
    root.get_by_label("Previous page").click()
    expect(root).to_have_attribute("data-page", "0")
    expect(root.locator(".trouble")).to_be_hidden()
    assert root.locator("h5").all_inner_texts() == [f"ten {k}" for k in range(5)]


def test_cards_are_clicked_on_and_marked(lab: Lab, root: Locator) -> None:
    root.get_by_label("Next page").click()
    card(root, 50).locator("img").nth(1).click()
    lab.wait_for("clicks == [(50, 1)]")
    assert data(root, "clicked") == {"index": 50, "part": 1, "serial": 1}
    card(root, 51).click(modifiers=["Control"])
    card(root, 54).click(modifiers=["Shift"])
    lab.wait_for("grid.marked == [51, 52, 53, 54]")
    root.get_by_label("Previous page").click()
    card(root, 7).click(modifiers=["Control"])
    lab.wait_for("grid.marked == [7, 51, 52, 53, 54]")
    root.get_by_label("Unmark all cards").click()
    lab.wait_for("grid.marked == []")
    assert lab.value("clicks") == [(50, 1)]


def test_keys_walk_from_card_to_card(lab: Lab, root: Locator) -> None:
    """The notebook has these keys too, for its cells; they must not get through to it."""
    card(root, 3).click()
    for key in ("ArrowRight", "Space", "ArrowRight", "Enter"):
        lab.page.keyboard.press(key)
    lab.wait_for("grid.marked == [4] and clicks == [(3, 0), (5, 0)]")
    lab.page.keyboard.press("Home")
    expect(card(root, 0)).to_be_focused()
