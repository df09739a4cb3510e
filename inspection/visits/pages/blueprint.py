"""The blueprint of the pages of visits, and what several of them show."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection import clock
from inspection.draws.models import Draw
from inspection.i18n import N_, _
from inspection.registers.models import Department, Enterprise
from inspection.visits import rules
from inspection.visits.models import Visit

bp = Blueprint("visits", __name__, url_prefix="/visits")
FIRM, DRAW = Enterprise.__table__.c, Draw.__table__.c
KINDS = {"pending": "wait", "entered": "open", "submitted": "open", "returned": "bad", "approved": "open", "published": "good"}
PURSUITS = {"refusal": N_("拒绝检查的后续处理"), "transfer": N_("无法联系的移送")}


def late(visit: Visit) -> str:
    """逾期 in words: the term of the task, or of the publication, is over."""
    today = clock.today()
    if visit.state in rules.OPEN and visit.due_to and visit.due_to < today:
        return _("任务逾期")
    if visit.state == "approved" and visit.publish_by and visit.publish_by < today:
        return _("公示逾期")
    return ""


def departments(session: Session) -> dict[str, str]:
    """Names of the departments by code."""
    return dict(session.execute(select(Department.code, Department.name)).all())


def done(visit_id: int, message: str, kind: str = "success") -> Response:
    """Back to the visit with a word on what was done."""
    flash(message, kind)
    return redirect(url_for("visits.show", visit_id=visit_id), 303)
