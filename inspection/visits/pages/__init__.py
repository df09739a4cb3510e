"""Visits on screen: the lists, the record, its review, its publication."""

from inspection.visits.arrival import pages as arrival
from inspection.visits.pages import attaching, lists, one, phone, publishing, recording, signing, swapping
from inspection.visits.pages.blueprint import bp
from inspection.visits.rectification import pages as rectification
from inspection.visits.targeted import pages as targeted
from inspection.visits.unreached import pages as unreached

__all__ = ["arrival", "attaching", "bp", "lists", "one", "phone", "publishing", "recording", "rectification", "signing", "swapping", "targeted", "unreached"]
