"""What an evaluation prints: by which rules, means over what, in columns that a terminal holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reidkit.cli.statement import WIDTH, statement
from reidkit.engine.judge import count_test_pairs, separations
from reidkit.evaluation.scores import score
from tests.evaluation.drawn_sets import SETS


def told(protocol: str, folds: int | None = None) -> tuple[str, list[dict[str, Any]]]:
    """Return the text for a random test set, and its scores."""
    sets = SETS[protocol](0)[:folds]
    scores, fold = score(sets, protocol), sets[0]
    crops = pd.concat([fold.query, fold.gallery], ignore_index=True)
    rows = np.concatenate([fold.query_features, fold.gallery_features])
    pairs = separations(count_test_pairs(crops, rows), "")
    return statement({"data": "data/x", **scores[0], "settings": scores, **pairs}), scores


def line_of(text: str, name: str) -> str:
    (line,) = (line for line in text.splitlines() if line.startswith(name))
    return line


@pytest.mark.parametrize("protocol", SETS)
def test_every_line_fits_and_every_rule_is_told(protocol: str) -> None:
    text, scores = told(protocol)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert not any(line != line.rstrip() for line in text.splitlines())
    words = " ".join(text.split())
    for setting in scores:
        assert setting["protocol"] in words
        assert f"{setting['queries_counted']} of {setting['queries']} count" in words
        for reason, number in setting["left_out"].items():
            assert f"{number} do not: {reason}" in words


def test_one_setting_without_trials() -> None:
    text, (figures,) = told("market1501")
    assert line_of(text, "mAP").split() == ["mAP", f"{100 * figures['mAP']:.2f}", "%"]
    assert line_of(text, "Rank-1 ").index("%") == line_of(text, "Rank-10").index("%")
    for no in ("±", "trials", "setting", "fold"):
        assert no not in text
    found = f"10 % {figures['fpir10_threshold']:.4f} {100 * figures['tpir_at_fpir10']:.2f} %"
    assert found in " ".join(text.split())


def test_several_settings_stand_in_one_table() -> None:
    text, scores = told("ltcc")
    assert [line for line in text.splitlines() if line.startswith("setting")] == [
        "setting     general (the main one)",
        "setting     cloth-changing",
    ]
    table = text[text.index("percent") :].splitlines()[:3]
    assert table[0].split() == ["percent", "mAP", "mINP", "Rank-1", "Rank-5", "Rank-10", "Rank-20"]
    assert len({len(line) for line in table}) == 1  # all columns end at one place
    for line, figures in zip(table[1:], scores, strict=True):
        expected = [
            f"{100 * figures[name]:.2f}" for name in ("mAP", "mINP", "rank1", "rank5", "rank10", "rank20")
        ]
        assert line.split() == [figures["setting"], *expected]
    assert "open set    general: each query asks" in text
    assert "trials" not in text


def test_trials_are_told_with_their_spread() -> None:
    text, scores = told("sysu-mm01")
    many = "10 random galleries; figures are means over all of them, ± is the standard deviation"
    assert text.count(f"trials      {many}") == 4
    assert text.count("do not: no gallery crop shows this person") == 1
    assert text.count("why others do not, as above") == 3
    table = text[text.index("percent") :].splitlines()[:9]
    assert len({len(line) for line in table}) == 1
    for line, figures in zip(table[2::2], scores, strict=True):
        assert line.split()[:2] == ["±", f"{100 * figures['mAP_sd']:.2f}"]


def test_trials_of_one_setting_and_its_folds() -> None:
    text, (figures,) = told("cuhk03")
    words = " ".join(text.split())
    assert "trials 200: 2 folds (ways to part the people), 100 random galleries in each; figures are" in words
    assert f"gallery {figures['gallery']} crops a fold, on average queries" in words
    assert "count, all folds together" in words
    assert f"mAP {100 * figures['mAP']:.2f} % ± {100 * figures['mAP_sd']:.2f}" in words
    text, _ = told("viper")
    assert "trials      4: 4 folds (ways to part the people), one search in each; figures" in text


def test_a_fold_alone_has_galleries_only() -> None:
    text, _ = told("cuhk03", folds=1)
    assert "trials      100 random galleries; figures are means" in text
    assert "a fold" not in text
