"""A comparison: a grid of small trainings, resumable, with its table and figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reidkit.comparison import compare, paired_differences, parse_variant, summarise
from reidkit.engine.record import Record
from reidkit.errors import ReidkitError
from reidkit.plots import plot_comparison, plot_differences, plot_scatter
from tests.engine.small import OPTIONS

VARIANTS = ("cluster-contrast", "cluster-contrast+gds")
SMALL: dict[str, Any] = {k: v for k, v in OPTIONS.items() if k != "seed"} | {"epochs": 1}


def grid(market: Path, out: Path, **changes: Any) -> pd.DataFrame:
    arguments = {"variants": VARIANTS, "seeds": (1, 2), "options": SMALL} | changes
    return compare(out=out, data=market, progress=False, **arguments)


@pytest.fixture(scope="module")
def made(market: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    out = tmp_path_factory.mktemp("comparison")
    return out, grid(market, out)


def test_the_table_is_what_the_runs_recorded(made) -> None:
    out, table = made
    assert table["run"].tolist() == ["direct transfer", *VARIANTS] * 2
    assert table["seed"].tolist() == [1] * 3 + [2] * 3
    for row in table.to_dict(orient="records"):
        name = VARIANTS[0] if row["run"] == "direct transfer" else row["run"]
        epoch = Record(out / f"seed{row['seed']}" / name).epochs.iloc[0 if name != row["run"] else -1]
        for figure in ("mAP", "rank1", "overlap", "d_prime", "ami", "pair_f1", "auc"):
            assert row[figure] == pytest.approx(epoch[figure], abs=1e-12), figure
    config = Record(out / "seed1" / VARIANTS[1]).config
    assert (config["add"], config["seed"], config["epochs"]) == (["gds"], 1, 1)


def test_the_files_hold_the_same(made) -> None:
    out, table = made
    pd.testing.assert_frame_equal(pd.read_csv(out / "comparison.csv"), table, check_dtype=False)
    lines = (out / "comparison.md").read_text().splitlines()
    assert lines[0] == "| run | mAP | Rank-1 | overlap | d' | AMI | pair F1 | seconds |"
    runs = table.groupby("run")["mAP"]
    mean, spread = runs.mean()[VARIANTS[1]], runs.std()[VARIANTS[1]]
    assert lines[4].startswith(f"| cluster-contrast+gds | {mean:.3f} ± {spread:.3f} |")
    assert (out / "comparison.png").read_bytes()[1:4] == b"PNG"


def test_what_is_there_is_kept_and_more_may_be_added(made, market: Path) -> None:
    out, table = made
    weights = out / "seed1" / VARIANTS[0] / "model.safetensors"
    before = weights.stat().st_mtime_ns
    more = grid(market, out, seeds=(1,), variants=(*VARIANTS, "supervised"))
    assert weights.stat().st_mtime_ns == before
    assert more["run"].tolist() == ["direct transfer", *VARIANTS, "supervised"]
    assert more["mAP"][:3].tolist() == table["mAP"][:3].tolist()
    with pytest.raises(ReidkitError, match="holds a run with k2 = 3, not 4"):
        grid(market, out, options=SMALL | {"k2": 4})


def test_a_collapse_is_a_row_with_its_reason(market: Path, tmp_path: Path) -> None:
    table = grid(market, tmp_path, variants=VARIANTS[:1], seeds=(1,), options=SMALL | {"eps": 0.01})
    assert pd.isna(table["stopped"][0])
    assert "eps is too small" in table["stopped"][1]
    assert table["mAP"][1] == table["mAP"][0]


def test_one_seed_has_no_spread() -> None:
    table = pd.DataFrame([{"seed": 0, "run": "lp", "mAP": 0.5, "seconds": 7.4, "d_prime": 2.0}])
    cells = summarise(table, ("mAP", "seconds", "d_prime"))
    assert cells.loc["lp"].tolist() == ["0.500", "7", "2.00"]


@pytest.mark.parametrize(
    ("variant", "complaint"),
    [("magic", "Unknown method 'magic'"), ("cluster-contrast+magic", "Unknown addition 'magic'")],
)
def test_an_unknown_variant_is_named(variant: str, complaint: str) -> None:
    with pytest.raises(ReidkitError, match=complaint):
        parse_variant(variant, "towns", {})


def test_the_figure_has_a_row_a_run_and_names_the_best() -> None:
    rng = np.random.default_rng(0)
    runs = {"direct transfer": 0.3, "cluster-contrast": 0.6, "cluster-contrast+gds": 0.7}
    rows = [
        {"seed": s, "run": run, "mAP": m + 0.02 * rng.normal(), "overlap": 1 - m, "pair_f1": np.nan}
        for run, m in runs.items()
        for s in range(3)
    ]
    figure = plot_comparison(pd.DataFrame(rows))
    assert figure._suptitle.get_text().startswith("cluster-contrast+gds has the best mAP: 0.7")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == list(runs)
    assert figure.png()[1:4] == b"PNG"


def some_runs() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    means = {"direct transfer": 0.3, "sbl": 0.6, "sbl+gds": 0.64, "lp": 0.61}
    towns = rng.normal(scale=0.1, size=3)
    return pd.DataFrame(
        {"seed": s, "run": run, "mAP": mean + towns[s] + 0.01 * rng.normal()}
        for s in range(3)
        for run, mean in means.items()
    )


def test_differences_are_taken_within_a_seed() -> None:
    table, against = some_runs(), {"lp": "sbl", "sbl+gds": "sbl"}
    found = paired_differences(table, against)
    assert found.columns.tolist() == ["against", "0", "1", "2", "mean", "low", "high"]
    for run, base in against.items():
        a, b = (table.loc[table["run"] == name, "mAP"].to_numpy() for name in (run, base))
        np.testing.assert_allclose(found.loc[run, ["0", "1", "2"]].to_numpy(float), a - b)
        interval = stats.ttest_rel(a, b).confidence_interval(0.95)
        np.testing.assert_allclose(found.loc[run, ["low", "high"]].to_numpy(float), interval)
    # Taken without regard to the seeds, the towns' spread would hide them.
    assert stats.ttest_ind(a, b).pvalue > 0.05 > stats.ttest_rel(a, b).pvalue


def test_a_difference_of_one_seed_has_no_interval_and_an_unknown_run_is_named() -> None:
    one = some_runs().query("seed == 0")
    assert paired_differences(one, {"lp": "sbl"})[["low", "high"]].isna().all(axis=None)
    with pytest.raises(ReidkitError, match="no run 'scl'; it has direct transfer, lp, sbl, sbl"):
        paired_differences(one, {"lp": "scl"})


def test_the_picture_of_differences_counts_those_off_zero() -> None:
    differences = paired_differences(some_runs(), {"lp": "sbl", "sbl+gds": "sbl"})
    figure = plot_differences(differences)
    sure = (differences["low"] > 0).sum()
    assert figure._suptitle.get_text().startswith(f"{sure} of 2 differences")
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["lp  −  sbl", "sbl+gds  −  sbl"]


def test_the_scatter_states_the_rank_correlation() -> None:
    table = some_runs().assign(overlap=lambda t: np.exp(-3 * t["mAP"]))  # the reverse order, bent
    table.loc[0, "overlap"] = np.nan
    figure = plot_scatter(table, "overlap", "mAP")
    assert figure._suptitle.get_text() == "mAP against overlap: rank correlation -1.00 over 11 runs"
    dots = sum(len(line.get_xdata()) for line in figure.axes[0].lines)
    assert dots == 11
    assert len(figure.axes[0].get_legend().get_texts()) == 4
