"""Two tables to click in: the clusters, and the doctor's suspects. They are drawn by itables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np
import pandas as pd
from itables.widget import ITable
from scipy import sparse
from sklearn.metrics.cluster import contingency_matrix

from reidkit.errors import ReidkitError
from reidkit.explore.guard import guarded
from reidkit.explore.scene import Rows
from reidkit.explore.session import Session
from reidkit.labels import OUTLIER
from reidkit.labels.doctor import precision

_LOOK: dict[str, Any] = {
    "select": "single", "paging": False, "showIndex": False, "maxBytes": 0, "autoWidth": False,
    "classes": "display compact nowrap", "style": "width:100%;margin:0",
    "layout": {"topStart": "search", "topEnd": None, "bottomStart": None},
}  # fmt: skip


class Table:
    """A table with one row chosen, or none.

    Args:
        chosen: called with the place of the row in :attr:`table` that was clicked.
        report: where errors of callbacks go.
    """

    def __init__(self, chosen: Callable[[int], Any], report: Callable[[str], Any]) -> None:
        self.table = pd.DataFrame()
        self._shown = ITable(pd.DataFrame({"": []}), **_LOOK)
        # The box scrolls, not the table: one that scrolls splits off its head, which goes astray when hidden.
        self.widget = widgets.VBox([self._shown], layout={"max_height": "300px", "overflow": "auto"})
        self._chosen = chosen
        self._shown.observe(guarded(report)(self._clicked), "selected_rows")

    def show(self, table: pd.DataFrame, order: list[list[Any]] | None = None) -> None:
        """Show other rows; ``order`` as [[column, "desc"]]."""
        self.table = table
        self._shown.update(table, selected_rows=[], order=order or [])

    @property
    def chosen(self) -> int | None:
        """The place of the chosen row in :attr:`table`; None: none is."""
        return next(iter(self._shown.selected_rows), None)

    def _clicked(self, change: Any) -> None:
        if change["new"]:
            self._chosen(change["new"][0])


def cluster_table(session: Session) -> pd.DataFrame:
    """Measure the clusters: one row each, "cluster", "crops", "cameras", "width", "nearest" and "gap".

    "width" is the distance of its crops to their mean direction (root mean square), "nearest" the cluster
    with the nearest such mean and "gap" how far that is. With people known, "people" and "purity" (true
    identities).
    """
    scene, clusters = session.scene, session.clusters
    if not len(clusters):
        return pd.DataFrame(
            {"cluster": [], "crops": [], "cameras": [], "width": [], "nearest": [], "gap": []}
        )
    features = scene.features(session.epoch)
    rows = np.flatnonzero(session.labels != OUTLIER)
    place = np.searchsorted(clusters, session.labels[rows])
    sizes = np.bincount(place)
    member = sparse.csr_array(
        (np.ones(len(rows), np.float32), (place, rows)), shape=(len(clusters), len(features))
    )
    means = member @ features / sizes[:, None]
    length = np.linalg.norm(means, axis=1)  # the mean cosine of a cluster's crops with their mean direction
    means /= length[:, None]
    product = means @ means.T
    np.fill_diagonal(product, -1)
    table = pd.DataFrame(
        {
            "cluster": clusters,
            "crops": sizes,
            "cameras": np.diff(_shared(place, scene.camids[rows]).indptr),
            "width": np.round(_root(length), 3),
            "nearest": clusters[product.argmax(axis=1)],
            "gap": np.round(_root(product.max(axis=1)), 3),
        }
    )
    if scene.known:
        people = _shared(place, scene.pids[rows])
        table["people"] = np.diff(people.indptr)
        table["purity"] = np.round(people.max(axis=1).toarray().ravel() / sizes, 3)
    return table


def _shared(place: Rows, others: Rows) -> sparse.csr_array:
    """Count the crops of each cluster (rows) and each camera or person (columns)."""
    return contingency_matrix(place, others, sparse=True, dtype=np.int64)


def _root(product: np.ndarray) -> np.ndarray:
    return np.sqrt(np.clip(2 - 2 * product.astype(np.float64), 0, None))


class Clusters:
    """The table of clusters; a click selects one.

    Args:
        look: shows a cluster and its nearest one; called with their numbers and the gap between them.
    """

    def __init__(
        self, session: Session, look: Callable[[int, int, float], Any], report: Callable[[str], Any]
    ) -> None:
        self.session, self._look = session, look
        self.table = Table(self._chosen, report)
        self.widget = self.table.widget
        session.observe(guarded(report)(self.redraw), "labels")
        self.redraw()

    def redraw(self, _change: object = None) -> None:
        """Measure anew."""
        self.table.show(cluster_table(self.session), [[1, "desc"]])

    def _chosen(self, place: int) -> None:
        row = self.table.table.iloc[place]
        self.session.select(self.session.members(int(row["cluster"])))
        self._look(int(row["cluster"]), int(row["nearest"]), float(row["gap"]))


class Suspects:
    """The doctor's list; a click shows the two groups, a button does what the suspicion asks for.

    Args:
        look: shows the two groups of a suspect, a row of :attr:`found`.
        mend: does what it asks for.
    """

    def __init__(
        self,
        session: Session,
        look: Callable[[pd.Series], Any],
        mend: Callable[[pd.Series], Any],
        report: Callable[[str], Any],
    ) -> None:
        self.session, self._look, self._mend = session, look, mend
        self.found = pd.DataFrame()
        guard = guarded(report)
        self.table = Table(self._chosen, report)
        self.ask = widgets.Button(description="Ask the doctor", icon="stethoscope", button_style="primary")
        self.mend = widgets.Button(description="Mend this one", tooltip="Cut the merge, join the pair, ...")
        self.judged = widgets.HTML()
        self.ask.on_click(guard(self.redraw))
        self.mend.on_click(guard(self._mended))
        controls = widgets.HBox([self.ask, self.mend, self.judged], layout={"flex_flow": "row wrap"})
        self.widget = widgets.VBox([controls, self.table.widget])

    def redraw(self, _click: object = None) -> None:
        """Examine the labels as they are now."""
        self.found = self.session.suspects()
        shown = self.found[["kind", "score", "clusters", "reason"]].assign(
            score=self.found["score"].round(3),
            clusters=[", ".join(map(str, some)) for some in self.found["clusters"]],
        )
        self.table.show(shown)
        self.judged.value = self._precision()

    def _precision(self) -> str:
        counts = self.found["kind"].value_counts(sort=False)
        text = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing suspicious"
        if self.session.scene.known and len(self.found):
            judged = precision(self.found, self.session.scene.pids)
            right = ", ".join(
                f"{kind} {row['right']:.0f} of {row['judged']:.0f}"
                for kind, row in judged.iterrows()
                if row["judged"]
            )
            text += f"<br>right among the first 20 of a kind (true identities): {right}"
        return f'<span style="font-size:12px">{text}</span>'

    def _chosen(self, place: int) -> None:
        self._look(self.found.iloc[place])

    def _mended(self, _click: object) -> None:
        if self.table.chosen is None:
            raise ReidkitError("No suspect is chosen: click on one in the table first.")
        self._mend(self.found.iloc[self.table.chosen])
        self.redraw()
