"""What a method is: the five questions that the training loop asks it.

The loop (:mod:`reidkit.engine.trainer`) knows nothing of clusters, memories or losses. Each epoch it
embeds the training crops and asks the method: what are the labels now? Which crops make the batches? What
is the loss of this batch? What do you remember of it? A paper's method is one file that answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

import numpy as np
from torch import Tensor, nn

from reidkit.labels import Diagnosis
from reidkit.models import View


class Method(nn.Module, ABC):
    """A way to learn from crops. Parameters of its own (a classifier, say) are trained with the network.

    Buffers and parameters are saved in checkpoints; :meth:`get_extra_state` saves the rest.

    Attributes:
        name: as on the command line.
        views: the views the network must give ("global", "upper", ...).
    """

    name: str
    views: tuple[str, ...] = ("global",)

    @abstractmethod
    def relabel(self, features: Mapping[str, np.ndarray]) -> tuple[np.ndarray, Diagnosis | None]:
        """Give each training crop a label for the coming epoch.

        Args:
            features: for each view (N, D) float32, L2-normalised, from the network as it stands.

        Returns:
            (N,) int64 labels, -1 where the crop sits out; and what is wrong with them, if anything.
        """

    @abstractmethod
    def start_epoch(self, features: Mapping[str, np.ndarray], labels: np.ndarray) -> None:
        """Get ready to train on these labels (build memories)."""

    @abstractmethod
    def batches(
        self, labels: np.ndarray, camids: np.ndarray, count: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """Yield ``count`` batches of row numbers; (B,) int64 each."""

    @abstractmethod
    def losses(self, views: Mapping[str, View], labels: Tensor) -> dict[str, Tensor]:
        """Return the named loss terms of a batch, already weighted: their sum is what is minimised."""

    def update(self, units: Mapping[str, Tensor], labels: Tensor) -> None:
        """Remember a batch, after the optimiser's step.

        Args:
            units: for each view (B, D), the unit features *of all processes*, in batch order.
            labels: (B,) int64, likewise.
        """
