"""The explorer, driven as a browser would drive it, and by code."""

from __future__ import annotations

import base64
import re
import threading
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.explore import Explorer, explore, side_by_side
from reidkit.explore.explorer import TABS
from reidkit.explore.paint import COLOURS
from reidkit.explore.tables import cluster_table
from reidkit.labels.edits import EditLog
from tests.plots.fake_run import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return make_run(tmp_path_factory.mktemp("explorer"), epochs=3, people=8)


@pytest.fixture(scope="module")
def opened(run: Record) -> Explorer:
    return explore(run)


@pytest.fixture
def explorer(opened: Explorer) -> Explorer:
    """One explorer for all tests (its map takes seconds), put back to where it began."""
    while opened.log.edits:
        opened.editing.undo()
    opened.select([]).go_to(3).colour_by("pseudo-label")
    opened.session.judge, opened.session.cameras = "pseudo-labels", "all"
    assert opened.trouble.value == ""
    return opened


def lasso(explorer: Explorer, rows: list[int]) -> None:
    """What jupyter-scatter's front end sends after a lasso."""
    explorer.map.scatter.widget.selection = np.array(rows, np.uint32)


def test_a_lasso_selects_in_all_views(explorer: Explorer) -> None:
    lasso(explorer, [5, 3, 40])
    assert explorer.selection.tolist() == [3, 5, 40]
    assert explorer.grid.count == 3
    assert "3 selected crops" in explorer.pairs.histogram.title
    counts = explorer.pairs.histogram.pos.sum() + explorer.pairs.histogram.neg.sum()
    n = len(explorer.session.scene)
    assert counts == 3 * (n - 3) + 3
    assert "3 selected" in explorer.map.legend.value


def test_selecting_by_code_shows_on_the_map(explorer: Explorer) -> None:
    cluster = int(explorer.session.clusters[1])
    explorer.select_clusters(cluster)
    members = np.flatnonzero(explorer.labels == cluster)
    assert explorer.map.scatter.widget.selection.tolist() == members.tolist()
    assert [card["group"] for card in explorer.grid.cards] == [
        f"cluster {cluster}, {len(members)} crops in all"
    ] * len(members)


def test_a_click_on_a_cluster_selects_it(explorer: Explorer) -> None:
    place = 2
    explorer.clusters.table._shown.set_state({"selected_rows": [place]})
    cluster = explorer.clusters.table.table["cluster"].iloc[place]
    assert (explorer.labels[explorer.selection] == cluster).all()
    assert len(explorer.selection) == explorer.clusters.table.table["crops"].iloc[place]
    nearest = explorer.clusters.table.table["nearest"].iloc[place]
    shown = explorer.hand.crops[:, 0]
    assert shown[: len(explorer.selection)].tolist() == explorer.selection.tolist()
    assert (explorer.labels[shown[len(explorer.selection) :]] == nearest).all()
    assert len(shown) == len(explorer.selection) + (explorer.labels == nearest).sum()
    assert explorer.grid.cards[-1]["group"] == f"its nearest, cluster {nearest}"


def test_a_lone_cluster_has_no_nearest() -> None:
    explorer = explore(np.eye(8, dtype=np.float32), labels=np.zeros(8, int))
    explorer.clusters.table._shown.set_state({"selected_rows": [0]})
    assert explorer.grid.count == 8
    assert explorer.trouble.value == ""


def test_hovering_puts_the_crop_where_the_tooltip_looks(explorer: Explorer) -> None:
    explorer.map.scatter.widget.set_state({"hovering": 7})
    seen = explorer.map.scatter.widget.data.iloc[7]
    head, picture = seen["crop"].split(",")
    assert head == "data:image/jpeg;base64"
    assert Image.open(BytesIO(base64.b64decode(picture))).size == (48, 96)
    assert seen["dot"].startswith("row 7, ")


def test_a_click_on_a_bin_deals_its_pairs(explorer: Explorer) -> None:
    explorer.pairs.histogram.set_state({"clicked": {"pair": "neg", "low": 0.0, "high": 2.0, "serial": 1}})
    assert "Neg pairs 0.00 to 2.00" in explorer.grid.title
    assert all(len(card["images"]) == 2 for card in explorer.grid.cards)
    distances = [float(card["caption"]) for card in explorer.grid.cards]
    assert distances == sorted(distances)
    i, j = explorer.hand.crops.T
    assert (explorer.labels[i] != explorer.labels[j]).sum() + (explorer.labels[i] < 0).sum() >= len(i)


def test_the_threshold_is_shared(explorer: Explorer) -> None:
    explorer.pairs.histogram.set_state({"threshold": 0.75})
    assert explorer.session.threshold == 0.75


def test_a_click_on_a_crop_visits_it_and_then_compares(explorer: Explorer) -> None:
    explorer.select_clusters(int(explorer.session.clusters[0]))
    explorer.grid.set_state({"clicked": {"index": 1, "part": 0, "serial": 1}})
    row = explorer.crop.row
    assert row == explorer.selection[1]
    assert explorer.tabs.selected_index == TABS.index("This crop")
    assert [card["group"] for card in explorer.grid.cards[:2]] == ["this crop", "its nearest"]
    assert re.search(r"Epoch \d to \d: ", explorer.crop.story.value)
    near = explorer.session.scene.neighbours(3)[1][row]
    explorer.grid.set_state({"clicked": {"index": 2, "part": 0, "serial": 2}})  # no weights: it says so
    assert explorer.crop.other == near[near != row][1]
    assert "model.safetensors" in explorer.grid.trouble
    explorer.grid.set_state({"clicked": {"index": 2, "part": 0, "serial": 3}})
    assert explorer.crop.row == near[near != row][1]


def test_the_dial_clusters_anew_and_back(explorer: Explorer) -> None:
    tree = explorer.session.scene.tree(3)
    for eps in (0.3, 0.7):
        explorer.dial.eps.set_state({"value": eps})
        assert (explorer.labels == tree.cut(eps)).all()
        assert f"eps {eps:.2f}" in explorer.dial.told.value
        assert "stability" in explorer.dial.told.value
    explorer.dial.recorded.click()
    assert (explorer.labels == explorer.session.scene.labels(3)).all()
    assert explorer.trouble.value == ""


def test_colours_stay_with_the_clusters(explorer: Explorer) -> None:
    before, labels = explorer.map.colouring.codes.copy(), explorer.labels
    explorer.editing.drop([int(np.flatnonzero(labels >= 0)[-1])])
    assert (explorer.map.colouring.codes != before).sum() == 1


@pytest.mark.parametrize("name", COLOURS)
def test_every_colour_can_be_drawn(explorer: Explorer, name: str) -> None:
    explorer.map.colour.set_state({"index": list(COLOURS).index(name)})
    assert explorer.trouble.value == ""
    codes = explorer.map.colouring.codes
    assert codes.min() >= 0
    assert codes.max() < len(explorer.map.colouring.colours)
    told = sum(int(mask.sum()) for _, _, mask in explorer.map.colouring.entries)
    assert told in (0, (codes == 0).sum(), len(codes))


def test_the_doctor_lists_and_mends(explorer: Explorer) -> None:
    explorer.suspects.ask.click()
    found = explorer.suspects.found
    assert len(found)
    explorer.suspects.table._shown.set_state({"selected_rows": [0]})
    suspect = found.iloc[0]
    assert set(explorer.selection) == {*suspect["crops"], *suspect["others"]}
    assert explorer.grid.title.startswith(suspect["kind"])
    explorer.suspects.mend.click()
    assert explorer.trouble.value == ""
    assert len(explorer.log.edits) == 1
    log = EditLog(explorer.session.scene.labels(3))
    log.apply(suspect)
    assert (explorer.labels == log.labels).all()


def test_many_suspects_are_applied_at_once(explorer: Explorer) -> None:
    suspects = explorer.ask_doctor()
    told = explorer.editing.apply_all(suspects)
    assert told.index.equals(suspects.index)
    assert (told["status"] == "done").sum() == len(explorer.log.edits)
    np.testing.assert_array_equal(explorer.labels, explorer.log.labels)


def test_buttons_edit_and_undo(explorer: Explorer) -> None:
    start = explorer.labels
    a, b = (int(cluster) for cluster in explorer.session.clusters[:2])
    explorer.select_clusters(a, b)
    explorer.editing.buttons["merge"].click()
    assert len(np.unique(explorer.labels[explorer.selection])) == 1
    explorer.select(explorer.selection[:2])
    explorer.editing.buttons["split"].click()
    explorer.editing.buttons["drop"].click()
    assert (explorer.labels[explorer.selection] == -1).all()
    explorer.editing.cluster.value = a
    explorer.editing.buttons["move"].click()
    assert (explorer.labels[explorer.selection] == a).all()
    assert "pair_f1" in explorer.editing.done.value
    for _ in range(4):
        explorer.editing.buttons["undo"].click()
    assert (explorer.labels == start).all()
    explorer.editing.buttons["redo"].click()
    assert len(explorer.log.edits) == 1
    assert explorer.trouble.value == ""


def test_edits_are_made_again_on_other_labels(explorer: Explorer) -> None:
    cluster = int(explorer.session.clusters[0])
    rows = explorer.session.members(cluster)[:2]
    explorer.editing.split(rows)
    explorer.set_eps(0.9)
    assert len(explorer.log.edits) == 1
    assert (explorer.labels == explorer.labels[rows[0]]).sum() == 2


def test_saving_writes_what_training_takes(explorer: Explorer, tmp_path: Path) -> None:
    explorer.editing.drop([0, 1, 2], why="blurred")
    explorer.editing.path.value = str(tmp_path / "edited.json")
    explorer.editing.buttons["save"].click()
    assert "reidkit train --labels" in explorer.editing.done.value
    log = EditLog.load(tmp_path / "edited.json")
    assert (log.labels == explorer.labels).all()
    assert log.epoch == 3


def test_an_error_in_a_callback_is_seen_and_forgotten(explorer: Explorer) -> None:
    explorer.editing.buttons["drop"].click()
    assert "Nothing is selected" in explorer.trouble.value
    explorer.select([1])
    explorer.editing.buttons["drop"].click()
    assert explorer.trouble.value == ""


def test_another_epoch(explorer: Explorer) -> None:
    lasso(explorer, [1, 2])
    explorer.slider.set_state({"index": 0})
    assert explorer.epoch == 0
    assert (explorer.labels == explorer.session.scene.labels(0)).all()
    assert explorer.grid.count == 2
    with pytest.raises(ReidkitError, match="epoch 9"):
        explorer.go_to(9)


def test_the_flow_is_drawn_while_somebody_looks(explorer: Explorer) -> None:
    assert explorer.flow.image.value == b""
    explorer.tabs.set_state({"selected_index": TABS.index("Over the epochs")})
    whole = explorer.flow.image.value
    explorer.select_clusters(int(explorer.session.clusters[0]))
    some = explorer.flow.image.value
    explorer.tabs.set_state({"selected_index": 0})
    explorer.select([1])
    assert len({whole, some, b""}) == 3
    assert explorer.flow.image.value == some
    assert explorer.trouble.value == ""


def test_identities_and_cameras_change_what_is_counted(explorer: Explorer) -> None:
    by_labels = explorer.pairs.histogram.pos.sum()
    explorer.pairs.judge.set_state({"index": 1})
    pids = explorer.session.scene.pids
    sizes = np.unique(pids, return_counts=True)[1]
    assert explorer.pairs.histogram.pos.sum() == (sizes * (sizes - 1) // 2).sum() != by_labels
    explorer.pairs.cameras.set_state({"index": 1})
    same = explorer.pairs.histogram.pos.sum()
    explorer.pairs.cameras.set_state({"index": 2})
    assert same + explorer.pairs.histogram.pos.sum() == (sizes * (sizes - 1) // 2).sum()


def test_callbacks_from_another_thread(explorer: Explorer) -> None:
    def turn() -> None:
        for eps in np.linspace(0.2, 0.9, 15):
            explorer.dial.eps.set_state({"value": round(float(eps), 2)})
            lasso(explorer, [int(100 * eps) % 90, 3])

    threads = [threading.Thread(target=turn) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert explorer.trouble.value == ""


def test_it_leaves_a_picture(explorer: Explorer) -> None:
    explorer.select_clusters(int(explorer.session.clusters[0]))
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    picture = base64.b64decode(bundle["image/png"])
    assert Image.open(BytesIO(picture)).size[0] > 900
    assert len(picture) < 300_000


def test_features_alone() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.normal(size=(6, 16)), 8, axis=0) + 0.3 * rng.normal(size=(48, 16))
    explorer = explore(rows, labels=np.arange(48) // 8, seed=1)
    assert "person" not in explorer.map.colour.options
    lasso(explorer, [4])
    assert explorer.grid.count > 2
    explorer.grid.set_state({"clicked": {"index": 1, "part": 0, "serial": 1}})
    assert "without image files" in explorer.grid.trouble or "network" in explorer.grid.trouble
    explorer.suspects.ask.click()  # no camera could compare: only outliers and duplicates are looked for
    assert set(explorer.suspects.found["kind"]) <= {"outlier", "duplicate"}
    assert explorer.trouble.value == ""
    explorer.editing.drop([0])
    assert explorer.labels[0] == -1


def test_missing_images_are_said_and_stand_as_grey_tiles(run: Record, tmp_path: Path) -> None:
    record = make_run(tmp_path, epochs=1, people=5)
    gone = record.crops["path"].iloc[0]
    Path(gone).unlink()
    explorer = explore(record)
    assert f"1 of {len(explorer.session.scene)} image files are not there" in explorer.thumbs.trouble
    lasso(explorer, [0, 1])
    place = explorer.hand.crops[:, 0].tolist().index(0)
    pixels = np.asarray(Image.open(BytesIO(bytes(explorer.grid.cards[place]["images"][0]))))
    assert pixels.std() < 2


def test_side_by_side(run: Record) -> None:
    both = side_by_side(run, run, epochs=(0, 3))
    left, right = both.sessions
    left.select([3, 4])
    assert right.selection.tolist() == [3, 4]
    right.select([7])
    assert left.selection.tolist() == [7]
    both.pairs[0].histogram.set_state({"threshold": 0.5})
    assert right.threshold == 0.5
    both.select([])
    assert both.pairs[0].histogram.behind_name == "run, epoch 3"
    both.sliders[0].set_state({"index": 1})
    assert left.epoch == 1
    assert "image/png" in both._repr_mimebundle_()
    assert both.trouble.value == ""
    with pytest.raises(ReidkitError, match="side by side"):
        side_by_side(run, np.eye(9, dtype=np.float32))


def test_the_table_of_clusters_against_one_by_one(explorer: Explorer) -> None:
    scene, labels = explorer.session.scene, explorer.labels
    table = cluster_table(explorer.session).set_index("cluster")
    features = scene.features(3).astype(float)
    means = {c: features[labels == c].mean(axis=0) for c in table.index}
    means = {c: mean / np.linalg.norm(mean) for c, mean in means.items()}
    for cluster, row in table.iterrows():
        rows = labels == cluster
        gaps = {c: np.linalg.norm(means[cluster] - means[c]) for c in means if c != cluster}
        people, counts = np.unique(scene.pids[rows], return_counts=True)
        assert row["crops"] == rows.sum()
        assert row["cameras"] == len(set(scene.camids[rows]))
        assert row["width"] == pytest.approx(
            np.sqrt((np.linalg.norm(features[rows] - means[cluster], axis=1) ** 2).mean()), abs=2e-3
        )
        assert row["nearest"] == min(gaps, key=gaps.get)
        assert row["gap"] == pytest.approx(min(gaps.values()), abs=2e-3)
        assert row["people"] == len(people)
        assert row["purity"] == pytest.approx(counts.max() / rows.sum(), abs=1e-3)
