"""Small random test sets in the manner of each benchmark: crops, people, features."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reidkit.evaluation.scores import Fold

PEOPLE = 9
AXES = np.concatenate([np.eye(4), -np.eye(4)]).astype(np.float32)
"""Their products are exact, so that most distances of such features are tied."""


def features(pids: np.ndarray, seed: int, *, tied: bool = False) -> np.ndarray:
    """Draw unit rows about a centre of each person; or some of eight rows, so that most are equal."""
    rng = np.random.default_rng(seed)
    if tied:
        return AXES[rng.integers(0, len(AXES), len(pids))]
    centres = np.random.default_rng(77).standard_normal((PEOPLE + 3, 6))
    rows = centres[pids + 1] + 0.9 * rng.standard_normal((len(pids), 6))
    return (rows / np.linalg.norm(rows, axis=1)[:, None]).astype(np.float32)


def fold_of(query: pd.DataFrame, gallery: pd.DataFrame, seed: int, *, tied: bool = False) -> Fold:
    tables = [table.astype({"pid": "Int64", "camid": "Int64"}) for table in (query, gallery)]
    pids = [table["pid"].to_numpy(int) for table in tables]
    rows = [features(ids, 1000 + 2 * seed + i, tied=tied) for i, ids in enumerate(pids)]
    return Fold(*tables, *rows)


def crops(seed: int, n: int, cameras: tuple[int, ...], pids: tuple[int, int] = (1, PEOPLE)) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"pid": rng.integers(pids[0], pids[1] + 1, n), "camid": rng.choice(cameras, n)})


def draw_market(seed: int, *, tied: bool = False) -> list[Fold]:
    query, gallery = crops(seed, 25, (1, 2, 3), (0, PEOPLE)), crops(seed + 50, 70, (1, 2, 3), (-1, PEOPLE))
    return [fold_of(query, gallery, seed, tied=tied)]


def draw_cuhk03(seed: int, *, tied: bool = False) -> list[Fold]:
    """Two folds in which all crops ask and are searched; one person has been seen from one side only."""
    folds = []
    for fold in range(2):
        test = crops(seed + 10 * fold, 24, (1, 2), (1, 5)).assign(fold=fold)
        test.loc[test["pid"] == 5, "camid"] = 2
        drawn = fold_of(test, test, seed + fold, tied=tied)
        folds.append(Fold(drawn.query, drawn.gallery, drawn.query_features, drawn.query_features))
    return folds


def draw_viper(seed: int, *, tied: bool = False) -> list[Fold]:
    """Two halves of the people, asked for from one camera and from the other."""
    folds = []
    for fold in range(4):
        half = np.random.default_rng(seed + fold // 2).permutation(PEOPLE)[: PEOPLE // 2] + 1
        asks, shows = (1, 2) if fold % 2 == 0 else (2, 1)
        query = pd.DataFrame({"pid": half, "camid": asks, "fold": fold})
        folds.append(fold_of(query, query.assign(camid=shows)[::-1], seed + 10 * fold, tied=tied))
    return folds


def draw_mlr_cuhk03(seed: int, *, tied: bool = False) -> list[Fold]:
    query = crops(seed, 25, (0,)).assign(resolution="low")
    gallery = crops(seed + 50, 50, (1, 2, 3), (1, PEOPLE - 1)).assign(resolution="high")
    odd = crops(seed + 90, 6, (0,)).assign(resolution="low")  # nobody searches among these
    return [fold_of(query, pd.concat([gallery, odd], ignore_index=True), seed, tied=tied)]


def draw_sysu_mm01(seed: int, *, tied: bool = False) -> list[Fold]:
    """One person is in camera 2 only, one is not in the gallery, one crop shows nobody known."""
    query = crops(seed, 30, (3, 6), (0, PEOPLE)).assign(modality="infrared")
    gallery = crops(seed + 50, 160, (1, 2, 4, 5), (1, PEOPLE - 1)).assign(modality="rgb")
    gallery.loc[gallery["pid"] == 1, "camid"] = 2
    gallery.loc[:24, ["pid", "camid"]] = 2, 4  # more than ten crops of one person from one camera
    query.loc[:1, ["pid", "camid"]] = [[1, 3], [1, 6]]
    return [fold_of(query, gallery, seed, tied=tied)]


def draw_ltcc(seed: int, *, tied: bool = False) -> list[Fold]:
    """Person 1 has one outfit, the others up to three."""
    rng = np.random.default_rng(seed + 7)
    query, gallery = (
        crops(seed, 25, (1, 2, 3), (0, PEOPLE)),
        crops(seed + 50, 80, (1, 2, 3), (-1, PEOPLE - 1)),
    )
    query.loc[0, "pid"] = 1
    tables = [table.assign(clothes=rng.integers(1, 4, len(table))) for table in (query, gallery)]
    for table in tables:
        table.loc[table["pid"] == 1, "clothes"] = 1
    return [fold_of(*tables, seed, tied=tied)]


def draw_prcc(seed: int, *, tied: bool = False) -> list[Fold]:
    """Camera 1 (A) is the gallery; 2 (B) sees the same clothes, 3 (C) others. Person 1 is never in C."""
    query = crops(seed, 40, (2, 3))
    query.loc[query["pid"] == 1, "camid"] = 2
    query = query.assign(clothes=query["camid"] - 1)
    gallery = crops(seed + 50, 60, (1,), (1, PEOPLE - 1)).assign(clothes=1)
    return [fold_of(query, gallery, seed, tied=tied)]


SETS = {
    "market1501": draw_market,
    "cuhk03": draw_cuhk03,
    "viper": draw_viper,
    "mlr-cuhk03": draw_mlr_cuhk03,
    "sysu-mm01": draw_sysu_mm01,
    "ltcc": draw_ltcc,
    "prcc": draw_prcc,
}
"""Protocol -> what draws a test set for it: one fold, or several."""
