"""What a check gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inspection.db import Database
from inspection.settings import Settings

Found = list[tuple[str, str, str]]
Look = Callable[[Database, Settings, Path | None], Found]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, how it is (ok, warn, fail), what was found, how to cure it."""

    check: str
    state: str
    message: str
    cure: str = ""
