"""Widgets: look at labels and pairs, mend them, and leave a picture behind where no kernel runs."""

from reidkit.explore.beside import Beside, side_by_side
from reidkit.explore.crop_grid import Card, CropGrid
from reidkit.explore.explorer import Explorer, explore
from reidkit.explore.live import Live
from reidkit.explore.pair_histogram import PairHistogram
from reidkit.explore.training import Training, train_live

__all__ = [
    "Beside",
    "Card",
    "CropGrid",
    "Explorer",
    "Live",
    "PairHistogram",
    "Training",
    "explore",
    "side_by_side",
    "train_live",
]
