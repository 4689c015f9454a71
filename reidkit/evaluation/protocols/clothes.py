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
WORN = {
    "changed clothes": "queries in other clothes than the gallery (camera C)",
    "same clothes": "queries in the clothes of the gallery (camera B)",
}
"""Who asks in PRCC, by setting."""
SHOWN = {
    "single-shot": "the gallery is one random crop of each person from camera A, ten times over",
    "multi-shot": "the gallery is all crops from camera A",
}
"""What is searched in PRCC, by setting."""


def ltcc(query: pd.DataFrame, gallery: pd.DataFrame, *, seed: int = 0) -> list[Setting]:
    """Return LTCC's two settings, general and cloth-changing; nothing is drawn.

    Source: Qian et al., "Long-term cloth-changing person re-identification", ACCV 2020. It calls the
    first the standard setting. "Cloth-changing" removes what shares the query's camera *or* clothes, as the
    field reads it. The authors also list the test people who change clothes at all. Here, as in most codes,
    it is not used: the others stay in the gallery, and their queries, which have no match, are left out.

    Raises:
        ReidkitError: a table has no ``clothes``.
    """
    asked, there = _clothes(query), _clothes(gallery)

    def in_other_clothes(_: int) -> Trial:
        q, g = crops_in(query, gallery)
        pairs = same_person(q, g)
        counts = q.camids[pairs.query] != g.camids[pairs.gallery]
        counts &= asked[pairs.query] != there[pairs.gallery]
        answers = answer(q, g, pairs, counts, same_place=ONE_COAT)
        return Trial(np.arange(len(query)), np.arange(len(gallery)), answers)

    return [
        Setting("general", GENERAL, lambda _: whole(query, gallery)),
        Setting("cloth-changing", CHANGING, in_other_clothes),
    ]


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
    outfits = pd.MultiIndex.from_arrays([gallery["pid"], _clothes(gallery)])
    same = pd.MultiIndex.from_arrays([query["pid"], _clothes(query)]).isin(outfits)
    asked = {"changed clothes": np.flatnonzero(~same), "same clothes": np.flatnonzero(same)}
    need_some(asked["changed clothes"], "query in other clothes than its person's in the gallery")

    def search(worn: str, shots: str, trial: int) -> Trial:
        rows, shown = asked[worn], np.arange(len(gallery))
        if shots == "single-shot":
            shown = draw_each(gallery, ["pid"], 1, (seed, trial))
        return Trial(rows, shown, whole(query.iloc[rows], gallery.iloc[shown]).answers)

    return [
        Setting(
            f"{worn}, {shots}",
            f"PRCC, {worn}, {shots}: {WORN[worn]}; {SHOWN[shots]}",
            partial(search, worn, shots),
            TRIALS if shots == "single-shot" else 1,
        )
        for shots in SHOWN
        for worn in WORN
        if len(asked[worn])
    ]


def _clothes(table: pd.DataFrame) -> NDArray[np.int64]:
    """Return the outfit of each crop; where it is unknown, which no person's may be, -1."""
    need(table, "clothes", "the clothes")
    return integer_ids(table["clothes"], "clothes", len(table))
