"""Why a crop changed its cluster: made-up configurations, one for each answer, and sets for the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.errors import ReidkitError
from reidkit.labels.lineage import events
from reidkit.labels.moves import Move, why

PLACES = np.eye(6, dtype=np.float32)


def told(before: list[int], after: list[int], old: list[int], new: list[int], crop: int, k: int = 3) -> Move:
    """Crops stand on corners: ``before`` and ``after`` say on which; two corners are √2 apart."""
    return why(PLACES[before], PLACES[after], old, new, crop, k=k)


def test_alone_because_it_moved() -> None:
    there = [0, 0, 0, 0, 1, 1, 1]
    move = told(there, [1, *there[1:]], [4, 4, 4, 4, 8, 8, 8], [8, 4, 4, 4, 8, 8, 8], 0)
    assert (move.kind, move.fate, move.heir) == ("alone", "stable", 4)
    assert move.company["crops"].to_dict() == {"stayed": 0, "left": 3, "joined": 3}
    assert move.company.loc["left"].tolist() == pytest.approx([3, 0, 2**0.5])
    assert move.company.loc["joined"].tolist() == pytest.approx([3, 2**0.5, 0])
    assert str(move).startswith(
        "Crop 0 went alone from old cluster 4 to new cluster 8; "
        "old cluster 4 goes on as new cluster 4 without it. "
        "The 3 it left were 0.00 away on average and are 1.41 away now; "
        "the 3 it joined were 1.41 away on average and are 0.00 away now. "
        "0 of its 3 nearest crops are the same as before: the crop itself moved."
    )


def test_with_its_whole_cluster_into_a_larger_one() -> None:
    there = [0, 0, 1, 1, 1]
    move = told(there, there, [0, 0, 1, 1, 1], [3, 3, 3, 3, 3], 0)
    assert (move.kind, move.fate, move.heir) == ("with others", "merged", 3)
    assert "with 1 of its 1 companions; old cluster 0 was taken in by the larger new cluster 3." in str(move)
    assert "it hardly moved, the clusters around it did" in str(move)
    assert "it left" not in str(move)


def test_its_cluster_broke_up() -> None:
    there = [0] * 6
    move = told(there, there, [0] * 6, [1, 1, 2, 2, 3, 3], 0)
    assert (move.kind, move.fate) == ("with others", "split")
    assert "with 1 of its 5 companions; old cluster 0 broke up." in str(move)


def test_a_few_leave_a_cluster_that_goes_on() -> None:
    old, new = [0] * 6 + [1] * 2, [1, 1, 0, 0, 0, 0, 1, 1]
    move = told([0] * 8, [0] * 8, old, new, 1)
    assert "with 1 of its 5 companions; old cluster 0 goes on as new cluster 0 without them." in str(move)


def test_most_were_taken_in_elsewhere() -> None:
    old, new = [0, 0, 0, 1, 1, 1, 1], [2, 1, 1, 1, 1, 1, 1]
    move = told([0] * 7, [0] * 7, old, new, 0)
    assert (move.kind, move.fate, move.heir) == ("alone", "merged", 1)
    assert "most of old cluster 0 was taken in by new cluster 1, without it" in str(move)


def test_became_an_outlier_and_came_home() -> None:
    cluster, alone = [0, 0, 0, 0], [-1, 0, 0, 0]
    away, there = [1, 0, 0, 0], [0, 0, 0, 0]
    out, home = told(there, away, cluster, alone, 0), told(away, there, alone, cluster, 0)
    assert (out.kind, home.kind) == ("became outlier", "came home")
    assert "became an outlier: it was in old cluster 0 with 3 others, and old cluster 0 goes on as" in str(
        out
    )
    assert "was an outlier and came home: it is in new cluster 0, with 3 others." in str(home)
    assert home.fate == ""
    assert "Nearest then: 3 in old cluster 0; now: 3 in new cluster 0." in str(home)


def test_all_became_outliers() -> None:
    move = told([0] * 4, [0] * 4, [0] * 4, [-1] * 4, 2)
    assert (move.kind, move.fate) == ("became outlier", "died")
    assert "most of old cluster 0 became outliers" in str(move)
    assert "now: 3 outliers." in str(move)


def test_a_new_number_is_no_change() -> None:
    move = told([0, 0, 0, 1], [0, 0, 0, 1], [5, 5, 5, -1], [2, 2, 2, -1], 0)
    assert move.kind == "stayed"
    assert str(move).startswith(
        "Crop 0 did not change its cluster: old cluster 5 goes on as new cluster 2, "
        "and 2 of its 2 companions are still with it. The 2 that stayed were 0.00 away"
    )
    still = told([0, 0, 0, 1], [0, 0, 0, 1], [5, 5, 5, -1], [2, 2, 2, -1], 3)
    assert str(still).startswith("Crop 3 did not change: it was an outlier and still is.")
    assert "companions" not in str(told([0, 1], [0, 1], [5, 6], [2, 7], 0))


def test_cameras_are_counted_where_all_are_known() -> None:
    labels, places = [0, 0, 0], PLACES[[0, 0, 0]]
    assert "(1 of its own camera)" in str(why(places, places, labels, labels, 0, camids=[1, 1, 2]))
    assert "camera" not in str(why(places, places, labels, labels, 0, camids=[1, 1, -1]))
    assert "camera" not in str(why(places, places, labels, labels, 0))


labels = st.lists(st.integers(-1, 3), min_size=12, max_size=12)


@given(old=labels, new=labels, crop=st.integers(0, 11), seed=st.integers(0, 9))
@settings(max_examples=100, deadline=None)
def test_the_facts_are_those_of_sets(old: list[int], new: list[int], crop: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in rng.normal(size=(2, 12, 5))]
    features = [x.astype(np.float32) for x in features]
    move = why(*features, old, new, crop, k=4)
    had, has = ({i for i in range(12) if one[i] == one[crop] >= 0} - {crop} for one in (old, new))
    groups = {"stayed": had & has, "left": had - has, "joined": has - had}
    assert move.company["crops"].to_dict() == {role: len(group) for role, group in groups.items()}
    for x, when, near, one in zip(
        features, ("before", "after"), (move.then, move.now), (old, new), strict=True
    ):
        apart = {i: float(np.linalg.norm(x[i] - x[crop])) for i in range(12) if i != crop}
        for role, group in groups.items():
            mean = np.mean([apart[i] for i in group]) if group else np.nan
            assert move.company.loc[role, when] == pytest.approx(mean, abs=1e-3, nan_ok=True)
        assert near["crop"].tolist() == sorted(apart, key=apart.__getitem__)[:4]
        assert near["label"].tolist() == [one[i] for i in near["crop"]]
        roles = [next((r for r, group in groups.items() if i in group), "") for i in near["crop"]]
        assert near["role"].tolist() == roles
    if old[crop] >= 0:
        table = events(old, new)
        row = table[
            (table["before"] == old[crop]) & table["event"].isin(["stable", "merged", "died", "split"])
        ]
        assert (move.fate, move.heir) == (row["event"].iloc[0], row["after"].iloc[0])
    assert (move.kind == "stayed") == (
        (old[crop] == new[crop] == -1) or (move.fate == "stable" and move.heir == new[crop])
    )
    assert str(move).endswith(".")


def test_what_does_not_fit_is_said() -> None:
    places = PLACES[[0, 1]]
    with pytest.raises(ReidkitError, match="crop 2: there are rows 0 to 1"):
        why(places, places, [0, 0], [0, 0], 2)
    with pytest.raises(ReidkitError, match="2 features before and 1 after"):
        why(places, places[:1], [0, 0], [0, 0], 0)
    with pytest.raises(ReidkitError, match="labels after: 3 values"):
        why(places, places, [0, 0], [0, 0, 0], 0)
    with pytest.raises(ReidkitError, match="features after: row 0 has length 2"):
        why(places, places * 2, [0, 0], [0, 0], 0)


def test_a_crop_alone_in_the_world() -> None:
    move = why(PLACES[:1], PLACES[:1], [-1], [-1], 0)
    assert str(move) == "Crop 0 did not change: it was an outlier and still is."
