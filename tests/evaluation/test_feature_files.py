"""Features of another code: what a file may hold, and the figures against the protocol's words."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat
from sklearn.metrics import roc_auc_score

from reidkit.engine.evaluation import evaluate_features
from reidkit.errors import ReidkitError
from reidkit.evaluation.answers import NOT_IN_GALLERY, ONE_CAMERA
from reidkit.evaluation.files import OURS, read_arrays, read_features
from reidkit.explore.opening import open_scene

NAMES = tuple(OURS.values())[:6]
MULTI = tuple(OURS.values())[6:]


def crops(seed: int, n: int, people: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw features of any length, pids from -1 on, and camids of three cameras."""
    rng = np.random.default_rng(seed)
    pids, camids = rng.integers(-1, people, n), rng.integers(1, 4, n)
    centres = np.random.default_rng(99).standard_normal((people + 1, 6))
    rows = centres[pids + 1] + 0.8 * rng.standard_normal((n, 6))
    return (rows * rng.uniform(0.5, 20, (n, 1))).astype(np.float32), pids, camids


def arrays(seed: int = 0) -> dict[str, np.ndarray]:
    """Draw a test set: known queries, one of a stranger; junk and distractors in the gallery."""
    query, gallery = crops(seed, 40), crops(seed + 50, 150)
    known = np.flatnonzero(query[1] > 0)
    query = tuple(column[known] for column in query)
    query[1][0] = 77
    return dict(zip(NAMES, (*query, *gallery), strict=True))


def short(given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Give the arrays their names in a .mat of Person_reID_baseline_pytorch."""
    return {name: given[ours] for name, ours in OURS.items() if ours in given}


def by_the_words(given: dict[str, np.ndarray]) -> dict[str, float]:
    """Judge as the protocol is worded, one query at a time.

    Sort the gallery by distance. Throw away junk, and crops of the same person by the same camera. What is
    left of the same person is right, the rest, distractors too, is wrong. A query without a right crop
    does not count.
    """
    qf, qp, qc, gf, gp, gc = (given[name] for name in NAMES)
    qf, gf = (f.astype(float) / np.linalg.norm(f.astype(float), axis=1)[:, None] for f in (qf, gf))
    ap, inp, first = [], [], []
    for q in range(len(qf)):
        distance = [float(np.linalg.norm(qf[q] - row)) for row in gf]
        ranked = sorted(range(len(gf)), key=lambda g: distance[g])
        kept = [g for g in ranked if gp[g] != -1 and not (gp[g] == qp[q] and gc[g] == qc[q])]
        places = [place for place, g in enumerate(kept, 1) if gp[g] == qp[q]]
        if places:
            ap.append(sum(k / place for k, place in enumerate(places, 1)) / len(places))
            inp.append(len(places) / places[-1])
            first.append(places[0])
    ranks = {f"rank{k}": float(np.mean([place <= k for place in first])) for k in (1, 5, 10, 20)}
    return {"mAP": np.mean(ap), "mINP": np.mean(inp), "queries_counted": len(ap)} | ranks


def pairs_one_by_one(given: dict[str, np.ndarray]) -> tuple[list[float], list[float]]:
    """Return the distances of all pairs of one person and of two: no junk, distractors never one person."""
    rows, pids = (np.concatenate([given[f"query_{n}"], given[f"gallery_{n}"]]) for n in ("features", "pids"))
    rows = rows / np.linalg.norm(rows, axis=1)[:, None]
    pos, neg = [], []
    for i in range(len(rows)):
        for j in range(i):
            if pids[i] != -1 and pids[j] != -1:
                same = pids[i] == pids[j] != 0
                (pos if same else neg).append(float(np.linalg.norm(rows[i] - rows[j])))
    return pos, neg


@pytest.mark.parametrize("suffix", [".npz", ".mat"])
@pytest.mark.parametrize("seed", range(3))
def test_the_figures_are_those_of_the_protocols_words(tmp_path: Path, seed: int, suffix: str) -> None:
    given, path = arrays(seed), tmp_path / f"theirs{suffix}"
    np.savez(path, **given) if suffix == ".npz" else savemat(path, short(given))
    figures = evaluate_features(path)
    for name, value in by_the_words(given).items():
        assert figures[name] == pytest.approx(value, abs=1e-6), name
    assert figures["queries"] == len(given["query_pids"])
    assert figures["left_out"][NOT_IN_GALLERY] == 1
    assert figures["junk"] == (given["gallery_pids"] == -1).sum()
    assert figures["distractors"] == (given["gallery_pids"] == 0).sum()


def test_the_separation_is_that_of_all_pairs(tmp_path: Path) -> None:
    given = arrays(7)
    np.savez(tmp_path / "theirs.npz", **given)
    figures, (pos, neg) = evaluate_features(tmp_path / "theirs.npz"), pairs_one_by_one(given)
    assert (figures["pos_pairs"], figures["neg_pairs"]) == (len(pos), len(neg))
    truth = [1] * len(pos) + [0] * len(neg)
    assert figures["auc"] == pytest.approx(roc_auc_score(truth, [-d for d in pos + neg]), abs=1e-3)
    spread = np.sqrt((np.var(pos) + np.var(neg)) / 2)
    assert figures["d_prime"] == pytest.approx((np.mean(neg) - np.mean(pos)) / spread, rel=1e-4)
    for name, share in (("tpr_at_fpr1", 0.01), ("tpr_at_fpr01", 0.001)):
        limit = np.sort(neg)[int(share * len(neg))]
        assert figures[name] == pytest.approx(np.mean(np.array(pos) < limit), abs=0.01)
    missed = np.mean(np.array(pos) >= figures["eer_threshold"])
    mistaken = np.mean(np.array(neg) < figures["eer_threshold"])
    assert figures["eer"] == pytest.approx(missed, abs=0.01) == pytest.approx(mistaken, abs=0.01)


def sightings(given: dict[str, np.ndarray], seed: int = 0) -> dict[str, np.ndarray]:
    """Draw more crops of the queries' people, and the queries themselves; not in order."""
    rows, pids, camids = (given[name] for name in NAMES[:3])
    more = np.concatenate([np.arange(len(rows)), np.random.default_rng(seed).integers(len(rows), size=80)])
    np.random.default_rng(seed + 1).shuffle(more)
    noise = np.random.default_rng(seed + 2).standard_normal((len(more), rows.shape[1]))
    return dict(zip(MULTI, (rows[more] + 2 * noise, pids[more], camids[more]), strict=True))


@pytest.mark.parametrize("kind", ["a second .mat", "the same .npz"])
def test_multi_query_is_a_search_with_the_mean(tmp_path: Path, kind: str) -> None:
    given = arrays(3)
    many = sightings(given)
    path = multi = tmp_path / "theirs.npz"
    if kind == "the same .npz":
        np.savez(path, **given, **many)
    else:
        path, multi = tmp_path / "pytorch_result.mat", tmp_path / "multi_query.mat"
        savemat(path, short(given))
        savemat(multi, short(many))
    means = []
    for pid, camid in zip(given["query_pids"], given["query_camids"], strict=True):
        seen = [
            row / np.linalg.norm(row)
            for row, p, c in zip(*(many[name] for name in MULTI), strict=True)
            if p == pid and c == camid
        ]
        means.append(sum(seen) / len(seen))
    figures = evaluate_features(path, multi=multi)
    for name, value in by_the_words(given | {"query_features": np.array(means)}).items():
        assert figures[name] == pytest.approx(value, abs=1e-6), name
    assert "multi-query" in figures["protocol"]
    assert figures["unused"] == ()
    assert figures["mAP"] != evaluate_features(path)["mAP"]


def test_a_query_that_nobody_saw_is_named(tmp_path: Path) -> None:
    given = arrays()
    pid, camid = given["query_pids"][0], given["query_camids"][0]
    many = sightings(given)
    np.savez(
        tmp_path / "a.npz",
        **given,
        **(many | {"multi_pids": np.where(many["multi_pids"] == pid, 5, many["multi_pids"])}),
    )
    with pytest.raises(ReidkitError, match=f"of 1 of {N} queries .*query 0, person {pid} in camera {camid}"):
        evaluate_features(tmp_path / "a.npz", multi=tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", **given)
    with pytest.raises(ReidkitError, match=r"b\.npz lacks multi_features \(in a .mat also mquery_f\)"):
        evaluate_features(tmp_path / "a.npz", multi=tmp_path / "b.npz")


def test_lengths_do_not_matter(tmp_path: Path) -> None:
    given = arrays()
    np.savez(tmp_path / "long.npz", **given)
    for name in ("query_features", "gallery_features"):
        given[name] = given[name] / np.linalg.norm(given[name], axis=1)[:, None]
    np.savez(tmp_path / "unit.npz", **given)
    long, unit = (evaluate_features(tmp_path / f"{name}.npz") for name in ("long", "unit"))
    assert long["mAP"] == pytest.approx(unit["mAP"], abs=1e-6)
    assert unit["lengths"] == pytest.approx((1, 1), abs=1e-6)
    assert long["lengths"][1] > 10


@pytest.mark.parametrize("kind", ["npz", "mat", "short", "double", "column ids"])
def test_what_was_written_is_read(tmp_path: Path, kind: str) -> None:
    given, path = arrays(), tmp_path / ("a.npz" if kind == "npz" else "a.MAT" if kind == "short" else "a.mat")
    if kind == "npz":
        np.savez_compressed(path, **given, query_paths=np.array(["a.jpg"]))
    elif kind == "short":
        savemat(path, short(given), appendmat=False)
    else:
        cast = {n: v.astype(float) if kind == "double" else v for n, v in given.items()}
        savemat(path, cast, oned_as="column" if kind == "column ids" else "row")
    found = read_features(path)
    for part, crops in (("query", found.query), ("gallery", found.gallery)):
        rows = given[f"{part}_features"]
        np.testing.assert_allclose(crops.features, rows / np.linalg.norm(rows, axis=1)[:, None], rtol=1e-5)
        np.testing.assert_array_equal(crops.pids, given[f"{part}_pids"])
        np.testing.assert_array_equal(crops.camids, given[f"{part}_camids"])
        assert [column.dtype for column in crops[:3]] == [np.float32, np.int64, np.int64]
    assert found.unused == (("query_paths",) if kind == "npz" else ())


def test_one_query_of_a_mat_stays_one_row(tmp_path: Path) -> None:
    given = arrays()
    savemat(tmp_path / "one.mat", {n: v[:1] if n.startswith("query") else v for n, v in given.items()})
    assert read_features(tmp_path / "one.mat").query.features.shape == (1, 6)


def test_texts_of_a_mat_are_not_padded(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"paths": ["a.jpg", "longer.jpg"]})
    assert read_arrays(tmp_path / "a.mat")["paths"].tolist() == ["a.jpg", "longer.jpg"]


NAN, ZERO = arrays()["gallery_features"].copy(), arrays()["gallery_features"].copy()
NAN[7, 2], ZERO[9] = np.nan, 0
N = len(arrays()["query_pids"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"gallery_camids": None},
            r"lacks gallery_camids \(in a .mat also gallery_cam\); it holds gallery_f",
        ),
        ({"gallery_features": NAN}, r"1 of 150 rows of .*: gallery_features hold NaN.*row 7"),
        ({"gallery_features": ZERO}, r"1 of 150 rows of .*only zeros.*row 9"),
        ({"query_pids": np.arange(5)}, f"query_pids: 5 values for {N} crops"),
        ({"query_camids": np.full(N, 1.5)}, f"query_camids: expected {N} integers"),
        ({"query_camids": np.full(N, np.nan)}, f"{N} of {N} query_camids are NaN; give -1"),
        ({"query_camids": np.full(N, -1)}, "crops have no camera"),
        ({"query_features": arrays()["query_features"].T}, f"is 6 × {N}, for {N} crops.*ranspose"),
        (
            {"query_features": arrays()["query_features"][:, :4]},
            "query_features have 4 dimensions, gallery_f.* 6",
        ),
        ({"query_features": np.array(["a"] * N)}, "query_features: expected real numbers"),
        ({"query_features": np.ones(N)}, "query_features of shape"),
        ({"query_features": np.empty((0, 6)), "query_pids": []}, "query_features of shape"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, changes: dict, message: str) -> None:
    given = {name: value for name, value in (arrays() | changes).items() if value is not None}
    np.savez(tmp_path / "odd.npz", **given)
    with pytest.raises(ReidkitError, match=message):
        evaluate_features(tmp_path / "odd.npz")


def test_one_camera_for_everything_is_explained(tmp_path: Path) -> None:
    given = {n: np.ones_like(v) if n.endswith("camids") else v for n, v in arrays().items()}
    np.savez(tmp_path / "one.npz", **given)
    with pytest.raises(ReidkitError, match=f"{ONE_CAMERA}.*camera id 1"):
        evaluate_features(tmp_path / "one.npz")


@pytest.mark.parametrize("suffix", [".npz", ".mat"])
@pytest.mark.parametrize("content", ["cut off", "text", "empty", "an array", "pickled", "folder", "nothing"])
def test_a_file_that_is_something_else(tmp_path: Path, content: str, suffix: str) -> None:
    path = tmp_path / f"odd{suffix}"
    if content == "cut off":
        np.savez(path, **arrays()) if suffix == ".npz" else savemat(path, arrays(), do_compression=True)
        path.write_bytes(path.read_bytes()[:3000])
    elif content == "an array":
        with path.open("wb") as file:
            np.save(file, np.eye(3))
    elif content == "pickled":
        with path.open("wb") as file:
            np.savez(file, query_features=np.array([{}], dtype=object))
    elif content == "folder":
        path.mkdir()
    elif content != "nothing":
        path.write_text("no features here" * 20 if content == "text" else "")
    with pytest.raises(
        ReidkitError,
        match="does not exist" if content == "nothing" else f"odd{suffix} cannot be read as {suffix}",
    ):
        read_arrays(path)


def test_other_kinds_of_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ReidkitError, match=r"features\.csv is no file of features: expected \.npz or \.mat"):
        read_arrays(tmp_path / "features.csv")
    (tmp_path / "new.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(400))
    with pytest.raises(ReidkitError, match=r"new\.mat cannot be read as \.mat"):
        read_arrays(tmp_path / "new.mat")


def write_mat73(path: Path, given: dict[str, np.ndarray]) -> None:
    """Write arrays as MATLAB 7.3 does: an HDF5 file behind its header, everything transposed, no vectors."""
    with h5py.File(path, "w", userblock_size=512) as file:
        refs = file.create_group("#refs#")
        for name, values in given.items():
            kind = "cell" if values.dtype.kind == "U" else "double"
            table = np.atleast_2d(values)
            if kind == "cell":  # each text an array of its letters, behind a reference
                cells = np.empty(table.shape, dtype=h5py.ref_dtype)
                for at, text in np.ndenumerate(table):
                    codes = np.array([[ord(letter) for letter in text]], np.uint16)
                    letters = refs.create_dataset(f"{name}{at}", data=codes.T)
                    letters.attrs["MATLAB_class"] = np.bytes_("char")
                    cells[at] = letters.ref
                table = cells
            file.create_dataset(name, data=table.T).attrs["MATLAB_class"] = np.bytes_(kind)
    with path.open("r+b") as start:
        start.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


def test_a_mat_of_version_7_3_is_the_same_as_an_older_one(tmp_path: Path) -> None:
    given = short(arrays())
    savemat(tmp_path / "old.mat", given)
    write_mat73(tmp_path / "new.mat", given)
    old, new = (read_features(tmp_path / f"{age}.mat") for age in ("old", "new"))
    for part in ("query", "gallery"):
        for mine, theirs in zip(getattr(new, part)[:4], getattr(old, part)[:4], strict=True):
            np.testing.assert_allclose(mine, theirs)
    one = {name: rows[:1] if name.startswith("query") else rows for name, rows in given.items()}
    write_mat73(tmp_path / "one.mat", one)
    assert read_features(tmp_path / "one.mat").query.features.shape == (1, 6)


def test_what_else_a_mat_of_version_7_3_may_hold(tmp_path: Path) -> None:
    path = tmp_path / "new.mat"
    write_mat73(path, short(arrays()) | {"paths": np.array(["a.jpg", "longer.jpg"])})
    with h5py.File(path, "r+") as file:
        file.create_group("options").create_dataset("width", data=128)
        empty = file.create_dataset("notes", data=np.array([0, 3], np.uint64))
        empty.attrs["MATLAB_empty"] = np.uint8(1)
    found = read_arrays(path)
    assert found["paths"].tolist() == ["a.jpg", "longer.jpg"]
    assert found["notes"].shape == (0, 3)
    assert read_features(path).unused == ("notes", "options", "paths")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ReidkitError, match=r"new\.mat cannot be read as \.mat"):
        read_arrays(path)


@pytest.mark.parametrize(
    "theirs",
    [
        ("query_feature", "query_ids", "query_cams"),
        ("qf", "q_pids", "q_camids"),
        ("probe_feats", "probe_labels", "probe_cam"),
        ("Query_Features", "query_id", "query_camid"),
    ],
)
def test_names_that_are_nearly_ours_are_suggested(theirs: tuple[str, str, str], tmp_path: Path) -> None:
    given = arrays()
    ours = ("query_features", "query_pids", "query_camids")
    named = {name: values for name, values in given.items() if name not in ours}
    np.savez(tmp_path / "f.npz", **named, **{new: given[old] for old, new in zip(ours, theirs, strict=True)})
    with pytest.raises(ReidkitError) as told:
        read_features(tmp_path / "f.npz")
    for old, new in zip(ours, theirs, strict=True):
        assert f"{new} to {old}" in str(told.value)
    with pytest.raises(ReidkitError, match=f"Rename .*{theirs[0]} to query_features"):
        open_scene(tmp_path / "f.npz")


def test_the_explorer_opens_what_evaluate_judges(tmp_path: Path) -> None:
    """Arrays for a protocol, and others, may lie beside."""
    given = arrays()
    more = {f"{part}_clothes": np.ones(len(given[f"{part}_pids"])) for part in ("query", "gallery")}
    np.savez(tmp_path / "f.npz", **given, **more, multi_pids=np.arange(3), distance=np.eye(2))
    assert read_features(tmp_path / "f.npz").unused == ("distance", "multi_pids")
    scene = open_scene(tmp_path / "f.npz")
    assert scene.crops["pid"].tolist() == [*given["query_pids"], *given["gallery_pids"]]


def test_lists_are_no_arrays(tmp_path: Path) -> None:
    given = {name: values.astype(object) for name, values in arrays().items()}
    np.savez(tmp_path / "f.npz", **given)
    with pytest.raises(ReidkitError, match=r"save arrays of numbers, as np\.asarray makes them of lists"):
        read_features(tmp_path / "f.npz")
