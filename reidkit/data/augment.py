"""Augmentation of whole batches, on whatever device they lie: Cluster Contrast's recipe.

Stored crops are already resized (see :mod:`reidkit.data.pixels`). Training then does, in this order:
flip left-right (half of the crops), pad 10 pixels of black and cut out the old size at a random place,
normalise with ImageNet's mean and deviation, erase a random rectangle (half of the crops). The rectangle
is filled *after* normalisation with (0.485, 0.456, 0.406): that is what the released code does.

Source: alibaba/cluster-contrast-reid, examples/cluster_contrast_train_usl.py and its transforms.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def normalise(images: Tensor) -> Tensor:
    """Turn stored pixels into what the networks take.

    Args:
        images: (B, H, W, 3) uint8, as :meth:`reidkit.data.pixels.Pixels.read` gives them.

    Returns:
        (B, 3, H, W) float32, ImageNet-normalised, in channels-last memory order.
    """
    count, height, width, _ = images.shape
    # One long row of (r, g, b, r, g, b, ...): arithmetic over a last axis of 3 is several times slower.
    scale = (1 / (255 * torch.tensor(STD, device=images.device))).repeat(width)
    shift = (torch.tensor(MEAN, device=images.device) / torch.tensor(STD, device=images.device)).repeat(width)
    rows = images.float().reshape(count * height, width * 3).mul_(scale).sub_(shift)
    return rows.reshape(count, height, width, 3).permute(0, 3, 1, 2)


@dataclass(frozen=True)
class Augment:
    """The training transform; the defaults are Cluster Contrast's.

    Attributes:
        flip: probability of a left-right flip.
        pad: pixels of black added on each side before the random crop.
        erase: probability of erasing a rectangle.
        area: smallest and largest share of the crop that is erased.
        aspect: smallest height-to-width ratio of the rectangle; the largest is its inverse.
    """

    flip: float = 0.5
    pad: int = 10
    erase: float = 0.5
    area: tuple[float, float] = (0.02, 0.4)
    aspect: float = 0.3

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Augment and normalise a batch.

        Args:
            images: (B, H, W, 3) uint8 on any device.
            generator: a CPU generator; it alone decides, so every device draws the same.

        Returns:
            (B, 3, H, W) float32, ImageNet-normalised.
        """
        shifted = self._flip_and_shift(images, generator)
        out = normalise(shifted)
        return self._erase(out, generator)

    def _flip_and_shift(self, images: Tensor, generator: torch.Generator) -> Tensor:
        count, height, width, _ = images.shape
        flip = torch.rand(count, generator=generator) < self.flip
        down, right = torch.randint(0, 2 * self.pad + 1, (2, count), generator=generator).tolist()
        out = torch.zeros_like(images)
        for n, (top, left) in enumerate(zip(down, right, strict=True)):
            # The part of the padded picture that lies on the old one; the rest stays black.
            dy, dx = top - self.pad, left - self.pad
            source = images[n].flip(1) if flip[n] else images[n]
            out[n, max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)] = source[
                max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)
            ]
        return out

    def _erase(self, images: Tensor, generator: torch.Generator) -> Tensor:
        count, _, height, width = images.shape
        wanted = torch.rand(count, generator=generator) < self.erase
        boxes = self._boxes(count, height, width, generator)
        fill = torch.tensor(MEAN, device=images.device)[:, None, None]
        for n in torch.nonzero(wanted & (boxes[:, 2] > 0)).flatten().tolist():
            top, left, tall, wide = boxes[n].tolist()
            images[n, :, top : top + tall, left : left + wide] = fill
        return images

    def _boxes(self, count: int, height: int, width: int, generator: torch.Generator) -> Tensor:
        """Draw (count, 4) boxes (top, left, height, width): the first of 100 tries that fits inside.

        A box of height 0 means that none of the tries fitted.
        """
        area = torch.empty(count, 100).uniform_(*self.area, generator=generator) * (height * width)
        aspect = torch.empty(count, 100).uniform_(self.aspect, 1 / self.aspect, generator=generator)
        tall, wide = (area * aspect).sqrt().round().long(), (area / aspect).sqrt().round().long()
        fits = (tall < height) & (wide < width)
        first = fits.float().argmax(dim=1, keepdim=True)
        tall, wide = tall.gather(1, first).squeeze(1), wide.gather(1, first).squeeze(1)
        corner = torch.rand(2, count, generator=generator)
        top = (corner[0] * (height - tall + 1)).long()
        left = (corner[1] * (width - wide + 1)).long()
        return torch.stack([top, left, tall * fits.any(dim=1), wide], dim=1)
