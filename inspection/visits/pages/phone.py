"""What the phone asks for beside its pages: whose session it is, and the worker that shows pages without a network."""

from __future__ import annotations

from pathlib import Path

from flask import Response, jsonify, send_from_directory
from flask_wtf.csrf import generate_csrf

import inspection
from inspection.auth.guard import public, requires
from inspection.auth.roles import Permission as P
from inspection.visits.pages.blueprint import bp
from inspection.web import actor

SCRIPTS = Path(inspection.__file__).parent / "static" / "phone"


@bp.get("/phone")
@requires(P.VISIT_RECORD)
def phone() -> Response:
    """The account of this session and a fresh form token: what waits is sent only for who wrote it."""
    return jsonify(account=actor().id, csrf=generate_csrf())


@bp.get("/worker.js")
@public
def worker() -> Response:
    """The service worker; its address bounds it to the pages of visits."""
    answer = send_from_directory(SCRIPTS, "worker.js", mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer
