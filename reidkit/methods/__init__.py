"""The papers, one file each. A file in this folder is found by itself: nothing is listed here."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from reidkit.methods.base import Batch, Features, Method, Setting
from reidkit.methods.cluster_contrast import ClusterContrast, ClusterContrastConfig
from reidkit.methods.clustering import Clustering, ClusteringConfig
from reidkit.methods.gds import GDS
from reidkit.methods.lp import LP, LPConfig, LPTeacher, LPTeacherConfig
from reidkit.methods.scl import SCL, SCLConfig
from reidkit.methods.strong_baseline import StrongBaseline, StrongBaselineConfig
from reidkit.methods.supervised import Supervised, SupervisedConfig
from reidkit.methods.terms import Composed, Term, compose

T = TypeVar("T")

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def _named(kind: type[T]) -> dict[str, type[T]]:
    """List a class and its heirs by the names that they give themselves."""
    name = vars(kind).get("name")
    found = {} if name is None else {name: kind}
    for heir in kind.__subclasses__():
        found |= _named(heir)
    return found


METHODS: dict[str, type[Method]] = _named(Method)  # type: ignore[type-abstract]
"""All methods by their name on the command line."""

TERMS: dict[str, type[Term]] = _named(Term)  # type: ignore[type-abstract]
"""All terms that can be added to a method, likewise."""

__all__ = [
    "GDS",
    "LP",
    "METHODS",
    "SCL",
    "TERMS",
    "Batch",
    "ClusterContrast",
    "ClusterContrastConfig",
    "Clustering",
    "ClusteringConfig",
    "Composed",
    "Features",
    "LPConfig",
    "LPTeacher",
    "LPTeacherConfig",
    "Method",
    "SCLConfig",
    "Setting",
    "StrongBaseline",
    "StrongBaselineConfig",
    "Supervised",
    "SupervisedConfig",
    "Term",
    "compose",
]
