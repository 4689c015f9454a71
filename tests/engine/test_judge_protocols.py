"""What a training's record says of benchmarks with settings of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reidkit.engine.judge import Judge, fold_of
from reidkit.evaluation import protocol_of
from reidkit.evaluation.scores import Fold
from tests.evaluation.by_words import WORDS, search
from tests.evaluation.drawn_sets import SETS

RETRIEVAL = ["mAP", "mINP", "rank1", "rank5", "rank10"]
COLUMNS = {
    "ltcc": ["cloth_changing_mAP", "cloth_changing_rank1"],
    "sysu-mm01": [
        f"{setting}_shot_{name}"
        for setting in ("all_multi", "indoor_single", "indoor_multi")
        for name in ("mAP", "rank1")
    ],
    "prcc": [
        f"{setting}_shot_{name}"
        for setting in ("same_clothes_single", "changed_clothes_multi", "same_clothes_multi")
        for name in ("mAP", "rank1")
    ],
    "mlr-cuhk03": ["multi_shot_mAP", "multi_shot_rank1"],
    "cuhk03": [],
}
DATASETS = {"ltcc": "LTCC", "sysu-mm01": "SYSU-MM01", "prcc": "PRCC"}
DATASETS |= {"mlr-cuhk03": "MLR-CUHK03", "cuhk03": "CUHK03 detected"}


def as_table(fold: Fold, dataset: str) -> pd.DataFrame:
    """Return the table of crops as a layout would: training crops first, then queries, then the gallery."""
    train = pd.DataFrame({"pid": [90, 90], "camid": [1, 2], "split": "train"})
    parts = [train, fold.query.assign(split="query"), fold.gallery.assign(split="gallery")]
    table = pd.concat(parts, ignore_index=True).assign(dataset=dataset)
    return table.assign(path=[f"{i}.png" for i in range(len(table))])


@pytest.mark.parametrize("protocol", COLUMNS)
def test_a_record_has_the_columns_of_every_setting(protocol: str) -> None:
    fold = SETS[protocol](3)[0]
    judge = Judge(as_table(fold, DATASETS[protocol]))
    assert judge.has_test
    row, tables = judge.test(np.concatenate([fold.query_features, fold.gallery_features]))
    assert [name for name in row if name.endswith(("mAP", "mINP")) or "rank" in name] == [
        *RETRIEVAL, *COLUMNS[protocol]
    ]  # fmt: skip
    settings, names = fold.settings(protocol), iter(COLUMNS[protocol])
    for place, (setting, words) in enumerate(zip(settings, WORDS[protocol].values(), strict=True)):
        trials = [search(words, fold, *setting.trial(k)[:2])["figures"] for k in range(words.trials)]
        for figure in ("mAP", "rank1"):
            column = next(names) if place else figure
            assert row[column] == pytest.approx(np.mean([trial[figure] for trial in trials]), abs=1e-6)
    assert len(tables) == 1


@pytest.mark.parametrize("protocol", COLUMNS)
def test_a_search_shows_crops_of_the_tables(protocol: str) -> None:
    """Rows of the tables, not of the drawn gallery: the nearest that count, in order, and who is right."""
    drawn = SETS[protocol](4)[0]
    test = as_table(drawn, DATASETS[protocol]).query("split != 'train'").reset_index(drop=True)
    fold = fold_of(test, np.concatenate([drawn.query_features, drawn.gallery_features]))
    found = fold.search(fold.settings(protocol_of(test))[0])
    words = WORDS[protocol][found.setting.name]
    judged = np.arange(len(found.ranking.queries))
    rows, top = found.top(200, judged)
    for q, indices, match in zip(rows, top.indices, top.match, strict=True):
        query, gallery = fold.query.iloc[q].to_dict(), fold.gallery.to_dict("records")
        counted = [g for g in found.gallery if words.verdict(query, gallery[g]) != "does not count"]
        far = np.linalg.norm(fold.gallery_features - fold.query_features[q], axis=1)
        shown = indices[indices >= 0]
        assert list(shown) == sorted(counted, key=lambda g: far[g])
        assert list(match[: len(shown)]) == [gallery[g]["pid"] == query["pid"] for g in shown]
        assert not match[len(shown) :].any()
    nearest = [np.flatnonzero(match)[0] + 1 for match in top.match]
    if not words.people:
        np.testing.assert_array_equal(nearest, found.ranking.first_match)
