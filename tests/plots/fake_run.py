"""A small run with known content: people as Gaussian clouds that tighten from epoch to epoch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from reidkit.engine.judge import Judge
from reidkit.engine.record import Record, RecordWriter

SPLITS = {"train": 12, "query": 1, "gallery": 4}  # crops of each person


def draw_person(pid: int, camid: int, seed: int, path: Path) -> None:
    """A stick figure whose colours belong to the person and whose background is the camera's."""
    rng, person = np.random.default_rng(seed), np.random.default_rng(pid)
    ground = (60 + 45 * camid, 120 + 20 * camid, 150 - 25 * camid)
    shirt, legs = (tuple(int(c) for c in person.integers(20, 235, 3)) for _ in range(2))
    image = Image.new("RGB", (48, 96), ground)
    draw, shift = ImageDraw.Draw(image), int(rng.integers(-4, 5))
    draw.ellipse((18 + shift, 6, 30 + shift, 20), fill=(210, 170, 140))
    draw.rectangle((12 + shift, 21, 36 + shift, 55), fill=shirt)
    draw.rectangle((15 + shift, 55, 33 + shift, 92), fill=legs)
    image.save(path, quality=85)


def make_crops(folder: Path, *, people: int = 12, cameras: int = 3) -> pd.DataFrame:
    """Write the crops of ``people`` people and return their table, as the suite orders it."""
    rows = []
    for split, each in SPLITS.items():
        (folder / split).mkdir(parents=True)
        for pid in range(1, people + 1):
            for shot in range(each):
                true_pid = pid if split == "train" else pid + people
                camid = (shot + (split == "query")) % cameras + 1
                path = folder / split / f"{true_pid:04d}_c{camid}s1_{shot:06d}_00.jpg"
                draw_person(true_pid, camid, len(rows), path)
                rows.append((str(path), true_pid, camid, split))
    crops = pd.DataFrame(rows, columns=["path", "pid", "camid", "split"])
    crops = crops.astype({"pid": "Int64", "camid": "Int64"})
    order = crops["split"].map({"train": 0, "query": 1, "gallery": 2})
    crops = crops.assign(order=order).sort_values(["order", "path"]).drop(columns="order")
    return crops.reset_index(drop=True)


def make_features(crops: pd.DataFrame, *, noise: float, camera: float, dim: int = 24) -> np.ndarray:
    """(N, dim) float32 unit rows: a centre per person, a shift per camera, noise per crop."""
    people, cameras = np.random.default_rng(1), np.random.default_rng(2)
    centre, shift = people.normal(size=(1000, dim)), cameras.normal(size=(10, dim))
    rng = np.random.default_rng(3)
    x = centre[crops["pid"].to_numpy(dtype=int)] + noise * rng.normal(size=(len(crops), dim))
    x += camera * shift[crops["camid"].to_numpy(dtype=int)]
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def make_labels(pids: np.ndarray, left: float, seed: int) -> np.ndarray:
    """Pseudo-labels that are right, but for a share of 0.4 * ``left``; some are outliers (-1)."""
    people, labels = np.unique(pids, return_inverse=True)
    wrong = np.random.default_rng(seed).random(len(labels)) < 0.4 * left
    labels = np.where(wrong, (labels + 1) % len(people), labels).astype(np.int64)
    labels[:: 9 + seed] = -1
    return labels


def make_run(
    folder: Path,
    *,
    epochs: int = 3,
    people: int = 12,
    known: bool = True,
    crops: pd.DataFrame | None = None,
) -> Record:
    """Write a run of ``epochs`` epochs in which noise and camera shift shrink.

    ``known=False`` writes the run of somebody who knows no identity: no pid, no test set.
    """
    crops = make_crops(folder / "crops", people=people) if crops is None else crops
    told = crops if known else crops[crops["split"] == "train"].assign(pid=pd.NA).astype({"pid": "Int64"})
    config = {
        "method": "cluster-contrast",
        "backbone": "tiny",
        "started": "2025-01-31T09:00:00+00:00",
        "epochs": epochs,
        "seed": 0,
        "eps": 0.5,
        "versions": {"numpy": np.__version__},
    }
    writer = RecordWriter(folder / "run", config, told)
    judge = Judge(told)
    train = (crops["split"] == "train").to_numpy()
    for epoch in range(epochs + 1):
        left = 1 - epoch / (epochs + 1)
        x = make_features(crops, noise=0.5 + 0.6 * left, camera=0.1 + 0.9 * left)
        labels = make_labels(crops["pid"].to_numpy(dtype=int)[train], left, epoch)
        features = {"train/global": x[train]} | ({"test/global": x[~train]} if known else {})
        row, tables = judge.train(x[train], labels)
        if judge.has_test:
            scores, more = judge.test(x[~train])
            row, tables = row | scores, tables + more
        row |= {"epoch": epoch, "loss": np.nan if epoch == 0 else 2 * left}
        writer.write_epoch(
            row, features=features, labels=labels, pairs=pd.concat(tables), iterations=pd.DataFrame()
        )
    writer.finish({"first": 0, "last": epochs})
    return Record(folder / "run")
