"""reidkit: see, teach and debug unsupervised person re-identification.

Nothing is imported here: ``import reidkit`` is instant, and plots can be drawn without torch.
Start at :mod:`reidkit.data` (crops), :mod:`reidkit.engine` (training) or :mod:`reidkit.plots`.
"""

import os

__version__ = "0.1.0"

# Threads that wait for each other shall sleep, not spin. Where another program wants the same two cores,
# spinning made the tiny network train ten times slower (20 against 209 images a second).
# It is read when torch is loaded, so it stands here, before any import of it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
