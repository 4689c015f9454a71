"""The embedder: from crops to one unit vector a view - the whole body, its halves, its stripes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from reidkit.errors import ReidkitError
from reidkit.models.backbones import find_backbone
from reidkit.models.pooling import make_pool

if TYPE_CHECKING:
    from reidkit.models.loading import LoadReport


class View(NamedTuple):
    """One view of B crops at three depths, each (B, D) float32.

    `pooled` comes before the last batch norm, `normed` after it, `unit` is `normed` scaled to length 1.
    """

    pooled: Tensor
    normed: Tensor
    unit: Tensor


def check_views(views: Sequence[str]) -> tuple[str, ...]:
    """Check the names of the views and return them as a tuple.

    Known are "global", "upper", "lower" and "stripe1" to "stripeN" (all N of them). "global" must be there:
    evaluation uses it. Raises ReidkitError naming the bad one.

    >>> check_views(["global", "upper", "lower"])
    ('global', 'upper', 'lower')
    """
    if isinstance(views, str) or "global" not in views:
        raise ReidkitError(f"views={views!r}: give a list of names with 'global' among them")
    if len(set(views)) < len(views):
        raise ReidkitError(f"views={list(views)}: a name stands there twice")
    stripes = [name for name in views if re.fullmatch(r"stripe[1-9]\d*", name)]
    if set(stripes) != {f"stripe{i + 1}" for i in range(len(stripes))}:
        raise ReidkitError(f"views={list(views)}: of stripes name all, 'stripe1' to 'stripe{len(stripes)}'")
    for name in views:
        if name not in ("global", "upper", "lower", *stripes):
            raise ReidkitError(
                f"views: {name!r} is not known; choose from global, upper, lower, stripe1 … stripeN"
            )
    return tuple(views)


def view_rows(name: str, height: int, stripes: int) -> slice:
    """Say which of the map's `height` rows belong to a view.

    The halves are cut at height // 2 (LP); each of N stripes has height / N rows (SCL). Raises ReidkitError
    when the rows cannot be shared out so.

    >>> view_rows("lower", 16, 0), view_rows("stripe3", 16, 8)
    (slice(8, 16, None), slice(4, 6, None))
    """
    if name == "global":
        return slice(0, height)
    if name in ("upper", "lower"):
        if height < 2:
            raise ReidkitError(f"views: a map of {height} row has no {name} half; use taller crops")
        return slice(0, height // 2) if name == "upper" else slice(height // 2, height)
    if height % stripes:
        raise ReidkitError(
            f"views: {stripes} stripes do not divide the map's {height} rows; name another number of "
            "stripes, or change the height of the crops (the map has one row for every 16 pixels)"
        )
    step = height // stripes
    index = int(name.removeprefix("stripe")) - 1
    return slice(index * step, (index + 1) * step)


class Embedder(nn.Module):
    """A backbone, then for each view: pooling, an optional linear projection, batch norm, length 1.

    `model(images)` takes float32 (B, 3, H, W), normalised as ImageNet is, and returns {name of view: View}.
    A backbone's own head (OSNet's) belongs to the global view's `pooled`; parts skip it.

    The batch norm at the end is the BNNeck of Luo et al. (CVPRW 2019, section 3.6): its weight starts at 1
    and learns, its bias is 0 and frozen unless `neck_bias=True`. A fresh neck in eval mode only divides by
    sqrt(1 + 1e-5): until training starts, the unit vector is the pooled vector scaled to length 1. So an
    OSNet checkpoint of torchreid's gives exactly torchreid's normalised feature.

    A view in `frozen` is looked at but not trained: no gradient reaches what is its own. (With a gradient
    of 0 instead, weight decay would still change it.)

    Cluster Contrast: views=("global",). LP: ("global", "upper", "lower"). SCL: "global" and eight stripes,
    pooling="avg", projection={"global": 2048, "stripe1": 256, …}, neck_bias=True.
    """

    def __init__(
        self,
        backbone: str,
        *,
        views: Sequence[str] = ("global",),
        pooling: str = "gem",
        projection: Mapping[str, int] | None = None,
        neck_bias: bool = False,
        frozen: Sequence[str] = (),
    ) -> None:
        super().__init__()
        known = find_backbone(backbone)
        self.backbone_name, self.pooling = backbone, pooling
        self.height, self.width = known.height, known.width
        self.views = check_views(views)
        self.projection = dict(projection or {})
        self.backbone = known.make()
        self._head = known.head
        if unknown := set(self.projection) - set(self.views):
            raise ReidkitError(f"projection names {sorted(unknown)}, which views does not")
        self._stripes = sum(name.startswith("stripe") for name in self.views)
        self.pools, self.projections, self.necks = nn.ModuleDict(), nn.ModuleDict(), nn.ModuleDict()
        self.dims: dict[str, int] = {}
        self.load_report: LoadReport | None = None
        for name in self.views:
            self.pools[name] = make_pool(pooling, gem_p=known.gem_p)
            self.dims[name] = self._add_projection(name)
            self.necks[name] = nn.BatchNorm1d(self.dims[name])
            self.necks[name].bias.requires_grad_(neck_bias)
        for name in frozen:
            for own in (self.pools, self.projections, self.necks):
                if name in own:
                    own[name].requires_grad_(False)

    @property
    def embedding_dim(self) -> int:
        """Length D of the global view's vectors; `dims` has every view's."""
        return self.dims["global"]

    @property
    def has_head(self) -> bool:
        """Whether the global view goes through a head of the backbone's own, which the parts skip."""
        return self._head is not None

    def _add_projection(self, name: str) -> int:
        owned_by_head = name == "global" and self.has_head
        channels: int = getattr(self.backbone, "head_dim" if owned_by_head else "channels")
        if name not in self.projection:
            return channels
        linear = nn.Linear(channels, self.projection[name])
        if name == "global":  # SCL draws the global layer with a larger spread than the stripes'
            nn.init.kaiming_normal_(linear.weight, mode="fan_out")
            nn.init.zeros_(linear.bias)
        self.projections[name] = linear
        return linear.out_features

    def forward(self, images: Tensor) -> dict[str, View]:
        """Embed images (B, 3, H, W); the vectors are (B, D), D = `dims[view]`."""
        feature_map = self.backbone(images)
        return {name: self._view(name, feature_map) for name in self.views}

    def rows(self, name: str, height: int) -> slice:
        """Say which of the map's `height` rows belong to a view of this model; see `view_rows`."""
        return view_rows(name, height, self._stripes)

    def behind_pool(self, name: str, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """Lead a view's pooled map (B, C) on: its `pooled` and its `normed` (B, D), see `View`."""
        if name == "global" and self._head:
            pooled = self.backbone.get_submodule(self._head)(pooled)
        if name in self.projections:
            pooled = self.projections[name](pooled)
        return pooled, self.necks[name](pooled)

    def _view(self, name: str, feature_map: Tensor) -> View:
        rows = self.rows(name, feature_map.shape[2])
        pooled, normed = self.behind_pool(name, self.pools[name](feature_map, rows))
        normed = normed.float()  # whatever mixed precision made of it
        return View(pooled.float(), normed, F.normalize(normed, dim=1))
