"""The eps dial: DBSCAN at any eps at once, from the cluster tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np

from reidkit.explore.guard import guarded
from reidkit.explore.session import Session
from reidkit.labels import label_quality
from reidkit.labels.quality import count_pairs

STEP = 0.01
"""Of the slider."""

NEAR = 0.02
"""How far to both sides a clustering is compared for its stability: SpCL's released gap."""


class Dial:
    """A slider for eps, with k1 and k2 of the Jaccard distance beside it, and what comes of it."""

    def __init__(self, session: Session, report: Callable[[str], Any]) -> None:
        self.session = session
        how = session.scene.clustering
        self.eps = widgets.FloatSlider(
            value=how.eps, min=0.02, max=1.0, step=STEP, description="eps", readout_format=".2f",
            layout={"width": "420px"},
        )  # fmt: skip
        most = max(len(session.scene) - 1, 2)
        self.k1 = widgets.BoundedIntText(value=min(how.k1, most), min=2, max=most, description="k1")
        self.k2 = widgets.BoundedIntText(value=min(how.k2, most), min=1, max=most, description="k2")
        for box in (self.k1, self.k2):
            box.layout.width = "150px"
        self.suggest = widgets.Button(description="Suggest", tooltip="The middle of the widest plateau")
        self.recorded = widgets.Button(description="As recorded", tooltip="The labels that the run used")
        self.told = widgets.HTML()
        self._stood = self._stands()
        guard = guarded(report)
        for control in (self.eps, self.k1, self.k2):
            control.observe(guard(self._turned), "value")
        self.suggest.on_click(guard(self._suggested))
        self.recorded.on_click(guard(lambda _click: session.go_to(session.epoch)))
        session.observe(guard(self.tell), "labels")
        top = widgets.HBox([self.eps, self.suggest, self.recorded], layout={"flex_flow": "row wrap"})
        self.widget = widgets.VBox([top, widgets.HBox([self.k1, self.k2]), self.told])
        self.tell()

    def _stands(self) -> tuple[float, int, int]:
        return self.eps.value, self.k1.value, self.k2.value

    def _turned(self, _change: object) -> None:
        """Cluster anew, unless a browser just rounded what it was to show: 0.5 may come back as 0.50...01."""
        before, self._stood = self._stood, self._stands()
        if before[1:] == self._stood[1:] and abs(before[0] - self._stood[0]) <= STEP / 2:
            return
        self.session.dial(self.eps.value, k1=self.k1.value, k2=self.k2.value)

    def turn(self, eps: float) -> None:
        """Turn the dial by code, to any eps."""
        self.eps.value = eps
        if self.session.eps != eps:  # it stood there already, or nearly, but the labels are others
            self.session.dial(eps, k1=self.k1.value, k2=self.k2.value)

    def _suggested(self, _click: object) -> None:
        tree = self.session.scene.tree(self.session.epoch, k1=self.k1.value, k2=self.k2.value)
        self.turn(tree.suggest_eps())

    def tell(self, _change: object = None) -> None:
        """Say what the labels are like."""
        labels, session = self.session.labels, self.session
        sizes = np.bincount(labels[labels >= 0])
        parts = [
            f"<b>{(sizes > 0).sum():,} clusters</b>", f"{(labels < 0).sum():,} outliers",
            f"largest {sizes.max(initial=0):,} crops",
        ]  # fmt: skip
        if session.eps is None:
            which = f"epoch {session.epoch}, as recorded"
        else:
            which = f"eps {session.eps:.2f}"
            parts.append(f"stability {self._stability():.2f}")
        if session.scene.known:
            scores = label_quality(labels, session.scene.pids, ami=False)
            parts.append(f"purity {scores['purity']:.3f}, pair F1 {scores['pair_f1']:.3f} (true identities)")
        if session.log.edits:
            parts.append(f"edits: {len(session.log.edits)}")
        if skipped := session.not_replayed:
            parts.append(f"{skipped} edits could not be made again on these labels")
        self.told.value = f"{which}: {' · '.join(parts)}"

    def _stability(self) -> float:
        """Share of the pairs of a little larger eps that a little smaller one has too: 1, nothing changes."""
        eps = self.session.eps or 0.0
        tree = self.session.scene.tree(self.session.epoch, k1=self.k1.value, k2=self.k2.value)
        tight, loose = (tree.cut(min(max(eps + step, 0.001), 1.0)) for step in (-NEAR, NEAR))
        inside, around = (count_pairs(np.bincount(found[found >= 0])) for found in (tight, loose))
        return inside / around if around else float("nan")
