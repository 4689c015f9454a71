"""From what a user wants to see to a colour for each crop."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from reidkit.explore.colours import Colouring, by_amount, by_group
from reidkit.explore.session import Session
from reidkit.labels import OUTLIER

COLOURS = ("pseudo-label", "person", "camera", "suspicion", "since epoch", "right or wrong")
"""What the dots can be coloured by. "person" and "right or wrong" need true identities."""


def paint(session: Session, name: str) -> Colouring:
    """Colour the crops of a session.

    Args:
        session: what is looked at.
        name: one of :data:`COLOURS`. "suspicion": how high the doctor ranks the worst that it says of a
            crop; "since epoch": since when the crop's cluster has gone on without a break, as recorded;
            "right or wrong": whether the crop is the person most frequent in its cluster.
    """
    return _PAINTERS[name](session)


def _labels(session: Session) -> Colouring:
    return by_group(session.labels)


def _people(session: Session) -> Colouring:
    return by_group(np.where(session.scene.pids > 0, session.scene.pids, -1), alone="unknown")


def _cameras(session: Session) -> Colouring:
    seen = session.scene.camids
    return by_group(seen, [f"camera {c}" for c in np.unique(seen[seen >= 0])], alone="unknown")


def _suspicion(session: Session) -> Colouring:
    worst = np.full(len(session.scene), np.nan)
    suspects = session.suspects()
    for _, some in suspects.groupby("kind"):
        # Scores compare within a kind only; ranks compare a little better.
        share = 1 - np.arange(len(some)) / len(some)
        for value, crops, others in zip(share, some["crops"], some["others"], strict=True):
            rows = np.concatenate([crops, others])
            worst[rows] = np.fmax(worst[rows], value)
    return by_amount(worst, ["least suspicious", "less", "suspicious", "more", "most suspicious"])


def _since(session: Session) -> Colouring:
    """Colour by the epoch since which a crop's cluster has kept going on: late is red."""
    lines = session.lineage().lines
    epochs = [epoch for epoch in lines if epoch <= session.epoch]
    since = np.full(len(session.scene), epochs[-1], float)
    now = lines[epochs[-1]]
    stays = now != OUTLIER
    for epoch in reversed(epochs[:-1]):
        stays &= lines[epoch] == now
        since[stays] = epoch
    since[now == OUTLIER] = np.nan
    steps = np.linspace(epochs[0], epochs[-1], 6)
    names = [f"since epoch {np.ceil(low):.0f} to {high:.0f}" for low, high in pairwise(steps)]
    return by_amount((since - epochs[0]) / max(epochs[-1] - epochs[0], 1), names)


def _right(session: Session) -> Colouring:
    labels, people = session.labels, session.scene.pids
    right = np.full(len(labels), np.nan)
    for cluster in session.clusters:
        rows = np.flatnonzero((labels == cluster) & (people > 0))
        if len(rows):
            found, counts = np.unique(people[rows], return_counts=True)
            right[rows] = people[rows] == found[counts.argmax()]
    names = ["right", "", "", "", "wrong (another person than most of the cluster)"]
    return by_amount(1 - right, names)


_PAINTERS = dict(zip(COLOURS, (_labels, _people, _cameras, _suspicion, _since, _right), strict=True))
