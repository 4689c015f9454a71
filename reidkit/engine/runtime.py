"""Where tensors live: the one place that knows of devices, precision and processes (accelerate).

On a laptop this is a thin shell around the CPU. Launched by ``accelerate launch -m reidkit.cli train ...``
(or ``torchrun``, which also starts several processes on a CPU), the same code runs on several GPUs: each
process embeds and trains its share, and what must be common (labels, the batch that a memory sees) is
gathered here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from accelerate.utils import broadcast, broadcast_object_list, gather_object
from torch import Tensor, nn

from reidkit.errors import ReidkitError

T = TypeVar("T")


class Runtime:
    """Device, mixed precision and processes.

    Args:
        device: "auto" (the best there is) or "cpu".
        mixed_precision: "no", "bf16" or "fp16". The published results are made without.
    """

    def __init__(self, *, device: str = "auto", mixed_precision: str = "no") -> None:
        if device not in ("auto", "cpu"):
            raise ReidkitError(
                f"device = {device!r}: use auto or cpu. To pick a GPU, set CUDA_VISIBLE_DEVICES."
            )
        # Centroids change their number each epoch, which DDP's own buffer broadcast cannot follow;
        # `share_buffers` does its work for batch norm.
        ddp = DistributedDataParallelKwargs(broadcast_buffers=False)
        try:
            self.accelerator = Accelerator(
                cpu=device == "cpu", mixed_precision=mixed_precision, kwargs_handlers=[ddp]
            )
        except ValueError as error:
            raise ReidkitError(
                f"Cannot use device {device!r} with mixed precision {mixed_precision!r}: {error} "
                "In a notebook, restart the kernel to change either."
            ) from error

    @property
    def device(self) -> torch.device:
        """Where this process computes."""
        return self.accelerator.device

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and shows progress."""
        return self.accelerator.is_main_process

    @property
    def rank(self) -> int:
        """This process's number, from 0."""
        return self.accelerator.process_index

    def prepare(self, *objects: Any) -> Any:
        """Move modules and optimisers to the device, and wrap them for several processes."""
        with warnings.catch_warnings():
            # torch 2.15 renames `broadcast_buffers`; accelerate does not know the new name yet.
            warnings.filterwarnings("ignore", "`broadcast_buffers` is deprecated", FutureWarning)
            return self.accelerator.prepare(*objects)

    def put(self, pixels: np.ndarray) -> Tensor:
        """Move an array to the device."""
        return torch.from_numpy(pixels).to(self.device, non_blocking=True)

    def check_batch(self, size: int) -> None:
        """Raise unless a batch of this size can be shared evenly: gathering asks for equal parts."""
        if size % self.accelerator.num_processes:
            raise ReidkitError(
                f"{self.accelerator.num_processes} processes cannot share a batch of {size} crops evenly: "
                "change --clusters or --instances, or the number of processes."
            )

    def share(self, rows: np.ndarray) -> np.ndarray:
        """Return this process's contiguous part of the rows."""
        return np.array_split(rows, self.accelerator.num_processes)[self.rank]

    def gather(self, tensor: Tensor) -> Tensor:
        """Join every process's tensor along the first axis, in rank order."""
        return self.accelerator.gather(tensor.detach())

    def gather_rows(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Join every process's arrays (which may differ in length) in rank order, on each process."""
        parts = gather_object([dict(arrays)])
        return {key: np.concatenate([part[key] for part in parts]) for key in arrays}

    def on_main(self, compute: Callable[[], T]) -> T:
        """Compute on the main process alone and give every process the result, or its ReidkitError."""
        outcome = [_attempt(compute) if self.is_main else None]
        if self.accelerator.num_processes > 1:
            broadcast_object_list(outcome)
        if isinstance(outcome[0], ReidkitError):
            raise outcome[0]
        return outcome[0]  # type: ignore[return-value]

    def mean(self, values: Mapping[str, float]) -> dict[str, float]:
        """Average the numbers of all processes."""
        everyone = gather_object([dict(values)])
        return {name: sum(one[name] for one in everyone) / len(everyone) for name in values}

    def wait(self) -> None:
        """Wait until every process has come this far."""
        self.accelerator.wait_for_everyone()

    def share_buffers(self, module: nn.Module) -> None:
        """Give every process the main process's batch-norm statistics (DataParallel's behaviour)."""
        if self.accelerator.num_processes > 1:
            for buffer in module.buffers():
                buffer.copy_(broadcast(buffer))

    def backward(self, loss: Tensor) -> None:
        """Backpropagate, scaled as the precision asks."""
        self.accelerator.backward(loss)


def _attempt(compute: Callable[[], T]) -> T | ReidkitError:
    """Return the error instead of raising it: the other processes wait for word from this one."""
    try:
        return compute()
    except ReidkitError as error:
        return error
