"""Numbers over the epochs: where Pos and Neg lie, how far they overlap, how good the labels are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from reidkit.errors import ReidkitError
from reidkit.plots.distributions import separation_claim
from reidkit.plots.style import GREY, NEG, POS, RUNS, canvas, empty, headed, over, style, target

_PREFIX = {"test": "", "train": "train_", "pseudo": "pseudo_"}
_WHOSE = {
    "test": "test crops, true identities",
    "train": "train crops, true identities",
    "pseudo": "train crops, pseudo-labels",
}
_NAMES = {
    "overlap": "Overlap of Pos and Neg",
    "auc": "AUC of Pos against Neg",
    "mAP": "mAP",
    "mINP": "mINP",
    "rank1": "Rank-1",
    "d_prime": "d′: gap in standard deviations",
    "eer": "Equal error rate",
}
_SHARES = {"overlap", "auc", "mAP", "mINP", "rank1", "rank5", "rank10", "eer", "tpr_at_fpr1"}


def plot_means(
    epochs: pd.DataFrame, *, which: str = "test", title: str | None = None, ax: Axes | None = None
) -> Figure:
    """Draw the mean Pos and the mean Neg distance of every epoch, with a band of ± one spread.

    Args:
        epochs: the record's table of epochs; columns ``pos_mean, pos_std, neg_mean, neg_std``.
        which: ``"test"`` or ``"train"`` (true identities), or ``"pseudo"`` (pseudo-labels).
        title: the default says what became of the gap between the means.

    Raises:
        ReidkitError: ``which`` was never measured in this run.
    """
    prefix = _PREFIX[which]
    names = [f"{prefix}{pair}_{stat}" for pair in ("pos", "neg") for stat in ("mean", "std")]
    rows = measured(epochs, names)
    gap = rows[f"{prefix}neg_mean"] - rows[f"{prefix}pos_mean"]
    verb = "grows" if gap.iloc[-1] > gap.iloc[0] else "shrinks"
    claim = f"The gap between the means {verb}: {gap.iloc[0]:.2f} → {gap.iloc[-1]:.2f}"
    figure, ax = target(ax, size=(5.2, 3.0))
    with style():
        for pair, colour in (("pos", POS), ("neg", NEG)):
            mean, std = rows[f"{prefix}{pair}_mean"], rows[f"{prefix}{pair}_std"]
            ax.fill_between(
                rows["epoch"], mean - std, mean + std, color=colour, alpha=0.18, lw=0,
                label=f"{pair.title()}: mean ± one standard deviation",
            )  # fmt: skip
            ax.plot(rows["epoch"], mean, color=colour, marker="o", ms=4)
        ax.set_ylim(bottom=0)
        ax.set_ylabel("distance")
        _epoch_axis(ax, rows["epoch"], _WHOSE[which])
        headed(ax, title or claim, columns=1)
    return figure


def plot_overlap(
    epochs: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    which: str = "test",
    also: Sequence[str] = (),
    cameras: bool = False,
    title: str | None = None,
) -> Figure:
    """Draw the overlap of Pos and Neg over the epochs, and other scores in panels beside it.

    Args:
        epochs: the table of epochs of one run, or several by the name of the run.
        which: ``"test"`` or ``"train"`` (true identities), or ``"pseudo"`` (pseudo-labels).
        also: further columns, as ``("auc", "mAP")``; one panel each.
        cameras: also draw the overlap of same-camera and of cross-camera pairs.
        title: the default says what became of the overlap.

    Raises:
        ReidkitError: a column that was never measured in one of the runs.
    """
    runs = epochs if isinstance(epochs, Mapping) else {"this run": epochs}
    overlap = f"{_PREFIX[which]}overlap"
    title = title or _overlap_claim(runs, overlap, cameras=cameras)
    figure, axes = canvas(1, 1 + len(also), size=(2.2 + 3.2 * (1 + len(also)), 3.0))
    with style():
        _draw_runs(axes[0, 0], runs, overlap, cameras=cameras)
        for ax, column in zip(axes[0, 1:], also, strict=True):
            _draw_runs(ax, runs, column, cameras=False)
        if also:
            over(figure, title)
        else:
            headed(axes[0, 0], title, columns=3)
    return figure


def plot_label_quality(epochs: pd.DataFrame, *, title: str | None = None) -> Figure:
    """Draw how good the pseudo-labels are: agreement with the truth, clusters, outliers.

    Args:
        epochs: the record's table of epochs. Where identities are unknown (no ``ami``), the
            first panel says so and the other two are drawn all the same.
        title: the default says what became of the agreement.
    """
    figure, axes = canvas(1, 3, size=(9.6, 3.1))
    known = "ami" in epochs and bool(epochs["ami"].notna().any())
    with style():
        if known:
            _agreement(axes[0, 0], measured(epochs, ["ami", "pair_f1"]))
        else:
            empty(axes[0, 0], "identities unknown:\nnobody can judge the labels")
        counted = measured(epochs, ["clusters", "outliers"])
        _counts(axes[0, 1], counted, known=known)
        axes[0, 2].plot(counted["epoch"], counted["outliers"], color=GREY, marker="o", ms=4, label="outliers")
        axes[0, 2].set_ylim(bottom=0)
        headed(axes[0, 2], "Crops left without a label", columns=1)
        for ax in axes[0, :] if known else axes[0, 1:]:
            _epoch_axis(ax, counted["epoch"])
        claim = _label_claim(epochs) if known else "The clusters, epoch by epoch"
        over(figure, title or claim)
    return figure


def measured(epochs: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The rows of the table of epochs in which all ``columns`` have a number.

    Raises:
        ReidkitError: there is no such row.
    """
    columns = list(columns)
    absent = [name for name in columns if name not in epochs or epochs[name].isna().all()]
    if absent:
        raise ReidkitError(
            f"This run never measured {', '.join(absent)}: identities, or a test set, are missing."
        )
    return epochs.dropna(subset=columns)


def _draw_runs(ax: Axes, runs: Mapping[str, pd.DataFrame], column: str, *, cameras: bool) -> None:
    parts = {"": "-", "_same": ":", "_cross": "--"} if cameras else {"": "-"}
    words = {"": "all pairs", "_same": "same camera", "_cross": "two cameras"}
    for position, (name, table) in enumerate(runs.items()):
        for part, dashes in parts.items():
            rows = measured(table, [column + part])
            said = [name] * (len(runs) > 1) + [words[part]] * cameras
            ax.plot(
                rows["epoch"], rows[column + part], color=RUNS[position % len(RUNS)], ls=dashes,
                marker="o", ms=4 if not part else 0, label=", ".join(said) or None,
            )  # fmt: skip
    base = column.removeprefix("train_").removeprefix("pseudo_")
    if base in _SHARES:
        ax.set_ylim(0, 1.02)
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    else:
        ax.set_ylim(bottom=0)
    every = pd.concat([table["epoch"] for table in runs.values()])
    _epoch_axis(ax, every)
    headed(ax, _NAMES.get(base, base), columns=3)


def _overlap_claim(runs: Mapping[str, pd.DataFrame], column: str, *, cameras: bool) -> str:
    if len(runs) > 1:
        return "Which run pulls Pos and Neg apart?"
    (table,) = runs.values()
    parts = ("_same", "_cross") if cameras else ("",)
    ends = [measured(table, [column + part])[column + part].iloc[[0, -1]] for part in parts]
    if not cameras:
        return separation_claim(*ends[0])
    same, cross = (f"{first:.0%} → {last:.0%}" for first, last in ends)
    return f"Overlap: two cameras {cross}, one camera {same}"


def _agreement(ax: Axes, rows: pd.DataFrame) -> None:
    for column, name, look in (
        ("ami", "AMI", {"color": RUNS[1], "marker": "o", "ms": 4}),
        ("pair_f1", "pair F1", {"color": RUNS[0], "marker": "s", "ms": 4}),
        ("pair_precision", "precision", {"color": GREY, "ls": "--", "lw": 1.2}),
        ("pair_recall", "recall", {"color": GREY, "ls": ":", "lw": 1.4}),
    ):
        if column in rows:
            ax.plot(rows["epoch"], rows[column], label=name, **look)  # type: ignore[arg-type]
    ax.set_ylim(0, 1.02)
    headed(ax, "Agreement with the true people", columns=4)


def _counts(ax: Axes, rows: pd.DataFrame, *, known: bool) -> None:
    ax.plot(rows["epoch"], rows["clusters"], color=RUNS[1], marker="o", ms=4, label="clusters")
    if known and rows["people"].notna().any():
        people = rows["people"].dropna().iloc[-1]
        ax.axhline(people, color=GREY, ls="--", lw=1.2, label=f"true people ({people:.0f})")
    ax.set_ylim(bottom=0)
    headed(ax, "Clusters found", columns=2)


def _label_claim(epochs: pd.DataFrame) -> str:
    ami = measured(epochs, ["ami"])["ami"]
    change = ami.iloc[-1] - ami.iloc[0]
    verb = "hardly change" if abs(change) < 0.02 else "get better" if change > 0 else "get worse"
    return f"The pseudo-labels {verb}: AMI {ami.iloc[0]:.2f} → {ami.iloc[-1]:.2f}"


def _epoch_axis(ax: Axes, epochs: pd.Series, note: str = "") -> None:
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    ax.set_xlim(float(epochs.min()) - 0.2, float(epochs.max()) + 0.2)
    ax.set_xlabel("epoch (0 = direct transfer)" + (f"; {note}" if note else ""))
