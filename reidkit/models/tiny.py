"""The tiny network: a small ResNet that two CPU cores can train while a class watches."""

from __future__ import annotations

from torch import Tensor, nn


def conv_norm(channels_in: int, channels_out: int, *, size: int, stride: int = 1) -> nn.Sequential:
    """A convolution followed by batch norm; the norm's bias replaces the convolution's."""
    conv = nn.Conv2d(channels_in, channels_out, size, stride, padding=size // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(channels_out))


class Block(nn.Module):
    """Two 3×3 convolutions beside a short cut (He et al., "Deep residual learning", CVPR 2016, fig. 2).

    Where the map shrinks, the short cut averages 2×2 cells before its 1×1 convolution. The published one
    skips three cells of four, and with them every second stripe of a shirt.
    """

    def __init__(self, channels_in: int, channels_out: int, *, stride: int) -> None:
        super().__init__()
        self.conv1 = conv_norm(channels_in, channels_out, size=3, stride=stride)
        self.conv2 = conv_norm(channels_out, channels_out, size=3)
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut.append(nn.AvgPool2d(stride))
        if channels_in != channels_out:
            self.shortcut.append(conv_norm(channels_in, channels_out, size=1))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels_in, H, W) to (B, channels_out, H / stride, W / stride)."""
        return self.relu(self.conv2(self.relu(self.conv1(x))) + self.shortcut(x))


class TinyNet(nn.Module):
    """A residual network of four blocks for crops of 128×64 pixels; its map is (B, 256, 8, 4).

    The first convolution has stride 2 only and looks at 3×3 pixels, so stripes and checks a few pixels wide
    get through. The widths (16 to 128) keep each stage at about the same work and suit a CPU's vector units.
    A last 1×1 convolution widens the 128 channels to 256, as OSNet's does, before they are pooled.
    About 0.41 M parameters: 1.7 MB as float32.
    """

    channels = 256

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv_norm(3, 16, size=3, stride=2), nn.ReLU(inplace=True))
        self.blocks = nn.Sequential(
            Block(16, 32, stride=2),
            Block(32, 64, stride=2),
            Block(64, 64, stride=1),
            Block(64, 128, stride=2),
        )
        self.widen = nn.Sequential(conv_norm(128, self.channels, size=1), nn.ReLU(inplace=True))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, 3, H, W) to features (B, 256, H / 16, W / 16), all ≥ 0."""
        return self.widen(self.blocks(self.stem(images)))
