"""The public reading room 公示: boards, one subject, files, "was this firm drawn", "is this paper genuine". Reads published rows only."""

from inspection.portal.pages import checks, facts
from inspection.portal.pages.blueprint import bp

__all__ = ["bp", "checks", "facts"]
