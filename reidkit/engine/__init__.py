"""Training and its record.

Kept empty on purpose: ``reidkit.engine.record`` reads a run without importing torch, and importing the
training loop here would undo that. Use :mod:`reidkit.engine.runs` to train and to evaluate.
"""
