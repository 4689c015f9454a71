"""How long do the heavy computations take, and against what? ``reidkit bench``."""

from reidkit.bench.run import SIZES, bench
from reidkit.bench.stages import STAGES
from reidkit.bench.table import as_table

__all__ = ["SIZES", "STAGES", "as_table", "bench"]
