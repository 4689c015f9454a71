"""How an evaluation is told: by which rules, over what, and then the figures."""

from __future__ import annotations

import textwrap
from typing import Any

WIDTH, INDENT = 100, 12
SOURCES = {"data": "data", "file": "file", "multi_query": "averaged"}
RETRIEVAL = {"mAP": "mAP", "mINP": "mINP"} | {f"rank{k}": f"Rank-{k}" for k in (1, 5, 10, 20)}
OPEN_SET = {"fpir1": "1 %", "fpir10": "10 %"}
FOUND = (
    "each query asks with its person's crops in the gallery, and is found if the nearest crop is right and "
    "nearer than a threshold; and without them, when any crop nearer than that is a false alarm"
)
ASKED = ("queries", "queries_counted", "left_out")
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
    for place, setting in enumerate(settings):
        if several:
            lines += ["", _line("setting", setting["setting"] + " (the main one)" * (place == 0))]
        lines += _rules(setting, settings[place - 1] if place else None)
    retrieval = _table(settings) if several else _retrieval(settings[0])
    return "\n".join([*lines, "", *retrieval, "", *_open_set(settings), "", *_separation(figures)])


def _sources(f: dict[str, Any]) -> list[str]:
    lines = [_line(name, f[key]) for key, name in SOURCES.items() if key in f]
    lines += [_line("careful", text) for text in f.get("careful", ())]
    lines.append(_line("AP", f["ap"]))
    if "lengths" in f:
        shortest, longest = f["lengths"]
        scaled = f"scaled to length 1 (their lengths were {shortest:.4g} to {longest:.4g})"
        lines.append(_line("features", f"{f['dimensions']} numbers each, {scaled}"))
    if f.get("unused"):
        lines.append(_line("not used", ", ".join(f["unused"])))
    return lines


def _rules(f: dict[str, Any], before: dict[str, Any] | None = None) -> list[str]:
    """Return by which rules a setting is searched, and over what; no reason is told twice in a row."""
    known = (
        f", among them {f['junk']:,} junk, {f['distractors']:,} distractors"
        if f["junk"] or f["distractors"]
        else ""
    )
    each = " a fold, on average" if f["folds"] > 1 else ""
    lines = [_line("protocol", f["protocol"]), _line("gallery", f"{f['gallery']:,} crops{each}{known}")]
    together = ", all folds together" if f["folds"] > 1 else ""
    count = f"{f['queries_counted']:,} of {f['queries']:,} count{together}"
    if before is not None and all(f[name] == before[name] for name in ASKED):
        lines.append(_line("queries", f"{count}; why others do not, as above" if f["left_out"] else count))
    else:
        lines.append(_line("queries", count))
        lines += [
            _line("", f"{number:,} {'does' if number == 1 else 'do'} not: {reason}")
            for reason, number in f["left_out"].items()
        ]
    return lines + ([_line("trials", _trials(f))] if f["trials"] > 1 else [])


def _trials(f: dict[str, Any]) -> str:
    """Say what the figures are means over."""
    trials, folds = f["trials"], f["folds"]
    told = f"{trials:,} random galleries"
    if folds > 1:
        each = f"{trials // folds} random galleries" if trials > folds else "one search"
        told = f"{trials:,}: {folds} folds (ways to part the people), {each} in each"
    return f"{told}; figures are means over all of them, ± is the standard deviation"


def _line(name: str, text: str) -> str:
    lines = textwrap.wrap(text, WIDTH - INDENT, break_long_words=False, break_on_hyphens=False)
    return f"{name:{INDENT}}" + f"\n{'':{INDENT}}".join(lines)


def _retrieval(f: dict[str, Any]) -> list[str]:
    return [f"{told:{INDENT}}{_percent(f, name)}" for name, told in RETRIEVAL.items()]


def _percent(f: dict[str, Any], name: str) -> str:
    spread = f" ± {100 * f[f'{name}_sd']:5.2f}" if f"{name}_sd" in f else ""
    return f"{100 * f[name]:6.2f} %{spread}"


def _table(settings: list[dict[str, Any]]) -> list[str]:
    """Return a line for each setting, in percent, and one for its spread where it has trials."""
    widest = max(len(f["setting"]) for f in settings)
    lines = [f"{'percent':{widest}}" + "".join(f"{told:>9}" for told in RETRIEVAL.values())]
    for f in settings:
        lines.append(f"{f['setting']:{widest}}" + "".join(f"{100 * f[name]:9.2f}" for name in RETRIEVAL))
        if "mAP_sd" in f:
            spreads = (f"± {100 * f[f'{name}_sd']:.2f}" for name in RETRIEVAL)
            lines.append(" " * widest + "".join(f"{spread:>9}" for spread in spreads))
    return lines


def _open_set(settings: list[dict[str, Any]]) -> list[str]:
    """Return what is found when the one who is looked for may be absent."""
    f, which = settings[0], f"{settings[0]['setting']}: " if len(settings) > 1 else ""
    lines = [_line("open set", f"{which}{FOUND}")]
    lines.append(f"{'':{INDENT}}" + "".join(f"{told:>14}" for told in ("false alarms", "threshold", "found")))
    for name, share in OPEN_SET.items():
        lines.append(
            f"{'':{INDENT}}{share:>14}{f[f'{name}_threshold']:14.4f}{'':6}{_percent(f, f'tpir_at_{name}')}"
        )
    return lines


def _separation(f: dict[str, Any]) -> list[str]:
    lines = [_line("pairs", "of all query and gallery crops but junk, by Euclidean distance, 0 to 2")]
    lines.append(f"{'':18}" + "".join(f"{told:>16}" for told in PAIRS.values()))
    for name, told in SEPARATION.items():
        values = (f[f"{name}{which}"] for which in PAIRS)
        shown = (f"{v:,}" if name.endswith("_pairs") else f"{v:.4f}" for v in values)
        lines.append(f"{told:18}" + "".join(f"{text:>16}" for text in shown))
    return lines
