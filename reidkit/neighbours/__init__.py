"""Who is near whom: exact nearest neighbours, and the k-reciprocal Jaccard distance on them."""

from reidkit.neighbours.camera import camera_jaccard_graph
from reidkit.neighbours.dense import dense_distances
from reidkit.neighbours.jaccard import jaccard_graph
from reidkit.neighbours.knn import nearest
from reidkit.neighbours.views import weighted_graph

__all__ = ["camera_jaccard_graph", "dense_distances", "jaccard_graph", "nearest", "weighted_graph"]
