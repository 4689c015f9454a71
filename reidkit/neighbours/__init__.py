"""Who is near whom: exact nearest neighbours, and the k-reciprocal Jaccard distance on them."""

from reidkit.neighbours.dense import dense_distances
from reidkit.neighbours.jaccard import jaccard_graph
from reidkit.neighbours.knn import nearest

__all__ = ["dense_distances", "jaccard_graph", "nearest"]
