"""Proof that every change is noted: each unsafe request of every test must leave an event in the trail.

`watch` stands around the dispatch of every application of ours (all of them pass it, however a test builds them). A request
that succeeded must have added at least one event that carries its request number, a refused one at least one event that says
"refused" or "failed". Failures of the server (5xx) change nothing and are not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, g, request
from sqlalchemy import select

from inspection import audit
from inspection.audit import AuditEvent
from inspection.db import Database

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# endpoint → why it may leave no event; nothing stands here that changes a row
SILENT = {
    "portal.check_file": "reads the paper that a visitor holds against itself; no row changes",
    "language_switch": "keeps a word in the visitor's own cookie; no row changes",
}

missing: list[str] = []


def _seq(database: Database) -> int | None:
    """Number of the newest event, None when the database cannot be asked (a test took it away)."""
    try:
        with database.read() as session:
            return audit.head(session)[0]
    except Exception:
        return None


def _outcomes(database: Database, after: int, request_id: str) -> set[str]:
    with database.read() as session:
        query = select(AuditEvent.outcome).where(AuditEvent.seq > after, AuditEvent.request_id == request_id)
        return set(session.scalars(query))


def fault_of(status: int, outcomes: set[str]) -> str:
    """What is wrong with the events of a request that ended so, or nothing."""
    if status >= 500:
        return ""
    if status >= 400:
        return "" if outcomes - {"ok"} else "refused without an event that says so"
    return "" if outcomes else "succeeded without an event"


def _watched(dispatch: Callable[[Flask], Any]) -> Callable[[Flask], Any]:
    def full_dispatch_request(app: Flask) -> Any:
        ours = app.extensions.get("hengjian")
        if ours is None or request.method not in UNSAFE:
            return dispatch(app)
        before = _seq(ours.database)
        response = dispatch(app)
        # no rule matched: no such address, or not for this method; nothing of ours was addressed
        if before is None or request.url_rule is None or (request.endpoint in SILENT and response.status_code < 400):
            return response
        if fault := fault_of(response.status_code, _outcomes(ours.database, before, g.request_id)):
            missing.append(f"{request.method} {request.path} → {response.status_code} ({request.endpoint}): {fault}")
        return response

    return full_dispatch_request


@contextmanager
def watch() -> Iterator[None]:
    """Watch every application of this process."""
    dispatch = Flask.full_dispatch_request
    Flask.full_dispatch_request = _watched(dispatch)  # type: ignore[method-assign]
    try:
        yield
    finally:
        Flask.full_dispatch_request = dispatch  # type: ignore[method-assign]
