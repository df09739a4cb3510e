"""What makes a run of the tests quick and what it may take; nothing here changes what is tested."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug.routing import Rule

MEMORY = Path("/dev/shm")
ROOM = 8 << 30
# Seconds of CPU after which a hostile input counts as one that was worked through. The product's goal is one second on a
# quiet core; a crowded or slow machine gets room, and a bomb that is really unpacked takes minutes.
SOON = 6.0


def in_memory() -> None:
    """Temporary files go to memory where it is roomy: SQLite and PostgreSQL write thousands of small databases."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM or _memory_free() < ROOM:
        return
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None


def _memory_free() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 0)


class LateRule(Rule):
    """A route whose address builder is compiled when it is first used: most of the hundreds are not, in one test."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made: list[Callable[..., tuple[str, str]]] = []
        compile_now = super()._compile_builder

        def build(rule: Rule, *args: Any, **kwargs: Any) -> tuple[str, str]:
            if not made:
                made.append(compile_now(append_unknown))
            return made[0](rule, *args, **kwargs)

        return build
