"""What a method is: the questions that the training loop asks it.

The loop (:mod:`reidkit.engine.trainer`) knows nothing of clusters, memories or losses. Each epoch it
embeds the training crops and asks the method: what are the labels now? Which crops make the batches? What
is the loss of this batch? What do you remember of it? A paper's method is one file that answers; the
file is found by itself, and its ``name`` is then a ``--method`` of the command line.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor, nn

from reidkit.errors import ReidkitError
from reidkit.labels import Diagnosis
from reidkit.losses import batch_pairs
from reidkit.models import Embedder, View

Features = Mapping[str, np.ndarray]
"""For each view (N, D) float32, L2-normalised: all training crops, as the network sees them now."""


class Batch(NamedTuple):
    """One process's share of a batch.

    Attributes:
        images: (B, 3, H, W) float32, augmented and normalised.
        rows: (B,) int64, which training crops these are.
        labels: (B,) int64, their labels.
    """

    images: Tensor
    rows: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Setting:
    """What a method may know of the run that it is made for.

    Attributes:
        options: the run's options by name (:class:`reidkit.engine.config.TrainConfig`).
        dims: width D of each view of the network.
        camids: (N,) int64, the training crops' cameras, negative where unknown.
        pids: (N,) int64, their identities; None unless the method says ``needs_identities``.
        teacher: the network of the run that the method names in ``teacher``.
        teacher_features: what that network makes of the training crops.
    """

    options: Mapping[str, Any]
    dims: Mapping[str, int]
    camids: np.ndarray
    pids: np.ndarray | None = None
    teacher: Embedder | None = None
    teacher_features: Features = field(default_factory=dict)


class Method(nn.Module, ABC):
    """A way to learn from crops. Parameters of its own (a classifier, say) are trained with the network.

    Buffers and parameters are saved in checkpoints; :meth:`get_extra_state` saves the rest.

    Attributes:
        name: as on the command line; None for a class that is only built upon.
        views: the views the network must give ("global", "upper", ...).
        presets: options that differ from the common ones, by preset. Those of "paper" are the released
            values and hold in every preset that does not change them.
        clusters: whether labels come from clustering, so that ``--add reliability`` has a meaning.
        needs_identities: whether it may read the pids.
        teacher: the method whose finished run teaches this one; it is trained first, in RUN/teacher.
        extra_passes: how many passes it makes beyond ``epochs``.
    """

    name: str | None = None
    views: tuple[str, ...] = ("global",)
    presets: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    clusters: bool = True
    needs_identities: bool = False
    teacher: str | None = None
    extra_passes: int = 0

    @classmethod
    @abstractmethod
    def build(cls, setting: Setting) -> Method:
        """Make the method from a run's options."""

    @classmethod
    def network(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Say what the network must be like: arguments of :func:`reidkit.models.build_model`."""
        return {"views": cls.views}

    @classmethod
    def teacher_settings(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Say what the teacher's run is set to: its "settings", by name.

        It is asked before the teacher is trained. A choice of the method's own that cannot be should be
        refused here, and not hours later.

        Args:
            options: of the method's own run.
        """
        return {}

    @abstractmethod
    def relabel(self, features: Features, epoch: int) -> tuple[np.ndarray, Diagnosis | None]:
        """Give each training crop a label for the coming pass.

        Args:
            features: from the network as it stands.
            epoch: how many passes have been made.

        Returns:
            (N,) int64 labels, -1 where the crop sits out; and what is wrong with them, if anything.
        """

    @abstractmethod
    def start_epoch(self, features: Features, labels: np.ndarray, epoch: int) -> None:
        """Get ready to train on these labels (build memories)."""

    @abstractmethod
    def batches(
        self, labels: np.ndarray, camids: np.ndarray, count: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """Yield ``count`` batches of row numbers; (B,) int64 each."""

    def iterations(self, wanted: int | None, batch_size: int, labels: np.ndarray, epoch: int) -> int:
        """Return how many batches the coming pass has.

        Args:
            wanted: the option ``iters``; None asks for as many as go through all labelled crops once.
            batch_size: crops in a batch.
            labels: (N,) int64.
            epoch: how many passes have been made.
        """
        return wanted or max(1, -(-int((labels >= 0).sum()) // batch_size))

    @abstractmethod
    def losses(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """Return the named loss terms of a batch, already weighted: their sum is what is minimised."""

    def pairs(self, views: Mapping[str, View], batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the distances of what the method takes for positive and for negative pairs.

        An added term (:mod:`reidkit.methods.terms`) works on them. Here: all pairs of the batch with
        the same and with different labels, by the Euclidean distance of their global unit features.
        """
        return batch_pairs(views["global"].unit, batch.labels)

    def keep(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """Return what :meth:`update` needs of a batch. The first axis is joined over all processes."""
        units = {name: view.unit.detach() for name, view in views.items()}
        return units | {"rows": batch.rows, "labels": batch.labels}

    def update(self, kept: Mapping[str, Tensor]) -> None:
        """Remember a batch, after the optimiser's step; ``kept`` is :meth:`keep`'s, of all processes."""

    def embedding(self, features: Features) -> np.ndarray:
        """Return the (N, D) unit vectors that search and are judged; here, the global view's."""
        return features["global"]

    def trace(self) -> dict[str, float]:
        """Return what is worth recording of the state after an iteration, by name."""
        return {}

    def begins_anew(self) -> list[nn.Parameter]:
        """Return the parameters that :meth:`start_epoch` has just set: the optimiser forgets their past."""
        return []


def configure(kind: type[Any], owner: str, options: Mapping[str, Any], **given: Any) -> Any:
    """Make a dataclass of options from the run's settings ``owner.field``.

    Args:
        kind: the dataclass.
        owner: the name before the dot.
        options: the run's options; those under "settings" are looked through.
        given: fields that come from elsewhere.

    Raises:
        ReidkitError: a setting that the dataclass does not have.

    >>> @dataclass
    ... class Options:
    ...     kappa: float = 3.0
    >>> configure(Options, "gds", {"settings": {"gds.kappa": 2.0, "scl.positives": 5}})
    Options(kappa=2.0)
    """
    own = {
        name.removeprefix(f"{owner}."): value
        for name, value in options.get("settings", {}).items()
        if name.startswith(f"{owner}.")
    }
    known = [f.name for f in fields(kind) if f.name not in given]
    if unknown := sorted(set(own) - set(known)):
        raise ReidkitError(f"Unknown setting {owner}.{unknown[0]}; {owner} has {', '.join(known) or 'none'}.")
    return kind(**own, **given)
