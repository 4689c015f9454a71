"""Crops, or pairs of crops, as a grid of cards: a page at a time, to click on and to mark."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal, get_args

import anywidget
import traitlets

from reidkit.errors import ReidkitError
from reidkit.explore.front import front_end
from reidkit.explore.guard import guarded

Tone = Literal["plain", "pos", "neg", "outlier"]
PER_PAGE = 48
NO_CROPS = "No crops to show."


@dataclass(frozen=True)
class Card:
    """One crop, or a pair of crops, of the grid.

    Attributes:
        images: one or two files (JPEG or PNG), as bytes.
        caption: the line below them.
        tone: the frame's colour, with a symbol: "pos" (✓), "neg" (✗), "outlier" (○), or "plain".
        group: heading under which the card stands; cards of one group must follow one another.
        title: what the mouse is told over the card, in place of the caption.
    """

    images: tuple[bytes, ...]
    caption: str
    tone: Tone = "plain"
    group: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        if len(self.images) not in (1, 2):
            raise ReidkitError(
                f"card {self.caption!r} has {len(self.images)} images; expected 1, or 2 of a pair."
            )
        if self.tone not in get_args(Tone):
            raise ReidkitError(
                f"card {self.caption!r}: tone={self.tone!r}; expected {', '.join(get_args(Tone))}."
            )


Source = Callable[[int, int], Sequence[Card]]
"""``source(start, stop)`` makes the cards of one page; only what is looked at is ever made or sent."""


class CropGrid(anywidget.AnyWidget):
    """A grid of cards that asks for each page as it is turned to.

    Args:
        per_page: cards on a page.
        size: height of the pictures in pixels; a slider changes it.
        height: of the scrolled part, in pixels; its corner can be drawn by the mouse.

    Attributes:
        count: cards in the whole list.
        page: the page that is shown, from 0.
        first: place of its first card in the whole list.
        clicked: the card last clicked on: ``{"index": place in the whole list, "part": 0 or 1,
            "serial": ...}``, empty before that. The serial makes a second click on it another event.
        marked: places in the whole list of the cards that are marked (Ctrl- or Shift-click, space bar).
        title, note, message: texts above the grid, below it, and in place of it while it has no card.
        trouble: shown in red; a callback's error is written here.

    >>> grid = CropGrid(per_page=2)
    >>> grid.show(5, lambda start, stop: [Card((b"...",), f"crop {k}") for k in range(start, stop)])
    >>> grid.turn(2)
    >>> grid.first, [card["caption"] for card in grid.cards]
    (4, ['crop 4'])
    """

    _esm = front_end("shared.js", "crop_grid.js")
    _css = front_end("shared.css", "crop_grid.css")

    cards: Any = traitlets.List().tag(sync=True)
    """The cards of the page as dictionaries; one trait, so that pictures and captions arrive together."""
    count = traitlets.Int(0).tag(sync=True)
    page = traitlets.Int(0).tag(sync=True)
    first = traitlets.Int(0).tag(sync=True)
    per_page = traitlets.Int(PER_PAGE, min=1).tag(sync=True)
    size = traitlets.Int(96, min=16).tag(sync=True)
    height = traitlets.Int(420, min=80).tag(sync=True)
    clicked: Any = traitlets.Dict().tag(sync=True)
    marked: Any = traitlets.List(traitlets.Int()).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode(NO_CROPS).tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._together = threading.RLock()
        self._list = _List(0, lambda start, stop: [])
        self._wanted: object = None  # stands for the page that was asked for last
        super().__init__(**traits)
        self.on_msg(guarded(partial(setattr, self, "trouble"))(self._answer))

    def show(self, count: int, source: Source, *, title: str = "", note: str = "", page: int = 0) -> None:
        """Show another list. What was clicked on or marked in the old one is forgotten.

        Args:
            count: cards in the list; 0 shows the text ``message``.
            source: makes the cards from ``start`` to before ``stop``. It is called now, and whenever a
                page is turned; then from the thread that handles the browser's messages.
            title, note: texts above and below the grid.
            page: the page to begin with, from 0.

        Raises:
            ReidkitError: a negative count; a source that gives too few or too many cards. What the
                source raises comes through as well. The grid then stays as it was.
        """
        if count < 0:
            raise ReidkitError(f"count={count}: expected 0 cards or more.")
        self._load(_List(count, source), page, title=title, note=note, marked=[], clicked={}, trouble="")

    def clear(self, message: str = NO_CROPS) -> None:
        """Show no cards, and say why."""
        self._load(_List(0, lambda start, stop: []), 0, message=message, title="", note="", marked=[],
                   clicked={}, trouble="")  # fmt: skip

    def turn(self, page: int) -> None:
        """Turn to a page of the list, from 0; before the first is the first, after the last the last.

        Raises:
            ReidkitError: as :meth:`show`.
        """
        self._load(self._list, page)

    def _load(self, wanted: _List, page: int, **traits: Any) -> None:
        """Make a page and show it, unless another one was asked for in the meantime."""
        page = max(0, min(page, (wanted.count - 1) // self.per_page))
        self._wanted = wanted_page = object()
        self.busy = True
        try:
            cards = wanted.cards(page * self.per_page, self.per_page)
            with self._together, self.hold_sync():
                if self._wanted is wanted_page:
                    self._list = wanted
                    self.cards, self.page, self.first = cards, page, page * self.per_page
                    self.count = wanted.count
                    for name, value in traits.items():
                        setattr(self, name, value)
        finally:
            if self._wanted is wanted_page:
                self.busy = False

    def _answer(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        """The browser asks for a page."""
        self.turn(int(content["page"]))

    def on_card(self, callback: Callable[[int, int], object]) -> None:
        """Call ``callback(index, part)`` at every click on a card; its errors show in the widget."""

        def clicked(change: Any) -> None:
            if click := change["new"]:
                callback(int(click["index"]), int(click["part"]))

        self.observe(guarded(partial(setattr, self, "trouble"))(clicked), "clicked")

    def on_mark(self, callback: Callable[[list[int]], object]) -> None:
        """Call ``callback(marked)`` when other cards are marked; its errors show in the widget."""

        def marked(change: Any) -> None:
            callback(list(change["new"]))

        self.observe(guarded(partial(setattr, self, "trouble"))(marked), "marked")


@dataclass(frozen=True)
class _List:
    """What a grid leafs through."""

    count: int
    source: Source

    def cards(self, start: int, number: int) -> list[dict[str, Any]]:
        """The cards from ``start`` on, at most ``number``, as the browser takes them."""
        stop = min(start + number, self.count)
        if start >= stop:
            return []
        cards = self.source(start, stop)
        if len(cards) != stop - start:
            raise ReidkitError(f"source({start}, {stop}) gave {len(cards)} cards, not {stop - start}.")
        return [asdict(card) for card in cards]
