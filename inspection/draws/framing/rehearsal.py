"""The rehearsal of a frozen frame on screen: at once for a small frame, in the background for a large one."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws import rules, service
from inspection.web import actor, reading, writing

bp = Blueprint("rehearsal", __name__, url_prefix="/draws/<int:draw_id>/rehearsal")


@bp.get("")
@requires(P.DRAW_PREPARE, P.DRAW_APPROVE)
def show(draw_id: int) -> str:
    with reading() as session:
        draw = service.get(session, draw_id)
        found = service.rehearsed(session, draw)
        names = service.inspector_names(session, found.loads) if found else {}
        busy = None if found else service.rehearsing(session, draw)
        return render_template("draws/rehearsal.html", draw=draw, rehearsal=found, names=names, blocking=rules.BLOCKING, busy=busy)


@bp.post("")
@requires(P.DRAW_PREPARE, P.DRAW_APPROVE, step_up=False)
def ask(draw_id: int) -> BaseResponse:
    """Rehearse a large frame in the background."""
    with writing() as session:
        job = service.ask_rehearsal(session, actor(), draw_id)
    return redirect(url_for("jobs.show", job_id=job.id), 303)
