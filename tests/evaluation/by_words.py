"""Benchmarks judged as their papers and codes word them: one query, one crop at a time, slow and plain.

Nothing here comes from reidkit but :class:`Fold`, which holds the tables. Sources: the MATLAB code and the
readme of SYSU-MM01 and ``eval_sysu`` of Cross-Modal-Re-ID-baseline; ``evaluate_with_clothes`` of
Simple-CCReID (LTCC) and its issue 7 (PRCC's ten single-shot galleries); ``cmc`` of open-reid with
``separate_camera_set`` and ``single_gallery_shot`` (CUHK03); Jiao et al. 2018 (MLR-CUHK03); torchreid's
20 partings (VIPeR).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from reidkit.evaluation.scores import Fold

RIGHT, WRONG, OUT = "right", "wrong", "does not count"
RANKS = (1, 5, 10, 20)
Crop = dict[str, Any]


def same(q: Crop, g: Crop) -> bool:
    return q["pid"] == g["pid"] > 0


def by_market(q: Crop, g: Crop) -> str:
    if g["pid"] == -1 or (same(q, g) and q["camid"] == g["camid"]):
        return OUT
    return RIGHT if same(q, g) else WRONG


def by_the_other_view(q: Crop, g: Crop) -> str:
    """CUHK03: nothing from the query's own view is searched, whoever it shows."""
    if q["camid"] == g["camid"]:
        return OUT
    return RIGHT if same(q, g) else WRONG


def by_another_place(q: Crop, g: Crop) -> str:
    """SYSU-MM01: "probe images of camera 3 skip the gallery images of camera 2", whoever they show."""
    if q["camid"] == 3 and g["camid"] == 2:
        return OUT
    return RIGHT if same(q, g) else WRONG


def by_other_clothes(q: Crop, g: Crop) -> str:
    """LTCC: same person and camera, or same person and clothes, is removed."""
    if same(q, g) and q["clothes"] == g["clothes"]:
        return OUT
    return by_market(q, g)


@dataclass(frozen=True)
class Words:
    """One setting in words: who asks, what is searched, how much of it is drawn, what is right."""

    asks: Callable[[Crop, list[Crop]], bool] = lambda q, gallery: True
    pool: Callable[[Crop], bool] = lambda g: True
    per: tuple[str, ...] = ()
    each: int = 0
    """Crops of each group of ``per``; 0: all."""
    verdict: Callable[[Crop, Crop], str] = by_market
    people: bool = False
    trials: int = 1


def infrared(q: Crop, _: list[Crop]) -> bool:
    return q["modality"] == "infrared"


def low(q: Crop, _: list[Crop]) -> bool:
    return q["resolution"] == "low"


def high(g: Crop) -> bool:
    return g["resolution"] == "high"


def as_worn(q: Crop, gallery: list[Crop]) -> bool:
    """PRCC: somebody in the gallery is this person in these clothes."""
    return any(same(q, g) and q["clothes"] == g["clothes"] for g in gallery)


def changed(q: Crop, gallery: list[Crop]) -> bool:
    return not as_worn(q, gallery)


def visible(*cameras: int) -> Callable[[Crop], bool]:
    return lambda g: g["modality"] == "rgb" and g["camid"] in cameras


def sysu(each: int, *cameras: int) -> Words:
    return Words(infrared, visible(*cameras), ("pid", "camid"), each, by_another_place, True, 10)


WORDS: dict[str, dict[str, Words]] = {
    "market1501": {"single query": Words()},
    "cuhk03": {"single-shot": Words(per=("pid", "camid"), each=1, verdict=by_the_other_view, trials=100)},
    "viper": {"single-shot": Words()},
    "mlr-cuhk03": {
        "single-shot": Words(low, high, ("pid",), 1, trials=10),
        "multi-shot": Words(low, high),
    },
    "sysu-mm01": {
        "all, single-shot": sysu(1, 1, 2, 4, 5),
        "all, multi-shot": sysu(10, 1, 2, 4, 5),
        "indoor, single-shot": sysu(1, 1, 2),
        "indoor, multi-shot": sysu(10, 1, 2),
    },
    "ltcc": {"general": Words(), "cloth-changing": Words(verdict=by_other_clothes)},
    "prcc": {
        "changed clothes, single-shot": Words(changed, per=("pid",), each=1, trials=10),
        "same clothes, single-shot": Words(as_worn, per=("pid",), each=1, trials=10),
        "changed clothes, multi-shot": Words(changed),
        "same clothes, multi-shot": Words(as_worn),
    },
}
"""Protocol -> setting -> its words. The first setting is the main one."""


def crops_in(table: pd.DataFrame) -> list[Crop]:
    return table.to_dict("records")


def is_what_is_asked(words: Words, fold: Fold, asks: Iterable[int], shown: Iterable[int]) -> None:
    """Assert that a trial's queries and its drawn gallery are those that the words want."""
    query, gallery = crops_in(fold.query), crops_in(fold.gallery)
    assert list(asks) == [i for i, q in enumerate(query) if words.asks(q, gallery)]
    pool = [i for i, g in enumerate(gallery) if words.pool(g)]
    shown = list(shown)
    assert len(set(shown)) == len(shown)
    assert set(shown) <= set(pool)
    if not words.each:
        assert shown == pool
        return
    there, drawn = (
        Counter(tuple(gallery[i][column] for column in words.per) for i in rows) for rows in (pool, shown)
    )
    assert drawn == {group: min(number, words.each) for group, number in there.items()}


def search(words: Words, fold: Fold, asks: Iterable[int], shown: Iterable[int]) -> dict[str, Any]:
    """Judge one trial: for each query sort what is shown, strike what does not count, and read off."""
    query, gallery = crops_in(fold.query), crops_in(fold.gallery)
    shown = list(shown)
    found: dict[str, list[float]] = {name: [] for name in ("ap", "inp", "first", "right", "wrong")}
    left_out: Counter[str] = Counter()
    for i in asks:
        q = query[i]
        rows = fold.gallery_features[shown].astype(float) - fold.query_features[i].astype(float)
        far = dict(zip(shown, np.linalg.norm(rows, axis=1).tolist(), strict=True))
        ranked = [
            (g, verdict)
            for g in sorted(shown, key=lambda g: far[g])  # a stable sort
            if (verdict := words.verdict(q, gallery[g])) != OUT
        ]
        places = [place for place, (_, verdict) in enumerate(ranked, 1) if verdict == RIGHT]
        if not places:
            there = any(same(q, gallery[g]) for g in shown)
            left_out["a stranger" if q["pid"] <= 0 else "same place" if there else "not there"] += 1
            continue
        names = list(dict.fromkeys(gallery[g]["pid"] for g, _ in ranked))  # each person at its nearest
        found["ap"].append(sum(k / place for k, place in enumerate(places, 1)) / len(places))
        found["inp"].append(len(places) / places[-1])
        found["first"].append(1 + names.index(q["pid"]) if words.people else places[0])
        for kind in (RIGHT, WRONG):
            found[kind].append(min((far[g] for g, v in ranked if v == kind), default=np.inf))
    figures = {"mAP": np.mean(found["ap"]), "mINP": np.mean(found["inp"])}
    figures |= {f"rank{k}": np.mean([place <= k for place in found["first"]]) for k in RANKS}
    for name, share in (("fpir1", 0.01), ("fpir10", 0.1)):
        figures |= found_in_an_open_set(found[RIGHT], found[WRONG], name, share)
    counts = {"queries": sum(left_out.values()) + len(found["ap"]), "queries_counted": len(found["ap"])}
    return {"figures": figures, "left_out": left_out, "gallery": len(shown), **counts}


def found_in_an_open_set(right: list[float], wrong: list[float], name: str, share: float) -> dict[str, float]:
    """Try every threshold that changes anything; keep the largest with few false alarms."""
    few = [t for t in [*wrong, np.inf] if sum(w < t for w in wrong) <= share * len(wrong)]
    found = [r < max(few) and r < w for r, w in zip(right, wrong, strict=True)]
    return {f"tpir_at_{name}": float(np.mean(found)), f"{name}_threshold": max(few)}
