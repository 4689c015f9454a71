"""Evaluation protocols: the rules by which a benchmark is searched.

A protocol is a function of two tables of crops, the queries and the gallery. It returns the settings
in which the benchmark is searched; each is one or several trials, and each trial says which crops ask,
which are searched, which of them are right for each query and which do not count.
"""

from __future__ import annotations

import typing

import pandas as pd

from reidkit.errors import ReidkitError, did_you_mean
from reidkit.evaluation.protocols.base import Setting, Trial
from reidkit.evaluation.protocols.clothes import ltcc, prcc
from reidkit.evaluation.protocols.market import MARKET, MARKET_MULTI, market1501, multi_query, single_query
from reidkit.evaluation.protocols.modality import sysu_mm01
from reidkit.evaluation.protocols.shots import cuhk03, mlr_cuhk03, viper


class Protocol(typing.Protocol):
    """What every protocol is: of tables of queries and gallery, and a seed of what is drawn, the settings."""

    def __call__(self, query: pd.DataFrame, gallery: pd.DataFrame, /, *, seed: int = 0) -> list[Setting]: ...


PROTOCOLS: dict[str, Protocol] = {
    "market1501": single_query,
    "cuhk03": cuhk03,
    "viper": viper,
    "mlr-cuhk03": mlr_cuhk03,
    "sysu-mm01": sysu_mm01,
    "ltcc": ltcc,
    "prcc": prcc,
}
"""By name. The first of a protocol's settings is its main one."""

OWN = {
    "CUHK03 detected": "cuhk03",
    "CUHK03 labeled": "cuhk03",
    "VIPeR": "viper",
    "MLR-CUHK03": "mlr-cuhk03",
    "SYSU-MM01": "sysu-mm01",
    "LTCC": "ltcc",
    "PRCC": "prcc",
}
"""Benchmarks, as in the column ``dataset``, with rules of their own. All others follow Market-1501."""


def protocol_of(crops: pd.DataFrame) -> str:
    """Return the name of the protocol that fits a data set, from its column ``dataset``.

    >>> protocol_of(pd.DataFrame({"dataset": ["LTCC"]})), protocol_of(pd.DataFrame({"pid": [1]}))
    ('ltcc', 'market1501')

    Raises:
        ReidkitError: the table holds data sets of several protocols.
    """
    names = set(crops["dataset"].dropna()) if "dataset" in crops else set()
    protocols = {OWN.get(str(name), "market1501") for name in names} or {"market1501"}
    if len(protocols) > 1:
        raise ReidkitError(
            f"The data sets {', '.join(sorted(map(str, names)))} follow several protocols "
            f"({', '.join(sorted(protocols))}): open one of them."
        )
    return protocols.pop()


def find_protocol(name: str) -> Protocol:
    """Return a protocol by name.

    Raises:
        ReidkitError: there is none of this name.
    """
    if name not in PROTOCOLS:
        raise ReidkitError(
            f"protocol {name!r} is none of {', '.join(PROTOCOLS)}{did_you_mean(name, PROTOCOLS)}"
        )
    return PROTOCOLS[name]


__all__ = [
    "MARKET",
    "MARKET_MULTI",
    "OWN",
    "PROTOCOLS",
    "Protocol",
    "Setting",
    "Trial",
    "find_protocol",
    "market1501",
    "multi_query",
    "protocol_of",
    "single_query",
]
