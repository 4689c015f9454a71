"""What stands in the grid: crops, pairs of crops, or the nearest of one crop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reidkit.explore.counting import FoundPairs
from reidkit.explore.crop_grid import Card, Tone
from reidkit.explore.scene import Rows
from reidkit.explore.session import Session
from reidkit.explore.thumbs import Thumbs


@dataclass(frozen=True)
class Hand:
    """A list of cards, made when they are looked at, and the crops on them.

    Attributes:
        title: above the grid.
        count: how many cards.
        source: makes those from one place to another.
        crops: (count, 1 or 2) rows, the crops of each card.
        note: below the grid.
        anchor: the row that all cards are compared with; None: there is none.
    """

    title: str
    count: int
    source: Callable[[int, int], list[Card]]
    crops: Rows
    note: str = ""
    anchor: int | None = None


def crops(session: Session, thumbs: Thumbs, rows: Rows, title: str, note: str = "") -> Hand:
    """Show crops, one cluster after the other, the largest part first; outliers come last."""
    labels = session.labels[rows]
    found, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    rank = np.lexsort((found, -counts, found < 0)).argsort()
    rows = rows[np.lexsort((rows, rank[inverse]))]

    def make(start: int, stop: int) -> list[Card]:
        return [_card(session, thumbs, row) for row in rows[start:stop]]

    return Hand(title, len(rows), make, rows[:, None], note)


def pairs(session: Session, thumbs: Thumbs, found: FoundPairs, title: str, note: str = "") -> Hand:
    """Show pairs, in their order."""

    def make(start: int, stop: int) -> list[Card]:
        some = zip(found.i[start:stop], found.j[start:stop], found.distance[start:stop], strict=True)
        return [_pair(session, thumbs, int(i), int(j), float(distance)) for i, j, distance in some]

    return Hand(title, len(found.i), make, np.stack([found.i, found.j], axis=1), note)


def nearest(session: Session, thumbs: Thumbs, row: int, count: int = 24) -> Hand:
    """Show a crop, then its nearest, with the distance in each view.

    A neighbour that has the crop among its own nearest, too, is marked with ⇄ (k-reciprocal).
    """
    scene = session.scene
    _, lists = scene.neighbours(session.epoch)
    near = lists[row]
    near = np.concatenate([[row], near[near != row]])[: count + 1]
    apart = session.apart(row, near)

    def make(start: int, stop: int) -> list[Card]:
        return [one(place) for place in range(start, min(stop, len(near)))]

    def one(place: int) -> Card:
        other = int(near[place])
        if place == 0:
            return _card(session, thumbs, other, group="this crop")
        ways = ", ".join(f"{view} {distance[place]:.2f}" for view, distance in apart.items())
        both = " ⇄" if row in lists[other] else ""
        caption = f"{apart['global'][place]:.2f}{both} {_named(session, other)}"
        return Card(
            (thumbs[other],), caption, _tone(session, row, other), "its nearest",
            f"{place}. nearest: {ways}{' (each among the nearest of the other)' if both else ''}; "
            f"{_told(session, other)}",
        )  # fmt: skip

    title = f"Row {row} ({_named(session, row)}) and its nearest"
    note = f"⇄: each is among the nearest of the other. ✓ and ✗: {_meaning(session)} "
    note += "A click on a neighbour shows where the two agree, a second one visits it."
    return Hand(title, len(near), make, near[:, None], note, row)


def two_groups(
    session: Session,
    thumbs: Thumbs,
    first: Rows,
    second: Rows,
    title: str,
    names: tuple[str, str] = ("one group", "the other"),
) -> Hand:
    """Show two groups of crops that are to be compared: a suspect's, or a cluster and its nearest."""
    rows = np.concatenate([first, second])

    def make(start: int, stop: int) -> list[Card]:
        places = range(start, min(stop, len(rows)))
        return [_card(session, thumbs, rows[place], names[place >= len(first)]) for place in places]

    return Hand(title, len(rows), make, rows[:, None])


def _card(session: Session, thumbs: Thumbs, row: int, group: str | None = None) -> Card:
    label = session.labels[row]
    members = int((session.labels == label).sum())
    heading = f"cluster {label}, {members} crops in all" if label >= 0 else "outliers"
    tone: Tone = "plain" if label >= 0 else "outlier"
    heading = heading if group is None else group
    return Card((thumbs[row],), _named(session, row), tone, heading, _told(session, row))


def _pair(session: Session, thumbs: Thumbs, i: int, j: int, distance: float) -> Card:
    title = f"{_told(session, i)} | {_told(session, j)}"
    return Card((thumbs[i], thumbs[j]), f"{distance:.3f}", _tone(session, i, j), "", title)


def _tone(session: Session, row: int, other: int) -> Tone:
    ids = session.ids
    if ids[row] < 0 or ids[other] < 0:
        return "outlier"
    return "pos" if ids[row] == ids[other] else "neg"


def _meaning(session: Session) -> str:
    if session.judge == "identities":
        return "the same or another person (true identities)."
    return "the same or another cluster; ○: one is an outlier."


def _named(session: Session, row: int) -> str:
    """As short as it can be: cluster and camera."""
    label, camera = session.labels[row], session.scene.camids[row]
    return (f"#{label}" if label >= 0 else "outlier") + (f" c{camera}" if camera >= 0 else "")


def _told(session: Session, row: int) -> str:
    """All that is known of a crop."""
    scene, path = session.scene, session.scene.paths[row]
    parts = [f"row {row}", _named(session, row)]
    if scene.pids[row] > 0:
        parts.append(f"person {scene.pids[row]} (true identity)")
    if path:
        parts.append(path.replace("\\", "/").rsplit("/", 1)[-1])
    return ", ".join(parts)
