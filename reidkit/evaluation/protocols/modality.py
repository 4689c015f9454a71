"""SYSU-MM01: infrared crops ask, visible ones are searched."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from reidkit.errors import ReidkitError
from reidkit.evaluation.answers import Answers, answer, other_people, same_person
from reidkit.evaluation.protocols.base import (
    TRIALS,
    Setting,
    Trial,
    crops_in,
    draw_each,
    need,
    need_some,
    rows_where,
)

CAMERAS = {"infrared": (3, 6), "rgb": (1, 2, 4, 5)}
SEARCHES = {"all": (1, 2, 4, 5), "indoor": (1, 2)}
"""The visible cameras that are searched."""
SHOTS = {"single-shot": 1, "multi-shot": 10}
"""Random crops of each person from each camera."""
NEIGHBOURS = (3, 2)
"""An infrared and a visible camera at one place: what the second took does not count for the first."""
SAME_PLACE = "the gallery shows this person only through camera 2, beside the query's camera"
WORDS = (
    "SYSU-MM01, {search} search, {shots}: infrared queries (cameras 3 and 6); the gallery is {many} of each "
    "person from each visible camera ({cameras}), drawn ten times; for queries of camera 3 the crops of "
    "camera 2, at the same place, are removed; CMC counts people, mAP crops"
)


def sysu_mm01(query: pd.DataFrame, gallery: pd.DataFrame, *, seed: int = 0) -> list[Setting]:
    """Return SYSU-MM01's four settings: all and indoor search, single- and multi-shot.

    Which crops are drawn is a matter of the generator. The authors publish theirs as a file for
    MATLAB; other codes draw their own, as this one does. The spread over the ten says what that may
    change.

    Source: Wu et al., "RGB-infrared cross-modality person re-identification", ICCV 2017, and the code
    that its authors give for it.

    Args:
        query, gallery: tables of crops with ``modality``, "infrared" or "rgb".
        seed: of the ten draws.

    Raises:
        ReidkitError: a table has no ``modality``, a crop has one that its camera does not take, nobody
            asks in infrared, or nothing visible is there.
    """
    for table in (query, gallery):
        need(table, "modality", "the modality (infrared or rgb)", among=tuple(CAMERAS))
        _need_its_cameras(table)
    infrared = rows_where(query, "modality", "infrared")
    need_some(infrared, "infrared query")
    return [
        Setting(
            f"{search}, {shots}",
            _words(search, shots),
            partial(_search, query, infrared, gallery, cameras, n, seed),
            TRIALS,
        )
        for search, cameras in SEARCHES.items()
        for shots, n in SHOTS.items()
    ]


def _need_its_cameras(table: pd.DataFrame) -> None:
    """Refuse cameras counted otherwise: they would be drawn from, and removed, without anybody noticing."""
    for modality, cameras in CAMERAS.items():
        found = table["camid"].iloc[rows_where(table, "modality", modality)].dropna()
        if other := sorted(set(found) - set(cameras)):
            raise ReidkitError(
                f"camera {other[0]} has {modality} crops. SYSU-MM01 counts its cameras from 1: 1, 2, 4 "
                "and 5 are visible (rgb), 3 and 6 infrared."
            )


def _words(search: str, shots: str) -> str:
    many = "one random crop" if SHOTS[shots] == 1 else f"{SHOTS[shots]} random crops"
    cameras = ", ".join(map(str, SEARCHES[search]))
    return WORDS.format(search=search, shots=shots, many=many, cameras=cameras)


def _search(
    query: pd.DataFrame,
    asked: np.ndarray,
    gallery: pd.DataFrame,
    cameras: tuple[int, ...],
    n: int,
    seed: int,
    trial: int,
) -> Trial:
    rows = rows_where(gallery, "modality", "rgb")
    rows = rows[gallery["camid"].iloc[rows].isin(cameras).to_numpy(bool)]
    need_some(rows, f"visible gallery crop of the cameras {', '.join(map(str, cameras))}")
    rows = rows[draw_each(gallery.iloc[rows], ["pid", "camid"], n, (seed, trial))]
    return Trial(asked, rows, _answers(query.iloc[asked], gallery.iloc[rows]))


def _answers(query: pd.DataFrame, gallery: pd.DataFrame) -> Answers:
    q, g = crops_in(query, gallery)
    pairs = same_person(q, g)
    asks, shows = NEIGHBOURS
    counts = ~((q.camids[pairs.query] == asks) & (g.camids[pairs.gallery] == shows))
    others = other_people(q, g, (q.camids == asks)[:, None] & (g.camids == shows))
    return answer(q, g, pairs, counts, also_removed=others, same_place=SAME_PLACE, by_people=True)
