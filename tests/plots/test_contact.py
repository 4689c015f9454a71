"""The contact sheet, and the census as pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from reidkit.data.census import count_sizes
from reidkit.errors import ReidkitError
from reidkit.plots import contact_sheet, plot_crops_a_person, plot_crowd, plot_sizes

Make = Callable[[int], list[str]]


@pytest.fixture
def files(tmp_path: Path) -> Make:
    """Return a function that writes n pictures, 40 pixels high and 20 wide, and returns their paths."""

    def write(n: int) -> list[str]:
        paths = [str(tmp_path / f"{i:02}.png") for i in range(n)]
        for i, path in enumerate(paths):
            Image.fromarray(np.full((40, 20, 3), 5 * i, np.uint8)).save(path)
        return paths

    return write


@pytest.fixture
def crops(files: Make) -> pd.DataFrame:
    """Person 1 under cameras 1 to 3 (twice under 1), person 2 under camera 1 in two outfits, and a crowd."""
    ids = {"pid": [1, 1, 1, 1, 2, 2, 0, -1], "camid": [1, 1, 2, 3, 1, 1, 1, 2]}
    table = pd.DataFrame({"path": files(8), **ids, "clothes": [1, 1, 1, 1, 1, 2, None, None]})
    table["split"] = "gallery"
    return table.astype({"pid": "Int64", "camid": "Int64", "clothes": "Int64"})


def words(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_a_row_is_a_person_seen_in_every_way_first(crops: pd.DataFrame) -> None:
    figure = contact_sheet(crops, shots=3, title="gallery")
    said = words(figure)
    assert [text for text in said if "person" in text] == ["person 1", "person 2"]  # most cameras first
    seen = [text for text in said if "cam" in text]
    assert [text.replace("\n", " ") for text in seen] == [
        *("cam 1 outfit 1", "cam 2 outfit 1", "cam 3 outfit 1"),
        *("cam 1 outfit 1", "cam 1 outfit 2"),
    ]
    assert figure.axes[0].get_title(loc="left") == "gallery"
    assert figure.photo
    assert [t for t in words(contact_sheet(crops, people=1)) if "person" in t] == ["person 1"]


def test_the_crops_drawn_are_those_that_the_words_speak_of(crops: pd.DataFrame) -> None:
    page = contact_sheet(crops[crops["pid"] == 2]).axes[0].get_images()[0].get_array()
    shown = {int(value) for value in np.unique(page) if 0 < value < 255}
    assert shown == {20, 25}


def test_without_people_a_row_is_not_a_person(crops: pd.DataFrame) -> None:
    blind = crops.assign(pid=pd.array([pd.NA] * 8, dtype="Int64"), camid=pd.array([pd.NA] * 8, dtype="Int64"))
    figure = contact_sheet(blind.drop(columns="clothes"), people=2, shots=3)
    assert "a row is not a person" in figure.axes[0].get_title(loc="left")
    assert not any(words(figure)[:6])


def test_junk_and_distractors_stand_apart(crops: pd.DataFrame) -> None:
    assert [text for text in words(plot_crowd(crops)) if "cam" not in text] == ["distractors", "junk"]
    with pytest.raises(ReidkitError, match="no such crops"):
        plot_crowd(crops[:6])
    with pytest.raises(ReidkitError, match="no such crops"):
        contact_sheet(crops[:0])


def test_crops_a_person_leave_the_crowd_out(crops: pd.DataFrame) -> None:
    ax = plot_crops_a_person(crops).axes[0]
    heights = ax.patches[0].get_xy()
    counts = {x + 0.5: y for x, y in heights[heights[:, 1] > 0]}
    assert {2.0, 4.0} <= set(counts)  # one person with 2 crops, one with 4
    assert max(counts.values()) == 1
    with pytest.raises(ReidkitError, match="No person is known"):
        plot_crops_a_person(crops[6:])


def test_sizes_leave_out_what_could_not_be_read(crops: pd.DataFrame) -> None:
    images = crops.assign(height=[40] * 6 + [80, 0], width=[20] * 7 + [0], broken=[""] * 7 + ["cut off"])
    table = count_sizes(images)
    assert table.loc["gallery"].tolist() == [40, 40, 80, 20, 20, 20]
    ax = plot_sizes(images).axes[0]
    assert sorted(map(tuple, ax.collections[0].get_offsets().tolist())) == [(20, 40), (20, 80)]
    assert ax.get_title(loc="left") == "7 images, 2 sizes"
    with pytest.raises(ReidkitError, match="No image could be read"):
        plot_sizes(images[7:])
