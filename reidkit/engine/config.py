"""All options of a run, in one flat table; the defaults are what Cluster Contrast released."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from reidkit.errors import ReidkitError
from reidkit.methods import METHODS, TERMS, Method

LEAST = {
    "height": 16, "width": 16, "epochs": 1, "iters": 1, "clusters": 2, "instances": 1, "lr_step": 1,
    "weight_decay": 0, "bn_images": 2, "k1": 1, "k2": 1, "min_samples": 1, "momentum": 0, "eval_every": 1,
    "seed": 0, "labels_hold": 1,
}  # fmt: skip
CHOICES = {"augment": ("full", "flip"), "optimiser": ("adam", "sgd")}
FILTERS = ("reliability",)
REASONS = {
    "height": " The networks look at squares of 16 pixels.",
    "width": " The networks look at squares of 16 pixels.",
    "clusters": " A batch of one cluster has nothing to contrast.",
    "bn_images": " One image has no batch statistics.",
    "iters": " Leave it out to go through all crops once.",
}


@dataclass(frozen=True)
class TrainConfig:
    """Options of a training run.

    Attributes:
        method: one of :data:`reidkit.methods.METHODS`.
        add: what is added to it: names of :data:`reidkit.methods.TERMS`.
        backbone: one of :data:`reidkit.models.BACKBONES`.
        init: first weights: "imagenet", "tiny", "random", or a file.
        pooling: "gem" or "avg".
        height, width: of the pictures the network sees, in pixels; None: the backbone's own.
        epochs: how often to re-label and train.
        iters: batches an epoch; None: as many as go through all crops once.
        clusters, instances: P and K of a batch.
        use_cameras: draw positives from other cameras (the released default; off is ``--no-cam``).
        augment: "full" (flip, pad and crop, erase) or "flip".
        optimiser: "adam", or "sgd" with Nesterov momentum 0.9.
        lr, weight_decay: of the optimiser.
        lr_step: divide the learning rate by 10 every so many epochs.
        bn_images: batch-norm statistics over this many images. The published runs use four GPUs with 64
            images each; one GPU that takes all 256 at once loses up to 20 mAP.
        k1, k2: of the k-reciprocal Jaccard distance.
        eps, min_samples: of DBSCAN.
        temperature, momentum: of the cluster memory.
        eval_every: judge on the test crops every so many epochs; the first and the last always.
        seed: of every random choice.
        device: "auto" or "cpu".
        mixed_precision: "no", "bf16" or "fp16".
        labels: edited labels (a file of :class:`reidkit.labels.edits.EditLog`) to begin with.
        labels_hold: for how many passes they are trained on as they are. Later passes cluster as ever, and
            each clustering is mended by the same edits (:mod:`reidkit.engine.mending`).
        settings: a method's and a term's own choices, as {"gds.kappa": 2}.
    """

    method: str = "cluster-contrast"
    add: tuple[str, ...] = ()
    backbone: str = "resnet50"
    init: str = "imagenet"
    pooling: str = "gem"
    height: int | None = None
    width: int | None = None
    epochs: int = 50
    iters: int | None = 200
    clusters: int = 16
    instances: int = 16
    use_cameras: bool = True
    augment: str = "full"
    optimiser: str = "adam"
    lr: float = 3.5e-4
    weight_decay: float = 5e-4
    lr_step: int = 20
    bn_images: int = 64
    k1: int = 30
    k2: int = 6
    eps: float = 0.6
    min_samples: int = 4
    temperature: float = 0.05
    momentum: float = 0.1
    eval_every: int = 10
    seed: int = 1
    device: str = "auto"
    mixed_precision: str = "no"
    labels: str | None = None
    labels_hold: int = 1
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "add", tuple(self.add))  # a config.json gives a list
        for name, least in LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise ReidkitError(f"{name} = {value}: it must be at least {least}.{REASONS.get(name, '')}")
        for name in ("lr", "temperature", "eps"):
            if not getattr(self, name) > 0:
                raise ReidkitError(f"{name} = {getattr(self, name)}: it must be above 0.")
        for name in ("eps", "momentum"):
            if not getattr(self, name) <= 1:
                raise ReidkitError(f"{name} = {getattr(self, name)}: it must be at most 1.")
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise ReidkitError(f"{name} = {getattr(self, name)!r}: use {' or '.join(known)}.")
        self._check_parts()

    def _check_parts(self) -> None:
        """Check what is added to the method, and whom each setting is for."""
        clusters = find_method(self.method).clusters
        if self.labels is not None and not clusters:
            raise ReidkitError(f"Labels are given, but {self.method} does not learn from clusters.")
        for name in self.add:
            if name not in (*TERMS, *FILTERS):
                raise ReidkitError(f"Unknown addition {name!r}; there are {', '.join((*TERMS, *FILTERS))}.")
            if name in FILTERS and not clusters:
                raise ReidkitError(f"{name} filters clusters, but {self.method} makes none.")
        for name in self.settings:
            if name.split(".")[0] not in (self.method, *self.add):
                raise ReidkitError(
                    f"Unknown setting {name!r}: give PART.NAME=VALUE, where PART is "
                    f"{' or '.join((self.method, *self.add))}."
                )

    def as_dict(self) -> dict[str, Any]:
        """Return the options as plain values, as a config.json gives them back."""
        return asdict(self) | {"add": list(self.add)}


PRESETS: dict[str, dict[str, Any]] = {
    # As released, for one or more GPUs.
    "paper": {},
    # Two CPU cores: batches that fit, one pass over the crops an epoch, done in minutes.
    "laptop": {"epochs": 5, "iters": None, "instances": 4, "eval_every": 1, "lr_step": 4},
    # The tiny network on a drawn town: fewer clusters of fewer crops, 10 short epochs.
    "towns": {
        "backbone": "tiny", "init": "tiny", "epochs": 10, "iters": 60, "clusters": 8, "instances": 8,
        "eval_every": 1, "lr_step": 8,
    },
    # How the tiny network was made: Summer town, its identities known, from random weights.
    "towns-pretrain": {
        "method": "supervised", "backbone": "tiny", "init": "random", "epochs": 12, "iters": 100,
        "instances": 4, "eval_every": 12, "lr": 1e-3, "lr_step": 8,
    },
}  # fmt: skip


def make_config(preset: str = "paper", options: Mapping[str, Any] | None = None) -> TrainConfig:
    """Start from a preset and change what is given.

    The order, later over earlier: the defaults (Cluster Contrast's released values), the method's own
    released values, the preset, the method's own for that preset, the given options.

    Args:
        preset: one of :data:`PRESETS`.
        options: fields of :class:`TrainConfig`; None values leave the preset's.

    Raises:
        ReidkitError: an unknown preset or option, or a value that cannot be.

    >>> config = make_config("laptop", {"epochs": 3})
    >>> config.epochs, config.instances, config.lr
    (3, 4, 0.00035)
    """
    if preset not in PRESETS:
        raise ReidkitError(f"Unknown preset {preset!r}; there are {', '.join(PRESETS)}.")
    given = {k: v for k, v in (options or {}).items() if v is not None}
    known = {f.name for f in fields(TrainConfig)}
    if unknown := sorted(set(given) - known):
        raise ReidkitError(f"Unknown option {unknown[0]!r}; there are {', '.join(sorted(known))}.")
    common = PRESETS[preset]
    own = find_method(given.get("method", common.get("method", TrainConfig.method))).presets
    layers = [own.get("paper", {}), common, own.get(preset, {}), given]
    settings = {name: value for layer in layers for name, value in layer.get("settings", {}).items()}
    merged = {name: value for layer in layers for name, value in layer.items()}
    return replace(TrainConfig(), **merged | {"settings": settings})


def find_method(name: str) -> type[Method]:
    """Return the method of that name.

    Raises:
        ReidkitError: there is none.
    """
    if name not in METHODS:
        raise ReidkitError(f"Unknown method {name!r}; there are {', '.join(METHODS)}.")
    return METHODS[name]
