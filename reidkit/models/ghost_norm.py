"""Ghost batch norm: one large batch, normalised as if several GPUs had shared it.

Batch norm measures the mean and variance of each channel over the batch while it trains. Published
re-identification results mostly come from four GPUs: `DataParallel` hands each a quarter of the batch
(64 of 256 crops, 4 clusters of 16), so each quarter is normalised by its own statistics. One GPU
normalises all 256 together, and the result changes by tens of mAP (cluster-contrast-reid issues 14
and 16, SpCL issue 31). Ghost batch norm (Hoffer, Hubara, Soudry, NeurIPS 2017, algorithm 1) cuts the batch
into chunks of `num_images` consecutive crops and normalises each by itself: outputs and gradients are
those of the GPUs.

The running statistics, used in eval mode, differ from DataParallel's in one chosen point. DataParallel keeps
only what its first GPU saw. We take one momentum step a batch towards the average of all chunks: the same
expectation and the same memory in batches, with less noise.
"""

from __future__ import annotations

from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reidkit.errors import ReidkitError

AnyModule = TypeVar("AnyModule", bound=nn.Module)


def chunk_sizes(batch: int, num_images: int) -> list[int]:
    """Cut `batch` images into chunks of `num_images`; a lone last image joins the chunk before it.

    One image has no variance over the batch, so it cannot be a chunk of its own.

    >>> chunk_sizes(8, 4), chunk_sizes(10, 4), chunk_sizes(9, 4)
    ([4, 4], [4, 4, 2], [4, 5])
    """
    sizes = [num_images] * (batch // num_images)
    rest = batch % num_images
    if rest == 1 and sizes:
        sizes[-1] += 1
    elif rest:
        sizes.append(rest)
    return sizes


class _GhostNorm(nn.modules.batchnorm._BatchNorm):
    """What the one- and the two-dimensional ghost norm share; see the module's text."""

    num_images: int

    def forward(self, images: Tensor) -> Tensor:
        """Normalise (B, C) or (B, C, H, W); plain batch norm in eval mode and when B ≤ num_images."""
        if not self.training or len(images) <= self.num_images:
            return super().forward(images)
        self._check_input_dim(images)
        sizes = chunk_sizes(len(images), self.num_images)
        # With momentum 1, batch_norm writes each chunk's own mean and unbiased variance here.
        precision = torch.promote_types(images.dtype, torch.float32)  # half precision is too coarse
        means, variances = images.new_zeros(2, len(sizes), self.num_features, dtype=precision)
        chunks = [
            F.batch_norm(chunk, mean, variance, self.weight, self.bias, True, 1.0, self.eps)
            for chunk, mean, variance in zip(images.split(sizes), means, variances, strict=True)
        ]
        if self.running_mean is not None and self.running_var is not None:
            share = means.new_tensor(sizes)[:, None] / len(images)
            step = self._momentum_of_this_batch()
            self.running_mean.lerp_((share * means).sum(0).to(self.running_mean), step)
            self.running_var.lerp_((share * variances).sum(0).to(self.running_var), step)
        return torch.cat(chunks)

    def _momentum_of_this_batch(self) -> float:
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        if self.momentum is None:  # PyTorch's spelling of "a plain average over all batches"
            return 1.0 / float(self.num_batches_tracked)
        return self.momentum

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, num_images={self.num_images}"


class GhostBatchNorm1d(_GhostNorm, nn.BatchNorm1d):
    """Batch norm of vectors (B, C) over chunks of `num_images` consecutive images."""


class GhostBatchNorm2d(_GhostNorm, nn.BatchNorm2d):
    """Batch norm of maps (B, C, H, W) over chunks of `num_images` consecutive images."""


def convert_to_ghost(module: AnyModule, num_images: int) -> AnyModule:
    """Turn every BatchNorm1d/2d inside `module` into its ghost twin, in place, and return `module`.

    Parameters, buffers, the state dict's keys, frozen biases and the train/eval mode stay as they are, so
    weights go in and out as before. Called again, it only changes the number of images.
    Raises ReidkitError when `num_images` is below 2: one image has no batch statistics.
    """
    if num_images < 2:
        raise ReidkitError(f"bn_images={num_images}: batch norm needs at least 2 images a chunk")
    for part in module.modules():
        # The twins hold no tensors of their own, so a change of class is the whole conversion.
        if isinstance(part, nn.BatchNorm1d):
            part.__class__ = GhostBatchNorm1d
        elif isinstance(part, nn.BatchNorm2d):
            part.__class__ = GhostBatchNorm2d
        else:
            continue
        part.num_images = num_images  # type: ignore[assignment]
    return module
