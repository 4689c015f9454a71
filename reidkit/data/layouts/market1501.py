"""Market-1501, and every data set that is packed like it.

A folder with ``bounding_box_train``, ``query`` and ``bounding_box_test`` (the gallery). The person
and the camera stand at the beginning of each file's name: ``0002_c1s1_000451_03.jpg`` is person 2
under camera 1. Person -1 is junk and 0000 a distractor (see :mod:`reidkit.data.crops`); both are
kept, the evaluation knows what to do with them.

Source: Zheng et al., "Scalable person re-identification: a benchmark", ICCV 2015, and its readme.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from reidkit.data.benchmarks import mark, which_benchmark
from reidkit.data.crops import check_crops
from reidkit.data.layouts import msmt17
from reidkit.data.layouts.named import PERSON_AND_CAMERA, find_images, has_parts, read_names


def recognises(path: Path) -> bool:
    """Say whether this folder has Market-1501's parts."""
    return has_parts(path)


def read(path: Path) -> pd.DataFrame:
    """Return the crops of the three parts, with ``dataset`` if this is a known benchmark.

    Raises:
        ReidkitError: a part is missing or empty, or images have names that do not say person and
            camera.
    """
    crops = check_crops(read_names(find_images(path), PERSON_AND_CAMERA))
    benchmark = which_benchmark(path, crops)
    if benchmark and benchmark.startswith("MSMT17"):  # re-packed, its folder renamed
        return msmt17.read(path)
    return mark(crops, benchmark)
