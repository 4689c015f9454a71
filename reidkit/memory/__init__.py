"""Memory banks: what a contrastive loss compares a crop with."""

from reidkit.memory.cluster_memory import ClusterMemory

__all__ = ["ClusterMemory"]
