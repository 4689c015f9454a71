"""Every protocol against its words: what is drawn, and all figures, over all trials and folds."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from reidkit.evaluation import PROTOCOLS
from reidkit.evaluation.answers import NO_IDENTITY, NOT_IN_GALLERY, ONE_CAMERA
from reidkit.evaluation.protocols.clothes import ONE_COAT
from reidkit.evaluation.protocols.modality import SAME_PLACE
from reidkit.evaluation.scores import score
from tests.evaluation.by_words import WORDS, is_what_is_asked, search
from tests.evaluation.drawn_sets import SETS

REASONS = {NO_IDENTITY: "a stranger", NOT_IN_GALLERY: "not there"}
REASONS |= dict.fromkeys((ONE_CAMERA, ONE_COAT, SAME_PLACE), "same place")
SEEDS = {"cuhk03": range(1)}  # 200 trials; the others get three seeds


def cases() -> list[tuple[str, int]]:
    return [(protocol, seed) for protocol in SETS for seed in SEEDS.get(protocol, range(3))]


def test_every_protocol_is_judged_by_its_words() -> None:
    assert set(WORDS) == set(SETS) == set(PROTOCOLS)


@pytest.mark.parametrize("tied", [False, True], ids=["", "tied"])
@pytest.mark.parametrize(("protocol", "seed"), cases())
def test_all_figures_are_those_of_the_words(protocol: str, seed: int, tied: bool) -> None:
    folds = SETS[protocol](seed, tied=tied)
    scores = score(folds, protocol, seed=seed)
    assert [told["setting"] for told in scores] == list(WORDS[protocol])
    each = [fold.settings(protocol, seed=seed) for fold in folds]
    for place, (told, words) in enumerate(zip(scores, WORDS[protocol].values(), strict=True)):
        trials = [
            [search(words, fold, *settings[place].trial(k)[:2]) for k in range(words.trials)]
            for fold, settings in zip(folds, each, strict=True)
        ]
        rows = [trial["figures"] for fold in trials for trial in fold]
        assert told["trials"] == len(rows)
        for name in rows[0]:
            values = [row[name] for row in rows]
            assert told[name] == pytest.approx(np.mean(values), abs=1e-6), name
            if len(rows) > 1:
                assert told[f"{name}_sd"] == pytest.approx(np.std(values, ddof=1), abs=1e-6), name
            else:
                assert f"{name}_sd" not in told
        firsts = [fold[0] for fold in trials]
        for name in ("queries", "queries_counted"):
            assert told[name] == sum(first[name] for first in firsts), name
        reasons: Counter[str] = Counter()
        for reason, number in told["left_out"].items():
            reasons[REASONS[reason]] += number
        assert reasons == sum((first["left_out"] for first in firsts), Counter())
        assert told["gallery"] == round(np.mean([first["gallery"] for first in firsts]))


@pytest.mark.parametrize(("protocol", "seed"), cases())
def test_the_draw_is_what_is_asked(protocol: str, seed: int) -> None:
    for fold in SETS[protocol](seed):
        settings, again, other = (fold.settings(protocol, seed=s) for s in (seed, seed, seed + 1))
        for place, (setting, words) in enumerate(zip(settings, WORDS[protocol].values(), strict=True)):
            assert setting.trials == words.trials
            drawn = [setting.trial(k) for k in range(words.trials)]
            for k, trial in enumerate(drawn):
                is_what_is_asked(words, fold, trial.query, trial.gallery)
                assert trial.answers.gallery == len(trial.gallery)
                np.testing.assert_array_equal(trial.gallery, again[place].trial(k).gallery)
            if words.trials > 1:
                assert len({tuple(trial.gallery) for trial in drawn}) > words.trials // 2
                assert any(
                    not np.array_equal(trial.gallery, other[place].trial(k).gallery)
                    for k, trial in enumerate(drawn)
                )


def test_each_crop_is_drawn_equally_often() -> None:
    """100 draws of one of n crops: each is drawn 100 / n times, give or take four standard deviations."""
    (fold, _) = SETS["cuhk03"](0)
    (setting,) = fold.settings("cuhk03")
    drawn = np.bincount(np.concatenate([setting.trial(k).gallery for k in range(100)]), minlength=24)
    sizes = fold.gallery.groupby(["pid", "camid"])["pid"].transform("size").to_numpy(int)
    for times, n in zip(drawn, sizes, strict=True):
        assert abs(times - 100 / n) <= 4 * np.sqrt(100 / n * (1 - 1 / n))


def test_folds_are_drawn_apart() -> None:
    """The same crops in two folds get different galleries."""
    fold, other = SETS["cuhk03"](0)[0], SETS["cuhk03"](0)[0]
    other.query["fold"] = other.gallery["fold"] = 1
    one, two = (f.settings("cuhk03")[0].trial(0).gallery for f in (fold, other))
    assert not np.array_equal(one, two)


def test_a_single_shot_is_one_of_the_ten() -> None:
    """As in the authors' file of draws for SYSU-MM01: multi-shot takes the first ten of the same order."""
    (fold,) = SETS["sysu-mm01"](0)
    single, multi, *_ = fold.settings("sysu-mm01")
    for k in range(10):
        assert set(single.trial(k).gallery) < set(multi.trial(k).gallery)
