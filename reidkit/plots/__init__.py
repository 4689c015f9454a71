"""Every picture of the suite, drawn from the record and plain arrays.

Each function returns the figure and never shows it: a notebook shows the value of a cell once.
Nothing here imports torch.
"""

from reidkit.plots.agreement import plot_agreement
from reidkit.plots.census import plot_crops_a_person, plot_sizes
from reidkit.plots.churn import plot_churn
from reidkit.plots.circle import (
    plot_centroid_steps,
    plot_centroids,
    plot_memory_pulls,
    plot_neighbour_lists,
)
from reidkit.plots.comparison import plot_comparison, plot_differences, plot_scatter
from reidkit.plots.contact import contact_sheet, plot_crowd
from reidkit.plots.crops import camera_montage, montage, ranked_lists
from reidkit.plots.curves import plot_label_quality, plot_means, plot_overlap
from reidkit.plots.distributions import animate, compare_pairs, plot_over_epochs, plot_pairs
from reidkit.plots.embedding import plot_map, plot_maps
from reidkit.plots.flow import plot_flow
from reidkit.plots.gaussians import plot_bells, plot_gaussians, plot_pulls
from reidkit.plots.groups import plot_groups
from reidkit.plots.jaccard import plot_jaccard_pairs
from reidkit.plots.lines import plot_lines
from reidkit.plots.moves import plot_move
from reidkit.plots.roc import plot_roc
from reidkit.plots.stripes import plot_stripes
from reidkit.plots.strips import cluster_strips
from reidkit.plots.style import NEG, POS, canvas, style
from reidkit.plots.suspects import plot_suspects
from reidkit.plots.sweeps import plot_sweep

__all__ = [
    "NEG",
    "POS",
    "animate",
    "camera_montage",
    "canvas",
    "cluster_strips",
    "compare_pairs",
    "contact_sheet",
    "montage",
    "plot_agreement",
    "plot_bells",
    "plot_centroid_steps",
    "plot_centroids",
    "plot_churn",
    "plot_comparison",
    "plot_crops_a_person",
    "plot_crowd",
    "plot_differences",
    "plot_flow",
    "plot_gaussians",
    "plot_groups",
    "plot_jaccard_pairs",
    "plot_label_quality",
    "plot_lines",
    "plot_map",
    "plot_maps",
    "plot_means",
    "plot_memory_pulls",
    "plot_move",
    "plot_neighbour_lists",
    "plot_over_epochs",
    "plot_overlap",
    "plot_pairs",
    "plot_pulls",
    "plot_roc",
    "plot_scatter",
    "plot_sizes",
    "plot_stripes",
    "plot_suspects",
    "plot_sweep",
    "ranked_lists",
    "style",
]
