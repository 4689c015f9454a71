"""A town with planted faults: something to debug, where the answer is known.

Real training sets have such faults too, but there nobody can say in the end who was right. Here the plan of a
drawn town is changed in three places before it is drawn, and what was changed is written into town.json:

- *camera*: the white balance of one camera is wrong in some of its sequences (recordings). Nothing else about
  these crops changes.
- *twins*: pairs of training people dress alike. Only hair and bag tell them apart.
- *copy*: a training crop is in the set a second time, opened and saved anew, under the number of somebody
  else, as if two annotators had seen it. (No byte is the same, so no check of files finds it.) Training sees
  no numbers: for it a copy is a very near picture, and a positive that teaches nothing. But whoever
  *judges* with these numbers counts a Neg pair at a distance of almost zero, and a mistake that is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reidkit.data.towns.palette import HAIR, contrast
from reidkit.data.towns.people import BAGS, Item, Person
from reidkit.data.towns.plan import TRAIN, Shot, plan_town, town_people
from reidkit.data.towns.settings import Town
from reidkit.data.towns.town import TOWNS, about_town, draw_plan
from reidkit.errors import ReidkitError

ABOUT = "town.json"
COLUMNS = ["kind", "file", "pid", "other_file", "other_pid"]


@dataclass(frozen=True)
class Trouble:
    """How much of each fault is planted; 0 twins, 0 copies or no sequences: none.

    Attributes:
        camid: the camera whose white balance is wrong.
        sequences: in which of its sequences (1 to 3).
        balance: factors of red, green and blue on top of the camera's own.
        twins: pairs of training people.
        copies: training crops.
    """

    camid: int = 2
    sequences: tuple[int, ...] = (2, 3)
    balance: tuple[float, float, float] = (0.55, 0.95, 1.60)
    twins: int = 4
    copies: int = 12


TROUBLED = replace(TOWNS["winter"], name="troubled", train_people=40, test_people=40, train_crops=(3, 5))
"""Winter town, smaller, with more crops of each person in a camera."""


def draw_troubled_town(
    folder: str | Path,
    trouble: Trouble | None = None,
    *,
    town: Town = TROUBLED,
    seed: int = 0,
    people: int | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> Path:
    """Draw a town with planted faults in Market-1501's layout; otherwise as :func:`draw_town`.

    Without its faults it is the same town to the pixel: ``Trouble(sequences=(), twins=0, copies=0)``.

    Args:
        folder: where it goes. A finished one with the same settings is kept.
        trouble: what to plant; None: the defaults.
        town, seed, people, workers, progress: as for :func:`draw_town`.

    Raises:
        ReidkitError: impossible settings, or the folder holds something else.
    """
    trouble = trouble or Trouble()
    shots, planted = plan_trouble(town, trouble, seed=seed, people=people)
    about = about_town(town, seed, people, shots)
    about |= json.loads(json.dumps({"trouble": asdict(trouble), "planted": planted.to_dict("records")}))
    return draw_plan(shots, town, Path(folder), about, workers=workers, progress=progress)


def read_planted(folder: str | Path) -> pd.DataFrame:
    """Read what was planted in a troubled town. For judging only; no training reads it.

    Returns:
        One row a fault: "kind" ("camera", "twins", "copy"), "file" and "pid", "other_file" and "other_pid".
        A camera row is one crop with a wrong white balance, a row of twins two people, and that of a copy
        the crop ("file", "pid") and its copy, whose "other_pid" is wrong. What does not apply is "" or 0.

    Raises:
        ReidkitError: the folder holds no such town.
    """
    path = Path(folder) / ABOUT
    about = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if "planted" not in about:
        raise ReidkitError(f"{folder} is no town with planted faults; draw_troubled_town draws one.")
    return pd.DataFrame(about["planted"], columns=COLUMNS)


def plan_trouble(
    town: Town, trouble: Trouble, *, seed: int = 0, people: int | None = None
) -> tuple[list[Shot], pd.DataFrame]:
    """Plan a town and its faults, before any drawing; the table is that of :func:`read_planted`.

    Raises:
        ReidkitError: impossible settings.
    """
    shots = plan_town(town, seed=seed, people=people)
    pids = sorted({shot.pid for shot in shots if shot.folder == TRAIN})
    _check(trouble, town, pids, shots)
    rng = np.random.default_rng([seed, 3, *town.name.encode()])
    everyone = town_people(town, seed=seed, people=people)
    pairs = rng.permutation(pids)[: 2 * trouble.twins].reshape(-1, 2).tolist()
    dressed = {b: dress_alike(everyone[a], everyone[b], rng) for a, b in pairs}
    planted = [_row("twins", pid=a, other_pid=b) for a, b in pairs]
    told = [replace(s, person=dressed[s.pid]) if s.pid in dressed else s for s in shots]
    for shot, copy in list(_copies(told, pids, trouble.copies, rng)):
        told.append(copy)
        planted.append(_row("copy", file=shot.file, pid=shot.pid, other_file=copy.file, other_pid=copy.pid))
    for place, shot in enumerate(told):
        if shot.camid == trouble.camid and shot.sequence in trouble.sequences:
            told[place] = replace(shot, balance=trouble.balance)
            planted.append(_row("camera", file=shot.file, pid=shot.pid))
    return told, pd.DataFrame(planted, columns=COLUMNS)


def dress_alike(person: Person, other: Person, rng: np.random.Generator) -> Person:
    """Put the other into the person's clothes, hat and scarf; body, hair and bag are another's."""
    hair = [name for name in HAIR if name != person.hair.colour]
    kinds = [kind for kind in BAGS if kind != person.bag.kind]
    colours = [c for c in ("mustard", "red", "teal", "cream") if contrast(c, person.top.colour) > 70]
    kind = kinds[int(rng.integers(len(kinds)))]
    bag = Item(kind, colours[int(rng.integers(len(colours)))]) if kind != "none" else Item()
    style = "long" if person.hair.kind != "long" else "short"
    return replace(
        person, hair=Item(style, hair[int(rng.integers(len(hair)))]), bag=bag, beard=False,
        height=other.height, build=other.build, shoulders=other.shoulders, hips=other.hips,
    )  # fmt: skip


def _copies(
    shots: list[Shot], pids: list[int], count: int, rng: np.random.Generator
) -> Iterator[tuple[Shot, Shot]]:
    """Yield some training crops, each with a copy: opened and saved anew under another number."""
    train = [shot for shot in shots if shot.folder == TRAIN]
    for row in rng.permutation(len(train))[:count]:
        shot = train[int(row)]
        pid = int(rng.choice([other for other in pids if other != shot.pid]))
        yield shot, replace(shot, pid=pid, box=1 + shot.box % 3, copy=True)


def _row(
    kind: str, *, file: str = "", pid: int = 0, other_file: str = "", other_pid: int = 0
) -> dict[str, Any]:
    return dict(zip(COLUMNS, (kind, file, pid, other_file, other_pid), strict=True))


def _check(trouble: Trouble, town: Town, pids: list[int], shots: list[Shot]) -> None:
    if not 1 <= trouble.camid <= len(town.cameras):
        raise ReidkitError(f"camid = {trouble.camid}: {town.name} has cameras 1 to {len(town.cameras)}.")
    if not 0 <= 2 * trouble.twins <= len(pids):
        raise ReidkitError(f"{trouble.twins} pairs of twins: there are {len(pids)} training people.")
    train = sum(shot.folder == TRAIN for shot in shots)
    if not 0 <= trouble.copies <= train or (trouble.copies and len(pids) < 2):
        there = f"{train} training crops of {len(pids)} people"
        raise ReidkitError(f"{trouble.copies} copies: there are {there}.")
