"""GDS as a term for any method: ``--add gds``. The equations are in the loss's own file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from reidkit.losses import GlobalDistanceSeparation, GlobalDistanceSeparationConfig
from reidkit.methods.base import configure
from reidkit.methods.terms import Term


class GDS(Term):
    """Separate the distances of the method's positive and negative pairs.

    See :class:`reidkit.losses.GlobalDistanceSeparation`. Its two Gaussians are recorded after every batch.
    """

    name = "gds"

    def __init__(self, config: GlobalDistanceSeparationConfig | None = None) -> None:
        super().__init__()
        self.loss = GlobalDistanceSeparation(config)

    @classmethod
    def build(cls, options: Mapping[str, Any]) -> GDS:
        """Its choices are the settings ``gds.beta``, ``gds.kappa``, ..."""
        return cls(configure(GlobalDistanceSeparationConfig, "gds", options))

    def start_epoch(self, features: np.ndarray, labels: np.ndarray) -> None:
        """Begin the Gaussians anew, if the choices say so."""
        self.loss.start_epoch(features, labels)

    def losses(self, positive: Tensor, negative: Tensor) -> dict[str, Tensor]:
        """The two terms, "gds" and "gds_hard"."""
        return self.loss(positive, negative)

    def keep(self) -> dict[str, Tensor]:
        """The batch's statistics, one row a process: the pairs of all of them are pooled."""
        return {"statistics": self.loss.pending[None]}

    def update(self, kept: Mapping[str, Tensor]) -> None:
        """Make the momentum step."""
        self.loss.update(kept["statistics"])

    def trace(self) -> dict[str, float]:
        """Mean and standard deviation of both Gaussians."""
        return self.loss.gaussians()
