"""Networks that turn crops into vectors: build one with `build_model`, keep it with `save_weights`."""

from reidkit.models.backbones import BACKBONES
from reidkit.models.build import INITS, build_model
from reidkit.models.cells import cell_vectors
from reidkit.models.embedder import Embedder, View
from reidkit.models.ghost_norm import GhostBatchNorm1d, GhostBatchNorm2d, convert_to_ghost
from reidkit.models.loading import LoadReport, load_weights, save_weights
from reidkit.models.pooling import POOLINGS, AveragePool, GeM

__all__ = [
    "BACKBONES",
    "INITS",
    "POOLINGS",
    "AveragePool",
    "Embedder",
    "GeM",
    "GhostBatchNorm1d",
    "GhostBatchNorm2d",
    "LoadReport",
    "View",
    "build_model",
    "cell_vectors",
    "convert_to_ghost",
    "load_weights",
    "save_weights",
]
