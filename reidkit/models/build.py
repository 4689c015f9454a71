"""One call from a name to a network: `build_model("tiny", init="tiny")`."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path

import torch

from reidkit.errors import ReidkitError
from reidkit.models.backbones import find_backbone, imagenet_weights
from reidkit.models.embedder import Embedder
from reidkit.models.ghost_norm import convert_to_ghost
from reidkit.models.loading import LoadReport, load_state, load_weights

INITS = ("imagenet", "tiny", "random")
TINY_WEIGHTS = "weights/tiny_summer.safetensors"

logger = logging.getLogger(__name__)


def build_model(
    backbone: str = "resnet50",
    *,
    init: str | Path = "imagenet",
    views: Sequence[str] = ("global",),
    pooling: str = "gem",
    projection: Mapping[str, int] | None = None,
    neck_bias: bool = False,
    frozen: Sequence[str] = (),
    bn_images: int | None = None,
    seed: int = 0,
) -> Embedder:
    """Build an embedder, on the CPU and in train mode, and give it its first weights.

    `backbone` is a name in BACKBONES. `init` says where its weights come from: "imagenet" (torchvision's
    download), "tiny" (for the tiny backbone: weights that come with reidkit, trained on synthetic people),
    "random", or the path of a weights file (see `load_weights`). What no file fills is drawn from `seed`;
    PyTorch's global random state is left alone. `bn_images` makes every batch norm a ghost batch norm over so
    many images. `views`, `pooling`, `projection`, `neck_bias` and `frozen` are the embedder's. The result's
    `load_report` says what was loaded, and is None for "random".

    Raises ReidkitError for an unknown name, or weights that are missing or do not fit.

    >>> model = build_model("tiny", init="random", views=("global", "upper", "lower"))
    >>> views = model(torch.zeros(2, 3, 128, 64))
    >>> views["upper"].unit.shape
    torch.Size([2, 256])
    """
    known = find_backbone(backbone)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        model = Embedder(
            backbone, views=views, pooling=pooling, projection=projection, neck_bias=neck_bias, frozen=frozen
        )
    if init == "imagenet":
        model.load_report = load_state(model, imagenet_weights(known), source="torchvision")
    elif init == "tiny":
        model.load_report = _load_tiny(model)
    elif init != "random":
        if isinstance(init, str) and not Path(init).exists():
            raise ReidkitError(
                f"init={init!r} is neither one of {', '.join(INITS)} nor the path of a weights file"
            )
        model.load_report = load_weights(model, init)
    if model.load_report is not None:
        level = logging.WARNING if model.load_report.unused else logging.INFO
        logger.log(level, "%s", model.load_report)
    if bn_images is not None:
        convert_to_ghost(model, bn_images)
    # On a CPU, channels_last makes the convolutions of the tiny network half as fast again.
    return model.to(memory_format=torch.channels_last)


def _load_tiny(model: Embedder) -> LoadReport:
    if model.backbone_name != "tiny":
        raise ReidkitError(
            f"init='tiny' is for the tiny backbone, not for {model.backbone_name}; "
            "use --backbone tiny, or --init imagenet, random or a file"
        )
    resource = files("reidkit.models").joinpath(TINY_WEIGHTS)
    if not resource.is_file():
        raise ReidkitError(
            f"init='tiny': the weights file reidkit/models/{TINY_WEIGHTS} is missing from this installation; "
            "reinstall reidkit, or use --init random"
        )
    with as_file(resource) as path:
        return load_weights(model, path)
