"""The papers, one file each, and the supervised baseline."""

from reidkit.methods.base import Method
from reidkit.methods.cluster_contrast import ClusterContrast, ClusterContrastConfig
from reidkit.methods.supervised import Supervised, SupervisedConfig

__all__ = [
    "ClusterContrast",
    "ClusterContrastConfig",
    "Method",
    "Supervised",
    "SupervisedConfig",
]
