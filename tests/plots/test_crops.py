"""Pictures made of crops: every crop in its place, right and wrong marked twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from plots.looking import cells, frame_colour, page, plain, rgb, symbols
from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.plots import camera_montage, montage, ranked_lists
from reidkit.plots.sheet import _GAP, images, pick
from reidkit.plots.style import INK, NEG, POS


def test_montage_fills_row_by_row() -> None:
    figure = montage(plain(5), columns=3, captions=list("abcde"), frames=[POS, None, None, None, None])
    assert cells(figure, 2, 3).tolist() == [[10, 20, 30], [40, 50, 255]]
    assert [t.get_text() for t in figure.axes[0].texts] == list("abcde")
    assert frame_colour(figure, 0, 0) == rgb(POS)
    assert frame_colour(figure, 0, 1) == (255, 255, 255)


def test_crops_are_read_from_files_or_taken_as_they_are(run: Record) -> None:
    paths = run.crops["path"]
    assert images(paths[:3]).shape == (3, 96, 48, 3)
    assert images([]).shape == (0, 96, 48, 3)
    np.testing.assert_array_equal(pick(paths[5:9], np.array([1])), images([paths[6]]))
    np.testing.assert_array_equal(pick(plain(4), np.array([3, 0]))[:, 0, 0, 0], [40, 10])
    with pytest.raises(ReidkitError, match="uint8"):
        images(plain(2).astype(float))
    with pytest.raises(ReidkitError, match=r"gone\.jpg"):
        images(["/nowhere/gone.jpg"])


def test_ranked_lists_mark_right_and_wrong_by_colour_and_symbol() -> None:
    top = np.array([[2, 0, 1], [1, 2, -1]])
    matches = np.array([[True, False, True], [False, True, False]])
    figure = ranked_lists(plain(2) + 100, plain(3), top, matches, captions=["AP 0.8", "AP 0.5"])
    assert cells(figure, 2, 4, label=92).tolist() == [[110, 30, 10, 20], [120, 20, 30, 255]]
    assert symbols(figure) == ["✓", "✗", "✓", "✗", "✓"]
    assert frame_colour(figure, 0, 0, label=92) == rgb(INK)
    assert frame_colour(figure, 0, 1, label=92) == rgb(POS)
    assert frame_colour(figure, 0, 2, label=92) == rgb(NEG)
    said = [t.get_text() for t in figure.axes[0].texts]
    assert {"query", "1", "3", "AP 0.8", "AP 0.5"} <= set(said)


def test_ranked_lists_refuse_what_does_not_fit() -> None:
    with pytest.raises(ReidkitError, match="one row a query"):
        ranked_lists(plain(2), plain(3), np.zeros((1, 2), int), np.zeros((1, 2), bool))


def scene(run: Record, seen: list[tuple[int, int]]) -> pd.DataFrame:
    """Crops of (pid, camid) pairs, with files that are there."""
    table = pd.DataFrame(seen, columns=["pid", "camid"]).astype("Int64")
    return table.assign(path=run.crops["path"][: len(seen)].to_numpy(), split="train")


def test_camera_montage_has_a_column_a_camera_and_says_who_was_not_seen(run: Record) -> None:
    crops = scene(run, [(7, 1), (7, 2), (9, 1), (0, 1), (-1, 2)])  # 0 and -1 are nobody in particular
    figure = camera_montage(crops, people=4, shots=1)
    said = [t.get_text() for t in figure.axes[0].texts]
    assert [text for text in said if text.startswith(("camera", "person"))] == [
        "camera 1", "camera 2", "person 7", "person 9",
    ]  # fmt: skip
    assert sum("not seen" in text for text in said) == 1
    assert page(figure).shape[0] == 2 * (102 + _GAP)


def test_camera_montage_without_identities_or_cameras(run: Record) -> None:
    crops = run.crops.assign(pid=pd.array([pd.NA] * len(run.crops), dtype="Int64"))
    figure = camera_montage(crops, people=3)
    assert "identities unknown" in figure.axes[0].get_title(loc="left")
    assert sum(t.get_text() == "any crops" for t in figure.axes[0].texts) == 3
    with pytest.raises(ReidkitError, match="camid"):
        camera_montage(crops.assign(camid=pd.array([pd.NA] * len(crops), dtype="Int64")))
