"""Every layout × protocol from the command line: each miniature, judged by its protocol's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reidkit.data import multi_query_crops, open_folds, select
from reidkit.data.towns.forms import FORMS, draw_form
from reidkit.engine.embedding import embed_crops
from reidkit.evaluation.protocols import MARKET_MULTI, PROTOCOLS, shots
from reidkit.evaluation.scores import Fold
from reidkit.models import build_model
from tests.evaluation.by_words import WORDS, search
from tests.shell import reidkit

OWN = {"cuhk03": "cuhk03", "viper": "viper", "mlr_cuhk03": "mlr-cuhk03", "sysu_mm01": "sysu-mm01",
       "ltcc": "ltcc", "prcc": "prcc"}  # fmt: skip
"""Layouts whose protocol is not Market-1501's."""
EVERY_WAY = [
    (form, way.folder, way.layout)
    for form, one in FORMS.items()
    for way in one.ways
    if form != "folder"  # without labels there is nothing to judge; see tests/engine/test_plain_folder.py
]
FIGURES = ("mAP", "mINP", "rank1", "rank5", "rank10", "rank20")


@pytest.fixture(scope="module")
def minis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("minis")


def run(*arguments: str | Path) -> dict[str, Any]:
    """Run ``reidkit evaluate ARGUMENTS --json`` and return what it printed."""
    status, out, err = reidkit("evaluate", *arguments, "--device", "cpu", "--json")
    assert status == 0, err
    return json.loads(out)


def embed(crops: pd.DataFrame) -> np.ndarray:
    model = build_model("tiny", init="tiny")
    return embed_crops(model, crops, device="cpu", progress=False)["global"]


def folds_of(folder: Path, layout: str) -> list[Fold]:
    """Return the test set with the features that the command has used."""
    folds = []
    for crops in open_folds(folder, layout=layout):
        query, gallery = select(crops, "query"), select(crops, "gallery")
        folds.append(Fold(query, gallery, embed(query), embed(gallery)))
    return folds


def protocol_of(layout: str) -> str:
    name, *words = layout.split(":")
    return "market1501" if "np" in words else OWN.get(name, "market1501")


@pytest.mark.parametrize(("form", "folder", "layout"), EVERY_WAY)
def test_a_miniature_is_judged_by_its_protocols_words(
    minis: Path, form: str, folder: str, layout: str
) -> None:
    draw_form(form, minis / form, people=4, progress=False)
    root = minis / form / FORMS[form].root / folder
    protocol = protocol_of(layout)
    if protocol == "cuhk03":
        layout += ":7"  # 100 repeats; all 20 folds are the next test's
    figures = run(root, "--layout", layout)
    folds = folds_of(root, layout)
    for told, (name, words) in zip(figures["settings"], WORDS[protocol].items(), strict=True):
        assert told["setting"] == name
        settings = [next(s for s in PROTOCOLS[protocol](f.query, f.gallery) if s.name == name) for f in folds]
        trials = [
            search(words, fold, *setting.trial(k)[:2])
            for fold, setting in zip(folds, settings, strict=True)
            for k in range(words.trials)
        ]
        assert told["trials"] == len(trials)
        assert told["queries_counted"] == sum(t["queries_counted"] for t in trials[:: words.trials]) > 0
        for figure in FIGURES:
            wanted = np.mean([trial["figures"][figure] for trial in trials])
            assert told[figure] == pytest.approx(wanted, abs=1e-6), (name, figure)
    assert {name: figures[name] for name in FIGURES} == {
        name: figures["settings"][0][name] for name in FIGURES
    }


def test_every_protocol_has_a_miniature() -> None:
    assert {protocol_of(layout) for _, _, layout in EVERY_WAY} == set(PROTOCOLS)


def test_all_folds_are_judged_where_none_is_named(minis: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shots, "REPEATS", 3)  # of 100, which the test of the words draws for one fold
    folder = draw_form("cuhk03-extracted", minis / "cuhk03-extracted", people=4, progress=False)
    figures = run(folder, "--layout", "cuhk03:detected")
    alone = [run(folder, "--layout", f"cuhk03:detected:{fold}") for fold in (0, 11)]
    assert figures["trials"] == 20 * alone[0]["trials"] == 60
    assert figures["queries"] > sum(one["queries"] for one in alone)
    assert alone[0]["mAP"] != alone[1]["mAP"] or alone[0]["queries"] != alone[1]["queries"]


def test_multi_query_from_a_folder_is_a_search_with_the_mean(minis: Path) -> None:
    folder = draw_form("market1501", minis / "market1501", people=4, progress=False)
    figures = run(folder, "--multi-query", folder)
    assert figures["protocol"] == MARKET_MULTI
    (fold,) = folds_of(folder, "market1501")
    seen = multi_query_crops(folder)
    rows = embed(seen).astype(float)
    means = []
    for query in fold.query.itertuples():
        own = rows[((seen["pid"] == query.pid) & (seen["camid"] == query.camid)).to_numpy(bool)]
        means.append(own.mean(axis=0) / np.linalg.norm(own.mean(axis=0)))
    averaged = Fold(fold.query, fold.gallery, np.array(means, np.float32), fold.gallery_features)
    words = WORDS["market1501"]["single query"]
    wanted = search(words, averaged, range(len(fold.query)), range(len(fold.gallery)))["figures"]
    for name in FIGURES:
        assert figures[name] == pytest.approx(wanted[name], abs=1e-6)
