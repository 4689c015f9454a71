"""Cameras: where one stands, and what its lens, sensor and encoder do to a picture."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Camera:
    """One camera. The defaults are a neutral camera that changes nothing.

    Attributes:
        scene: what stands behind the people (:data:`reidkit.data.towns.scenes.SCENES`).
        winter: whether the scene is a winter one.
        gain: brightness factor.
        balance: factors of red, green and blue (the white balance).
        contrast, saturation: factors around the mean grey and around each pixel's grey.
        haze: share of grey-white fog mixed in.
        blur: standard deviation of the lens blur, in pixels of a 128 high crop.
        noise: standard deviation of the sensor noise, for pixels in [0, 1].
        resolution: share of the pixels the camera really resolves (0.5 = a far person).
        stretch: how much wider than they are people appear.
        shadow: darkness of the cast shadow; `lean`: where it falls (-1 left, 1 right).
        snowfall: number of flakes in a crop.
        quality: JPEG quality, 1 to 95.
    """

    scene: str = "brick"
    winter: bool = False
    gain: float = 1.0
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.0
    saturation: float = 1.0
    haze: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    resolution: float = 1.0
    stretch: float = 1.0
    shadow: float = 0.3
    lean: float = 1.0
    snowfall: int = 0
    quality: int = 92

    def scaled(self, gap: float) -> Camera:
        """This camera with its light and lens moved towards (gap < 1) the neutral camera.

        >>> Camera(gain=0.6, blur=1.0).scaled(0.5)
        Camera(scene='brick', winter=False, gain=0.8, ... blur=0.5, ...)
        """
        neutral, moved = Camera(), {}
        for name in ("gain", "contrast", "saturation", "haze", "blur", "noise", "resolution",
                     "stretch"):  # fmt: skip
            base = getattr(neutral, name)
            moved[name] = base + gap * (getattr(self, name) - base)
        balance = tuple(1.0 + gap * (factor - 1.0) for factor in self.balance)
        kept = {f.name: getattr(self, f.name) for f in fields(self)}
        return Camera(**(kept | moved | {"balance": balance}))


def expose(
    picture: Picture, camera: Camera, rng: np.random.Generator, *, light: float = 1.0
) -> NDArray[np.uint8]:
    """What the camera makes of a scene: (h, w, 3) float32 in [0, 1] -> (h, w, 3) uint8.

    In the order of the light's way: snow in the air, haze, lens (blur, resolution), sensor (gain,
    white balance, noise), and the camera's own processing (saturation, contrast).

    Args:
        light: a factor on the gain, for light that changes from moment to moment.
    """
    seen = _snow(picture, camera, rng) if camera.snowfall else picture
    seen = seen + np.float32(camera.haze) * (np.float32(0.80) - seen)
    seen = _lens(seen, camera)
    seen = seen * np.asarray(camera.balance, np.float32) * np.float32(camera.gain * light)
    if camera.noise > 0:
        grain = rng.standard_normal(seen.shape, dtype=np.float32)
        seen = seen + np.float32(camera.noise) * grain
    grey = seen @ np.array([0.30, 0.59, 0.11], np.float32)
    seen = grey[..., None] + np.float32(camera.saturation) * (seen - grey[..., None])
    middle = np.float32(0.45 * camera.gain)
    seen = middle + np.float32(camera.contrast) * (seen - middle)
    return np.asarray(np.clip(seen, 0.0, 1.0) * 255.0 + 0.5, dtype=np.uint8)


def _snow(picture: Picture, camera: Camera, rng: np.random.Generator) -> Picture:
    """White flakes of one or two pixels in front of everything."""
    height, width = picture.shape[:2]
    snowy = picture.copy()
    rows = rng.integers(0, height - 1, camera.snowfall)
    columns = rng.integers(0, width - 1, camera.snowfall)
    strong = rng.uniform(0.35, 0.9, camera.snowfall).astype(np.float32)
    for row, column, white in zip(rows, columns, strong, strict=True):
        patch = snowy[row : row + 2, column : column + 1 + (white > 0.6)]
        patch += white * (1.0 - patch)
    return snowy


def _lens(picture: Picture, camera: Camera) -> Picture:
    """Blur and lost resolution, both done on 8-bit pixels by Pillow."""
    if camera.blur <= 0 and camera.resolution >= 1.0:
        return picture
    image = Image.fromarray(np.asarray(np.clip(picture, 0, 1) * 255.0 + 0.5, dtype=np.uint8))
    if camera.resolution < 1.0:
        wide, high = (max(8, round(side * camera.resolution)) for side in image.size)
        small = image.resize((wide, high), Image.Resampling.BOX)
        image = small.resize(image.size, Image.Resampling.BILINEAR)
    if camera.blur > 0:
        image = image.filter(ImageFilter.GaussianBlur(camera.blur))
    return np.asarray(image, dtype=np.float32) / 255.0
