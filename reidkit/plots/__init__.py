"""Every picture of the suite, drawn from the record and plain arrays.

Each function returns the figure and never shows it: a notebook shows the value of a cell once.
Nothing here imports torch.
"""

from reidkit.plots.crops import camera_montage, montage, ranked_lists
from reidkit.plots.curves import plot_label_quality, plot_means, plot_overlap
from reidkit.plots.distributions import animate, compare_pairs, plot_over_epochs, plot_pairs
from reidkit.plots.embedding import plot_map, plot_maps
from reidkit.plots.strips import cluster_strips
from reidkit.plots.style import NEG, POS, canvas, style

__all__ = [
    "NEG",
    "POS",
    "animate",
    "camera_montage",
    "canvas",
    "cluster_strips",
    "compare_pairs",
    "montage",
    "plot_label_quality",
    "plot_map",
    "plot_maps",
    "plot_means",
    "plot_over_epochs",
    "plot_overlap",
    "plot_pairs",
    "ranked_lists",
    "style",
]
