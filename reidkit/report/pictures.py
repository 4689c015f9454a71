"""The pictures of a report, each drawn from one run's record."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reidkit.data.crops import select
from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.evaluation import PROTOCOLS, protocol_of
from reidkit.evaluation.protocols import Setting
from reidkit.evaluation.scores import Fold, Search
from reidkit.labels.doctor import examine, precision, told_by
from reidkit.labels.lineage import Lineage
from reidkit.plots import (
    camera_montage,
    cluster_strips,
    compare_pairs,
    plot_flow,
    plot_label_quality,
    plot_maps,
    plot_means,
    plot_over_epochs,
    plot_overlap,
    plot_suspects,
    ranked_lists,
)
from reidkit.plots.album import Album
from reidkit.plots.pairs import holds, spread
from reidkit.projection import project_epochs

_STEPS = 4  # epochs that the maps pass through on the way from the first to the last
COLUMNS = 12  # epochs of the flow picture, at most
_CASES = ("worst", "median", "best")


class Pictures:
    """Draws a run's pictures; each method raises ReidkitError where the record lacks what it needs.

    Args:
        record: the run; only its folder and the image files are read.
        seed: of the maps, and of the people shown.
    """

    def __init__(self, record: Record, *, seed: int = 0) -> None:
        self.record, self.seed = record, seed
        if not record.recorded:
            raise ReidkitError(f"{record.path} has no finished epoch yet: there is nothing to report.")
        self.first, self.last = record.recorded[0], record.recorded[-1]
        self.train, self.query, self.gallery = (
            select(record.crops, split) for split in ("train", "query", "gallery")
        )
        self.album = Album(record.crops["path"])

    @cached_property
    def judged(self) -> bool:
        """Whether true identities of the test crops are known."""
        return holds(self.record.pairs(self.first), "test", "identity")

    @property
    def named(self) -> bool:
        """Whether the true person of a training crop is known."""
        return bool((self.train["pid"] > 0).any())

    @property
    def whose(self) -> tuple[str, str]:
        """Crops and ids of the pairs drawn: test crops by true identity, else what labels say."""
        return ("test", "identity") if self.judged else ("train", "pseudo")

    @cached_property
    def protocol(self) -> str:
        """The name of the protocol by which the test crops are searched."""
        return protocol_of(pd.concat([self.query, self.gallery]))

    @cached_property
    def settings(self) -> list[Setting]:
        """Its settings, the main one first; none where nobody knows who is who."""
        return PROTOCOLS[self.protocol](self.query, self.gallery) if self.judged else []

    def ridge(self) -> Figure:
        """Pos and Neg in every epoch that counted them."""
        crops, ids = self.whose
        return plot_over_epochs(self.record, crops=crops, ids=ids)

    def before_after(self) -> Figure:
        """Pos and Neg in the first and the last such epoch."""
        first, last = self._ends()
        if first == last:
            raise ReidkitError("Only one epoch has counted its pairs: there is no before and after.")
        tables = {
            f"at epoch {first}": self.record.pairs(first),
            f"at epoch {last}": self.record.pairs(last),
        }
        crops, ids = self.whose
        return compare_pairs(tables, crops=crops, ids=ids)

    def overlap(self) -> Figure:
        """The overlap over the epochs, by camera where both kinds of pairs are there."""
        which, prefix = ("test", "") if self.judged else ("pseudo", "pseudo_")
        parts = [f"{prefix}overlap_same", f"{prefix}overlap_cross"]
        both = bool(self.record.epochs.reindex(columns=parts).notna().any().all())
        return plot_overlap(self.record.epochs, which=which, cameras=both)

    def means(self) -> Figure:
        """The mean distances over the epochs."""
        return plot_means(self.record.epochs, which="test" if self.judged else "pseudo")

    def label_quality(self) -> Figure:
        """How good the pseudo-labels are, over the epochs."""
        return plot_label_quality(self.record.epochs)

    def clusters(self) -> Figure:
        """The clusters of the last epoch: the most mixed ones, or the largest where nobody knows."""
        self._need_images()
        pids = self.train["pid"] if self.named else None
        labels = self.record.labels(self.last)
        crops = Album(self.train["path"])
        return cluster_strips(crops, labels, pids=pids, rows=6, per_cluster=11)

    def suspects(self) -> Figure:
        """What the doctor suspects of the last epoch's labels: the first two of each kind."""
        table = self._suspects
        self._need_images()
        pids = self.train["pid"] if self.named else None
        return plot_suspects(Album(self.train["path"]), table, pids=pids)

    def findings(self) -> str:
        """How many suspects of each kind, and how many of the first are right where identities are known."""
        counts = self._suspects["kind"].value_counts(sort=False)
        said = f"{counts.sum()} suspects: " + ", ".join(f"{n} {kind}" for kind, n in counts.items()) + "."
        if not self.named or counts.empty:
            return said if len(counts) else "No suspects."
        judged = precision(self._suspects, self.train["pid"], first=20).query("judged > 0")
        shares = ", ".join(
            f"{kind} {row['right']:.0f} of {row['judged']:.0f}" for kind, row in judged.iterrows()
        )
        return f"{said} Of the first 20 of each kind are right (judged with true identities): {shares}."

    def flow(self) -> Figure:
        """What became of the clusters, over the epochs or twelve of them."""
        labels = {epoch: self.record.labels(epoch) for epoch in spread(self.record.recorded, COLUMNS)}
        return plot_flow(Lineage(labels), pids=self.train["pid"] if self.named else None)

    def maps(self, by: Literal["label", "pid"]) -> Figure:
        """The training crops before and after, coloured by pseudo-label or by true person."""
        if by == "pid" and not self.named:
            raise ReidkitError("The true people of the training crops are not known.")
        layouts = {f"epoch {e}": self._layouts[e] for e in (self.first, self.last)}
        colours = {
            f"epoch {e}": self.record.labels(e) if by == "label" else self.train["pid"]
            for e in (self.first, self.last)
        }
        crops = None if self.album.is_empty else Album(self.train["path"])
        name = {"label": "pseudo-label", "pid": "true person"}[by]
        title = {
            "label": "Before and after: what the network takes for one person",
            "pid": "Before and after: who it truly is (drawn with true identities)",
        }[by]
        return plot_maps(layouts, colour_by=colours, name=name, crops=crops, title=title)

    def cameras(self) -> Figure:
        """Some people in every camera; only crops whose file is there."""
        self._need_images()
        there = self.train[~self.train["path"].isin(self.album.missing)]
        return camera_montage(there, people=4, shots=3, seed=self.seed)

    def searches(self, when: Literal["before", "after"]) -> Figure:
        """The worst, median and best queries (by AP after training), before or after it."""
        self._need_images()
        ends = dict(zip(("before", "after"), self._ends(), strict=True))
        if when == "after" and ends["before"] == ends["after"]:
            raise ReidkitError("Only one epoch was tested: there is no after.")
        found = self._found[when]
        judged, cases = choose_queries(self._found["after"].ranking.ap)
        asked, top = found.top(10, judged)
        ap, trials = found.ranking.ap, found.setting.trials
        figures = f"mAP {ap.mean():.0%}, Rank-1 {(found.ranking.first_match == 1).mean():.0%}"
        drawn = f" in the first of {trials} random galleries" if trials > 1 else ""
        return ranked_lists(
            [Album(self.query["path"])[row] for row in asked],
            Album(self.gallery["path"]),
            top.indices,
            top.match,
            captions=[f"{case}\nAP {ap[place]:.0%}" for place, case in zip(judged, cases, strict=True)],
            title=f"Epoch {ends[when]}, {when} training: {figures}{drawn} (true identities)",
        )

    @cached_property
    def _suspects(self) -> pd.DataFrame:
        features, labels = self.record.features(self.last), self.record.labels(self.last)
        camids = self.train["camid"]
        return examine(features, labels, camids, kinds=told_by(camids))

    @cached_property
    def _layouts(self) -> dict[int, np.ndarray]:
        epochs = spread(self.record.recorded, _STEPS)
        features = [self.record.features(e) for e in epochs]
        return dict(zip(epochs, project_epochs(features, seed=self.seed), strict=True))

    @cached_property
    def _found(self) -> dict[str, Search]:
        """Before and after; the queries that can be judged are the same in both."""
        return {
            when: self._search(epoch) for when, epoch in zip(("before", "after"), self._ends(), strict=True)
        }

    def _search(self, epoch: int) -> Search:
        """The main search of an epoch, by the benchmark's own rules."""
        features, split = self.record.features(epoch, split="test"), len(self.query)
        fold = Fold(self.query, self.gallery, features[:split], features[split:])
        return fold.search(self.settings[0])

    def _ends(self) -> tuple[int, int]:
        """The first and the last epoch in which the pairs that are drawn were counted."""
        held = [e for e in self.record.recorded if holds(self.record.pairs(e), *self.whose)]
        if not held:
            raise ReidkitError("No epoch of this run has counted its pairs.")
        return held[0], held[-1]

    def _need_images(self) -> None:
        if self.album.is_empty:
            folder = Path(self.album.paths[0]).parent.name
            raise ReidkitError(f"None of the image files is there (last seen in a folder {folder!r}).")


def choose_queries(ap: np.ndarray, *, each: int = 2) -> tuple[np.ndarray, list[str]]:
    """Choose the queries with the lowest, the middle and the highest AP.

    Returns:
        Rows of ``ap`` by rising AP, and for each the word "worst", "median" or "best". Fewer than
        three times ``each`` queries are all chosen, with no row twice.

    >>> choose_queries(np.array([0.9, 0.1, 0.5]), each=1)
    (array([1, 2, 0]), ['worst', 'median', 'best'])
    """
    order = np.argsort(ap, kind="stable")
    n, middle = len(order), max((len(order) - each) // 2, 0)
    places = {"worst": range(each), "median": range(middle, middle + each)}
    places["best"] = range(n - each, n)
    chosen: dict[int, str] = {}
    for case, where in places.items():
        for place in where:
            if 0 <= place < n:
                chosen.setdefault(int(order[place]), case)
    return np.array(list(chosen)), list(chosen.values())
