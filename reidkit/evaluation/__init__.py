"""Retrieval quality: CMC, mAP and mINP under the Market-1501 protocol."""

from __future__ import annotations

from reidkit.evaluation.protocols import Protocol, market1501, multi_query
from reidkit.evaluation.retrieval import Ranking, Top, rank

__all__ = ["Protocol", "Ranking", "Top", "market1501", "multi_query", "rank"]
