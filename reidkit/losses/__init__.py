"""Loss functions, one a file."""

from reidkit.losses.triplet import batch_hard_triplet

__all__ = ["batch_hard_triplet"]
