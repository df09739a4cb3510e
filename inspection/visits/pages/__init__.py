"""Visits on screen: the lists, the record, its review, its publication."""

from inspection.visits.pages import lists, one, recording, swapping
from inspection.visits.pages.blueprint import bp

__all__ = ["bp", "lists", "one", "recording", "swapping"]
