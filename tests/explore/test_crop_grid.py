"""The crop grid: pages, clicks and marks, and a source that fails."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from reidkit.errors import ReidkitError
from reidkit.explore import Card, CropGrid


def numbered(start: int, stop: int) -> list[Card]:
    return [Card((b"jpeg %d" % k,), f"crop {k}") for k in range(start, stop)]


def captions(grid: CropGrid) -> list[str]:
    return [card["caption"] for card in grid.cards]


def ask(grid: CropGrid, page: Any) -> None:
    """Turn a page as the browser does."""
    grid._handle_custom_msg({"page": page}, [])


def test_only_the_page_that_is_looked_at_is_made() -> None:
    asked: list[tuple[int, int]] = []

    def source(start: int, stop: int) -> list[Card]:
        asked.append((start, stop))
        return numbered(start, stop)

    grid = CropGrid(per_page=4)
    grid.show(10, source)
    ask(grid, 2)
    assert asked == [(0, 4), (8, 10)]
    assert captions(grid) == ["crop 8", "crop 9"]
    assert grid.cards[0]["images"] == (b"jpeg 8",)
    assert (grid.first, grid.page, grid.count, grid.busy) == (8, 2, 10, False)


def test_every_card_is_on_one_page() -> None:
    for count in range(13):
        grid, seen = CropGrid(per_page=4), []
        grid.show(count, numbered)
        for page in range(-(-count // 4)):
            ask(grid, page)
            seen += captions(grid)
        assert seen == [f"crop {k}" for k in range(count)]


@pytest.mark.parametrize(("asked", "shown"), [(-5, 0), (2, 2), (99, 2)])
def test_there_is_no_page_before_the_first_or_after_the_last(asked: int, shown: int) -> None:
    grid = CropGrid(per_page=4)
    grid.show(9, numbered)
    ask(grid, asked)
    assert grid.page == shown


def test_an_empty_list_says_so_and_asks_for_nothing() -> None:
    grid = CropGrid()
    grid.show(0, lambda start, stop: pytest.fail("asked for cards that are not there"))
    assert grid.cards == []
    grid.show(3, numbered, title="three")
    grid.clear("Click on a bin.")
    assert (grid.cards, grid.count, grid.title, grid.message) == ([], 0, "", "Click on a bin.")
    ask(grid, 1)
    assert grid.trouble == ""


def test_a_failing_source_shows_its_trouble_and_the_old_page_stays() -> None:
    missing = {4}

    def source(start: int, stop: int) -> list[Card]:
        if start in missing:
            raise ReidkitError(f"crop {start}: the file is gone.")
        return numbered(start, stop)

    grid = CropGrid(per_page=4)
    grid.show(10, source)
    ask(grid, 1)
    assert grid.trouble == "crop 4: the file is gone."
    assert (grid.page, captions(grid)[0], grid.busy) == (0, "crop 0", False)
    missing.clear()
    ask(grid, 1)
    assert (grid.trouble, grid.page) == ("", 1)


def test_a_list_that_fails_at_once_raises_and_the_old_one_stays() -> None:
    grid = CropGrid(per_page=2)
    grid.show(4, numbered, title="old")
    with pytest.raises(ZeroDivisionError):
        grid.show(7, lambda start, stop: [Card((b"",), str(1 // start))], title="new")
    assert (grid.count, grid.title, grid.busy) == (4, "old", False)
    ask(grid, 1)
    assert captions(grid) == ["crop 2", "crop 3"]


def test_a_source_with_too_few_cards_is_refused() -> None:
    grid = CropGrid(per_page=4)
    with pytest.raises(ReidkitError, match=r"source\(0, 4\) gave 3 cards, not 4"):
        grid.show(9, lambda start, stop: numbered(start, stop - 1))
    with pytest.raises(ReidkitError, match="count=-1"):
        grid.show(-1, numbered)


def test_a_message_that_is_no_page_is_seen() -> None:
    grid = CropGrid()
    grid.show(3, numbered)
    ask(grid, "next")
    assert "next" in grid.trouble


def test_a_new_list_forgets_clicks_and_marks() -> None:
    grid = CropGrid()
    clicks: list[tuple[int, int]] = []
    marks: list[list[int]] = []
    grid.on_card(lambda index, part: clicks.append((index, part)))
    grid.on_mark(marks.append)
    grid.show(60, numbered)
    grid.set_state({"clicked": {"index": 50, "part": 1, "serial": 1}})
    grid.set_state({"clicked": {"index": 50, "part": 1, "serial": 2}})
    grid.set_state({"marked": [1, 50]})
    grid.show(3, numbered)
    assert clicks == [(50, 1), (50, 1)]
    assert marks == [[1, 50], []]
    assert (grid.clicked, grid.marked) == ({}, [])


def test_a_failing_callback_is_seen() -> None:
    grid = CropGrid()
    grid.on_card(lambda index, part: [][index])
    grid.set_state({"clicked": {"index": 5, "part": 0, "serial": 1}})
    assert "IndexError" in grid.trouble
    grid.show(3, numbered)
    assert grid.trouble == ""


def test_pages_are_turned_off_the_main_thread() -> None:
    grid = CropGrid(per_page=4)
    names: list[str] = []

    def source(start: int, stop: int) -> list[Card]:
        names.append(threading.current_thread().name)
        return numbered(start, stop)

    grid.show(10, source)
    turned = threading.Thread(target=ask, args=(grid, 1), name="subshell")
    turned.start()
    turned.join()
    assert names == [threading.current_thread().name, "subshell"]
    assert captions(grid)[0] == "crop 4"


def test_the_list_asked_for_last_is_the_one_that_is_shown() -> None:
    """A slow page of the old list comes back after the new list is up; it must not replace it."""
    grid, started, go_on = CropGrid(per_page=4), threading.Event(), threading.Event()

    def slow(start: int, stop: int) -> list[Card]:
        if start:
            started.set()
            assert go_on.wait(10)
        return numbered(start, stop)

    grid.show(10, slow, title="old")
    turned = threading.Thread(target=ask, args=(grid, 1))
    turned.start()
    assert started.wait(10)
    assert grid.busy
    grid.show(3, numbered, title="new")
    go_on.set()
    turned.join()
    assert (grid.title, grid.count, captions(grid)[0], grid.busy) == ("new", 3, "crop 0", False)


def test_pictures_travel_as_binary_buffers_in_one_message_with_their_captions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grid = CropGrid()
    sent: list[tuple[dict[str, Any], list[bytes]]] = []

    def send(message: dict[str, Any], buffers: list[bytes]) -> None:
        sent.append((message["state"], buffers))

    monkeypatch.setattr(grid, "_send", send)
    grid.show(1, lambda start, stop: [Card((b"one", b"two"), "0.31", tone="neg", group="false pairs")])
    (state, buffers) = next(message for message in sent if "cards" in message[0])
    assert buffers == [b"one", b"two"]
    assert state["cards"][0]["caption"] == "0.31"
    assert state["count"] == 1


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"images": ()}, "0 images"),
        ({"images": (b"", b"", b"")}, "3 images"),
        ({"tone": "red"}, "tone='red'"),
    ],
)
def test_a_card_that_cannot_be_drawn_is_refused(bad: dict[str, Any], told: str) -> None:
    with pytest.raises(ReidkitError, match=told):
        Card(**({"images": (b"",), "caption": "crop"} | bad))
