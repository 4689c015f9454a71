"""The report of a benchmark with rules of its own: by its protocol, all its settings, the right crops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from plots.fake_run import make_crops, make_run

from reidkit.engine.record import Record
from reidkit.plots.album import Album
from reidkit.report import write_report
from reidkit.report.page import search_table
from reidkit.report.pictures import Pictures
from reidkit.report.sections import searches


@pytest.fixture(scope="module")
def sysu(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Infrared queries from cameras 3 and 6, visible crops from 1, 2, 4 and 5, several from each."""
    folder = tmp_path_factory.mktemp("sysu")
    crops = make_crops(folder / "crops", people=6)
    infrared, turn = crops["split"] == "query", np.arange(len(crops))
    camid = np.where(infrared, np.array([3, 6])[turn % 2], np.array([1, 2, 4])[turn // 2 % 3])
    modality = np.where(infrared, "infrared", "rgb")
    crops = crops.assign(camid=pd.array(camid, dtype="Int64"), modality=modality, dataset="SYSU-MM01")
    return make_run(folder, epochs=1, crops=crops)


@pytest.fixture(scope="module")
def ltcc(tmp_path_factory: pytest.TempPathFactory) -> Record:
    folder = tmp_path_factory.mktemp("ltcc")
    crops = make_crops(folder / "crops", people=6)
    return make_run(folder, epochs=1, crops=crops.assign(clothes=np.arange(len(crops)) % 2, dataset="LTCC"))


def test_strips_show_the_crops_of_the_drawn_gallery(sysu: Record, monkeypatch) -> None:
    drawn: dict[str, Any] = {}

    def keep(queries: Any, gallery: Any, indices: Any, match: Any, **words: Any) -> None:
        drawn.update(queries=list(queries), gallery=gallery, indices=indices, match=match, **words)

    monkeypatch.setattr("reidkit.report.pictures.ranked_lists", keep)
    pictures = Pictures(sysu)
    pictures.searches("after")
    query, gallery = pictures.query, pictures.gallery
    features = sysu.features(1, split="test")
    shown = pictures.settings[0].trial(0).gallery
    assert 0 < len(shown) < len(gallery)
    cameras = {path: camid for path, camid in zip(query["path"], query["camid"], strict=True)}
    for image, indices, match in zip(drawn["queries"], drawn["indices"], drawn["match"], strict=True):
        (q,) = [row for row, other in enumerate(Album(query["path"])) if np.array_equal(image, other)]
        counted = [g for g in shown if not (cameras[query["path"][q]] == 3 and gallery["camid"][g] == 2)]
        far = np.linalg.norm(features[len(query) :] - features[q], axis=1)
        expected = sorted(counted, key=lambda g: far[g])[:10]
        assert list(indices[: len(expected)]) == expected
        assert [gallery["pid"][g] == query["pid"][q] for g in expected] == list(match[: len(expected)])
    assert "in the first of 10 random galleries" in drawn["title"]


def test_the_table_has_every_setting_of_the_last_test(sysu: Record, ltcc: Record) -> None:
    last = sysu.epochs.iloc[-1]
    rows = search_table(Pictures(sysu))
    assert [row["setting"] for row in rows] == [
        "all, single-shot", "all, multi-shot", "indoor, single-shot", "indoor, multi-shot"
    ]  # fmt: skip
    assert rows[0]["mAP"] == f"{last['mAP']:.1%}"
    assert rows[3]["rank1"] == f"{last['indoor_multi_shot_rank1']:.1%}"
    assert search_table(Pictures(ltcc))[1]["mAP"] == f"{ltcc.epochs.iloc[-1]['cloth_changing_mAP']:.1%}"


def test_the_rules_are_told(ltcc: Record, tmp_path: Path) -> None:
    assert "Here it is LTCC, general: for each query" in searches(Pictures(ltcc)).text
    plain = make_run(tmp_path, epochs=0, people=4)
    assert search_table(Pictures(plain)) == []
    assert "Here it is Market-1501, single query" in searches(Pictures(plain)).text


def test_the_page_names_the_protocol(ltcc: Record, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("reidkit.report.page.sections", lambda pictures: [])
    page = write_report(ltcc.path, tmp_path / "ltcc.html").read_text(encoding="utf-8")
    assert "<dt>Protocol</dt><dd>ltcc</dd>" in page
    last = ltcc.epochs.iloc[-1]
    cells = f"<td>{last['cloth_changing_mAP']:.1%}</td><td>{last['cloth_changing_rank1']:.1%}</td>"
    assert f'<td class="name">cloth-changing</td>{cells}' in page
    assert "The first is the one meant elsewhere." in page
