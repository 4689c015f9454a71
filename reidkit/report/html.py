"""From figures to a page that needs nothing outside it."""

from __future__ import annotations

import base64
from io import BytesIO

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from reidkit.plots.style import style
from reidkit.report.sections import Shown

DPI = 140  # pixels per inch of the figures: sharp on a phone, and a page of a few megabytes


def embed(shown: Shown, *, dpi: int | None = None) -> dict[str, str]:
    """What the template needs; ``width`` in CSS pixels keeps the type of all figures alike.

    Args:
        shown: the figure and its words.
        dpi: pixels per inch; DPI when left out.
    """
    figure = shown.figure
    image = "" if figure is None else _data_uri(figure, shown.photo, dpi or DPI)
    width = "" if figure is None else str(round(figure.get_figwidth() * 100))
    words = {"alt": shown.alt, "caption": shown.caption, "reason": shown.reason}
    return words | {"image": image, "width": width}


def _data_uri(figure: Figure, photo: bool, dpi: int) -> str:
    buffer, kind = BytesIO(), "jpeg" if photo else "png"
    packing = {"quality": 87, "optimize": True} if photo else {"optimize": True}
    with style():
        figure.savefig(buffer, format=kind, dpi=dpi, pil_kwargs=packing)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def environment() -> Environment:
    loader = PackageLoader("reidkit.report", package_path="")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
