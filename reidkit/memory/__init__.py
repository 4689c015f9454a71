"""Memory banks: what a contrastive loss compares a crop with."""

from reidkit.memory.cluster_memory import ClusterMemory, cluster_centroids

__all__ = ["ClusterMemory", "cluster_centroids"]
