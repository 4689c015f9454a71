"""Benchmarks are known by folder or by counts, and every difference from them is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from reidkit.data import check_crops, check_data, open_crops
from reidkit.data.benchmarks import BENCHMARKS, compare_with_published, mark, which_benchmark

Draw = Callable[..., Path]


def published(name: str) -> pd.DataFrame:
    """A table with just the counts of a benchmark (its images are not on disk)."""
    benchmark = BENCHMARKS[name]
    half = benchmark.people.get("all", 10) // 2
    people = {"train": half, "query": half} | dict(benchmark.people)
    first = {"train": 1, "query": 1 + people["train"], "gallery": 1 + people["train"]}
    people["gallery"] = people["query"]
    rows = [
        (f"/{split}/{i}.jpg", first[split] + i % people[split], 1 + i % benchmark.cameras, split)
        for split, number in benchmark.images.items()
        for i in range(number)
    ]
    return check_crops(pd.DataFrame(rows, columns=["path", "pid", "camid", "split"]))


COUNTED = [
    name for name, benchmark in BENCHMARKS.items() if benchmark.images and "all" not in benchmark.images
]


@pytest.mark.parametrize("name", [name for name in COUNTED if "MSMT17" not in name and "500k" not in name])
def test_a_complete_benchmark_is_known_whatever_its_folder_is_called(name: str) -> None:
    crops = published(name)
    assert which_benchmark(Path("/data/renamed"), crops) == name
    (found, *notes) = compare_with_published(mark(crops, name))
    assert found.severity == "note"
    assert found.what.startswith(f"This is {name}, with the counts as published: ")
    assert [(note.severity, note.what) for note in notes] == (
        [("note", BENCHMARKS[name].note)] if BENCHMARKS[name].note else []
    )
    assert ("Duke" in name) == ("withdrawn by its authors in 2019" in BENCHMARKS[name].note)


@pytest.mark.parametrize("version", ["", " V1", " V2"])
def test_the_versions_of_msmt17_have_the_same_counts(version: str) -> None:
    crops = published("MSMT17")
    assert which_benchmark(Path("/data/renamed"), crops) == "MSMT17"  # which version cannot be told
    whole, note = compare_with_published(mark(crops, f"MSMT17{version}"))
    assert whole.severity == "note"
    assert "32,621 train images, 11,659 query images, 82,161 gallery images" in whole.what
    assert note.what == BENCHMARKS[f"MSMT17{version}"].note


@pytest.mark.parametrize(("boxes", "images"), [("detected", 14_097), ("labeled", 14_096)])
def test_a_fold_of_cuhk03_is_counted_over_all_splits(boxes: str, images: int) -> None:
    """How many images train and test have differs from fold to fold, and a test crop stands there twice."""
    test = pd.DataFrame(
        {"path": [f"/test/{i}.png" for i in range(962)], "pid": [i % 100 + 1 for i in range(962)]}
    )
    train = pd.DataFrame({"path": [f"/train/{i}.png" for i in range(images - 962)]})
    train["pid"] = 101 + train.index % 1_367
    parts = {"train": train, "query": test, "gallery": test}
    crops = check_crops(pd.concat([part.assign(split=s, camid=part.index % 2) for s, part in parts.items()]))
    name = f"CUHK03 {boxes}"
    whole, note = compare_with_published(mark(crops, name))
    assert whole.severity == "note"
    assert f"{images:,} images, 1,367 train people, 100 query people, 2 cameras" in whole.what
    assert note.what == BENCHMARKS[name].note
    less = crops[crops["path"] != "/test/7.png"]
    finding = next(compare_with_published(mark(less, name)))
    assert finding.what.endswith(f"published: images: {images - 1:,} instead of {images:,}.")
    assert which_benchmark(Path("/data/renamed"), crops) is None  # so many images may lie in any parts


def test_junk_is_not_counted() -> None:
    crops = published("Market-1501")
    junk = pd.DataFrame({"path": [f"/junk/{i}.jpg" for i in range(9)], "pid": -1, "camid": 1})
    crops = check_crops(pd.concat([crops, junk.assign(split="gallery")]))
    assert which_benchmark(Path("/data/renamed"), crops) == "Market-1501"
    assert [f.severity for f in compare_with_published(mark(crops, "Market-1501"))] == ["note"]


@pytest.mark.parametrize("name", ["DukeMTMC-reID", "Market-1501"])
def test_one_image_less_is_said(name: str) -> None:
    crops = published(name)[1:]
    assert which_benchmark(Path("/data/renamed"), crops) is None
    finding = next(compare_with_published(mark(crops, name)))
    number = BENCHMARKS[name].images["train"]
    assert finding.severity == "warning"
    assert finding.what == (
        f"This is called {name}, but differs from what is published: "
        f"train images: {number - 1:,} instead of {number:,}."
    )


def test_people_and_cameras_are_compared_too() -> None:
    crops = published("DukeMTMC-reID")
    crops.loc[crops["camid"] == 8, "camid"] = 7
    crops.loc[crops["pid"] == 1, "pid"] = 2
    finding = next(compare_with_published(mark(crops, "DukeMTMC-reID")))
    assert finding.severity == "warning"
    assert finding.what.endswith("train people: 701 instead of 702; cameras: 7 instead of 8.")


def test_one_benchmark_in_the_folder_of_another_is_said() -> None:
    crops = published("DukeMTMC-reID")
    name = which_benchmark(Path("/data/Occluded_Duke"), crops)
    assert name == "Occluded-Duke"
    finding = next(compare_with_published(mark(crops, name)))
    assert finding.severity == "warning"
    assert finding.what.endswith("The numbers of images are those of DukeMTMC-reID.")


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("Market-1501-v15.09.15", "Market-1501"),
        ("DukeMTMC-reID", "DukeMTMC-reID"),
        ("dukemtmc_reid", "DukeMTMC-reID"),
        ("Occluded_Duke", "Occluded-Duke"),
        ("Occluded-DukeMTMC-reID", "Occluded-Duke"),
        ("VeRi", "VeRi-776"),  # names with c001 in Market-1501's folders
        ("mine", None),
        ("DukeMTMC-reID/mine", None),  # a parent's name says nothing
        ("DukeMTMC-VideoReID", None),
    ],
)
def test_names_of_folders(draw: Draw, tmp_path: Path, folder: str, name: str | None) -> None:
    """A miniature of each: known by the folder's name, and told to be incomplete."""
    for seed, file in enumerate(
        (
            "bounding_box_train/0001_c2_f0046182.jpg",
            "bounding_box_train/0001_c8_f0046985.JPG",
            "query/0005_c2_f0046985.jpg",
            "bounding_box_test/0005_c3_f0051341.jpg",
        )
    ):
        draw(f"{folder}/{file}", seed=seed)
    (tmp_path / folder / "LICENSE_DukeMTMC-reID.txt").write_text("not an image")
    crops = open_crops(tmp_path / folder)
    assert crops["pid"].tolist() == [1, 1, 5, 5]
    assert crops["camid"].tolist() == [2, 8, 2, 3]
    if name is None:
        assert "dataset" not in crops
    else:
        assert set(crops["dataset"]) == {name}
    report = check_data(crops, progress=False)
    assert report.ok  # never an error
    warned = [f.what for f in report.findings if f.severity == "warning"]
    assert len(warned) == (name is not None)
    assert all("train images: 2 instead of" in what for what in warned)
    withdrawn = [f for f in report.findings if "withdrawn" in f.what]
    assert len(withdrawn) == (name is not None and "Duke" in name)


def test_a_table_may_hold_several_benchmarks() -> None:
    duke = mark(published("DukeMTMC-reID"), "DukeMTMC-reID")
    market = mark(published("Market-1501")[2:], "Market-1501").assign(path=lambda t: "/m" + t["path"])
    mine = mark(market[:5].assign(path=lambda t: "/n" + t["path"]), "mine")
    both = check_crops(pd.concat([duke, market, mine]))
    found = {f.what.split(",")[0]: f.severity for f in compare_with_published(both) if "This is" in f.what}
    assert found == {"This is DukeMTMC-reID": "note", "This is called Market-1501": "warning"}
