"""What a camera does to a person: its place, its light, its lens, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from reidkit.data.towns.figure import paint_figure
from reidkit.data.towns.people import Person
from reidkit.data.towns.scenes import WIDTH, paint_scene

VIEWS = ("front", "left", "right", "back")
_SUPERSAMPLE = 2


@dataclass(frozen=True)
class Camera:
    """A camera. The neutral values (gain 1, white balance 1, contrast 1, no haze, no blur) change nothing.

    Attributes:
        scene: what is behind the people, see :data:`reidkit.data.towns.scenes.SCENES`.
        views: how often people are seen from the front, left, right, back.
        gain: brightness; 1 is neutral.
        white: factors of red, green, blue.
        contrast: around mid grey.
        haze: share of white light (fog, a dirty lens).
        blur: Gaussian, in pixels of the finished crop.
        noise: standard deviation, of a range of 1.
        scale: how much of the crop's height an average person fills.
        stretch: apparent width of people; a camera high up sees them shorter, so wider.
        quality: of the JPEG files.
    """

    scene: str
    views: tuple[float, float, float, float] = (0.4, 0.15, 0.15, 0.3)
    gain: float = 1.0
    white: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.0
    haze: float = 0.0
    blur: float = 0.3
    noise: float = 0.012
    scale: float = 0.88
    stretch: float = 1.0
    quality: int = 85

    def nearer_to_neutral(self, gap: float) -> Camera:
        """Shrink what the camera does to the light to a share ``gap`` of it; 1 leaves it, 0 removes it."""
        r, g, b = (1 + gap * (w - 1) for w in self.white)
        return replace(
            self, gain=1 + gap * (self.gain - 1), white=(r, g, b),
            contrast=1 + gap * (self.contrast - 1), haze=gap * self.haze,
        )  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """One crop to be drawn: who, how she walks, how badly the box is cut.

    Attributes:
        person: whom; None: nobody, only the scene (a false detection).
        view: one of :data:`VIEWS`.
        phase: the moment of the step, in radians.
        shift, drop, zoom: how far the box is off: shares of width, of height, and a factor.
        place: where along the scene, in [0, 1).
        occluder: "" or one of :data:`OCCLUDERS`.
        seed: of noise and small things.
    """

    person: Person | None
    view: str = "front"
    phase: float = 0.0
    shift: float = 0.0
    drop: float = 0.0
    zoom: float = 1.0
    place: float = 0.5
    occluder: str = ""
    seed: tuple[int, ...] = field(default=(0,))


def draw_crop(
    shot: Shot, camera: Camera, *, snow: bool = False, scene_seed: int = 0, height: int = 128, width: int = 64
) -> NDArray[np.uint8]:
    """Draw a crop as a camera sees it.

    Args:
        shot: who and how.
        camera: where from.
        snow: whether it is winter.
        scene_seed: decides where the scene's things stand; the same for all crops of a camera.
        height, width: of the crop in pixels.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    rng = np.random.default_rng(shot.seed)
    tall, wide = height * _SUPERSAMPLE, width * _SUPERSAMPLE
    scene = _scene(camera.scene, tall, snow, scene_seed)
    left = int(shot.place * (WIDTH - wide))
    picture = scene[:, left : left + wide].copy()
    if shot.person is not None:
        _put_person(picture, shot, camera)
    if shot.occluder:
        OCCLUDERS[shot.occluder](picture, rng, snow)
    picture = picture.reshape(height, _SUPERSAMPLE, width, _SUPERSAMPLE, 3).mean(axis=(1, 3))
    return _expose(picture, camera, rng)


@lru_cache(maxsize=32)
def _scene(kind: str, height: int, snow: bool, seed: int) -> NDArray[np.float32]:
    return paint_scene(kind, height=height, snow=snow, rng=np.random.default_rng(seed))


def _put_person(picture: NDArray[np.float32], shot: Shot, camera: Camera) -> None:
    assert shot.person is not None
    tall, wide = picture.shape[:2]
    middle, ground = 0.5 + shot.shift, 0.965 + shot.drop
    _shadow(picture, middle * wide, ground * tall, wide)
    colour, cover = paint_figure(
        shot.person, view=shot.view, phase=shot.phase, height=tall, width=wide,
        scale=camera.scale * shot.zoom, middle=middle, ground=ground, stretch=camera.stretch,
    )  # fmt: skip
    picture += cover * (colour - picture)


def _shadow(picture: NDArray[np.float32], x: float, y: float, wide: int) -> None:
    rows, columns = np.ogrid[: picture.shape[0], : picture.shape[1]]
    far = ((columns - x - 0.08 * wide) / (0.34 * wide)) ** 2 + ((rows - y) / (0.045 * picture.shape[0])) ** 2
    picture *= 1 - 0.4 * np.exp(-2 * far)[..., None].astype(np.float32)


def _expose(picture: NDArray[np.float32], camera: Camera, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Light, lens and sensor. Light adds up linearly, so white balance and gain act on linear values."""
    linear = picture**2.2 * camera.gain * np.asarray(camera.white, np.float32)
    seen = np.clip(linear, 0, 1) ** (1 / 2.2)
    seen = 0.5 + camera.contrast * (seen - 0.5)
    seen = (1 - camera.haze) * seen + camera.haze * 0.8
    seen = gaussian_filter(seen, (camera.blur, camera.blur, 0))
    seen = seen + rng.normal(0, camera.noise, seen.shape)
    return np.asarray(np.clip(seen, 0, 1) * 255 + 0.5, dtype=np.uint8)


def _paste(picture: NDArray[np.float32], layer: Image.Image) -> None:
    rgba = np.asarray(layer, np.float32) / 255
    picture += rgba[..., 3:] * (rgba[..., :3] - picture)


def _pole(picture: NDArray[np.float32], rng: np.random.Generator, snow: bool) -> None:
    tall, wide = picture.shape[:2]
    x, half = rng.uniform(0.15, 0.85) * wide, rng.uniform(0.05, 0.1) * wide
    shade = 0.32 + 0.25 * np.cos(np.linspace(-1.5, 1.2, max(int(2 * half), 1)))
    left = max(int(x - half), 0)
    right = min(left + len(shade), wide)
    picture[:, left:right] = shade[None, : right - left, None]


def _bush(picture: NDArray[np.float32], rng: np.random.Generator, snow: bool) -> None:
    tall, wide = picture.shape[:2]
    layer = Image.new("RGBA", (wide, tall))
    draw = ImageDraw.Draw(layer)
    base = (196, 204, 212) if snow else (70, 120, 64)
    for _ in range(26):
        x, y = rng.uniform(-0.1, 1.1) * wide, tall * (1.02 - rng.uniform(0, 0.28))
        r = rng.uniform(0.06, 0.15) * wide
        tone = tuple(np.clip(np.array(base) + rng.integers(-24, 24), 0, 255).tolist())
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(*tone, 255))
    _paste(picture, layer)


def _bicycle(picture: NDArray[np.float32], rng: np.random.Generator, snow: bool) -> None:
    tall, wide = picture.shape[:2]
    layer = Image.new("RGBA", (wide, tall))
    draw = ImageDraw.Draw(layer)
    y, r = 0.84 * tall, 0.24 * wide
    frame = (*rng.integers(40, 200, 3).tolist(), 255)
    for x in (0.16 * wide, 0.84 * wide):
        draw.ellipse((x - r, y - r, x + r, y + r), outline=(30, 30, 34, 255), width=5)
    line = [(0.16 * wide, y), (0.4 * wide, y - 0.16 * tall), (0.5 * wide, y), (0.16 * wide, y),
            (0.5 * wide, y), (0.74 * wide, y - 0.17 * tall), (0.4 * wide, y - 0.16 * tall)]  # fmt: skip
    draw.line(line, fill=frame, width=7, joint="curve")
    draw.line([(0.84 * wide, y), (0.72 * wide, y - 0.22 * tall), (0.62 * wide, y - 0.23 * tall)], fill=frame, width=7)
    _paste(picture, layer)


OCCLUDERS = {"pole": _pole, "bush": _bush, "bicycle": _bicycle}
