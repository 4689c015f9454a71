"""What does it cost a training that it is watched in a notebook?

The training is a process of its own; watching takes time from it only where both want the same cores. So what
is measured is the processor time of the notebook's process, after it has opened the explorer once, as a share
of that of the training. The browser's own time comes on top, if it runs on the same machine.

Run: ``python -m tests.benchmarks.watching DATA OUT [--epochs 4]``, with a drawn town (`reidkit towns`).
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

from reidkit.engine.record import Record
from reidkit.explore import train_live


def main() -> None:
    """Print the seconds of both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=4)
    options = parser.parse_args()
    training = train_live(options.data, options.out, preset="towns", epochs=options.epochs)
    while training.explorer is None:
        time.sleep(0.1)
    time.sleep(1)
    seen, opened = len(Record(options.out).recorded), time.process_time()
    training.wait()
    watched = time.process_time() - opened
    epochs = Record(options.out).epochs
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    trained = (used.ru_utime + used.ru_stime) * (len(epochs) - seen) / len(epochs)
    print(f"opening the explorer: {opened:.1f} s of processor time, once, imports and compiling included")
    later = len(epochs) - seen
    print(f"after that: {watched:.1f} s in {later} epochs, {watched / trained:.1%} of the training's")


if __name__ == "__main__":  # the training starts a fresh Python, which reads this file, too
    main()
