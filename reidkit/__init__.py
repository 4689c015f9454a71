"""reidkit: see, teach and debug unsupervised person re-identification.

Nothing is imported here: ``import reidkit`` is instant, and plots can be drawn without torch.
Start at :mod:`reidkit.data` (crops), :mod:`reidkit.engine` (training) or :mod:`reidkit.plots`.
"""

__version__ = "0.1.0"
