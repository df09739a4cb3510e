"""What makes a run of the tests quick and what it may take; nothing here changes what is tested."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from inspection.auth import secrets

MEMORY = Path("/dev/shm")
ROOM = 8 << 30
# Seconds of CPU after which a hostile input counts as one that was worked through. The product's goal is one second on a
# quiet core; a crowded or slow machine gets room, and a bomb that is really unpacked takes minutes.
SOON = 6.0
KEPT_HASHER = secrets.HASHER  # the one of the product, which is slow on purpose


def quick() -> None:
    """Everything below, for this process."""
    in_memory()
    Flask.url_rule_class = LateRule
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledOnce()}
    secrets.HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    secrets.NOBODY = secrets.HASHER.hash("nobody")


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


class CompiledOnce(BytecodeCache):
    """A template is compiled once in a process, not once in each application."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()
