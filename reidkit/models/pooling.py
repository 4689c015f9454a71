"""Pooling: from a map of features, (B, C, H, W), to one vector a crop, (B, C)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from reidkit.errors import ReidkitError

POOLINGS = ("gem", "avg")


class AveragePool(nn.Module):
    """Average every channel over the rows and columns of the map.

    >>> feature_map = torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]])
    >>> AveragePool()(feature_map), AveragePool()(feature_map, rows=slice(1, 2))
    (tensor([[4.]]), tensor([[6.]]))
    """

    def forward(self, feature_map: Tensor, rows: slice = slice(None)) -> Tensor:
        """Pool `feature_map` (B, C, H, W), or only the given `rows` of it, to (B, C)."""
        return feature_map[:, :, rows].mean(dim=(2, 3))

    def shares(self, feature_map: Tensor, rows: slice = slice(None)) -> Tensor:
        """Say what each cell gives: (B, C, h, w), whose mean over the cells is what `forward` returns."""
        return feature_map[:, :, rows]


class GeM(nn.Module):
    """Generalised-mean pooling: an average that leans towards the largest values.

    f = (mean(max(x, eps)^p))^(1/p). p = 1 is the average, p → ∞ the maximum; p is one learnable number.
    Source: Radenović, Tolias, Chum, "Fine-tuning CNN image retrieval with no human annotation",
    TPAMI 2019, eq. 3. Cluster Contrast and LP start at p = 3 with eps = 1e-6, our defaults.

    >>> gem = GeM(p=2.0)
    >>> gem(torch.tensor([[[[1.0, 7.0]]]]))        # sqrt((1 + 49) / 2)
    tensor([[5.]], grad_fn=<PowBackward1>)
    """

    def __init__(self, *, p: float = 3.0, eps: float = 1e-6) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.tensor([float(p)]))
        self.eps = eps

    def forward(self, feature_map: Tensor, rows: slice = slice(None)) -> Tensor:
        """Pool `feature_map` (B, C, H, W), or only the given `rows` of it, to (B, C)."""
        # The floor eps keeps the root's slope finite where a channel is silent everywhere.
        powered = feature_map[:, :, rows].clamp(min=self.eps).pow(self.p)
        return powered.mean(dim=(2, 3)).pow(1.0 / self.p)

    def shares(self, feature_map: Tensor, rows: slice = slice(None)) -> Tensor:
        """Say what each cell gives: (B, C, h, w), whose mean over the cells is what `forward` returns.

        A cell's share of f is its share of the mean of the powers, x^p · f^(1-p). That is also x times the
        slope of f at x (times the number of cells); such products sum to f because f doubles when all cells
        do (Euler's theorem on homogeneous functions). p = 1 gives every cell its own value, p → ∞ gives
        everything to the largest: the rules of Stylianou, Souvenir, Pless, "Visualizing deep similarity
        networks", WACV 2019, for average and for maximum pooling.
        """
        pooled = self(feature_map, rows)[:, :, None, None]
        return (feature_map[:, :, rows].clamp(min=self.eps) / pooled).pow(self.p) * pooled

    def extra_repr(self) -> str:
        return f"p={self.p.item():.3f}, eps={self.eps:g}"


def make_pool(pooling: str, *, gem_p: float = 3.0) -> nn.Module:
    """Make the pooling layer called `pooling` ("gem" or "avg"); `gem_p` is where GeM's p starts.

    Raises ReidkitError for another name.
    """
    if pooling == "gem":
        return GeM(p=gem_p)
    if pooling == "avg":
        return AveragePool()
    raise ReidkitError(f"pooling={pooling!r} is not known; choose one of {', '.join(POOLINGS)}")
