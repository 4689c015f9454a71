"""What somebody is doing with a scene: which epoch, labels, crops and pairs. All panels watch this."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import traitlets
from numpy.typing import ArrayLike, NDArray

from reidkit.distances.distributions import COARSE_BINS
from reidkit.distances.separation import equal_error
from reidkit.errors import ReidkitError
from reidkit.explore.counting import WORK, Everybody, FoundPairs, PairCounter, strangers
from reidkit.explore.scene import Rows, Scene
from reidkit.labels import OUTLIER
from reidkit.labels.doctor import examine, told_by
from reidkit.labels.edits import EditLog
from reidkit.labels.lineage import Lineage

NOBODY = np.empty(0, np.int64)
LABELS, PEOPLE = "pseudo-labels", "identities"
EXACT = 20_000
"""Up to so many crops all pairs are counted; beyond, those of a random part with all."""


class Session(traitlets.HasTraits):
    """The state of an exploration. Everything that is shown follows from it.

    Args:
        scene: what is looked at.
        epoch: where to begin; None: the last.

    Attributes:
        epoch: of :attr:`Scene.epochs`. Another epoch brings other labels, so who watches those need not
            watch it.
        labels: (N,) int64, as recorded, dialled and mended.
        selection: rows, ascending; empty: nothing is selected.
        threshold: pairs closer than this would be called the same person.
        cameras: which pairs count: "all", "same" or "cross".
        judge: whether Pos means the same pseudo-label, or the same person (where people are known).
    """

    epoch = traitlets.Int()
    labels: Any = traitlets.Any()
    selection: Any = traitlets.Any(NOBODY)
    threshold = traitlets.Float(1.0)
    cameras = traitlets.Enum(["all", "same", "cross"], "all")
    judge = traitlets.Enum([LABELS, PEOPLE], LABELS)

    def __init__(self, scene: Scene, epoch: int | None = None) -> None:
        super().__init__()
        self.scene = scene
        self._counters: dict[int, PairCounter] = {}
        self.eps: float | None = None
        self.go_to(scene.epochs[-1] if epoch is None else epoch)
        self.threshold = self._equal_error()

    # Epochs and labels

    def go_to(self, epoch: int) -> None:
        """Look at another epoch, with the labels that were recorded for it. Edits are made again there.

        Raises:
            ReidkitError: it was not recorded.
        """
        if epoch not in self.scene.epochs:
            raise ReidkitError(f"epoch {epoch}: there are {self.scene.epochs}.")
        self.eps = None
        with self.hold_trait_notifications():
            self.epoch = int(epoch)
            self._begin(self.scene.labels(epoch))

    def dial(self, eps: float, *, k1: int | None = None, k2: int | None = None) -> None:
        """Cluster anew with another eps. Edits are made again on what comes of it.

        Raises:
            ReidkitError: eps outside (0, 1].
        """
        labels = self.scene.tree(self.epoch, k1=k1, k2=k2).cut(eps)
        self.eps = eps
        self._begin(labels)

    def _begin(self, labels: Rows) -> None:
        """Take other labels; what was edited on the old ones is done again, see :attr:`replayed`."""
        before: EditLog | None = getattr(self, "log", None)
        self.replayed = pd.DataFrame()
        if before is not None and before.edits:
            self.log, self.replayed = before.replay(labels, run=self.scene.run, epoch=self.epoch)
        else:
            self.log = EditLog(labels, self._names(), run=self.scene.run, epoch=self.epoch)
        self.labels = self.log.labels

    def _names(self) -> list[str]:
        paths = self.scene.paths
        return [str(path) for path in paths] if None not in paths else [str(row) for row in range(len(paths))]

    @property
    def not_replayed(self) -> int:
        """How many edits could not be made again on the labels that were taken last."""
        return int((self.replayed["status"] == "skipped").sum()) if len(self.replayed) else 0

    @property
    def ids(self) -> Rows:
        """(N,) what says which pairs are Pos: :attr:`labels`, or people."""
        return (
            self.labels if self.judge == LABELS else np.where(self.scene.pids > 0, self.scene.pids, OUTLIER)
        )

    @property
    def clusters(self) -> Rows:
        """The numbers of the clusters that there are."""
        found = np.unique(self.labels)
        return found[found != OUTLIER]

    # Selecting

    def select(self, rows: ArrayLike) -> None:
        """Select crops by their rows; the empty list selects nothing.

        Raises:
            ReidkitError: a row that is not there.
        """
        found = np.unique(np.asarray(rows, np.int64))
        if len(found) and not (found[0] >= 0 and found[-1] < len(self.scene)):
            raise ReidkitError(f"rows {found[0]} to {found[-1]}: there are 0 to {len(self.scene) - 1}.")
        if not np.array_equal(found, self.selection):
            self.selection = found

    def members(self, *clusters: int) -> Rows:
        """Return the rows of some clusters.

        Raises:
            ReidkitError: a cluster that is not there.
        """
        if missing := [int(c) for c in clusters if c not in self.clusters]:
            raise ReidkitError(f"There is no cluster {missing[0]}.")
        return np.flatnonzero(np.isin(self.labels, clusters))

    def selected(self) -> Rows:
        """Return the selection, or refuse where there is none.

        Raises:
            ReidkitError: nothing is selected.
        """
        if not len(self.selection):
            raise ReidkitError("Nothing is selected: draw a lasso around some dots, or click on a cluster.")
        return self.selection

    # Pairs

    @property
    def counter(self) -> PairCounter:
        """The pairs of all crops (of a random part with all, where there are too many)."""
        return self._counter(self.epoch)

    def _counter(self, epoch: int) -> PairCounter:
        if epoch not in self._counters:
            work = None if len(self.scene) <= EXACT else 20 * WORK
            self._counters[epoch] = PairCounter(self._crowd(epoch), work=work)
        return self._counters[epoch]

    def count_at(self, epoch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Count the Pos and Neg pairs of another epoch, with the labels recorded there."""
        ids = self.ids if self.judge == PEOPLE else self.scene.labels(epoch)
        return self._counter(epoch).count(ids, self.cameras)

    def _equal_error(self) -> float:
        """Where both kinds of error are equally frequent; the middle where there is only one kind of pair."""
        pos, neg = self.counter.count(self.ids)
        if not (pos.any() and neg.any()):
            return 1.0
        return equal_error(pos, neg, np.linspace(0, 2, COARSE_BINS + 1))[1]

    def selected_counter(self) -> PairCounter:
        """The pairs of the selected crops with all."""
        return PairCounter(self._crowd(self.epoch), self.selected(), work=WORK)

    def _crowd(self, epoch: int) -> Everybody:
        return strangers(self.scene.features(epoch), self.scene.camids)

    def pairs_in(self, pair: str, low: float, high: float, *, limit: int = 192) -> FoundPairs:
        """Find pairs in a range of distances, the worst first; of the selected crops, if any are selected."""
        counter = self.selected_counter() if len(self.selection) else self.counter
        return counter.find(self.ids, pair, low, high, cameras=self.cameras, limit=limit)  # type: ignore[arg-type]

    # Looking closer

    def suspects(self) -> pd.DataFrame:
        """Return what :func:`reidkit.labels.doctor.examine` suspects of the labels as they are now.

        Where no camera is known, only outliers and duplicates can be suspected.
        """
        camids = self.scene.camids
        return examine(self.scene.features(self.epoch), self.labels, camids, kinds=told_by(camids))

    def lineage(self) -> Lineage:
        """Return what became of the clusters, over all recorded epochs."""
        return Lineage({epoch: self.scene.labels(epoch) for epoch in self.scene.epochs})

    def apart(self, row: int, others: Rows) -> dict[str, NDArray[np.float64]]:
        """Return the distances from a crop to others, by view."""
        return {
            view: _distances(self.scene.features(self.epoch, view), row, others) for view in self.scene.views
        }


def _distances(features: NDArray[np.float32], row: int, others: Rows) -> NDArray[np.float64]:
    product = (features[others] @ features[row]).astype(np.float64)
    return np.sqrt(np.clip(2 - 2 * product, 0, None))
