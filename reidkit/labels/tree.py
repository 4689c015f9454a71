"""The cluster tree: DBSCAN at every eps from one pass.

As eps grows, DBSCAN's clusters only ever join. So all clusterings form one tree, and a single one is a cut
through it. Three numbers hold all of it:

1. core_i, the *core distance* of crop i: the eps from which on it is a core crop, that is, the distance of
   its ``min_samples``-th nearest, itself counted.
2. max(core_i, core_j, d_ij), the *mutual reachability* of two crops: the eps from which on both are core
   crops and linked. Of all these only the lightest edges matter that hold everything together, a minimum
   spanning forest: N - 1 edges at most, in the order in which they join clusters.
3. min_j max(core_j, d_ij), for crop i while it is no core crop: the eps from which on a core crop reaches
   it, so that it belongs to that core crop's cluster (a *border* crop).

Sources: Ester et al., "A density-based algorithm for discovering clusters in large spatial databases with
noise", KDD 1996 (DBSCAN); Campello, Moulavi, Sander, "Density-based clustering based on hierarchical density
estimates", PAKDD 2013, definitions 1-4 (core distance, mutual reachability, and the tree, there without the
border crops).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from tqdm.auto import tqdm

from reidkit.distances.threads import openmp_left_alone
from reidkit.errors import ReidkitError
from reidkit.labels import kernels
from reidkit.labels.checks import check_eps, read_graph
from reidkit.labels.quality import count_pairs, label_quality

EVEN = tuple(step / 100 for step in range(1, 100))
"""The values of eps that a sweep tries by itself."""


def cluster_tree(
    graph: sparse.csr_array, min_samples: int = 4, *, eps_max: float | None = None
) -> ClusterTree:
    """Build the tree of all DBSCAN clusterings of a distance graph.

    It reads the graph about ten times and needs a few numbers a crop beside it. For 12,936 crops, building it
    and cutting it 100 times costs about as much as one scikit-learn DBSCAN on the full table of distances
    (``python -m tests.benchmarks.cluster_tree``).

    Args:
        graph: (N, N) sparse symmetric distances, from :func:`reidkit.neighbours.jaccard_graph`. An entry
            that is not stored is no link at any eps.
        min_samples: how many crops within eps make a core crop, itself counted; 4 is Cluster Contrast's
            released value.
        eps_max: if the graph was cut (``jaccard_graph(..., eps=0.7)``), that eps: the tree then refuses to
            be cut above it, where links are missing. None: the graph is whole. Nobody can see from a graph
            that it was cut: where people are well separated, a whole graph too has nothing stored above
            0.5, say. :attr:`ClusterTree.farthest` tells the largest distance there is.

    Raises:
        ReidkitError: not a symmetric graph of distances >= 0, min_samples below 1, or a distance stored
            above eps_max.

    A chain of four crops. With ``min_samples`` = 3 its ends, which know one other crop only, never become
    core crops:

    >>> chain = [[0, 0.2, 0, 0], [0.2, 0, 0.3, 0], [0, 0.3, 0, 0.6], [0, 0, 0.6, 0]]  # 0: not stored
    >>> tree = cluster_tree(sparse.csr_array(chain), min_samples=3)
    >>> tree.core
    array([inf, 0.3, 0.6, inf])
    >>> tree.cut(0.25), tree.cut(0.3), tree.cut(0.6)
    (array([-1, -1, -1, -1]), array([ 0,  0,  0, -1]), array([0, 0, 0, 0]))
    """
    if min_samples < 1:
        raise ReidkitError(f"min_samples = {min_samples}: it must be at least 1.")
    start, columns, values = read_graph(graph)
    farthest = float(values.max(initial=0))
    if eps_max is not None and values.dtype.type(eps_max) < farthest:
        raise ReidkitError(f"eps_max = {eps_max}, but the graph holds distances up to {farthest:.4g}.")
    core = kernels.core_distances(start, columns, values, min_samples)
    reached, by = kernels.first_reach(start, columns, values, core)
    with openmp_left_alone():
        first, second, merged = kernels.spanning_forest(start, columns, values, core)
    order = np.argsort(merged)
    return ClusterTree(
        core, reached, by, first[order], second[order], merged[order], min_samples, farthest, eps_max
    )


@dataclass(frozen=True, eq=False)
class ClusterTree:
    """All DBSCAN clusterings of N crops, from :func:`cluster_tree`; distances are in the graph's precision.

    Attributes:
        core: (N,) the eps from which on a crop is a core crop; inf: never.
        reached: (N,) the eps from which on a core crop reaches it; inf: never.
        by: (N,) int64, which core crop that is, -1: none. Among equals the nearer, then the smaller index.
        first, second: (M,) int64, the ends of the forest's edges, M <= N - 1.
        merged: (M,) ascending, the eps at which each edge joins two clusters.
        min_samples: as given.
        farthest: the largest distance stored in the graph.
        eps_max: the largest eps the graph can answer for; None: any.
    """

    core: NDArray[np.floating]
    reached: NDArray[np.floating]
    by: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    merged: NDArray[np.floating]
    min_samples: int
    farthest: float
    eps_max: float | None = None

    def cut(self, eps: float) -> NDArray[np.int64]:
        """Return DBSCAN's labels at one eps, in O(N).

        Core crops, outliers and the clusters of the core crops are those of scikit-learn's DBSCAN, in
        number and in order. They differ in one point only. A border crop may be within reach of several
        clusters, and DBSCAN leaves open which one it joins: scikit-learn takes the cluster with the
        smallest number, the tree takes the core crop that was first to reach it as eps grew
        (:attr:`by`). This depends on distances alone, and a crop stays with its cluster for every larger
        eps: clusterings are nested.

        Args:
            eps: largest distance that links two crops. A distance equal to eps, rounded to the precision
                of the graph, counts.

        Returns:
            (N,) int64 pseudo-labels: clusters 0 .. K-1, numbered by their first core crop, outliers -1.

        Raises:
            ReidkitError: eps outside (0, 1], or above the ``eps_max`` of a graph that was cut there.
        """
        check_eps(eps)
        if self.eps_max is not None and eps > self.eps_max:
            raise ReidkitError(
                f"eps = {eps}: the graph was cut at eps_max = {self.eps_max}, so longer links are missing; "
                "make it with a larger eps, or whole (eps=None)."
            )
        limit = self.core.dtype.type(eps)
        edges = np.searchsorted(self.merged, limit, side="right")
        is_core = self.core <= limit
        labels = kernels.number_components(self.first[:edges], self.second[:edges], is_core)
        border = ~is_core & (self.reached <= limit)
        labels[border] = labels[self.by[border]]
        return labels

    def sweep(
        self,
        eps_values: Iterable[float] | None = None,
        *,
        pids: ArrayLike | pd.Series | None = None,
        ami: bool = False,
    ) -> pd.DataFrame:
        """Cut the tree at many eps, and count.

        Args:
            eps_values: None: 0.01, 0.02 ... 0.99 (up to ``eps_max``, if there is one).
            pids: (N,) identities; with them, each row also has the figures of
                :func:`~reidkit.labels.label_quality`. For judging only.
            ami: with pids, the two AMI scores too. They are slow: 2 s a value for 13,000 crops.

        Returns:
            One row a value: ``eps, clusters, outliers, largest, pairs`` - the crops in the largest
            cluster, and the pairs of crops that share a cluster - and then the figures of quality.
        """
        if eps_values is None:
            eps_values = [eps for eps in EVEN if self.eps_max is None or eps <= self.eps_max]
        rows = []
        for eps in tqdm(list(eps_values), desc="sweep", unit="eps", delay=3, leave=False):
            labels = self.cut(eps)
            sizes = np.bincount(labels[labels >= 0])
            row = {"eps": eps, "clusters": len(sizes), "outliers": int((labels < 0).sum())}
            row |= {"largest": int(sizes.max(initial=0)), "pairs": count_pairs(sizes)}
            rows.append(row | (label_quality(labels, pids, ami=ami) if pids is not None else {}))
        return pd.DataFrame(rows)

    def plateau(self) -> tuple[float, float]:
        """Find the widest range of eps over which the clustering hardly changes, without any identity.

        "Hardly" means: if the clusters at its right end were the true people, those at its left end
        would have a pair F1 of at least 1/2. Clusters only join, so every pair that shares a cluster at
        the left still does at the right, and with S pairs left and S' right that F1 is 2S / (S + S').
        Ranges where more than half of the crops are outliers, or in one cluster, do not count: there
        nothing changes because there is nothing to see.

        Returns:
            Its two ends, in steps of 0.01; none above ``eps_max``.

        Raises:
            ReidkitError: no eps leaves at least half of the crops in clusters of at most half of them.
        """
        table = self.sweep()
        half = len(self.core) / 2
        usable = table[(table["outliers"] <= half) & (table["largest"] <= half)]
        if usable.empty:
            raise ReidkitError(
                "No eps puts at least half of the crops into clusters without putting more than half into "
                "one: these distances know no groups. reidkit.labels.diagnose names the likely cause."
            )
        eps, pairs = usable["eps"].to_numpy(), usable["pairs"].to_numpy()
        last = np.searchsorted(pairs, 3 * pairs, side="right") - 1  # 2S / (S + S') >= 1/2
        widest = int(np.argmax(last - np.arange(len(eps))))
        return float(eps[widest]), float(eps[last[widest]])

    def suggest_eps(self) -> float:
        """Propose an eps without any identity: the middle of the :meth:`plateau`.

        It is a place to start from, not the answer. On Winter towns of 40 people that were not looked at
        while the rule was made, embedded by a network that had never seen them, it got 83 to 97 % of the
        best pair F1 that any eps reaches, 90 % on average, and was too small rather than too large; a fixed
        0.5, which was tuned on such towns, got 94 % (``python -m tests.benchmarks.suggested_eps --seeds 3 4
        5``). What it is good for is to stay clear of the cliff beyond which one cluster swallows the others:
        a fixed 0.6, the released value for real people, got as little as 42 % there.

        Raises:
            ReidkitError: as for :meth:`plateau`.
        """
        low, high = self.plateau()
        return round((low + high) / 2, 3)


def core_distances(graph: sparse.csr_array, min_samples: int = 4) -> NDArray[np.floating]:
    """Return at which distance each crop has ``min_samples`` crops within reach, itself counted; inf: never.

    Args:
        graph: as for :func:`cluster_tree`.
        min_samples: at least 1.

    Returns:
        (N,) in the graph's precision.
    """
    return kernels.core_distances(*read_graph(graph), min_samples)
