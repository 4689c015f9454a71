"""How an evaluation is told: by which rules, over what, and then the figures."""

from __future__ import annotations

import textwrap
from typing import Any

WIDTH, INDENT = 100, 12
SOURCES = {"data": "data", "file": "file", "multi_query": "averaged"}
RETRIEVAL = {"mAP": "mAP", "mINP": "mINP"} | {f"rank{k}": f"Rank-{k}" for k in (1, 5, 10, 20)}
OPEN_SET = {"fpir1": "1 %", "fpir10": "10 %"}
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
    """Return the text for what :mod:`reidkit.engine.evaluation` found."""
    settings = figures["settings"]
    several = len(settings) > 1
    lines = _sources(figures)
    for setting in settings:
        lines += ["", setting["setting"]] if several else []
        lines += _rules(setting)
    retrieval = _table(settings) if several else _retrieval(settings[0])
    return "\n".join([*lines, "", *retrieval, "", *_separation(figures)])


def _sources(f: dict[str, Any]) -> list[str]:
    lines = [_line(name, f[key]) for key, name in SOURCES.items() if key in f]
    lines.append(_line("AP", f["ap"]))
    if "lengths" in f:
        shortest, longest = f["lengths"]
        scaled = f"scaled to length 1 (their lengths were {shortest:.4g} to {longest:.4g})"
        lines.append(_line("features", f"{f['dimensions']} numbers each, {scaled}"))
    if f.get("unused"):
        lines.append(_line("not used", ", ".join(f["unused"])))
    return lines


def _rules(f: dict[str, Any]) -> list[str]:
    lines = [_line("protocol", f["protocol"])]
    known = (
        f", among them {f['junk']:,} junk, {f['distractors']:,} distractors"
        if f["junk"] or f["distractors"]
        else ""
    )
    lines.append(_line("gallery", f"{f['gallery']:,} crops{known}"))
    lines.append(_line("queries", f"{f['queries_counted']:,} of {f['queries']:,} count"))
    lines += [_line("", f"{number:,} do not: {reason}") for reason, number in f["left_out"].items()]
    return lines + ([_line("trials", f"{f['trials']:,}; figures are their means")] if f["trials"] > 1 else [])


def _line(name: str, text: str) -> str:
    indented = textwrap.wrap(
        text, WIDTH - INDENT, break_long_words=False, break_on_hyphens=False, subsequent_indent=" " * INDENT
    )
    return f"{name:{INDENT}}" + "\n".join(indented)


def _retrieval(f: dict[str, Any]) -> list[str]:
    lines = [f"{told:{INDENT}}{_percent(f, name)}" for name, told in RETRIEVAL.items()]
    return [*lines, "", *_open_set(f)]


def _percent(f: dict[str, Any], name: str) -> str:
    spread = f" ± {100 * f[f'{name}_sd']:.2f}" if f"{name}_sd" in f else ""
    return f"{100 * f[name]:6.2f} %{spread}"


def _table(settings: list[dict[str, Any]]) -> list[str]:
    """Return a line for each setting, in percent."""
    widest = max(len(f["setting"]) for f in settings)
    lines = [f"{'percent':{widest}}" + "".join(f"{told:>9}" for told in RETRIEVAL.values())]
    for f in settings:
        lines.append(f"{f['setting']:{widest}}" + "".join(f"{100 * f[name]:9.2f}" for name in RETRIEVAL))
        if "mAP_sd" in f:
            spreads = "".join(f"{100 * f[f'{name}_sd']:9.2f}" for name in RETRIEVAL)
            lines.append(f"{'  ± over trials':{widest}}" + spreads)
    return [*lines, "", *_open_set(settings[0])]


def _open_set(f: dict[str, Any]) -> list[str]:
    """Return what is found when the one who is looked for may be absent."""
    lines = [_line("open set", "found: the nearest crop is right, and nearer than a threshold that")]
    for name, share in OPEN_SET.items():
        found, threshold = f[f"tpir_at_{name}"], f[f"{name}_threshold"]
        of_absent = f"{share:>4} of those who are not in the gallery pass, {threshold:.4f}"
        lines.append(_line("", f"{of_absent}: {100 * found:.2f} %"))
    return lines


def _separation(f: dict[str, Any]) -> list[str]:
    lines = [_line("pairs", "of all query and gallery crops but junk, by Euclidean distance, 0 to 2")]
    lines.append(f"{'':18}" + "".join(f"{told:>16}" for told in PAIRS.values()))
    for name, told in SEPARATION.items():
        values = (f[f"{name}{which}"] for which in PAIRS)
        shown = (f"{v:,}" if name.endswith("_pairs") else f"{v:.4f}" for v in values)
        lines.append(f"{told:18}" + "".join(f"{text:>16}" for text in shown))
    return lines
