"""Edits: each kind, taking them back, the file, and other labels of the same crops."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reidkit.errors import ReidkitError
from reidkit.labels.doctor import COLUMNS
from reidkit.labels.edits import EditLog
from reidkit.labels.statements import share_a_cluster

START = [0, 0, 0, 0, 1, 1, 1, 2, 2, -1]
Action = tuple[str, list[int], int, int]


def groups(labels: np.ndarray) -> set[frozenset[int]]:
    """A clustering without its numbers: sets of rows, an outlier a set of its own."""
    found = {frozenset(np.flatnonzero(labels == c).tolist()) for c in np.unique(labels[labels >= 0])}
    return found | {frozenset([row]) for row in np.flatnonzero(labels == -1).tolist()}


actions = st.tuples(
    st.sampled_from(["split", "merge", "drop", "move", "undo", "redo"]),
    st.lists(st.integers(0, 9), min_size=1, max_size=5),
    st.integers(0, 5),
    st.integers(0, 5),
)


def act(log: EditLog, action: Action) -> None:
    """Do it; what cannot be done is refused, and then nothing has changed."""
    kind, crops, a, b = action
    before, edits = log.labels, log.edits
    try:
        if kind in ("undo", "redo"):
            getattr(log, kind)()
        elif kind == "merge":
            log.merge(a, b)
        else:
            getattr(log, kind)(crops, *([a] if kind == "move" else []))
    except ReidkitError:
        assert np.array_equal(log.labels, before)
        assert log.edits == edits


def made(history: list[Action], start: list[int]) -> EditLog:
    log = EditLog(start)
    for action in history:
        act(log, action)
    return log


labelled = st.lists(st.integers(-1, 4), min_size=10, max_size=10)


@settings(max_examples=100, deadline=None)
@given(st.lists(actions, max_size=12), labelled)
def test_all_undone_is_the_start_and_done_again_the_end(history: list[Action], start: list[int]) -> None:
    log = made(history, start)
    end, edits = log.labels, log.edits
    for _ in edits:
        log.undo()
    assert log.labels.tolist() == start
    assert log.edits == []
    for _ in edits:
        log.redo()
    assert np.array_equal(log.labels, end)
    assert log.edits == edits


@settings(max_examples=100, deadline=None)
@given(st.lists(actions, max_size=12), labelled)
def test_labels_stay_labels_and_no_number_comes_twice(history: list[Action], start: list[int]) -> None:
    log, past = EditLog(start), set(start)
    for action in history:
        numbers, edits = set(log.labels.tolist()), log.edits
        act(log, action)
        assert log.labels.dtype == np.int64
        assert log.labels.min() >= -1
        new = set(log.labels.tolist()) - numbers - {-1}
        if action[0] == "split" and log.edits != edits:
            assert new.isdisjoint(past)
        past |= new


@settings(max_examples=50, deadline=None)
@given(st.lists(actions, max_size=8), labelled)
def test_saved_and_loaded_gives_the_same(
    tmp_path_factory: pytest.TempPathFactory, history: list[Action], start: list[int]
) -> None:
    log = made(history, start)
    path = log.save(tmp_path_factory.mktemp("edits") / "edited.json")
    again = EditLog.load(path)
    assert np.array_equal(again.start, log.start)
    assert np.array_equal(again.labels, log.labels)
    assert (again.edits, again.next, again.names.all) == (log.edits, log.next, log.names.all)


@settings(max_examples=100, deadline=None)
@given(st.lists(actions, max_size=8), labelled, labelled)
def test_what_was_cut_is_apart_in_any_clustering(
    history: list[Action], start: list[int], other: list[int]
) -> None:
    log = made(history, start)
    replayed, told = log.replay(other)
    assert len(told) == len(log.edits)
    assert set(told["status"]) <= {"done", "already so", "skipped"}
    assert (told.loc[told["status"] == "skipped", "reason"] != "").all()
    for edit in log.edits:
        crops, others = np.array(edit.crops), np.array(edit.others, np.int64)
        if edit.kind == "split" and not share_a_cluster(crops, others, log.labels):
            assert not share_a_cluster(crops, others, replayed.labels)


@settings(max_examples=100, deadline=None)
@given(actions, labelled, st.permutations(range(6)))
def test_the_numbers_of_clusters_do_not_matter(action: Action, start: list[int], numbers: list[int]) -> None:
    log = made([action], start)
    other, told = log.replay([numbers[label] if label >= 0 else -1 for label in start])
    assert groups(other.labels) == groups(log.labels)
    assert told["status"].tolist() == ["done"] * len(log.edits)


def test_each_edit_says_what_it_did() -> None:
    log = EditLog(START)
    told = [
        str(log.split([0, 4], why="twins")),
        str(log.merge(1, 2)),
        str(log.drop([7])),
        str(log.move([9], 3)),
    ]
    assert told == [
        "2 crops left clusters 0, 1 for cluster 3: twins",
        "cluster 2 (2 crops) became a part of cluster 1",
        "1 crop of cluster 1 became outliers",
        "1 crop moved from the outliers to cluster 3",
    ]
    assert log.labels.tolist() == [3, 0, 0, 0, 3, 1, 1, -1, 1, 3]
    assert log.start.tolist() == START


def test_crops_may_be_rows_names_or_a_mask() -> None:
    names = [f"/data/{n}.jpg" for n in range(10)]
    crops = [[1, 3], np.array([3, 1, 1]), ["/data/1.jpg", "/data/3.jpg"], pd.Series([1, 3])]
    crops.append(np.isin(np.arange(10), [1, 3]))
    for some in crops:
        log = EditLog(START, names)
        assert log.split(some).crops == (1, 3)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("split", [[]], "No crop is selected"),
        ("split", [[4, 5, 6]], "These are all crops of cluster 1: there is nothing to split"),
        ("split", [[10]], "crop 10: there are rows 0 to 9"),
        ("split", [[-1]], "crop -1: there are rows 0 to 9"),
        ("split", [["lost.jpg"]], "There is no crop lost.jpg"),
        ("split", [[0.5]], "crops: give a list of rows or names, or a mask of 10"),
        ("split", [[True, False]], "crops: give a list"),
        ("merge", [0, 7], "There is no cluster 7"),
        ("merge", [-1, 0], "There is no cluster -1"),
        ("merge", [2, 2], "Cluster 2 cannot be merged with itself"),
        ("drop", [[9]], "There is nothing to drop: they are outliers"),
        ("move", [[0], 0], "There is nothing to move: they are in cluster 0"),
        ("move", [[0], 5], "There is no cluster 5"),
        ("undo", [], "no edit to undo"),
        ("redo", [], "no edit to do again"),
        ("replay", [[0, 1]], "labels: 2 for 10 crops"),
    ],
)
def test_what_cannot_be_done_is_said(name: str, arguments: list, message: str) -> None:
    log = EditLog(START)
    with pytest.raises(ReidkitError, match=message):
        getattr(log, name)(*arguments)
    assert log.edits == []


def test_bad_labels_and_names_are_refused() -> None:
    with pytest.raises(ReidkitError, match="label -2"):
        EditLog([0, -2])
    with pytest.raises(ReidkitError, match="labels: 2 values for 3 crops"):
        EditLog([0, 1], ["a", "b", "c"])
    with pytest.raises(ReidkitError, match="names: a is there twice"):
        EditLog([0, 1], ["a", "a"])


def suspect(kind: str, crops: list[int], others: list[int]) -> pd.Series:
    row = [kind, 1.0, (0,), np.array(crops), np.array(others), "so it seems"]
    return pd.DataFrame([row], columns=COLUMNS).iloc[0]


@pytest.mark.parametrize(
    ("row", "labels"),
    [
        (suspect("merge", [0, 1, 2], [3]), [0, 0, 0, 3, 1, 1, 1, 2, 2, -1]),
        (suspect("split", [7, 8], [4, 5, 6]), [0, 0, 0, 0, 1, 1, 1, 1, 1, -1]),
        (suspect("camera", [4, 5, 6], [7, 8]), [0, 0, 0, 0, 1, 1, 1, 1, 1, -1]),
        (suspect("outlier", [9], [7, 8]), [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]),
        (suspect("duplicate", [0], [8]), [0, 0, 0, 0, 1, 1, 1, 2, 0, -1]),
        (suspect("duplicate", [0], [9]), [0, 0, 0, 0, 1, 1, 1, 2, 2, 0]),
    ],
)  # fmt: skip
def test_a_suspect_is_cured(row: pd.Series, labels: list[int]) -> None:
    log = EditLog(START)
    edit = log.apply(row)
    assert log.labels.tolist() == labels
    assert edit.why == f"{row['kind']} suspected: so it seems"
    with pytest.raises(ReidkitError, match="There is nothing to"):
        log.apply(row)


def test_suspects_in_a_row_follow_what_was_done_before() -> None:
    log = EditLog(START)
    rows = [suspect("merge", [0], [1, 2, 3]), suspect("split", [0, 1, 2, 3], [4, 5, 6])]
    rows.append(suspect("merge", [0], [1]))
    told = log.apply_all(pd.DataFrame(rows))
    assert told["status"].tolist() == ["done", "done", "skipped"]
    assert told["crops"].tolist() == [1, 3, 0]
    assert groups(log.labels) == groups(np.array([9, 0, 0, 0, 0, 0, 0, 2, 2, -1]))


def test_a_cut_holds_on_other_labels_and_a_join_too() -> None:
    log = EditLog([0, 0, 0, 1, 1, 2, 2, 2])
    log.split([2])
    log.merge(1, 2)
    other, told = log.replay([4, 4, 4, 4, 4, 6, 6, -1], epoch=3)
    assert other.labels.tolist() == [4, 4, 7, 4, 4, 4, 4, -1]  # the outlier was nobody's decision
    assert told["status"].tolist() == ["done", "done"]
    assert other.epoch == 3
    other, told = log.replay([0, 0, 1, 2, 2, 2, 2, 2])
    assert told["status"].tolist() == ["already so", "already so"]
    assert other.edits == []


def test_a_join_that_would_undo_a_cut_is_skipped_and_said() -> None:
    log = EditLog([0, 0, 0, 0, 1, 1])
    log.split([0, 1])
    log.merge(2, 1)
    other, told = log.replay([0, 0, 0, 0, 0, 0])  # all three in one
    assert other.labels.tolist() == [1, 1, 0, 0, 0, 0]
    assert told["status"].tolist() == ["done", "skipped"]
    assert told["reason"][1] == "it would join what edit 0 cut"


def test_crops_gathered_from_several_places_stay_together() -> None:
    log = EditLog(START)
    log.split([0, 4, 9])
    other, _ = log.replay([0, 0, 1, 1, 2, 2, 2, 3, 3, 3])
    assert groups(other.labels) == {
        frozenset(some) for some in ([0, 4, 9], [1], [2, 3], [5, 6], [7, 8])
    }  # fmt: skip


def test_scattered_crops_are_told() -> None:
    log = EditLog([0, 0, 0, 0, 1, 1])
    log.merge(1, 0)
    _, told = log.replay([0, 1, 2, -1, 5, 5])
    assert told["status"].tolist() == ["skipped"]
    assert told["reason"][0] == (
        "of the crops that should join, 1 of 4 are outliers and the others are in 3 cluster(s), "
        "at most 1 in one"
    )


def test_quality_before_and_after() -> None:
    log = EditLog([0, 0, 0, 0])
    log.split([2, 3])
    table = log.quality([1, 1, 2, 2])
    assert table.columns.tolist() == ["before", "after"]
    assert table.loc["pair_precision"].tolist() == [pytest.approx(1 / 3), 1.0]


def test_the_file_can_be_read_by_a_person(tmp_path: Path) -> None:
    names = [f"/data/town/cam{n % 2}/{n}.jpg" for n in range(10)]
    log = EditLog(START, names, run=tmp_path / "run", epoch=7)
    log.split([1], why="her sister")
    path = log.save(tmp_path / "new" / "edited.json")
    text = path.read_text()
    assert '"did": "1 crop left cluster 0 for cluster 3", "why": "her sister"' in text
    content = json.loads(text)
    assert (content["run"], content["epoch"], content["folder"]) == (str(tmp_path / "run"), 7, "/data/town")
    assert content["edits"][0]["crops"] == ["cam1/1.jpg"]
    assert content["labels"]["cam1/9.jpg"] == -1
    again = EditLog.load(path)
    assert again.names.all == names
    assert (again.run, again.epoch) == (tmp_path / "run", 7)
    assert not list(tmp_path.rglob("*.new"))


def test_the_crops_of_a_file_are_checked(tmp_path: Path) -> None:
    """Their folder may have moved; nothing else."""
    log = EditLog(START, [f"/data/town/{n}.jpg" for n in range(10)])
    path = log.save(tmp_path / "edited.json")
    moved = [f"/elsewhere/{n}.jpg" for n in range(10)]
    assert EditLog.load(path, moved).names.all == moved
    with pytest.raises(ReidkitError, match=r"edited.json is of 10 crops, but there are 9 here"):
        EditLog.load(path, moved[:9])
    with pytest.raises(ReidkitError, match=r"of other crops: its row 0 is /data/town/0.jpg, where /x/1.jpg"):
        EditLog.load(path, [f"/x/{n + 1}.jpg" for n in range(10)])
    with pytest.raises(ReidkitError, match=r"of other crops: its row 0 .*, where 0 is here"):
        EditLog.load(path, [str(n) for n in range(10)])


def damaged(change: str, tmp_path: Path) -> Path:
    log = EditLog(START, [f"/data/{n}.jpg" for n in range(10)])
    log.split([1])
    path = log.save(tmp_path / "edited.json")
    content = json.loads(path.read_text())
    exec(change, {"content": content})
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("content['format'] = 2", "holds no edited labels of format 1 .its format is 2"),
        ("del content['labels']", "damaged: KeyError 'labels'"),
        ("content['edits'][0]['crops'] = ['x.jpg']", "damaged: ReidkitError There is no crop x.jpg"),
        ("content['edits'][0]['crops'] = []", "damaged: ValueError an edit to 3 of 0 crops"),
        ("content['edits'][0]['kind'] = 'paint'", "kind 'paint', not split, merge"),
        ("content['edits'][0]['clusters'] = [1]", "the crops of edit 0 are not where it says"),
        ("content['labels']['0.jpg'] = 'a'", "labels: expected 10 integers"),
    ],
)
def test_a_damaged_file_is_named(change: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match=message):
        EditLog.load(damaged(change, tmp_path))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match=r"Cannot read .*none\.json"):
        EditLog.load(tmp_path / "none.json")
    (tmp_path / "text").write_text("no JSON")
    with pytest.raises(ReidkitError, match="is no JSON file"):
        EditLog.load(tmp_path / "text")
    (tmp_path / "list").write_text("[]")
    with pytest.raises(ReidkitError, match="its format is None"):
        EditLog.load(tmp_path / "list")
    with pytest.raises(ReidkitError, match=r"Cannot write .*give another place"):
        EditLog(START).save(tmp_path / "text" / "edited.json")
