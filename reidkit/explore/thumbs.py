"""Crops as small JPEG files: read when they are asked for, once."""

from __future__ import annotations

import base64
import threading
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image

from reidkit.plots.album import Album


class Thumbs:
    """The crops of a scene as JPEG bytes, 48 × 96 pixels. A grey tile stands for a missing image.

    Args:
        paths: one a crop; None: there is no image.
    """

    def __init__(self, paths: Sequence[str | None]) -> None:
        self.album = Album([path or "" for path in paths])
        self._lock = threading.Lock()
        self._encoded = lru_cache(maxsize=20_000)(self._encode)  # about 2 kB each

    def __getitem__(self, row: int) -> bytes:
        with self._lock:
            return self._encoded(int(row))

    def _encode(self, row: int) -> bytes:
        return jpeg(self.album[row])

    def uri(self, row: int) -> str:
        """Return the crop as a data: address, for a tooltip."""
        return f"data:image/jpeg;base64,{base64.b64encode(self[row]).decode()}"

    @property
    def trouble(self) -> str:
        """Say how many image files are missing; empty if none is."""
        missing = {path for path in self.album.missing if path}
        if not missing:
            return ""
        return f"{len(missing)} of {len(self.album)} image files are not there, the first is {min(missing)}."


def jpeg(pixels: np.ndarray) -> bytes:
    """Pack (h, w, 3) uint8 pixels."""
    packed = BytesIO()
    Image.fromarray(pixels).save(packed, "jpeg", quality=85)
    return packed.getvalue()
