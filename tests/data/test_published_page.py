"""data/README.md says what the code knows."""

from __future__ import annotations

import re
from pathlib import Path

from reidkit.data.published import BENCHMARKS

ROOT = Path(__file__).parents[2]


def test_the_page_of_data_sets_has_the_published_counts() -> None:
    """Each benchmark's numbers stand in its row of data/README.md."""
    rows = [row for row in (ROOT / "data" / "README.md").read_text().splitlines() if row.startswith("| ")]
    for name, benchmark in BENCHMARKS.items():
        start = re.escape(re.sub(" V[12]$", "", name))
        mine = [
            row for row in rows if re.match(rf"\| {start}(?![\w+-])", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", row))
        ]
        numbers = {f"{number:,}" for number in [*benchmark.images.values(), *benchmark.people.values()]}
        assert any(numbers <= set(re.findall(r"[\d,]*\d", row)) for row in mine), name


def test_links_within_the_page_of_data_sets_lead_somewhere() -> None:
    text = (ROOT / "data" / "README.md").read_text()
    heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors
