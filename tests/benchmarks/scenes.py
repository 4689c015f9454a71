"""Synthetic crops for the benchmarks: each person a coarse pattern of colours, each camera a tint."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

PARTS = {"train": "bounding_box_train", "query": "query", "gallery": "bounding_box_test"}
CAMERAS = 6


def write_market(root: Path, counts: dict[str, int], *, people: int, height: int, width: int) -> Path:
    """Write JPEG crops in Market-1501's layout, ``counts`` of each split; the test shows other people."""
    jobs = []
    for split, count in counts.items():
        (root / PARTS[split]).mkdir(parents=True, exist_ok=True)
        first = 1 if split == "train" else people + 1
        for n in range(count):
            person, camera = first + n % people, (n // people + (split == "query")) % CAMERAS + 1
            jobs.append((root / PARTS[split] / f"{person:04d}_c{camera}s1_{n:06d}_00.jpg", person, camera))

    def write(number: int) -> None:
        path, person, camera = jobs[number]
        draw(person, camera, np.random.default_rng(number), height, width).save(path, quality=80)

    with ThreadPoolExecutor() as pool:
        for _ in tqdm(pool.map(write, range(len(jobs))), total=len(jobs), desc="write", unit="crop"):
            pass
    return root


def draw(person: int, camera: int, rng: np.random.Generator, height: int, width: int) -> Image.Image:
    """Draw one crop: the person's 16x8 colours, tinted by the camera, jittered, enlarged."""
    colours = np.random.default_rng(person).uniform(40, 215, (16, 8, 3))
    tint = np.random.default_rng(camera).uniform(0.85, 1.15, 3)
    noisy = np.clip(colours * tint + rng.normal(0, 18, colours.shape), 0, 255).astype(np.uint8)
    return Image.fromarray(noisy).resize((width, height), Image.Resampling.BILINEAR)
