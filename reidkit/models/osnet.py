"""OSNet: a light network for re-identification that looks at several scales at once.

Zhou, Yang, Cavallaro, Xiang, "Omni-scale feature learning for person re-identification", ICCV 2019.
Written from the paper. Parameter names and shapes are those of torchreid, its authors' library, so their
checkpoints load key for key; `width` is the paper's width multiplier β.
"""

from __future__ import annotations

from torch import Tensor, nn

# Channels after the stem and after the three stages, at β = 1 (the paper's table 1).
STAGE_CHANNELS = (64, 256, 384, 512)
FEATURE_DIM = 512


class ConvNorm(nn.Module):
    """Convolution, batch norm and, unless `relu=False`, ReLU."""

    def __init__(self, c_in: int, c_out: int, *, size: int = 1, stride: int = 1, relu: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, size, stride, padding=size // 2, bias=False)
        self.bn = nn.BatchNorm2d(c_out)
        self.relu = nn.ReLU(inplace=True) if relu else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)))


class LightConv3x3(nn.Module):
    """A 3×3 convolution in two cheap factors: 1×1 across channels, then 3×3 within each (section 3.1)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False, groups=channels)
        self.bn = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv2(self.conv1(x))))


class ChannelGate(nn.Module):
    """The aggregation gate: weigh each channel by a number in (0, 1) that the image decides (section 3.2)."""

    def __init__(self, channels: int, *, reduction: int = 16) -> None:
        super().__init__()
        self.global_avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, channels // reduction, 1)
        self.relu = nn.ReLU(inplace=True)
        self.fc2 = nn.Conv2d(channels // reduction, channels, 1)
        self.gate_activation = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        weight = self.fc2(self.relu(self.fc1(self.global_avgpool(x))))
        return x * self.gate_activation(weight)


class OSBlock(nn.Module):
    """The omni-scale block: four streams that see 3, 5, 7 and 9 pixels, gated and added (eq. 3)."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        middle = c_out // 4
        self.conv1 = ConvNorm(c_in, middle)
        self.conv2a = LightConv3x3(middle)
        self.conv2b = nn.Sequential(*(LightConv3x3(middle) for _ in range(2)))
        self.conv2c = nn.Sequential(*(LightConv3x3(middle) for _ in range(3)))
        self.conv2d = nn.Sequential(*(LightConv3x3(middle) for _ in range(4)))
        self.gate = ChannelGate(middle)  # one gate, shared by the streams
        self.conv3 = ConvNorm(middle, c_out, relu=False)
        self.downsample = ConvNorm(c_in, c_out, relu=False) if c_in != c_out else None
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        short = x if self.downsample is None else self.downsample(x)
        x = self.conv1(x)
        streams = (self.conv2a, self.conv2b, self.conv2c, self.conv2d)
        first, *others = (self.gate(stream(x)) for stream in streams)
        return self.relu(self.conv3(sum(others, first)) + short)


def _stage(c_in: int, c_out: int, *, halve: bool) -> nn.Sequential:
    blocks = nn.Sequential(OSBlock(c_in, c_out), OSBlock(c_out, c_out))
    if halve:
        blocks.append(nn.Sequential(ConvNorm(c_out, c_out), nn.AvgPool2d(2, stride=2)))
    return blocks


class OSNet(nn.Module):
    """OSNet without its classifier: images to a map (B, 512 β, H / 16, W / 16), and its head `fc`.

    torchreid compares crops by `fc(average of the map)`: a linear layer, batch norm and ReLU, 512 numbers.
    """

    def __init__(self, *, width: float = 1.0) -> None:
        super().__init__()
        c1, c2, c3, c4 = (int(width * channels) for channels in STAGE_CHANNELS)
        self.channels = c4
        self.conv1 = ConvNorm(3, c1, size=7, stride=2)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = _stage(c1, c2, halve=True)
        self.conv3 = _stage(c2, c3, halve=True)
        self.conv4 = _stage(c3, c4, halve=False)
        self.conv5 = ConvNorm(c4, c4)
        linear = nn.Linear(c4, FEATURE_DIM)
        self.fc = nn.Sequential(linear, nn.BatchNorm1d(FEATURE_DIM), nn.ReLU(inplace=True))
        self.head_dim = FEATURE_DIM
        self._start()

    def _start(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
            if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, 3, H, W) to features (B, 512 β, H / 16, W / 16), all ≥ 0."""
        x = self.maxpool(self.conv1(images))
        return self.conv5(self.conv4(self.conv3(self.conv2(x))))
