"""GDS: push the two distance distributions apart, and make each of them narrow.

Jin et al., "Global Distance-distributions Separation for Unsupervised Person Re-identification", ECCV 2020
(arXiv 2006.00752). What its abstract says: the distances of positive pairs (Pos-distr) and of negative
pairs (Neg-distr) are modelled as Gaussians *of the whole data set*; their means and variances follow the
batches by a momentum update; the loss pushes the two apart and encourages their sharpness; a hard mining
that uses the distributions separates them further.

No code was released, and the paper's equations were not at hand: **what follows is a reconstruction** from
the abstract; other plausible readings are options. Distances are Euclidean, of features of length 1, so
that they lie in [0, 2] whatever the network; the pairs are all those of a batch. With mu, v the mean and
variance of the distances of its positive (+) and negative (-) pairs (mu_B, v_B), and beta the share of the
past:

1. mu_t = beta mu_{t-1} + (1 - beta) mu_B,   v_t = beta v_{t-1} + (1 - beta) v_B,   the past detached
2. L_GDS   = softplus(mu+ - mu-) + lambda_sigma (v+ + v-),   softplus(x) = ln(1 + e^x)
3. L_GDS-H = softplus((mu+ + kappa s+) - (mu- - kappa s-)),  s = sqrt(v): the far tail of Pos-distr must
   lie left of the near tail of Neg-distr
4. L = L_baseline + lambda_gds L_GDS + lambda_h L_GDS-H

**The gradient is small.** Only the batch's share of mu_t can be differentiated: dL/dmu_B has the factor
1 - beta, so at beta = 0.99 the loss acts with a hundredth of its weight. ``gradient="rescaled"`` takes the
factor out and leaves the value. **The variance is too small.** v_t averages the spread *within* batches; if
their means differ, the spread over all of them is larger. ``variance="pooled"`` adds what is missing,
beta (1 - beta) (mu_B - mu_{t-1})^2, and is then the variance of all distances seen, older ones weighing less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from reidkit.distances import pair_distributions
from reidkit.errors import ReidkitError

Variance = Literal["literal", "pooled"]
Gradient = Literal["literal", "rescaled"]
Spread = Literal["variance", "std"]
Start = Literal["first-batch", "all-pairs"]
CHOICES = {"variance": Variance, "gradient": Gradient, "spread": Spread, "start": Start}


@dataclass(frozen=True)
class GlobalDistanceSeparationConfig:
    """The loss's choices. That it has these parts is known; every value and form is a reconstruction.

    Attributes:
        beta: share of the past in the momentum update, in [0, 1). That there is one is known, not its value.
            0 is the batch alone.
        sharpness: lambda_sigma. That sharpness is encouraged is known; 0 leaves it out.
        spread: what sharpness makes small, the "variance" or the "std" (standard deviation).
        kappa: where a tail begins, in standard deviations (the three-sigma rule). At 0, L_GDS-H is L_GDS
            without the sharpness.
        weight: lambda_gds; 0 leaves L_GDS out.
        hard_weight: lambda_h; 0 leaves L_GDS-H out. Whether it adds to L_GDS (the default here) or takes its
            place (``weight=0, hard_sharpness=True``) is not known.
        hard_sharpness: whether L_GDS-H has the sharpness too, as L_GDS always does.
        variance: "literal" is equation 1, "pooled" counts the drift of the mean; see the module's text.
        gradient: "literal" keeps the factor 1 - beta, "rescaled" divides it out; see the module's text.
        start: what the Gaussians begin with. "first-batch": the first batch that has such pairs.
            "all-pairs": all pairs of the training crops, measured in eval mode before the epoch.
        reset_each_epoch: begin anew when labels are assigned anew: they are then other distributions.
        floor: the least variance under the root; it keeps the gradient finite where all distances are equal.

    Raises:
        ReidkitError: a value is out of range; the message names it.
    """

    beta: float = 0.9
    sharpness: float = 1.0
    spread: Spread = "variance"
    kappa: float = 3.0
    weight: float = 1.0
    hard_weight: float = 1.0
    hard_sharpness: bool = False
    variance: Variance = "literal"
    gradient: Gradient = "literal"
    start: Start = "first-batch"
    reset_each_epoch: bool = True
    floor: float = 1e-6

    def __post_init__(self) -> None:
        if not 0 <= self.beta < 1:
            raise ReidkitError(f"beta = {self.beta}: it must be at least 0 and below 1.")
        for name in ("sharpness", "kappa", "weight", "hard_weight"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ReidkitError(f"{name} = {getattr(self, name)}: it must be a number of at least 0.")
        if not 0 < self.floor < float("inf"):
            raise ReidkitError(f"floor = {self.floor}: it must be above 0.")
        for name, choices in CHOICES.items():
            if getattr(self, name) not in get_args(choices):
                raise ReidkitError(f"{name} = {getattr(self, name)!r}: use {' or '.join(get_args(choices))}.")


class GlobalDistanceSeparation(nn.Module):
    """The two running Gaussians, and the loss that separates them.

    ``forward`` looks one momentum step ahead and writes nothing of it; :meth:`update`, after the optimiser's
    step, makes that step. A forward pass may so be repeated.

    Positive pairs at 0.5 and 0.7, negative ones at 1.2 and 1.4: the means are 0.7 apart, and
    softplus(-0.7) = ln(1 + e^-0.7) = 0.4032; both variances are 0.01.

    >>> gds = GlobalDistanceSeparation(GlobalDistanceSeparationConfig(kappa=3, sharpness=1))
    >>> terms = gds(torch.tensor([0.5, 0.7]), torch.tensor([1.2, 1.4]))
    >>> {name: round(term.item(), 4) for name, term in terms.items()}   # 0.4032 + 0.02; softplus(-0.1)
    {'gds': 0.4232, 'gds_hard': 0.6444}

    The next positive pairs have the mean 0.8: with beta = 0.9, theirs moves a tenth of the way.

    >>> gds.update()
    >>> _ = gds(torch.tensor([0.7, 0.9]), torch.tensor([1.2, 1.4]))
    >>> gds.update()
    >>> round(gds.gaussians()["gds_pos_mean"], 4)
    0.62

    Args:
        config: see :class:`GlobalDistanceSeparationConfig`.
    """

    running: Tensor
    """(2, 2): rows +, -; columns mean, variance. NaN until there were such pairs. Saved in checkpoints."""
    pending: Tensor
    """(2, 3): what the last forward pass saw, see :func:`pair_statistics`. Not saved."""

    def __init__(self, config: GlobalDistanceSeparationConfig | None = None) -> None:
        super().__init__()
        self.config = config or GlobalDistanceSeparationConfig()
        self.register_buffer("running", torch.full((2, 2), torch.nan))
        self.register_buffer("pending", torch.zeros(2, 3), persistent=False)

    def start_epoch(self, features: np.ndarray, labels: np.ndarray) -> None:
        """Begin anew, if the config says so, now that the labels are new.

        Args:
            features: (N, D) float32, L2-normalised, of the training crops.
            labels: (N,) int64 pseudo-labels; outliers, negative, are left out.
        """
        if self.config.reset_each_epoch:
            self.running = torch.full_like(self.running, torch.nan)
        if self.config.start == "all-pairs" and self.running.isnan().any():
            pairs = pair_distributions(features, labels, never_positive=None)
            exact = torch.tensor([[pairs.mean(kind), pairs.variance(kind)] for kind in ("pos", "neg")])
            self.running = torch.where(self.running.isnan(), exact.to(self.running), self.running)

    def forward(self, positive: Tensor, negative: Tensor) -> dict[str, Tensor]:
        """Return the weighted terms, "gds" and "gds_hard"; one whose weight is 0 is left out.

        Where a batch has no positive (or no negative) pairs, their Gaussian stays what it was and gives no
        gradient. Where there never were any, there is nothing to separate: the terms are 0.

        Args:
            positive: (P,) distances of positive pairs, floating point; see
                :func:`~reidkit.losses.distances.batch_pairs`.
            negative: (N,) distances of negative pairs.
        """
        statistics = pair_statistics(positive, negative)
        self.pending = statistics.detach()
        terms = self._terms(*self._step(statistics).unbind(dim=1))
        unknown = (statistics[:, 0] == 0) & self.running[:, 0].isnan()
        nothing = 0.0 * (positive.sum() + negative.sum())  # a gradient of 0, for a batch without pairs
        return {name: nothing if unknown.any() else term + nothing for name, term in terms.items()}

    def _terms(self, mean: Tensor, variance: Tensor) -> dict[str, Tensor]:
        """Equations 2 and 3, weighted; mean and variance are (2,), + before -."""
        c, std = self.config, variance.clamp(min=self.config.floor).sqrt()
        sharpness = c.sharpness * (variance if c.spread == "variance" else std).sum()
        gap = mean[0] - mean[1]
        hard = functional.softplus(gap + c.kappa * std.sum()) + c.hard_sharpness * sharpness
        terms = {
            "gds": (c.weight, functional.softplus(gap) + sharpness),
            "gds_hard": (c.hard_weight, hard),
        }
        return {name: weight * term for name, (weight, term) in terms.items() if weight}

    def _step(self, statistics: Tensor) -> Tensor:
        """Equation 1: return the Gaussians (2, 2) one momentum step ahead.

        The first batch is its own past: its gradient, too, has the factor 1 - beta.
        """
        beta, batch = self.config.beta, statistics[:, 1:]
        past = torch.where(self.running.isnan(), batch.detach(), self.running)
        ahead = beta * past + (1 - beta) * batch
        if self.config.variance == "pooled":
            drift = beta * (1 - beta) * (batch[:, 0] - past[:, 0]).square()
            ahead = ahead + torch.stack([torch.zeros_like(drift), drift], dim=1)
        if self.config.gradient == "rescaled":
            ahead = ahead.detach() + (ahead - ahead.detach()) / (1 - beta)
        return torch.where(statistics[:, :1] > 0, ahead, self.running)

    @torch.no_grad()
    def update(self, statistics: Tensor | None = None) -> None:
        """Make the momentum step (call it after the optimiser's), by what the last forward pass saw.

        A second call without a forward pass between does nothing. Of several processes each sees its own part
        of the batch, but their Gaussians must stay the same: then give all of them what each has seen.

        Args:
            statistics: (W, 2, 3), the :attr:`pending` of W processes, in place of the last forward pass's.
                They count as the pairs of one batch (pairs across processes were never formed).
        """
        seen = self.pending if statistics is None else pool_statistics(statistics)
        self.running = self._step(seen).to(self.running)
        self.pending = torch.zeros_like(self.pending)

    def gaussians(self) -> dict[str, float]:
        """Return the means and standard deviations, for the record; NaN before the first batch."""
        (pos_mean, pos_var), (neg_mean, neg_var) = self.running.tolist()
        return {
            "gds_pos_mean": pos_mean,
            "gds_pos_std": pos_var**0.5,
            "gds_neg_mean": neg_mean,
            "gds_neg_std": neg_var**0.5,
        }


def pair_statistics(positive: Tensor, negative: Tensor) -> Tensor:
    """Return number, mean and variance (mean squared deviation) of the distances of two kinds of pairs.

    Args:
        positive, negative: (P,) and (N,) floating point.

    Returns:
        (2, 3), with a gradient; a row of zeros where there are no such pairs.

    >>> pair_statistics(torch.tensor([0.5, 0.7]), torch.tensor([]))
    tensor([[2.0000, 0.6000, 0.0100],
            [0.0000, 0.0000, 0.0000]])
    """
    rows = [
        torch.stack([d.new_tensor(len(d)), d.mean(), d.var(correction=0)]) if len(d) else d.new_zeros(3)
        for d in (positive, negative)
    ]
    return torch.stack(rows)


def pool_statistics(parts: Tensor) -> Tensor:
    """Join the statistics of several sets of pairs into those of all their pairs.

    The variance of a union is the mean of the variances plus the variance of the means.

    Args:
        parts: (W, 2, 3), each from :func:`pair_statistics`.

    Returns:
        (2, 3).

    >>> halves = [torch.tensor([0.2, 0.4]), torch.tensor([0.6, 0.8, 1.0])]
    >>> pool_statistics(torch.stack([pair_statistics(half, half) for half in halves]))[0]
    tensor([5.0000, 0.6000, 0.0800])
    """
    count, mean, variance = parts.unbind(dim=2)
    total = count.sum(dim=0)
    share = count / total.clamp(min=1)
    centre = (share * mean).sum(dim=0)
    spread = (share * (variance + (mean - centre).square())).sum(dim=0)
    return torch.stack([total, centre, spread], dim=1)
