"""The benchmark itself: what it measures, writes and keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reidkit.bench import as_table, bench, run
from reidkit.bench.measure import measure, time_call
from reidkit.errors import ReidkitError


def test_a_small_benchmark_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "bench.json"
    small = {"sizes": (300,), "dims": (32,), "stages": ("neighbours", "pairs"), "progress": False}
    rows = bench(out, **small)
    assert [(row["stage"], row["who"]) for row in rows] == [
        ("neighbours", "ours"), ("neighbours", "N x N table"),
        ("pairs", "ours"), ("pairs", "the bare product"), ("pairs", "N x N tables"),
    ]  # fmt: skip
    assert all(row["seconds"] > 0 for row in rows)
    told = json.loads(out.read_text())
    assert told["rows"] == rows
    assert set(told["machine"]) == {"cores", "python", "system"}
    table = as_table(rows)
    assert table["stage"].tolist() == ["neighbours", "pairs", "pairs"]
    assert table["faster"].str.fullmatch(r"\d+\.\d\dx").all()
    # What is there is not measured again; more may be added.
    asked = []
    monkeypatch.setattr(run, "measure", lambda *what: asked.append(what) or rows[0])
    assert bench(out, **small) == rows
    assert asked == []
    bench(out, **small | {"stages": ("pairs", "map"), "reference": False})
    assert [what[:2] for what in asked] == [("map", "ours")]


def test_the_quickest_run_counts() -> None:
    figures = time_call(lambda: len(b"1" * 100_000_000), 3)
    assert figures["seconds"] > 0
    if figures["megabytes"] is not None:
        assert 80 < figures["megabytes"] < 200


def test_what_fails_is_said() -> None:
    with pytest.raises(ReidkitError, match=r"(?s)Measuring jaccard \(nobody\) at N = 100.*KeyError"):
        measure("jaccard", "nobody", 100, 16, 1)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"stages": ["speed"]}, "Unknown stage 'speed'; there are neighbours, jaccard"),
        ({"sizes": [10]}, "at least 50 crops"),
        ({"repeat": 0}, "at least 1"),
    ],
)
def test_bad_options_are_named(tmp_path: Path, options: dict, complaint: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(ReidkitError, match=complaint):
        bench(tmp_path / "bench.json", **options)


def test_another_file_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "notes.json"
    out.write_text('{"mine": 1}')
    with pytest.raises(ReidkitError, match="no benchmark of ours"):
        bench(out, sizes=(100,), stages=("pairs",))
    assert out.read_text() == '{"mine": 1}'
