"""LP, "learning to purification": halves of the body clean the labels, and a teacher cleans the learning.

Lan et al., "Learning to Purification for Unsupervised Person Re-identification", IEEE TIP 2023 (arXiv
2204.09931), as released (tengxiao14/Purification_ReID), on top of Cluster Contrast. A crop has three views v:
the global one, its upper and its lower half (the last map cut at half its height), each with a pooling and a
batch norm of its own, on one backbone.

*Feature purification.* Three Jaccard distances make one, and DBSCAN on it one set of labels:

    D = (1 - 2 l1) D_global + l1 D_upper + l1 D_lower                                 l1 = 0.15

Each view has a cluster memory. With CE_v Cluster Contrast's loss in a view, the *teacher* minimises

    L_T = sum_v w_v CE_v,    w = (1 - l2, l2, l2)                                      l2 = 0.2

The released weights sum to 1 + l2, not to 1; so do ours.

*Label purification.* Once the teacher is trained, a *student* starts from the first weights and minimises

    L_S = sum_v w_v (CE_v + mu D_v),    D_v = mean_i |f_v,i - f^T_v,i|^2 = mean_i (2 - 2 cos)    mu = 1

f^T is what the teacher makes of the very same augmented batch. Its batch norm normalises with the batch, as
in training (so in the released code; ``lp.teacher_mode=eval`` takes the statistics that it has learned).

The student's first pass (the released code counts it as epoch -1) learns from the teacher alone: labels *and*
centroids come from the teacher's features, the centroids stay frozen, and it is twice as long. From then on
its own features label it. So in the record the labels of row 0 are the teacher's clusters, while its
features are those of the student's first weights. The learning rate counts the first pass as a pass.

A search uses the global view alone. For MSMT17 the authors take ``--eps 0.7 --iters 400``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from reidkit.errors import ReidkitError
from reidkit.labels import Diagnosis
from reidkit.losses import feature_distillation
from reidkit.memory import ClusterMemory
from reidkit.methods.base import Batch, Features, Method, Setting, configure
from reidkit.methods.cluster_contrast import ClusterContrastConfig
from reidkit.methods.clustering import Clustering
from reidkit.models import Embedder, View


@dataclass(frozen=True)
class LPTeacherConfig(ClusterContrastConfig):
    """The first stage's choices, beside Cluster Contrast's; the defaults are the released values.

    Attributes:
        parts_in_clustering: l1, the share of each half in the distance, 0 to 0.5; 0 clusters global features.
        parts_in_loss: l2, the weight of each half in the loss, 0 to 1; 0 trains the global view alone, and
            the halves' own pooling and batch norm stay as they began.
    """

    parts_in_clustering: float = 0.15
    parts_in_loss: float = 0.2

    def __post_init__(self) -> None:
        _between("parts_in_clustering", self.parts_in_clustering, 0.5)
        _between("parts_in_loss", self.parts_in_loss, 1.0)


@dataclass(frozen=True)
class LPConfig(LPTeacherConfig):
    """Both stages' choices; the defaults are the released values.

    Attributes:
        distillation: mu, the weight of the pull towards the teacher's features; 0 leaves it out.
        first_pass: whether the student's first pass has the teacher's labels and centroids.
        teacher_mode: "train" or "eval": whether the teacher's batch norm normalises with the batch.
    """

    distillation: float = 1.0
    first_pass: bool = True
    teacher_mode: str = "train"

    def __post_init__(self) -> None:
        super().__post_init__()
        _between("distillation", self.distillation, float("inf"))
        if self.teacher_mode not in ("train", "eval"):
            raise ReidkitError(f"lp.teacher_mode = {self.teacher_mode!r}: use train or eval.")


def _between(name: str, value: float, most: float) -> None:
    if not (isinstance(value, (int, float)) and 0 <= value <= most):
        raise ReidkitError(f"lp.{name} = {value!r}: it must be a number from 0 to {most:g}.")


def _weights(config: LPTeacherConfig) -> dict[str, float]:
    """The weight of each view that has a loss."""
    parts = config.parts_in_loss
    weights = {"global": 1 - parts, "upper": parts, "lower": parts}
    return {view: weight for view, weight in weights.items() if weight > 0}


class LPTeacher(Method):
    """Cluster Contrast with three views; see the module's text for the equations."""

    name = "lp-teacher"
    views = ("global", "upper", "lower")
    # The tiny network's map has 8 x 4 cells. Half of it is too little to tell people apart, and the halves'
    # loss holds the whole back. Their share in the clustering stays as released.
    presets = MappingProxyType({"towns": {"settings": {"lp-teacher.parts_in_loss": 0.0}}})
    choices: ClassVar[type[LPTeacherConfig]] = LPTeacherConfig

    def __init__(self, config: LPTeacherConfig | None = None) -> None:
        super().__init__()
        c = self.config = config or LPTeacherConfig()
        parts = c.parts_in_clustering
        self.clustering = Clustering(
            c.clustering, views={"global": 1 - 2 * parts, "upper": parts, "lower": parts}
        )
        self.weights = _weights(c)
        self.memories = nn.ModuleDict(
            {view: ClusterMemory(temperature=c.temperature, momentum=c.momentum) for view in self.weights}
        )

    @classmethod
    def configure(cls, options: Mapping[str, Any]) -> Any:
        """Read Cluster Contrast's choices from the common options, and the others from its own settings."""
        assert cls.name is not None
        return configure(cls.choices, cls.name, options, **vars(ClusterContrastConfig.of(options)))

    @classmethod
    def network(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Three views; those without a loss stay as they began."""
        learned = _weights(cls.configure(options))
        return {"views": cls.views, "frozen": [view for view in cls.views if view not in learned]}

    @classmethod
    def build(cls, setting: Setting) -> LPTeacher:
        """The shares of the parts are its own settings; the rest are common options."""
        return cls(cls.configure(setting.options))

    def relabel(self, features: Features, epoch: int) -> tuple[np.ndarray, Diagnosis | None]:
        """DBSCAN on the weighted distance."""
        return self.clustering.label(features)

    def start_epoch(self, features: Features, labels: np.ndarray, epoch: int) -> None:
        """Centroids anew in every view."""
        for view, memory in self._memories():
            memory.rebuild(features[view], labels)

    def batches(
        self, labels: np.ndarray, camids: np.ndarray, count: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """P clusters x K crops over different cameras."""
        return self.config.sampler.batches(labels, camids, count, rng)

    def losses(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """The contrast in every view."""
        return {
            f"contrast_{view}": self.weights[view] * memory.loss(views[view].unit, batch.labels)
            for view, memory in self._memories()
        }

    def update(self, kept: Mapping[str, Tensor]) -> None:
        """Move the centroids of every view."""
        for view, memory in self._memories():
            memory.update(kept[view], kept["labels"])

    def _memories(self) -> list[tuple[str, ClusterMemory]]:
        return list(self.memories.items())  # type: ignore[arg-type]


class LP(LPTeacher):
    """The student; see the module's text for the equations.

    Args:
        config: see :class:`LPConfig`.
        teacher: the trained teacher. It becomes a part of the method, without gradients.
        teacher_features: what it makes of all training crops, for each view.
    """

    name = "lp"
    teacher = "lp-teacher"
    presets = MappingProxyType({"towns": {"settings": {"lp.parts_in_loss": 0.0}}})
    choices = LPConfig
    config: LPConfig

    def __init__(
        self, config: LPConfig | None = None, *, teacher: Embedder, teacher_features: Features
    ) -> None:
        super().__init__(config or LPConfig())
        self.extra_passes = int(self.config.first_pass)
        self._teacher_features = teacher_features
        self.teacher_network = teacher.requires_grad_(False)
        for part in teacher.modules():
            if isinstance(part, nn.modules.batchnorm._BatchNorm):
                # The released teacher's running statistics drift. Nothing reads them, so ours stay.
                part.momentum = 0.0

    @classmethod
    def build(cls, setting: Setting) -> LP:
        """Its own settings, and the teacher that the engine has trained."""
        assert setting.teacher is not None, "this method needs a teacher"
        config = cls.configure(setting.options)
        return cls(config, teacher=setting.teacher, teacher_features=setting.teacher_features)

    @classmethod
    def teacher_settings(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """The teacher shares the parts' weights; the other choices are the student's alone."""
        cls.configure(options)
        shared = {f"lp.{field.name}": f"lp-teacher.{field.name}" for field in fields(LPTeacherConfig)}
        return {shared[name]: value for name, value in options["settings"].items() if name in shared}

    def train(self, mode: bool = True) -> LP:
        """Set the mode; the teacher's is a choice."""
        super().train(mode)
        self.teacher_network.train(mode and self.config.teacher_mode == "train")
        return self

    def relabel(self, features: Features, epoch: int) -> tuple[np.ndarray, Diagnosis | None]:
        """DBSCAN on the weighted distance: the teacher's before the first pass, then the student's own."""
        return super().relabel(self._teacher_features if self._is_first(epoch) else features, epoch)

    def start_epoch(self, features: Features, labels: np.ndarray, epoch: int) -> None:
        """Centroids anew in every view; in the first pass the teacher's, and frozen."""
        first = self._is_first(epoch)
        super().start_epoch(self._teacher_features if first else features, labels, epoch)
        for _, memory in self._memories():
            memory.momentum = 1.0 if first else self.config.momentum

    def iterations(self, wanted: int | None, batch_size: int, labels: np.ndarray, epoch: int) -> int:
        """Twice as many in the first pass."""
        count = super().iterations(wanted, batch_size, labels, epoch)
        return 2 * count if self._is_first(epoch) else count

    def losses(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """The contrast in every view, and the distance to the teacher's features."""
        losses, mu = super().losses(views, batch), self.config.distillation
        if mu == 0:
            return losses
        with torch.no_grad():
            taught = self.teacher_network(batch.images)
        for view, weight in self.weights.items():
            distance = feature_distillation(views[view].unit, taught[view].unit)
            losses[f"distillation_{view}"] = mu * weight * distance
        return losses

    def _is_first(self, epoch: int) -> bool:
        return self.config.first_pass and epoch == 0
