"""Terms that can be added to any method: ``--add gds``, or ``compose(ClusterContrast(), term)``.

A term sees what the method takes for positive and for negative pairs, and nothing else of it. So it
needs to know no method, and a method needs to know no term.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from torch import Tensor, nn

from reidkit.labels import Diagnosis
from reidkit.methods.base import Batch, Features, Method
from reidkit.models import View


class Term(nn.Module, ABC):
    """A loss on the distances of positive and negative pairs.

    Attributes:
        name: as on the command line; None for a class that is only built upon.
    """

    name: str | None = None

    @classmethod
    @abstractmethod
    def build(cls, options: Mapping[str, Any]) -> Term:
        """Make the term from a run's options."""

    def start_epoch(self, features: np.ndarray, labels: np.ndarray) -> None:
        """Get ready for a pass.

        Args:
            features: (N, D) float32, L2-normalised: the training crops as they are searched by.
            labels: (N,) int64, -1 where the crop sits out.
        """

    @abstractmethod
    def losses(self, positive: Tensor, negative: Tensor) -> dict[str, Tensor]:
        """Return the named, weighted losses of a batch.

        Args:
            positive, negative: (P,) and (Q,) distances of the pairs; either may be empty.
        """

    def keep(self) -> dict[str, Tensor]:
        """Return what :meth:`update` needs of the batch that :meth:`losses` saw last.

        The first axis is joined over all processes.
        """
        return {}

    def update(self, kept: Mapping[str, Tensor]) -> None:
        """Remember a batch, after the optimiser's step."""

    def trace(self) -> dict[str, float]:
        """Return what is worth recording after an iteration, by name."""
        return {}


class Composed(Method):
    """A method with terms added to its loss: everything else is the method's.

    Args:
        method: any method.
        terms: added to its loss, each under its own names.
    """

    def __init__(self, method: Method, terms: list[Term]) -> None:
        super().__init__()
        self.method, self.terms = method, nn.ModuleList(terms)
        self.views, self.extra_passes = method.views, method.extra_passes

    @classmethod
    def build(cls, setting: Any) -> Method:
        """Composing takes parts, not options: see :func:`compose`."""
        raise NotImplementedError("call compose(method, *terms)")

    def relabel(self, features: Features, epoch: int) -> tuple[np.ndarray, Diagnosis | None]:
        """The method's labels."""
        return self.method.relabel(features, epoch)

    def start_epoch(self, features: Features, labels: np.ndarray, epoch: int) -> None:
        """Prepare the method, then each term."""
        self.method.start_epoch(features, labels, epoch)
        for term in self._terms():
            term.start_epoch(self.embedding(features), labels)

    def batches(
        self, labels: np.ndarray, camids: np.ndarray, count: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """The method's batches."""
        return self.method.batches(labels, camids, count, rng)

    def iterations(self, wanted: int | None, batch_size: int, labels: np.ndarray, epoch: int) -> int:
        """As many as the method makes."""
        return self.method.iterations(wanted, batch_size, labels, epoch)

    def losses(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """The method's losses and those of each term."""
        losses = self.method.losses(views, batch)
        pairs = self.method.pairs(views, batch)
        for term in self._terms():
            losses |= term.losses(*pairs)
        return losses

    def keep(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """What the method and the terms need, each under a name of its own."""
        kept = self.method.keep(views, batch)
        for n, term in enumerate(self._terms()):
            kept |= {f"{n}/{name}": value for name, value in term.keep().items()}
        return kept

    def update(self, kept: Mapping[str, Tensor]) -> None:
        """Update the method and each term."""
        self.method.update(kept)
        for n, term in enumerate(self._terms()):
            own = {k.removeprefix(f"{n}/"): v for k, v in kept.items() if k.startswith(f"{n}/")}
            term.update(own)

    def embedding(self, features: Features) -> np.ndarray:
        """The method's."""
        return self.method.embedding(features)

    def trace(self) -> dict[str, float]:
        """What the method and the terms record."""
        trace = self.method.trace()
        for term in self._terms():
            trace |= term.trace()
        return trace

    def begins_anew(self) -> list[nn.Parameter]:
        """The method's."""
        return self.method.begins_anew()

    def _terms(self) -> list[Term]:
        return list(self.terms)  # type: ignore[arg-type]


def compose(method: Method, *terms: Term) -> Method:
    """Add terms to a method; without any, it is the method itself."""
    return Composed(method, list(terms)) if terms else method
