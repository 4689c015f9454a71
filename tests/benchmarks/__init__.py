"""Measurements anyone can repeat: ``python -m tests.benchmarks.iteration``, ``... .full_size``.

Scripts, not tests: seconds depend on the machine and on who else uses it, so nothing here is asserted.
"""
