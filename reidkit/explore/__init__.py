"""Widgets: look at labels and pairs, mend them, and leave a picture behind where no kernel runs."""

from reidkit.explore.crop_grid import Card, CropGrid
from reidkit.explore.explorer import Explorer, explore
from reidkit.explore.live import Live
from reidkit.explore.pair_histogram import PairHistogram

__all__ = ["Card", "CropGrid", "Explorer", "Live", "PairHistogram", "explore"]
