"""Widgets: figures that answer to a control, and leave a picture behind where no kernel runs."""

from reidkit.explore.crop_grid import Card, CropGrid
from reidkit.explore.live import Live
from reidkit.explore.pair_histogram import PairHistogram

__all__ = ["Card", "CropGrid", "Live", "PairHistogram"]
