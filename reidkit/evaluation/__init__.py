"""Retrieval quality: CMC, mAP and mINP, by the rules of each benchmark."""

from __future__ import annotations

from reidkit.evaluation.answers import Answers
from reidkit.evaluation.protocols import PROTOCOLS, market1501, multi_query, protocol_of
from reidkit.evaluation.ranking import Ranking, Top
from reidkit.evaluation.retrieval import rank, rank_by

__all__ = [
    "PROTOCOLS",
    "Answers",
    "Ranking",
    "Top",
    "market1501",
    "multi_query",
    "protocol_of",
    "rank",
    "rank_by",
]
