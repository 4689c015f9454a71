"""The odd ends of the benchmarks' protocols: who has no match, what is refused, galleries of one crop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from reidkit.errors import ReidkitError
from reidkit.evaluation.answers import NO_IDENTITY, NOT_IN_GALLERY
from reidkit.evaluation.protocols import PROTOCOLS
from reidkit.evaluation.protocols.clothes import ONE_COAT
from reidkit.evaluation.protocols.modality import SAME_PLACE
from reidkit.evaluation.scores import Fold, score
from tests.evaluation.drawn_sets import SETS


def table(pids: list[int], camids: list[int], **more: Any) -> pd.DataFrame:
    return pd.DataFrame({"pid": pids, "camid": camids} | more)


def judge(protocol: str, query: pd.DataFrame, gallery: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Score two tables whose crops have features of their own; return the settings by name."""
    rows = np.eye(len(query) + len(gallery), dtype=np.float32)
    fold = Fold(query, gallery, rows[: len(query)], rows[len(query) :])
    return {told["setting"]: told for told in score([fold], protocol)}


def sysu(query_cams: list[int], gallery_cams: list[int], pids: list[int] | None = None) -> dict[str, Any]:
    query = table([1] * len(query_cams), query_cams, modality="infrared")
    gallery = table(pids or [1] * len(gallery_cams), gallery_cams, modality="rgb")
    return judge("sysu-mm01", query, gallery)


def test_who_is_in_camera_2_only_is_not_searched_from_camera_3() -> None:
    told = sysu([3, 6], [2, 2, 1], [1, 1, 2])["all, single-shot"]
    assert told["left_out"] == {SAME_PLACE: 1}
    assert (told["queries"], told["queries_counted"]) == (2, 1)


def test_camera_2_is_out_for_camera_3_whoever_it_shows() -> None:
    """Person 2 in camera 2 is nearest to both queries: wrong for camera 6, not there for camera 3."""
    query, gallery = table([1, 1], [3, 6], modality="infrared"), table([2, 1], [2, 1], modality="rgb")
    rows = np.array([[1, 0], [1, 0], [1, 0], [0.6, 0.8]], np.float32)
    told = score([Fold(query, gallery, rows[:2], rows[2:])], "sysu-mm01")[0]
    assert (told["rank1"], told["mAP"]) == (0.5, 0.75)


def test_cmc_counts_people_and_map_counts_crops() -> None:
    """Ahead of the match stand three crops of person 2 and one of person 3, so it is the third person."""
    query = table([1], [6], modality="infrared")
    gallery = table([2, 2, 2, 3, 1], [1, 2, 4, 1, 1], modality="rgb")
    rows = np.array([[np.cos(a), np.sin(a)] for a in (0, 0.1, 0.2, 0.3, 0.4, 0.5)], np.float32)
    fold = Fold(query, gallery, rows[:1], rows[1:])
    (setting, *_) = fold.settings("sysu-mm01")
    ranking = fold.search(setting).ranking
    assert ranking.first_match.tolist() == [3]
    assert ranking.ap.tolist() == [1 / 5]


@pytest.mark.parametrize(
    ("cameras", "message"),
    [
        (([2, 5], [0, 1, 3]), "camera 2 has infrared crops. SYSU-MM01 counts its cameras from 1"),
        (([3, 6], [1, 3]), "camera 3 has rgb crops"),
        (([3, 6], [4, 5]), "no visible gallery crop of the cameras 1, 2"),
    ],
)
def test_cameras_that_are_counted_otherwise_are_refused(cameras: Any, message: str) -> None:
    with pytest.raises(ReidkitError, match=message):
        sysu(*cameras)


def test_a_query_with_one_outfit_counts_in_general_only() -> None:
    query, gallery = table([1, 2], [1, 1], clothes=[1, 1]), table([1, 2, 2], [2, 2, 2], clothes=[1, 1, 2])
    told = judge("ltcc", query, gallery)
    assert told["general"]["left_out"] == {}
    assert told["cloth-changing"]["left_out"] == {ONE_COAT: 1}
    assert told["cloth-changing"]["queries_counted"] == 1


def test_clothes_of_other_people_mean_nothing() -> None:
    """Number 1 of person 2 is no coat of person 1."""
    query, gallery = table([1], [1], clothes=[1]), table([2, 1], [2, 2], clothes=[1, 2])
    rows = np.array([[1, 0], [1, 0], [0.6, 0.8]], np.float32)
    told = score([Fold(query, gallery, rows[:1], rows[1:])], "ltcc")
    assert [setting["mAP"] for setting in told] == [0.5, 0.5]


def test_a_person_never_in_other_clothes_does_not_ask_for_changed_ones() -> None:
    query, gallery = table([1, 2, 2], [2, 2, 3], clothes=[1, 1, 2]), table([1, 2], [1, 1], clothes=[1, 1])
    told = judge("prcc", query, gallery)
    assert told["changed clothes, single-shot"]["queries"] == 1
    assert told["same clothes, single-shot"]["queries"] == 2


def test_queries_in_changed_clothes_alone_are_judged_and_in_the_same_alone_refused() -> None:
    query, gallery = table([1, 2], [3, 3], clothes=[2, 2]), table([1, 2], [1, 1], clothes=[1, 1])
    assert list(judge("prcc", query, gallery)) == [
        "changed clothes, single-shot", "changed clothes, multi-shot"
    ]  # fmt: skip
    with pytest.raises(ReidkitError, match="no query in other clothes than its person's in the gallery"):
        judge("prcc", query.assign(clothes=1), gallery)


@pytest.mark.parametrize(
    ("protocol", "column"),
    [("ltcc", "clothes"), ("prcc", "clothes"), ("sysu-mm01", "modality"), ("mlr-cuhk03", "resolution")],
)
@pytest.mark.parametrize("part", ["query", "gallery"])
def test_what_must_be_known_is_named_with_the_cure(protocol: str, column: str, part: str) -> None:
    fold = SETS[protocol](0)[0]
    tables = {"query": fold.query, "gallery": fold.gallery}
    good = tables[part]
    tables[part] = good.drop(columns=column)
    with pytest.raises(ReidkitError, match=f"no column '{column}'.*query_{column} and gallery_{column}"):
        Fold(**tables, query_features=np.eye(1), gallery_features=np.eye(1)).settings(protocol)
    known = good["pid"] > 0
    tables[part] = good.assign(**{column: good[column].where(~known)})
    with pytest.raises(
        ReidkitError, match=f"'{column}' {known.sum()} of {len(good)} crops say nothing.*pid -1"
    ):
        Fold(**tables, query_features=np.eye(1), gallery_features=np.eye(1)).settings(protocol)
    if column != "clothes":
        tables[part] = good.assign(**{column: "IR"})
        with pytest.raises(ReidkitError, match=f"column '{column}' says 'IR'; this protocol knows"):
            Fold(**tables, query_features=np.eye(1), gallery_features=np.eye(1)).settings(protocol)


def test_junk_need_not_say_anything() -> None:
    query = table([1], [3], modality="infrared")
    gallery = table([1, -1], [1, 1], modality=pd.array(["rgb", pd.NA], dtype="string"))
    assert judge("sysu-mm01", query, gallery)["all, single-shot"]["gallery"] == 1


def test_nobody_who_asks_is_said() -> None:
    query, gallery = table([1], [1], modality="rgb"), table([1], [1], modality="rgb")
    with pytest.raises(ReidkitError, match="The test set has no infrared query"):
        judge("sysu-mm01", query, gallery)
    with pytest.raises(ReidkitError, match="no low-resolution query"):
        judge("mlr-cuhk03", table([1], [0], resolution="high"), table([1], [1], resolution="high"))


@pytest.mark.parametrize(
    ("protocol", "more"),
    [
        ("cuhk03", {}), ("viper", {}), ("ltcc", {"clothes": 1}), ("prcc", {"clothes": [1, 2]}),
        ("sysu-mm01", {"modality": ["infrared", "rgb"]}), ("mlr-cuhk03", {"resolution": ["low", "high"]}),
    ],
)  # fmt: skip
def test_no_match_in_any_trial_says_why(protocol: str, more: dict[str, Any]) -> None:
    both = table([1, 2], [3, 1]).assign(**more)
    with pytest.raises(ReidkitError, match=f"None of 1 queries has a match.*1: {NOT_IN_GALLERY}"):
        judge(protocol, both[:1], both[1:])
    with pytest.raises(ReidkitError, match=f"None of 1 queries has a match.*1: {NO_IDENTITY}"):
        judge(protocol, both[:1].assign(pid=0), both[1:])


@pytest.mark.parametrize(
    ("protocol", "more"),
    [
        ("market1501", {}), ("cuhk03", {}), ("viper", {}), ("ltcc", {"clothes": [1, 2]}),
        ("prcc", {"clothes": [1, 2]}), ("sysu-mm01", {"modality": ["infrared", "rgb"]}),
        ("mlr-cuhk03", {"resolution": ["low", "high"]}),
    ],
)  # fmt: skip
def test_a_gallery_of_one_crop_is_found_at_once(protocol: str, more: dict[str, Any]) -> None:
    both = table([1, 1], [3, 1]).assign(**more)
    for told in judge(protocol, both[:1], both[1:]).values():
        assert [told[name] for name in ("mAP", "mINP", "rank1", "rank20", "tpir_at_fpir1")] == [1] * 5
        assert told["fpir1_threshold"] == np.inf  # nothing is wrong, so nothing raises an alarm


def test_several_folds_in_one_table_are_refused() -> None:
    test = table([1, 1, 2, 2], [1, 2, 1, 2], fold=[0, 0, 1, 1])
    with pytest.raises(ReidkitError, match="2 folds of CUHK03 in one test set"):
        judge("cuhk03", test, test)


def test_a_threshold_is_what_few_strangers_pass() -> None:
    """Ten queries, their wrong crops at ten distances: at most one may pass, so the second is the limit."""
    far = np.linspace(0.1, 1, 10)
    away = lambda d: np.stack([1 - d**2 / 2, np.sqrt(1 - (1 - d**2 / 2) ** 2)], axis=1)  # noqa: E731
    query, gallery = np.zeros((10, 20), np.float32), np.zeros((20, 20), np.float32)
    for q in range(10):  # each in a plane of its own
        query[q, 2 * q] = 1
        gallery[q, 2 * q : 2 * q + 2] = away(far[[q]])[0]
        gallery[10 + q, 2 * q : 2 * q + 2] = away(np.array([0.15]))[0] * [1, -1]
    strangers = table(list(range(11, 21)), [2] * 10)
    people = table(list(range(1, 11)), [2] * 10)
    fold = Fold(people.assign(camid=1), pd.concat([strangers, people]), query, gallery)
    (told,) = score([fold], "market1501")
    assert told["fpir10_threshold"] == pytest.approx(0.2, abs=1e-5)
    assert told["fpir1_threshold"] == pytest.approx(0.1, abs=1e-5)
    assert told["tpir_at_fpir10"] == 0.9  # all but the one whose stranger is nearer
    assert told["tpir_at_fpir1"] == 0


def test_distractors_are_nobody_and_all_of_them_stay() -> None:
    """One crop of each *person* is drawn: what shows no person would make the search easier if it went."""
    (fold,) = SETS["mlr-cuhk03"](0)
    gallery = fold.gallery.copy()
    gallery.loc[gallery.index[:9], "pid"] = 0
    setting = PROTOCOLS["mlr-cuhk03"](fold.query, gallery)[0]
    drawn = gallery.iloc[setting.trial(0).gallery]
    assert (drawn["pid"] == 0).sum() == (gallery["resolution"].eq("high") & gallery["pid"].eq(0)).sum() > 1
    assert drawn.loc[drawn["pid"] > 0, "pid"].is_unique
