"""Files of features with the further arrays that a protocol asks for: same figures, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from reidkit import cli
from reidkit.engine.evaluation import evaluate_features
from reidkit.errors import ReidkitError
from reidkit.evaluation.scores import Fold, score
from tests.evaluation.by_words import WORDS, search
from tests.evaluation.drawn_sets import SETS

MORE = {"ltcc": "clothes", "prcc": "clothes", "sysu-mm01": "modality", "mlr-cuhk03": "resolution"}
ONE_FOLD = [protocol for protocol in SETS if protocol != "viper"]


def arrays(fold: Fold) -> dict[str, np.ndarray]:
    """Give a test set as arrays by name, features of any length."""
    given: dict[str, np.ndarray] = {}
    for part in ("query", "gallery"):
        table = getattr(fold, part).rename(columns={"pid": "pids", "camid": "camids"})
        given |= {f"{part}_{name}": _plain(column.to_numpy()) for name, column in table.items()}
        given[f"{part}_features"] = 3 * getattr(fold, f"{part}_features")
    return given


def _plain(values: np.ndarray) -> np.ndarray:
    return values.astype(str if isinstance(values[0], str) else np.int64)


def write(path: Path, given: dict[str, Any]) -> Path:
    np.savez(path, **given) if path.suffix == ".npz" else savemat(path, given)
    return path


def reidkit(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr("sys.argv", ["reidkit", *map(str, arguments)])
    try:
        cli.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


@pytest.mark.parametrize("suffix", [".npz", ".mat"])
@pytest.mark.parametrize("protocol", ONE_FOLD)
def test_a_file_is_judged_by_the_words(tmp_path: Path, protocol: str, suffix: str) -> None:
    fold = SETS[protocol](1)[0]
    found = evaluate_features(write(tmp_path / f"theirs{suffix}", arrays(fold)), protocol=protocol)
    assert found["unused"] == ()
    for told, words, setting in zip(
        found["settings"], WORDS[protocol].values(), fold.settings(protocol), strict=True
    ):
        trials = [search(words, fold, *setting.trial(k)[:2]) for k in range(words.trials)]
        for name in trials[0]["figures"]:
            values = [trial["figures"][name] for trial in trials]
            assert told[name] == pytest.approx(np.mean(values), abs=1e-5), name
        assert told["queries_counted"] == trials[0]["queries_counted"]
    main = score([fold], protocol)[0]["mAP"]
    assert found["mAP"] == pytest.approx(main, abs=1e-9)


@pytest.mark.parametrize("suffix", [".npz", ".mat"])
@pytest.mark.parametrize(("protocol", "column"), MORE.items())
def test_a_missing_array_is_named(tmp_path: Path, protocol: str, column: str, suffix: str) -> None:
    given = arrays(SETS[protocol](0)[0])
    lacking = {name: values for name, values in given.items() if name != f"gallery_{column}"}
    path = write(tmp_path / f"theirs{suffix}", lacking)
    with pytest.raises(ReidkitError, match=f"no column '{column}'.*query_{column} and gallery_{column}"):
        evaluate_features(path, protocol=protocol)
    path = write(tmp_path / f"short{suffix}", given | {f"gallery_{column}": given[f"gallery_{column}"][1:]})
    n = len(given["gallery_pids"])
    with pytest.raises(ReidkitError, match=rf"gallery_{column} has shape \({n - 1},\), for {n} crops"):
        evaluate_features(path, protocol=protocol)


def test_clothes_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    given = arrays(SETS["ltcc"](0)[0])
    path = write(tmp_path / "x.npz", given | {"query_clothes": np.full(len(given["query_pids"]), "coat")})
    with pytest.raises(ReidkitError, match=r"clothes: expected \d+ integers"):
        evaluate_features(path, protocol="ltcc")


def test_an_unknown_protocol_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.npz", arrays(SETS["ltcc"](0)[0]))
    with pytest.raises(ReidkitError, match="protocol 'duke' is none of market1501, cuhk03"):
        evaluate_features(path, protocol="duke")


def test_multi_query_goes_with_market_only(tmp_path: Path, monkeypatch, capsys) -> None:
    path = write(tmp_path / "x.npz", arrays(SETS["ltcc"](0)[0]))
    status = reidkit(monkeypatch, "evaluate", "--features", path, "--multi-query", path, "--protocol", "ltcc")
    assert status == 2
    assert "Multi-query is Market-1501's; it does not go with the protocol ltcc" in capsys.readouterr().err


@pytest.mark.parametrize("protocol", ["sysu-mm01", "prcc", "cuhk03"])
def test_from_the_command_line(tmp_path: Path, protocol: str, monkeypatch, capsys) -> None:
    path = write(tmp_path / "x.npz", arrays(SETS[protocol](2)[0]))
    assert reidkit(monkeypatch, "evaluate", "--features", path, "--protocol", protocol, "--json") == 0
    out, err = capsys.readouterr()
    assert err == ""
    figures = json.loads(out)
    expected = evaluate_features(path, protocol=protocol)
    assert [told["setting"] for told in figures["settings"]] == list(WORDS[protocol])
    for name in ("mAP", "rank1", "mAP_sd", "queries_counted", "trials"):
        assert figures[name] == expected[name] == figures["settings"][0][name]
    assert reidkit(monkeypatch, "evaluate", "--features", path, "--protocol", protocol) == 0
    words = " ".join(capsys.readouterr().out.split())
    for told in expected["settings"]:
        assert told["protocol"] in words
        assert f"{100 * told['mAP']:.2f}" in words
    status = reidkit(monkeypatch, "evaluate", "--features", path, "--protocol", "duke")
    assert (status, "none of market1501" in capsys.readouterr().err) == (2, True)


def test_sysu_counted_from_zero_is_refused_in_one_line(tmp_path: Path, monkeypatch, capsys) -> None:
    given = arrays(SETS["sysu-mm01"](0)[0])
    for part in ("query", "gallery"):
        given[f"{part}_camids"] = given[f"{part}_camids"] - 1
    path = write(tmp_path / "x.npz", given)
    assert reidkit(monkeypatch, "evaluate", "--features", path, "--protocol", "sysu-mm01") == 2
    assert "SYSU-MM01 counts its cameras from 1" in capsys.readouterr().err
