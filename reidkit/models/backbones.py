"""The networks to choose from: each turns images (B, 3, H, W) into a map of features (B, C, h, w)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torchvision.models import ResNet18_Weights, ResNet50_Weights, WeightsEnum
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from reidkit.errors import ReidkitError
from reidkit.models.osnet import OSNet
from reidkit.models.tiny import TinyNet


class ResNetMap(ResNet):
    """Torchvision's ResNet up to its last map, whose parameter names it keeps.

    The last of its five halvings is left out (stride 1), so that 256×128 pixels give 16×8 cells instead of
    8×4: parts of a body stay apart. Luo et al., "Bag of tricks", CVPRW 2019, section 3.4; Cluster Contrast,
    SCL and LP do the same.
    """

    def __init__(self, block: type[BasicBlock | Bottleneck], layers: list[int]) -> None:
        super().__init__(block, layers)
        self.channels = self.fc.in_features
        del self.fc, self.avgpool
        first = self.layer4[0]
        strided = first.conv2 if block is Bottleneck else first.conv1
        strided.stride = first.downsample[0].stride = (1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, 3, H, W) to features (B, C, H / 16, W / 16), all ≥ 0."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


@dataclass(frozen=True)
class Backbone:
    """What the suite knows about one network.

    `height` and `width` are the crop size in pixels it is meant for; `imagenet` names torchvision's weights
    where there are any; `head` names the submodule, if any, that turns the pooled map into the network's own
    feature. `gem_p` is the p at which GeM starts: 3 as Cluster Contrast has it, or 1 (the plain average) for
    the OSNets, whose published weights were trained behind an average.
    """

    name: str
    make: Callable[[], nn.Module]
    height: int = 256
    width: int = 128
    imagenet: WeightsEnum | None = None
    head: str | None = None
    gem_p: float = 3.0


def _osnet(name: str, width: float) -> Backbone:
    return Backbone(name, lambda: OSNet(width=width), head="fc", gem_p=1.0)


# V1, not the better V2 recipe: the papers' numbers start from V1.
BACKBONES: dict[str, Backbone] = {
    known.name: known
    for known in (
        Backbone("tiny", TinyNet, height=128, width=64),
        Backbone(
            "resnet18",
            lambda: ResNetMap(BasicBlock, [2, 2, 2, 2]),
            imagenet=ResNet18_Weights.IMAGENET1K_V1,
        ),
        Backbone(
            "resnet50",
            lambda: ResNetMap(Bottleneck, [3, 4, 6, 3]),
            imagenet=ResNet50_Weights.IMAGENET1K_V1,
        ),
        _osnet("osnet_x0_25", 0.25),
        _osnet("osnet_x0_5", 0.5),
        _osnet("osnet_x0_75", 0.75),
        _osnet("osnet_x1_0", 1.0),
    )
}


def find_backbone(name: str) -> Backbone:
    """Look `name` up in BACKBONES; raises ReidkitError with the choices when it is not there."""
    if name not in BACKBONES:
        raise ReidkitError(f"backbone={name!r} is not known; choose one of {', '.join(BACKBONES)}")
    return BACKBONES[name]


def imagenet_weights(backbone: Backbone) -> dict[str, Tensor]:
    """Download (once; torchvision caches it) the state dict that ImageNet training gave this backbone.

    Raises ReidkitError when there is none, or when the download fails.
    """
    if backbone.imagenet is None:
        with_weights = ", ".join(b.name for b in BACKBONES.values() if b.imagenet)
        raise ReidkitError(
            f"init='imagenet': torchvision has no ImageNet weights for {backbone.name}, only for "
            f"{with_weights}. Give init a weights file of your own, or 'random'"
            + (" or 'tiny'." if backbone.name == "tiny" else ".")
        )
    try:
        weights = backbone.imagenet.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:  # no network; a file cut short
        raise ReidkitError(
            f"init='imagenet': downloading {backbone.imagenet.url} failed ({error}). Without a network, "
            f"fetch that file elsewhere and give its path (--init FILE), start from --init random, or use "
            "--backbone tiny --init tiny, whose weights come with reidkit."
        ) from error
    return {key: value for key, value in weights.items() if isinstance(value, torch.Tensor)}
