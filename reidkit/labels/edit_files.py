"""Edited labels as a JSON file that a person can read: who was where, and what was done.

::

    {"format": 1, "run": "runs/mine", "epoch": 10, "next": 61,
     "folder": "data/winter/bounding_box_train",
     "edits": [{"kind": "split", "did": "1 crop left cluster 4 ...", "crops": ["0007_c1.jpg"], ...}, ...],
     "labels": {"0001_c1.jpg": 0, "0001_c2.jpg": 0, ...}}

"labels" are those before the edits, in the order of the rows. Names are those of the crops below "folder".
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reidkit.errors import ReidkitError
from reidkit.files import replace_file
from reidkit.labels.clustering import OUTLIER
from reidkit.labels.names import Names, below_their_folder
from reidkit.labels.statements import KINDS, Edit

FORMAT = 1


def write_edits(
    path: Path, names: Sequence[str], start: np.ndarray, edits: Sequence[Edit], origin: Mapping[str, Any]
) -> None:
    """Write the file whole.

    Args:
        path: where to.
        names, start: N crops, and their labels before the edits.
        edits: in order.
        origin: "run" (a path) and "epoch" that the labels come from, or None; "next", the number of the next
            new cluster.

    Raises:
        ReidkitError: it cannot be written there.
    """
    folder, short = below_their_folder(names)
    run = origin["run"] and str(origin["run"].resolve())
    head = {"format": FORMAT, **origin, "run": run, "folder": folder}
    rows = [json.dumps(_as_dict(edit, short)) for edit in edits]
    labels = [f"{json.dumps(name)}: {label}" for name, label in zip(short, start.tolist(), strict=True)]
    text = "\n".join(
        [
            "{",
            *(f"  {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()),
            '  "edits": [' + ",".join(f"\n    {row}" for row in rows) + "\n  ],",
            '  "labels": {' + ",".join(f"\n    {label}" for label in labels) + "\n  }",
            "}\n",
        ]
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, lambda fresh: fresh.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise ReidkitError(f"Cannot write {path} ({error.strerror}): give another place.") from error


def _as_dict(edit: Edit, names: Sequence[str]) -> dict[str, Any]:
    return {
        "kind": edit.kind, "did": edit.did, "why": edit.why, "clusters": edit.clusters, "to": edit.to,
        "crops": [names[row] for row in edit.crops], "others": [names[row] for row in edit.others],
    }  # fmt: skip


def read_edits(path: Path) -> dict[str, Any]:
    """Read the file.

    Returns:
        "run", "epoch", "next", "names", "labels" (before the edits) and "edits".

    Raises:
        ReidkitError: no such file, another format, or something in it that cannot be.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReidkitError(f"Cannot read {path} ({error.strerror}).") from error
    except ValueError as error:
        raise ReidkitError(f"{path} is no JSON file ({error}).") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else None
        raise ReidkitError(
            f"{path} holds no edited labels of format {FORMAT} (its format is {found}): "
            "give what `EditLog.save` has written."
        )
    try:
        return _read(content)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ReidkitError(f"{path} is damaged: {type(error).__name__} {error}. Save it anew.") from error


def _read(content: dict[str, Any]) -> dict[str, Any]:
    short, folder = Names(list(content["labels"])), content["folder"]
    labels = list(content["labels"].values())
    edits = [_read_edit(edit, short) for edit in content["edits"]]
    run, epoch = content["run"], content["epoch"]
    return {
        "run": run if run is None else Path(run), "epoch": epoch if epoch is None else int(epoch),
        "next": int(content["next"]), "labels": labels, "edits": edits,
        "names": [os.path.join(folder, name) if folder else name for name in short.all],
    }  # fmt: skip


def _read_edit(edit: dict[str, Any], names: Names) -> Edit:
    if edit["kind"] not in KINDS:
        raise ValueError(f"kind {edit['kind']!r}, not {', '.join(KINDS)}")
    if int(edit["to"]) < OUTLIER or not edit["crops"]:
        raise ValueError(f"an edit to {edit['to']} of {len(edit['crops'])} crops")
    crops, others = (names.find(edit[who]).tolist() if edit[who] else [] for who in ("crops", "others"))
    clusters = tuple(int(cluster) for cluster in edit["clusters"])
    return Edit(edit["kind"], tuple(crops), tuple(others), clusters, int(edit["to"]), str(edit["why"]))
