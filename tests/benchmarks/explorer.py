"""How long does the explorer take to open, and to answer?

Features are drawn: people as clouds on the sphere, seen by six cameras. Every reaction is what a browser
sets off, timed until Python is done with it: what the browser then draws comes on top. "Opening" is a fresh
process from the import to the picture left behind; the map's share is told apart. Memory is the peak of it.

Run: ``python -m tests.benchmarks.explorer [--crops 13000] [--dims 512] [--repeat 5]``
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

CROPS_OF_A_PERSON = 17
CAMERAS = 6


@contextmanager
def timed(name: str, seconds: dict[str, list[float]]) -> Iterator[None]:
    """Note how long a block takes."""
    start = time.perf_counter()
    yield
    seconds.setdefault(name, []).append(time.perf_counter() - start)


def draw(crops: int, dims: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, people and cameras."""
    rng = np.random.default_rng(0)
    people = rng.integers(0, crops // CROPS_OF_A_PERSON, crops)
    centres = rng.normal(size=(people.max() + 1, dims)).astype(np.float32)
    features = centres[people] + rng.normal(size=(crops, dims)).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return features, people + 1, rng.integers(1, CAMERAS + 1, crops)


def reactions(explorer: object, crops: int, rng: np.random.Generator) -> dict[str, Callable[[], object]]:
    """What a user may do, as the browser would set it off."""
    from reidkit.explore import Explorer

    assert isinstance(explorer, Explorer)
    session, dial, histogram = explorer.session, explorer.dial, explorer.pairs.histogram

    def lasso(count: int) -> Callable[[], object]:
        return lambda: explorer.map.scatter.widget.set_trait(
            "selection", rng.choice(crops, count).astype("u4")
        )

    def click(pair: str, low: float) -> Callable[[], object]:
        return lambda: setattr(
            histogram, "clicked", {"pair": pair, "low": low, "high": low + 0.01, "serial": rng.random()}
        )

    def one_of_a_cluster() -> int:
        return int(session.members(int(rng.choice(session.clusters)))[0])

    return {
        "hover": lambda: explorer.map.scatter.widget.set_trait("hovering", int(rng.integers(crops))),
        "lasso 50 crops": lasso(50),
        "lasso 2,000 crops": lasso(2000),
        "click a cluster": lambda: explorer.select_clusters(int(rng.choice(session.clusters))),
        "click a crop": lambda: explorer.select([int(rng.integers(crops))]),
        "select nothing": lambda: explorer.select([]),
        "click a Pos bin": click("pos", 1.0),
        "click a Neg bin": click("neg", 1.3),
        "drag the threshold": lambda: setattr(histogram, "threshold", float(rng.uniform(0.9, 1.2))),
        "turn the eps dial": lambda: setattr(dial.eps, "value", round(float(rng.uniform(0.4, 0.7)), 2)),
        "split a cluster": lambda: explorer.editing.split([one_of_a_cluster()]),
        "undo": lambda: explorer.editing.undo(),
        "colour by camera": lambda: explorer.colour_by("camera"),
        "colour by label": lambda: explorer.colour_by("pseudo-label"),
    }  # fmt: skip


def main() -> None:
    """Print the seconds of everything, medians of ``--repeat``, and the peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", type=int, default=13_000)
    parser.add_argument("--dims", type=int, default=512)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    features, people, cameras = draw(options.crops, options.dims)
    begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds: dict[str, list[float]] = {}
    with timed("import", seconds):
        from reidkit.explore import Explorer
        from reidkit.explore.opening import open_scene
    with timed("neighbours, clustering", seconds):
        scene = open_scene(features, pids=people, camids=cameras)
    with timed("map (compiling included)", seconds):
        scene.layout(0)
    with timed("count pairs, build the views", seconds):
        explorer = Explorer(scene)
    with timed("picture left behind", seconds):
        explorer._repr_mimebundle_()
    opened = {name: times[0] for name, times in seconds.items()}
    seconds.clear()
    rng = np.random.default_rng(1)
    for _ in range(options.repeat + 1):
        for name, react in reactions(explorer, options.crops, rng).items():
            with timed(name, seconds):
                react()
    with timed("ask the doctor", seconds):
        explorer.ask_doctor()
    assert not explorer.trouble.value, explorer.trouble.value
    print(f"{options.crops:,} crops, D = {options.dims}")
    for name, value in opened.items():
        print(f"  open: {name:32} {value:8.2f} s")
    print(f"  {'open, in all':38} {sum(opened.values()):8.2f} s")
    for name, times in seconds.items():
        later = times[1:] or times  # the first may compile
        print(f"  {name:38} {1000 * np.median(later):8.0f} ms (first {1000 * times[0]:.0f})")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  memory: peak {peak:,.0f} MB, {peak - begin:,.0f} MB of them not the features themselves")


if __name__ == "__main__":
    main()
