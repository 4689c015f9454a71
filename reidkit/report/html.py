"""From figures to a page that needs nothing outside it."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

import reidkit
from reidkit.plots.style import style
from reidkit.report.sections import Section, Shown

DPI = 140
"""Pixels per inch of the figures: sharp on a phone, and a page of a few megabytes."""


def write_page(template: str, out: str | Path, **values: Any) -> Path:
    """Fill a template of this package and write the page; folders above it are made.

    Args:
        template: its file.
        out: the HTML file.
        values: what the template asks for, but for ``written`` and ``version``.

    Returns:
        ``out``.
    """
    loader = PackageLoader("reidkit.report", package_path="")
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    written = datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC")
    page = pages.get_template(template).render(written=written, version=reidkit.__version__, **values)
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    return out


def embed_all(sections: Iterable[Section], *, photo_dpi: int = DPI) -> list[dict[str, Any]]:
    """Return sections as the templates need them; ``photo_dpi`` is for pictures made of crops."""
    return [
        {"title": one.title, "text": one.text, "figures": [embed(shown, photo_dpi) for shown in one.figures]}
        for one in sections
    ]


def embed(shown: Shown, photo_dpi: int = DPI) -> dict[str, str]:
    """Return a figure as the templates need it; ``width`` in CSS pixels keeps the type of all alike."""
    figure, dpi = shown.figure, photo_dpi if shown.photo else DPI
    image = "" if figure is None else _data_uri(figure, shown.photo, dpi)
    width = "" if figure is None else str(round(figure.get_figwidth() * 100))
    words = {"alt": shown.alt, "caption": shown.caption, "reason": shown.reason}
    return words | {"image": image, "width": width}


def _data_uri(figure: Figure, photo: bool, dpi: int) -> str:
    buffer, kind = BytesIO(), "jpeg" if photo else "png"
    packing = {"quality": 87, "optimize": True} if photo else {"optimize": True}
    with style():
        figure.savefig(buffer, format=kind, dpi=dpi, pil_kwargs=packing)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"
