"""What became of each cluster: against definitions written out with sets."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.errors import ReidkitError
from reidkit.labels.lineage import Lineage, churn, events, overlaps

two_epochs = st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=30)


def clusters(labels) -> dict[int, set[int]]:
    return {c: {i for i, label in enumerate(labels) if label == c} for c in set(labels)}


def by_sets(before, after) -> set[tuple]:
    """The module's definitions, word for word."""
    old, new = clusters(before), clusters(after)
    gone, fresh = old.pop(-1, set()), new.pop(-1, set())
    stable = {(a, b) for a in old for b in new if len(old[a] & new[b]) * 2 > len(old[a] | new[b])}
    found: set[tuple] = {("stable", a, b) for a, b in stable}
    for own, other, lost, continued, names in (
        (old, new, fresh, {a for a, _ in stable}, ("merged", "died", "split")),
        (new, old, gone, {b for _, b in stable}, ("piece", "born", "union")),
    ):
        for name, crops in own.items():
            if name in continued:
                continue
            if any(len(crops & others) * 2 > len(crops) for others in other.values()):
                found.add((names[0], name))
            elif len(crops & lost) * 2 > len(crops):
                found.add((names[1], name))
            else:
                found.add((names[2], name))
    return found


@given(crops=two_epochs)
@settings(max_examples=200, deadline=None)
def test_events_are_those_of_the_definitions(crops) -> None:
    before, after = zip(*crops, strict=True)
    found = set()
    for row in events(before, after).to_dict(orient="records"):
        if row["event"] == "stable":
            found.add(("stable", row["before"], row["after"]))
        else:
            own = "before" if row["event"] in ("merged", "died", "split") else "after"
            found.add((row["event"], row[own]))
    assert found == by_sets(before, after)


@given(crops=two_epochs)
@settings(max_examples=100, deadline=None)
def test_churn_counts_pairs(crops) -> None:
    before, after = zip(*crops, strict=True)
    old, new = (
        {(i, j) for i, j in combinations(range(len(crops)), 2) if labels[i] == labels[j] >= 0}
        for labels in (before, after)
    )
    if old | new:
        assert churn(before, after) == pytest.approx(1 - len(old & new) / len(old | new))
    else:
        assert np.isnan(churn(before, after))


@given(crops=two_epochs)
@settings(max_examples=50, deadline=None)
def test_a_line_goes_on_exactly_where_a_cluster_continues(crops) -> None:
    before, after = zip(*crops, strict=True)
    told = Lineage({3: before, 7: after})
    assert told.epochs == [3, 7]
    old, new = told.lines[3], told.lines[7]
    np.testing.assert_array_equal(old, before)
    np.testing.assert_array_equal(new == -1, np.array(after) == -1)
    stable = {(a, b) for kind, a, *b in by_sets(before, after) if kind == "stable" for b in b}
    for a, b in zip(before, after, strict=True):
        if a >= 0 and b >= 0:
            assert (a in set(new[np.array(after) == b])) == ((a, b) in stable)


def test_numbers_may_be_dealt_anew_without_any_event() -> None:
    labels = np.repeat([0, 1, 2, -1], [4, 3, 5, 2])
    swapped = np.array([2, 0, 1, -1])[labels]
    told = Lineage({0: labels, 1: swapped})
    np.testing.assert_array_equal(told.lines[1], told.lines[0])
    assert told.summary().loc[1].to_dict() == {
        "stable": 3, "merged": 0, "died": 0, "split": 0, "born": 0, "piece": 0, "union": 0, "churn": 0.0,
    }  # fmt: skip


def test_the_shares_of_an_overlap() -> None:
    row = overlaps([0, 0, 0, 0, 1], [2, 2, 2, 3, 2]).set_index(["before", "after"]).loc[(0, 2)]
    assert row.to_dict() == {"shared": 3, "of_before": 0.75, "of_after": 0.75, "jaccard": 0.6}


def test_the_history_of_a_crop() -> None:
    told = Lineage({0: [0, 0, 0, 1], 1: [-1, 0, 0, 1], 2: [3, 3, 1, 1]})
    history = told.history(1)
    assert history.index.tolist() == [0, 1, 2]
    assert history["size"].tolist() == [3, 2, 2]
    assert history["line"].iloc[0] == history["line"].iloc[1] == 0  # two of three crops are still there
    np.testing.assert_array_equal(history["kept"], [np.nan, 0.5, 0.0])
    assert told.history(0)["size"].tolist() == [3, 0, 2]


def test_one_epoch_has_no_events() -> None:
    told = Lineage({0: [0, 0, -1]})
    assert told.events.empty
    assert told.summary().empty
    assert told.lines[0].tolist() == [0, 0, -1]


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ({}, "give at least one"),
        ({2: [0], 1: [0]}, r"Epochs \[2, 1\]: give at least one, in ascending order"),
        ({0: [0, 1], 1: [0]}, "labels of epoch 1"),
    ],
)
def test_what_cannot_be_is_named(labels, complaint: str) -> None:
    with pytest.raises(ReidkitError, match=complaint):
        Lineage(labels)


def test_an_unknown_crop_is_named() -> None:
    with pytest.raises(ReidkitError, match="crop 5: there are rows 0 to 1"):
        Lineage({0: [0, 0]}).history(5)
