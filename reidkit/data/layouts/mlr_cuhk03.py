"""MLR-CUHK03: who is that small, blurred figure? (MLR: multiple low resolutions.)

CUHK03 with the crops of one camera of each pair made 2, 3 or 4 times smaller. Folders ``train``,
``val``, ``query`` and ``gallery`` hold a folder for each person. ``00020_c0_00000.jpg`` is person 20
under camera 0: camera 0 is the one of low resolution, any other one is of high resolution. Both
``train`` and ``val`` are for training.

People are numbered from 0, one number for one person in all parts. Here 0 would mean a distractor, so
every number is one more: person 20 becomes 21. Cameras keep their numbers, from 0.

MLR-VIPeR and CAVIAR lie in the same form. They are read too, but not called MLR-CUHK03: for that the
folder's name must contain ``CUHK03``.

Sources: Jiao et al., "Deep low-resolution person re-identification", AAAI 2018, who made the data set
in the manner of Li et al., "Multi-scale learning for low-resolution person re-identification", ICCV
2015; the form of folders and names is that of Huang et al., "Learning degradation-invariant
representation for robust real-world person re-identification", IJCV 2022.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pandas as pd

from reidkit.data.benchmarks import add_note, mark, squash
from reidkit.data.crops import check_crops
from reidkit.data.images import is_image
from reidkit.data.layouts.named import find_images, has_parts, read_names

PARTS = {"train": "train", "val": "val", "query": "query", "gallery": "gallery"}
LOW = 0  # the camera of low resolution
_NAME = re.compile(r"(?P<pid>\d{5})_c(?P<camid>\d)_\d+\.")


def recognises(path: Path) -> bool:
    """Say whether this folder is called so and has any part, or has all parts and such names."""
    if squash(path.name).startswith("mlrcuhk03"):
        return has_parts(path, PARTS)
    return all((path / part).is_dir() and _NAME.match(_any_image(path / part)) for part in PARTS.values())


def read(path: Path) -> pd.DataFrame:
    """Return the crops, with ``resolution`` (``low`` or ``high``) and, in a folder called so, ``dataset``.

    Raises:
        ReidkitError: a part is missing or empty, or images have names that do not say person and
            camera.
    """
    found = find_images(path, PARTS, like="MLR-CUHK03")
    found = found.assign(split=found["split"].replace("val", "train"))
    says, example = "<person, five digits>_c<camera>_<number>", "00020_c0_00000.jpg"
    crops = check_crops(read_names(found, _NAME, says=says, example=example))
    low = crops["camid"].eq(LOW).to_numpy(dtype=bool)
    crops = crops.assign(pid=crops["pid"] + 1, resolution=np.where(low, "low", "high"))
    if "cuhk03" in squash(path.name):
        return mark(crops, "MLR-CUHK03")
    return add_note(
        crops,
        f"The name {path.name} does not say which set of several resolutions this is, so it is judged by "
        "Market-1501's protocol. Say --protocol mlr-cuhk03, or, if it is that, name the folder MLR-CUHK03.",
    )


def _any_image(part: Path) -> str:
    """Return the name of the first image that is met, or nothing."""
    return next((name for _, _, names in os.walk(part) for name in names if is_image(name)), "")
