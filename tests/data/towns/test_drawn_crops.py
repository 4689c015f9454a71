"""Crops: what a camera, a place and an occluder do to a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reidkit.data.towns import TOWNS, Camera, Garment, Person, Place, draw_crop
from reidkit.data.towns.cameras import expose
from reidkit.data.towns.crop import OCCLUDERS
from reidkit.data.towns.scenes import HIGH, SCENES, WIDE, scene
from reidkit.errors import ReidkitError

ADA = Person(top=Garment("tee", "red"), bottom=Garment("trousers", "navy"))
GREY = np.full((128, 64, 3), 0.4, np.float32)


def exposed(camera: Camera, *, light: float = 1.0) -> np.ndarray:
    return expose(GREY, camera, np.random.default_rng(0), light=light).astype(float)


def test_the_neutral_camera_changes_nothing() -> None:
    assert np.array_equal(exposed(Camera()), np.full((128, 64, 3), 102.0))


def test_gain_balance_haze_and_noise_by_hand() -> None:
    assert exposed(Camera(), light=0.5).mean() == pytest.approx(51)
    balanced = exposed(Camera(balance=(1.5, 1.0, 0.5)))
    np.testing.assert_allclose(balanced.mean(axis=(0, 1)), [153, 102, 51], atol=1)
    assert exposed(Camera(haze=0.5)).mean() == pytest.approx(0.6 * 255, abs=0.6)
    noisy = exposed(Camera(noise=0.05))
    assert noisy.std() == pytest.approx(0.05 * 255, rel=0.05)
    assert noisy.mean() == pytest.approx(102, abs=0.5)


def test_saturation_zero_is_grey_and_blur_lowers_detail() -> None:
    grey = draw_crop(ADA, Camera(saturation=0.0)).astype(int)
    assert np.abs(grey[..., 0] - grey[..., 2]).max() <= 1
    sharp, soft, coarse = (
        draw_crop(ADA, camera).astype(float)
        for camera in (Camera(), Camera(blur=1.5), Camera(resolution=0.4))
    )
    detail = [np.abs(np.diff(picture, axis=1)).mean() for picture in (sharp, soft, coarse)]
    assert detail[1] < 0.7 * detail[0]
    assert detail[2] < 0.8 * detail[0]


def test_the_camera_gap_moves_between_neutral_and_itself() -> None:
    camera = TOWNS["winter"].cameras[1]
    assert camera.scaled(1.0) == camera
    neutral = camera.scaled(0.0)
    assert (neutral.gain, neutral.balance, neutral.noise) == (1.0, (1.0, 1.0, 1.0), 0.0)
    assert neutral.scene == camera.scene
    half = replace(TOWNS["winter"], camera_gap=0.5, noise=2.0).camera(2)
    assert half.gain == pytest.approx((1 + camera.gain) / 2)
    assert half.noise == pytest.approx(camera.noise)


def test_winter_is_darker_and_bluer_than_summer() -> None:
    def mean(name: str) -> np.ndarray:
        town = TOWNS[name]
        crops = [draw_crop(ADA, town.camera(c)) for c in range(1, len(town.cameras) + 1)]
        return np.mean(crops, axis=(0, 1, 2))

    summer, winter = mean("summer"), mean("winter")
    assert winter.mean() < summer.mean() - 4
    assert winter[2] / winter[0] > summer[2] / summer[0] + 0.05


@pytest.mark.parametrize("winter", [False, True])
@pytest.mark.parametrize("name", SCENES)
def test_scenes_are_repeatable_and_read_only(name: str, winter: bool) -> None:
    first = scene(name, winter=winter, seed=5).copy()
    scene.cache_clear()
    again = scene(name, winter=winter, seed=5)
    assert again.shape == (HIGH, WIDE, 3)
    assert np.array_equal(first, again)
    assert not again.flags.writeable


@pytest.mark.parametrize("kind", OCCLUDERS[1:])
def test_an_occluder_hides_something_but_not_everything(kind: str) -> None:
    bert = replace(ADA, top=Garment("tee", "green"))
    free = draw_crop(ADA, Camera())
    place = Place(occluder=kind, occluder_at=0.7, passer=bert)
    hidden = (draw_crop(ADA, Camera(), place=place) != free).any(axis=2).mean()
    assert 0.02 < hidden < 0.6


def test_the_place_moves_the_person() -> None:
    def middle_of_red(place: Place) -> float:
        crop = draw_crop(ADA, Camera(scene="plaza"), place=place).astype(int)
        red = (crop[..., 0] > 150) & (crop[..., 1] < 80) & (crop[..., 2] < 80)
        return float(np.nonzero(red)[1].mean())

    moved = middle_of_red(Place(middle=0.6)) - middle_of_red(Place(middle=0.4))
    assert moved == pytest.approx(0.2 * 64, abs=1.5)


def test_unknown_scene_and_occluder_are_refused() -> None:
    with pytest.raises(ReidkitError, match="no scene is called 'moon'"):
        draw_crop(None, Camera(scene="moon"))
    with pytest.raises(ReidkitError, match="nothing called 'elephant'"):
        draw_crop(ADA, Camera(), place=Place(occluder="elephant"))
