"""In JupyterLab: jupyter-scatter draws without a network, and knows the point under the mouse."""

from __future__ import annotations

from tests.browser.lab import Lab, centre, wait_for
from tests.browser.pixels import colours, find

SCATTER = """
import numpy as np
import pandas as pd
from jscatter import Scatter

table = pd.DataFrame({"x": [0.0, 1.0, 0.0, 1.0], "y": [0.0, 0.0, 1.0, 1.0], "kind": ["a", "a", "a", "b"]})
table["kind"] = table["kind"].astype("category")
scatter = Scatter("x", "y", data=table, color_by="kind", color_map={"a": "#0072B2", "b": "#D55E00"}, size=30)
scatter.show()
"""


def test_points_are_drawn_and_found_under_the_mouse(lab: Lab) -> None:
    lab.run("scatter", SCATTER)
    canvas = lab.page.locator(".jp-OutputArea canvas").first
    wait_for(lambda: len(colours(canvas)) > 2, "points on the canvas")
    lab.page.mouse.move(*find(canvas, "#D55E00"))
    lab.wait_for("scatter.widget.hovering == 3")
    lab.page.mouse.move(*centre(canvas))
    lab.wait_for("scatter.widget.hovering is None")
