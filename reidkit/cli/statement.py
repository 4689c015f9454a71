"""How an evaluation is told: by which rules, over what, and then the figures."""

from __future__ import annotations

import textwrap
from typing import Any

WIDTH, INDENT = 100, 12
SOURCES = {"data": "data", "file": "file", "multi_query": "averaged"}
RETRIEVAL = {"mAP": "mAP", "mINP": "mINP"} | {f"rank{k}": f"Rank-{k}" for k in (1, 5, 10, 20)}
SEPARATION = {
    "overlap": "overlap",
    "d_prime": "d'",
    "auc": "AUC",
    "eer": "EER",
    "eer_threshold": "EER's distance",
    "tpr_at_fpr1": "TPR at FPR 1 %",
    "tpr_at_fpr01": "TPR at FPR 0.1 %",
    "pos_pairs": "Pos pairs",
    "neg_pairs": "Neg pairs",
}
PAIRS = {"": "all pairs", "_same": "same camera", "_cross": "cross-camera"}


def statement(figures: dict[str, Any]) -> str:
    """Return the text for what :func:`reidkit.engine.judge.judge_file` or ``runs.evaluate`` found."""
    return "\n".join([*_rules(figures), "", *_retrieval(figures), "", *_separation(figures)])


def _rules(f: dict[str, Any]) -> list[str]:
    lines = [_line(name, f[key]) for key, name in SOURCES.items() if key in f]
    lines += [_line("protocol", f["protocol"]), _line("AP", f["ap"])]
    if "lengths" in f:
        shortest, longest = f["lengths"]
        scaled = f"scaled to length 1 (their lengths were {shortest:.4g} to {longest:.4g})"
        lines.append(_line("features", f"{f['dimensions']} numbers each, {scaled}"))
    known = f"{f['junk']:,} junk, {f['distractors']:,} distractors"
    lines.append(_line("gallery", f"{f['gallery']:,} crops, among them {known}"))
    lines.append(_line("queries", f"{f['queries_counted']:,} of {f['queries']:,} count"))
    lines += [_line("", f"{number:,} do not: {reason}") for reason, number in f["left_out"].items()]
    return lines + ([_line("not used", ", ".join(f["unused"]))] if f.get("unused") else [])


def _line(name: str, text: str) -> str:
    indented = textwrap.wrap(
        text, WIDTH - INDENT, break_long_words=False, break_on_hyphens=False, subsequent_indent=" " * INDENT
    )
    return f"{name:{INDENT}}" + "\n".join(indented)


def _retrieval(f: dict[str, Any]) -> list[str]:
    return [f"{told:{INDENT}}{100 * f[name]:6.2f} %" for name, told in RETRIEVAL.items() if name in f]


def _separation(f: dict[str, Any]) -> list[str]:
    lines = [_line("pairs", "of all query and gallery crops but junk, by Euclidean distance, 0 to 2")]
    lines.append(f"{'':18}" + "".join(f"{told:>16}" for told in PAIRS.values()))
    for name, told in SEPARATION.items():
        values = (f[f"{name}{which}"] for which in PAIRS)
        shown = (f"{v:,}" if name.endswith("_pairs") else f"{v:.4f}" for v in values)
        lines.append(f"{told:18}" + "".join(f"{text:>16}" for text in shown))
    return lines
