"""From crops to features: the forward pass over a whole set."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import nn
from tqdm.auto import tqdm

from reidkit.data.augment import normalise
from reidkit.data.pixels import Pixels, open_pixels
from reidkit.engine.runtime import Runtime
from reidkit.models import Embedder


def embed_crops(
    model: Embedder,
    crops: pd.DataFrame,
    *,
    height: int | None = None,
    width: int | None = None,
    device: str = "auto",
    progress: bool = True,
) -> dict[str, np.ndarray]:
    """Compute the unit features of a table of crops, in its order.

    Args:
        model: from :func:`reidkit.models.build_model`; it is moved to the device.
        crops: a table with a ``path`` column.
        height, width: of the pictures, in pixels; None: the network's own.
        device: "auto" (the best there is) or "cpu".
        progress: show bars.

    Returns:
        For each view of the model, (N, D) float32, L2-normalised.
    """
    pixels = open_pixels(crops, height=height or model.height, width=width or model.width, progress=progress)
    runtime = Runtime(device=device)
    return embed(runtime.prepare(model), pixels, np.arange(len(crops)), runtime, progress=progress)


@torch.inference_mode()
def embed(
    model: nn.Module,
    pixels: Pixels,
    rows: np.ndarray,
    runtime: Runtime,
    *,
    batch_size: int = 128,
    progress: bool = True,
) -> dict[str, np.ndarray]:
    """Compute the unit features of crops, in evaluation mode (no flips, no averaging of flips).

    Args:
        model: an :class:`reidkit.models.Embedder`; left in the mode it was in.
        pixels: the decoded crops.
        rows: (N,) which of them, in the order wanted.
        runtime: where to compute. Several processes share the rows and all get the whole result.
        batch_size: crops at a time.
        progress: show a bar.

    Returns:
        For each view of the model, (N, D) float32, L2-normalised.
    """
    training = model.training
    model.eval()
    mine = runtime.share(rows)
    parts: list[dict[str, np.ndarray]] = []
    bar = tqdm(total=len(mine), desc="embed", unit="crop", leave=False,
               disable=not (progress and runtime.is_main))  # fmt: skip
    with bar:
        for start in range(0, max(len(mine), 1), batch_size):
            images = normalise(runtime.put(pixels.read(mine[start : start + batch_size])))
            views = model(images)
            parts.append({name: view.unit.float().cpu().numpy() for name, view in views.items()})
            bar.update(len(images))
    model.train(training)
    return runtime.gather_rows({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
