"""SCL, selective contrastive learning: nobody clusters; every crop chooses its own positives.

Pang et al., "Fully Unsupervised Person Re-identification via Selective Contrastive Learning", ACM TOMM
2022 (arXiv 2010.07608). We know its abstract and the released code (pangbo1997/Unsup_ReID, 5c6f46d), not
the paper's equations; "released" below means the code. One step, for each crop i of a batch:

1. g_i: the whole body, of length 1. l_i = [l^1 ... l^8]: eight stripes of length 1 each, so |l_i| = sqrt(8)
2. d(i, n) = lambda_g |g_i - G_n|^2 + (1 - lambda_g) / 8 sum_s |l^s_i - L^s_n|^2 + lambda_c [cam_i = cam_n]
3. P_i = the k crops nearest by d; N_i = the K after them. In the first epochs (warm-up), P_i is empty and
   N_i is drawn by chance
4. L = lambda_p L_{z=l} + (1 - lambda_p) L_{z=g}, see :func:`reidkit.losses.selective_contrast`
5. after the step: G_i, L_i <- normalise((old + new) / 2); and for each y in {i} + P_i, with z = l and then
   with z = g, M_y <- normalise((M_y + z) / 2)

G, L and M are three memory banks with a row for every training crop. What differs from the released code:

- **Cameras.** It uses camera numbers in training (lambda_c = 0.05), and even to rank the test set. That is
  not "fully unsupervised": ``scl.camera`` is 0 here, and ranking never looks at cameras.
- **Ranking.** It ranks by distances that are not squared. We search with one vector (:func:`combine`), as
  every tool of this suite does; its squared distance is d. That costs little: mAP 0.856, where the released
  rule gives 0.859 (0.876 with its camera term): tests/benchmarks/scl_ranking.py, Winter town, seed 100.
- **The first G and L** come from augmented crops in train mode there, where batch norm uses the batch's own
  statistics; here from crops as they are, in eval mode. The warm-up does not look at them, and each visit
  halves the difference.
- **Order.** It computes some gradients with an M that other terms have just changed. Here all gradients use M
  as it was; then M is written, with all l in the order of the batch, then with all g.
- **Adaptive** is what the abstract calls the selection; in the code k and K are constants.
  ``scl.selector=groups`` is an adaptive rule of ours, see :func:`reidkit.memory.two_groups`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from reidkit.errors import ReidkitError
from reidkit.labels import Diagnosis
from reidkit.losses import selective_contrast
from reidkit.memory import FeatureBank, MixtureBank, Selection, distances_to, select
from reidkit.memory.selection import Cut, everybody, nobody, two_groups
from reidkit.methods.base import Batch, Features, Method, Setting, configure
from reidkit.methods.clustering import Clustering, ClusteringConfig
from reidkit.models import View

STRIPES = tuple(f"stripe{n}" for n in range(1, 9))
CUTS: dict[str, Cut] = {"rank": everybody, "groups": two_groups}
LIMITS = {
    "dim": (8, 10**6), "positives": (1, 10**6), "negatives": (1, 10**6), "warmup": (0, 10**6),
    "lambda_g": (0, 1), "lambda_t": (0, 1), "lambda_p": (0, 1), "momentum": (0, 1),
    "alpha": (0, 10**6), "scale": (0, 10**6), "camera": (0, 10**6),
}  # fmt: skip
SHORT = {"optimiser": "adam", "lr": 3.5e-4, "lr_step": 200}
FEW = {"scl.negatives": 100, "scl.warmup": 1}


@dataclass(frozen=True)
class SCLConfig:
    """The method's choices. The defaults are the released values (configs/test.yml), but for ``camera``.

    Attributes:
        dim: D of the global feature; a stripe has D / 8, so that g and l fit the same rows of M.
        positives: k; the most of them where the selector decides how many.
        negatives: K. A set of N crops has N - 1 - k of them at most.
        lambda_g: share of the global feature in d.
        lambda_t: weight of a crop's own row in L.
        lambda_p: share of the local loss in L.
        alpha: weighs the positives: together alpha (1 - lambda_t).
        scale: t, one over the temperature.
        camera: lambda_c, added to d for crops of one camera. Released 0.05; 0 in all that we report.
        momentum: of G and L.
        warmup: epochs with random negatives and no positives.
        selector: "rank" takes the k nearest. "groups" (ours) takes as many of these as make up the nearer
            of two groups; there k is better 30.
        batch: crops in a batch.
        clustering: only for the labels that are recorded.

    Raises:
        ReidkitError: a value is out of range; the message names it.
    """

    dim: int = 2048
    positives: int = 7
    negatives: int = 500
    lambda_g: float = 0.5
    lambda_t: float = 0.5
    lambda_p: float = 0.5
    alpha: float = 1.75
    scale: float = 10.0
    camera: float = 0.0
    momentum: float = 0.5
    warmup: int = 3
    selector: str = "rank"
    batch: int = 8
    clustering: ClusteringConfig = field(default_factory=ClusteringConfig)

    def __post_init__(self) -> None:
        for name, (least, most) in LIMITS.items():
            if not least <= (value := getattr(self, name)) <= most:
                raise ReidkitError(f"scl.{name} = {value}: it must lie between {least} and {most}.")
        if self.dim % len(STRIPES):
            raise ReidkitError(f"scl.dim = {self.dim}: eight stripes must share it evenly.")
        if self.selector not in CUTS:
            raise ReidkitError(f"scl.selector = {self.selector!r}: use {' or '.join(CUTS)}.")

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> SCLConfig:
        """Read them from a run's options: settings ``scl.dim``, ... and the common ones."""
        batch, clustering = options["clusters"] * options["instances"], ClusteringConfig.of(options)
        return configure(cls, "scl", options, batch=batch, clustering=clustering)


def combine(features: Features, lambda_g: float = 0.5) -> np.ndarray:
    """Join the views to one unit vector, e = [sqrt(lambda_g) g, sqrt((1 - lambda_g) / 8) l].

    |e - e'|^2 is d of step 2 in this module's text, without cameras.

    Args:
        features: (N, D) of "global" and (N, D / 8) of "stripe1" to "stripe8", each of length 1.
        lambda_g: share of the global view.

    Returns:
        (N, 2 D) float32.
    """
    shares = {"global": lambda_g} | dict.fromkeys(STRIPES, (1 - lambda_g) / len(STRIPES))
    parts = [np.sqrt(share) * features[name] for name, share in shares.items()]
    return np.concatenate(parts, axis=1).astype(np.float32)


class SCL(Method):
    """The method as the training loop sees it; see the module's text for the equations.

    Args:
        camids: (N,) int64, the training crops' cameras, negative where unknown; looked at only where
            ``config.camera`` is above 0. There are as many rows in the banks.
        config: see :class:`SCLConfig`.
        seed: of the random negatives in the warm-up.

    Raises:
        ReidkitError: too few crops for a batch, or for k positives and a negative.
    """

    name = "scl"
    views = ("global", *STRIPES)
    clusters = False
    presets = MappingProxyType(
        {
            "paper": {
                "clusters": 8, "instances": 1, "epochs": 50, "iters": None, "optimiser": "sgd", "lr": 1e-3,
                "lr_step": 200, "augment": "flip", "pooling": "avg",
            },
            # Batches of 64 and Adam, as in the released code's other configuration (config/defaults.py); a
            # shorter warm-up; K is smaller, as the sets are.
            "laptop": {"clusters": 16, **SHORT, "settings": {"scl.dim": 512, **FEW}},
            # The tiny network was made with gem pooling.
            "towns": {"pooling": "gem", **SHORT, "settings": {"scl.dim": 256, **FEW}},
        }
    )  # fmt: skip

    camids: Tensor

    def __init__(self, camids: np.ndarray, config: SCLConfig | None = None, *, seed: int = 0) -> None:
        super().__init__()
        self.config = c = config or SCLConfig()
        count = len(camids)
        if count < max(c.batch, c.positives + 2):
            raise ReidkitError(
                f"{count} training crops are too few for batches of {c.batch}, or for {c.positives} "
                "positives and a negative: lower --clusters or --instances, or --set scl.positives."
            )
        self.clustering = Clustering(c.clustering)
        self.whole = FeatureBank(count, c.dim, momentum=c.momentum)
        self.stripes = FeatureBank(count, c.dim // len(STRIPES), parts=len(STRIPES), momentum=c.momentum)
        self.mixture = MixtureBank(count, c.dim)
        self.register_buffer("camids", torch.from_numpy(camids), persistent=False)
        self._generator = torch.Generator().manual_seed(seed)
        self._warming_up = False
        self._chosen = Selection(torch.empty(0, 0, dtype=torch.int64), torch.empty(0, 0, dtype=torch.int64))
        self._trace: dict[str, float] = {}

    @classmethod
    def build(cls, setting: Setting) -> SCL:
        """Its choices are the settings ``scl.positives``, ``scl.negatives``, ..."""
        return cls(setting.camids, SCLConfig.of(setting.options), seed=setting.options["seed"])

    @classmethod
    def network(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """A linear layer and a batch norm with a learned bias for each view."""
        dim = SCLConfig.of(options).dim
        projection = {"global": dim} | dict.fromkeys(STRIPES, dim // len(STRIPES))
        return {"views": cls.views, "projection": projection, "neck_bias": True}

    def relabel(self, features: Features, epoch: int) -> tuple[np.ndarray, Diagnosis | None]:
        """Cluster the crops as Cluster Contrast does, for the record alone: no step looks at labels."""
        return self.clustering.label({"global": self.embedding(features)})[0], None

    def start_epoch(self, features: Features, labels: np.ndarray, epoch: int) -> None:
        """Fill G and L once, before the first epoch; M begins at zero."""
        self._warming_up = epoch < self.config.warmup
        if epoch == 0:
            self.whole.fill(features["global"])
            self.stripes.fill(np.concatenate([features[name] for name in STRIPES], axis=1))

    def batches(
        self, labels: np.ndarray, camids: np.ndarray, count: int, rng: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """Shuffle all crops and cut them into batches, again and again; a last, smaller batch is left out."""
        crops, size = len(self.camids), self.config.batch
        for n in range(count):
            place = n % (crops // size)
            if place == 0:
                order = rng.permutation(crops)
            yield order[place * size : (place + 1) * size]

    def iterations(self, wanted: int | None, batch_size: int, labels: np.ndarray, epoch: int) -> int:
        """All crops are trained on, whatever their labels."""
        return wanted or len(self.camids) // batch_size

    def losses(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """Steps 2 to 4."""
        c, (whole, local) = self.config, self._features(views)
        self._chosen = self._choose(whole, local, batch.rows)
        against = (self.mixture.rows, batch.rows, *self._chosen)
        contrast = partial(selective_contrast, scale=c.scale, lambda_t=c.lambda_t, alpha=c.alpha)
        return {
            "local": c.lambda_p * contrast(local, *against),
            "global": (1 - c.lambda_p) * contrast(whole, *against),
        }

    def distances(self, whole: Tensor, local: Tensor) -> Tensor:
        """Return d of step 2, without cameras, from g and l, (B, D) both, to all training crops: (B, N)."""
        share = self.config.lambda_g  # |a - b|^2 = 2 - 2 a.b: all parts have length 1
        return 2 - 2 * (share * self.whole.similarity(whole) + (1 - share) * self.stripes.similarity(local))

    @torch.no_grad()
    def _choose(self, whole: Tensor, local: Tensor, rows: Tensor) -> Selection:
        """Step 3."""
        c, d = self.config, self.distances(whole, local)
        cut: Cut = nobody if self._warming_up else CUTS[c.selector]
        if self._warming_up:
            score, more = torch.rand(d.shape, generator=self._generator).to(d.device), c.positives
        else:
            score, more = d + c.camera * ((self.camids[rows, None] == self.camids) & (self.camids >= 0)), 0
        chosen = select(score, rows, positives=c.positives, negatives=c.negatives + more, cut=cut)
        near, far = (distances_to(some, d).mean() for some in chosen)  # NaN where there are none
        taken = int((chosen.positives >= 0).sum()) / len(d)
        self._trace = {"positives": taken, "positive_distance": float(near), "negative_distance": float(far)}
        return chosen

    @staticmethod
    def _features(views: Mapping[str, View]) -> tuple[Tensor, Tensor]:
        """Step 1: g and l, (B, D) both."""
        return views["global"].unit, torch.cat([views[name].unit for name in STRIPES], dim=1)

    def pairs(self, views: Mapping[str, View], batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the distances to the positives and negatives that :meth:`losses` has just chosen.

        A shuffled batch holds hardly two crops of one person, so the pairs are of a crop and rows of G and L
        (no gradient there), at the distance of :func:`combine`'s vectors. The warm-up has no positive ones.
        """
        d = self.distances(*self._features(views))
        return distances_to(self._chosen.positives, d), distances_to(self._chosen.negatives, d)

    def keep(self, views: Mapping[str, View], batch: Batch) -> dict[str, Tensor]:
        """The features, whose they are, and the positives that :meth:`losses` has just chosen."""
        whole, local = (features.detach() for features in self._features(views))
        return {"global": whole, "local": local, "rows": batch.rows, "positives": self._chosen.positives}

    def update(self, kept: Mapping[str, Tensor]) -> None:
        """Step 5."""
        self.whole.update(kept["rows"], kept["global"])
        self.stripes.update(kept["rows"], kept["local"])
        targets = torch.cat([kept["rows"][:, None], kept["positives"]], dim=1)
        self.mixture.update(targets, kept["local"])
        self.mixture.update(targets, kept["global"])

    def embedding(self, features: Features) -> np.ndarray:
        """The vector whose squared distance is d: see :func:`combine`."""
        return combine(features, self.config.lambda_g)

    def trace(self) -> dict[str, float]:
        """How many positives a crop took, and how far those and its negatives lay."""
        return dict(self._trace)

    def get_extra_state(self) -> Tensor:
        """Where the random negatives have got to."""
        return self._generator.get_state()

    def set_extra_state(self, state: Tensor) -> None:
        """Go on drawing from there."""
        self._generator.set_state(state)
