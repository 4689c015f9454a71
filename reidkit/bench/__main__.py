"""One measurement: what :func:`reidkit.bench.measure.measure` starts as a process of its own."""

from __future__ import annotations

import json
import sys
import time

from reidkit.bench.measure import time_call
from reidkit.bench.stages import STAGES


def main() -> None:
    """Measure what the arguments name (stage, who, N, D, repeat) and print it as JSON."""
    name, who = sys.argv[1:3]
    n, dim, repeat = (int(text) for text in sys.argv[3:6])
    stage = STAGES[name]
    function = stage.ours if who == "ours" else stage.references[who][0]
    start = time.perf_counter()
    function(stage.prepare(stage.warm_up, dim, who != "ours"))
    warm_up = time.perf_counter() - start
    given = stage.prepare(n, dim, who != "ours")
    print(json.dumps(time_call(lambda: function(given), repeat) | {"warm_up_seconds": warm_up}))


main()
