"""Warm: a searcher that begins each environment with all that the past ones taught it."""

from dmo.warm.searcher import Warm, WarmSearch

__all__ = ["Warm", "WarmSearch"]
