"""People who change their clothes: LTCC and PRCC.

A network that learns coats finds people in the same coat. So these protocols ask for the person in
another one. They need the column ``clothes``: a number for each outfit of a person.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reidkit.distances.checks import integer_ids
from reidkit.evaluation.answers import answer, same_person
from reidkit.evaluation.protocols.base import TRIALS, Setting, Trial, crops_in, draw_each, need, need_some
from reidkit.evaluation.protocols.market import whole

ONE_COAT = "the gallery shows this person only through the query's camera or in the query's clothes"
GENERAL = (
    "LTCC, general: for each query, its person's crops from its own camera are removed; all others of its "
    "person are right, whatever they wear"
)
CHANGING = (
    "LTCC, cloth-changing: for each query, its person's crops from its own camera and those in its own "
    "clothes are removed; right are the others of its person"
)
PRCC = {
    (True, True): "PRCC, same clothes, single-shot: queries in the clothes of the gallery (camera B)",
    (False, True): "PRCC, changed clothes, single-shot: queries in other clothes than the gallery (camera C)",
    (True, False): "PRCC, same clothes, multi-shot: queries in the clothes of the gallery (camera B)",
    (False, False): "PRCC, changed clothes, multi-shot: queries in other clothes (camera C)",
}
ONE_EACH = "; the gallery is one random crop of each person from camera A, ten times over"
ALL = "; the gallery is all crops from camera A"


def ltcc(query: pd.DataFrame, gallery: pd.DataFrame, *, seed: int = 0) -> list[Setting]:
    """Return LTCC's two settings, general and cloth-changing; nothing is drawn.

    Source: Qian et al., "Long-term cloth-changing person re-identification", ACCV 2020. It calls the
    first the standard setting. "Cloth-changing" removes what shares the query's camera *or* clothes, as the
    field reads it. The authors also list the test people who change clothes at all. Here, as in most codes,
    it is not used: the others stay in the gallery, and their queries, which have no match, are left out.

    Raises:
        ReidkitError: a table has no ``clothes``.
    """
    for table in (query, gallery):
        need(table, "clothes", "the clothes")
    return [
        Setting("general", GENERAL, lambda _: whole(query, gallery)),
        Setting("cloth-changing", CHANGING, lambda _: _in_other_clothes(query, gallery)),
    ]


def _in_other_clothes(query: pd.DataFrame, gallery: pd.DataFrame) -> Trial:
    asked, there = _clothes(query), _clothes(gallery)
    q, g = crops_in(query, gallery)
    pairs = same_person(q, g)
    counts = q.camids[pairs.query] != g.camids[pairs.gallery]
    counts &= asked[pairs.query] != there[pairs.gallery]
    answers = answer(q, g, pairs, counts, same_place=ONE_COAT)
    return Trial(np.arange(len(query)), np.arange(len(gallery)), answers)


def prcc(query: pd.DataFrame, gallery: pd.DataFrame, *, seed: int = 0) -> list[Setting]:
    """Return PRCC's settings: changed and same clothes, against one crop of each person, or all.

    The gallery is what camera A took. Its authors search one random crop of each person in it, ten
    times over, and take the mean of the ten; about half of the field searches all of it instead. With one
    crop a person mAP lies well above that of all crops: never compare the two. Without a query in the
    clothes of the gallery there are no settings of the same clothes.

    Source: Yang, Wu and Zheng, "Person re-identification by contour sketch under moderate clothing
    change", TPAMI 2021.

    Args:
        query, gallery: tables of crops with ``clothes``.
        seed: of the ten draws.

    Raises:
        ReidkitError: a table has no ``clothes``, or every query wears those of the gallery.
    """
    worn = pd.MultiIndex.from_arrays([gallery["pid"], pd.Series(_clothes(gallery), gallery.index)])
    same = pd.MultiIndex.from_arrays([query["pid"], pd.Series(_clothes(query), query.index)]).isin(worn)

    def search(rows: NDArray[np.int64], single: bool, trial: int) -> Trial:
        shown = draw_each(gallery, ["pid"], 1, (seed, trial)) if single else np.arange(len(gallery))
        return Trial(rows, shown, whole(query.iloc[rows], gallery.iloc[shown]).answers)

    settings = []
    need_some(np.flatnonzero(~same), "query in other clothes than its person's in the gallery")
    for single in (True, False):
        for as_worn in (False, True) if same.any() else (False,):
            name = f"{'same' if as_worn else 'changed'} clothes, {'single' if single else 'multi'}-shot"
            rows = np.flatnonzero(same == as_worn)
            settings.append(
                Setting(
                    name,
                    PRCC[as_worn, single] + (ONE_EACH if single else ALL),
                    partial(search, rows, single),
                    trials=TRIALS if single else 1,
                )
            )
    return settings


def _clothes(table: pd.DataFrame) -> NDArray[np.int64]:
    need(table, "clothes", "the clothes")
    return integer_ids(table["clothes"], "clothes", len(table))
