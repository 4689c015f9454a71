"""The training transform against its words, image by image, from the same random numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from reidkit.data.augment import MEAN, STD, Augment, normalise

STILL = Augment(flip=0, pad=0, erase=0)


def some_images(count: int, height: int = 64, width: int = 32, seed: int = 0) -> Tensor:
    pixels = np.random.default_rng(seed).integers(1, 256, (count, height, width, 3), np.uint8)
    return torch.from_numpy(pixels)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def slow_normalise(image: Tensor) -> Tensor:
    """One (H, W, 3) image, channel by channel."""
    channels = [(image[..., c].double() / 255 - MEAN[c]) / STD[c] for c in range(3)]
    return torch.stack(channels).float()


def test_the_defaults_are_the_released_values() -> None:
    # cluster_contrast_train_usl.py: RandomHorizontalFlip(p=0.5), Pad(10), RandomErasing(probability=0.5);
    # transforms.py: RandomErasing(sl=0.02, sh=0.4, r1=0.3).
    assert Augment() == Augment(flip=0.5, pad=10, erase=0.5, area=(0.02, 0.4), aspect=0.3)


def test_normalise_equals_the_definition() -> None:
    images = some_images(3)
    expected = torch.stack([slow_normalise(image) for image in images])
    torch.testing.assert_close(normalise(images), expected, atol=2e-6, rtol=0)
    assert normalise(images).is_contiguous(memory_format=torch.channels_last)


def test_flip_pad_and_crop_equal_the_explicit_version() -> None:
    images, pad = some_images(40), 10
    got = Augment(erase=0)(images, seeded(3))
    # The same numbers, drawn again, in the order that the class draws them.
    generator = seeded(3)
    flip = torch.rand(40, generator=generator) < 0.5
    tops, lefts = torch.randint(0, 2 * pad + 1, (2, 40), generator=generator)
    for n in range(40):
        image = images[n].flip(1) if flip[n] else images[n]
        padded = torch.zeros(64 + 2 * pad, 32 + 2 * pad, 3, dtype=torch.uint8)
        padded[pad:-pad, pad:-pad] = image
        cut = padded[tops[n] : tops[n] + 64, lefts[n] : lefts[n] + 32]
        torch.testing.assert_close(got[n], slow_normalise(cut), atol=2e-6, rtol=0)
    assert flip.any()
    assert not flip.all()


def test_every_shift_occurs_and_about_half_is_flipped() -> None:
    generator = seeded(0)
    image = some_images(1, 24, 24).expand(4000, -1, -1, -1)
    moved = Augment(flip=0.5, pad=1, erase=0)(image, generator)
    kinds, counts = torch.unique(moved.flatten(1), dim=0, return_counts=True)
    assert len(kinds) == 2 * 3 * 3  # flipped or not, times the places of a 24-pixel window in 26 pixels
    # 4000 / 18 = 222 each, standard deviation 14.5.
    assert counts.min() > 222 - 5 * 14.5
    assert counts.max() < 222 + 5 * 14.5


def erased_boxes(count: int, height: int, width: int) -> list[tuple[int, int, int, int]]:
    """Find (top, left, height, width) of what was erased, from the pixels alone."""
    black = torch.zeros(count, height, width, 3, dtype=torch.uint8)
    out = Augment(flip=0, pad=0, erase=1)(black, seeded(1))
    boxes = []
    for image in out:
        hit = (image == torch.tensor(MEAN)[:, None, None]).all(0)
        rows, columns = torch.nonzero(hit.any(1)).flatten(), torch.nonzero(hit.any(0)).flatten()
        box = (int(rows[0]), int(columns[0]), len(rows), len(columns))
        assert hit.sum() == box[2] * box[3], "not a full rectangle"
        boxes.append(box)
    return boxes


def test_erased_rectangles_have_the_stated_fill_area_and_shape() -> None:
    height, width = 128, 64
    tops, lefts, tall, wide = np.array(erased_boxes(2000, height, width)).T
    # Sides are rounded to whole pixels: half a pixel either way.
    area_least, area_most = (tall - 0.5) * (wide - 0.5), (tall + 0.5) * (wide + 0.5)
    assert (area_most >= 0.02 * height * width).all()
    assert (area_least <= 0.4 * height * width).all()
    assert ((tall + 0.5) / (wide - 0.5) >= 0.3).all()
    assert ((tall - 0.5) / (wide + 0.5) <= 1 / 0.3).all()
    assert (tall < height).all()
    assert (wide < width).all()
    assert tops.min() == 0
    assert (tops + tall).max() == height
    assert lefts.min() == 0
    assert (lefts + wide).max() == width
    # The ratio is drawn evenly from 0.3 to 3.33 (mean 1.8); tries that stick out go, which favours tall ones.
    assert 1.5 < np.mean(tall / wide) < 2.3


def test_half_of_the_crops_are_erased_and_only_after_normalisation() -> None:
    images = some_images(2000, 32, 16)
    out = Augment(flip=0, pad=0)(images, seeded(2))
    plain = normalise(images)
    touched = (out != plain).flatten(1).any(1)
    assert abs(touched.float().mean() - 0.5) < 5 * 0.5 / 2000**0.5
    fill = torch.tensor(MEAN)[None, :, None, None].expand_as(out)
    torch.testing.assert_close(out[out != plain], fill[out != plain], atol=0, rtol=0)


def test_the_generator_alone_decides_and_the_input_is_left_alone() -> None:
    images = some_images(8)
    before = images.clone()
    first = Augment()(images, seeded(5))
    torch.manual_seed(99)
    torch.testing.assert_close(Augment()(images, seeded(5)), first, atol=0, rtol=0)
    assert not torch.equal(Augment()(images, seeded(6)), first)
    assert torch.equal(images, before)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (17, 33), (256, 128)])
def test_any_size_keeps_its_shape(height: int, width: int) -> None:
    out = Augment()(some_images(4, height, width), seeded())
    assert out.shape == (4, 3, height, width)
    assert out.dtype == torch.float32
    torch.testing.assert_close(STILL(some_images(4, height, width), seeded()),
                               normalise(some_images(4, height, width)))  # fmt: skip
