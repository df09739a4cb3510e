"""附件 on screen: added, shown, taken back."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.forms import Form
from inspection.i18n import N_, _
from inspection.listing import download
from inspection.visits import attachments, rules, sending, service
from inspection.visits.evidence_schemas import AttachmentVoidIn
from inspection.visits.models import Visit
from inspection.visits.pages.blueprint import bp
from inspection.web import actor, reading, settings, writing

KINDS = {"photo": N_("现场照片"), "paper": N_("纸质记录扫描件"), "evidence": N_("证据材料")}


def shown(session: Session, visit: Visit) -> dict[str, Any]:
    """What the part of a page about attachments needs; nothing for who does not read visits."""
    if not actor().can(P.VISIT_READ):
        return {"attachments": [], "attachment_kinds": KINDS, "may_attach": (), "sees_facts": False, "attachment_max_mb": 0}
    return {
        "attachments": attachments.of_visit(session, visit.id), "attachment_kinds": KINDS, "may_attach": attachments.may_add(session, actor(), visit),
        "sees_facts": attachments.sees_facts(actor(), visit), "attachment_max_mb": settings().attachment_max_mb,
    }  # fmt: skip


def _back(visit_id: int) -> BaseResponse:
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        writes = visit.state in rules.OPEN and service.is_member(actor(), visit)
    return redirect(url_for("visits.record" if writes else "visits.show", visit_id=visit_id, _anchor="attachments"), 303)


@bp.post("/<int:visit_id>/attachments")
@requires(P.VISIT_RECORD, P.VISIT_REVIEW, P.CASE_HANDLE)
def attach(visit_id: int) -> BaseResponse:
    """Photos, the scanned paper record, a piece of evidence."""
    sent = sending.file()
    with writing() as session:
        row = attachments.attach(session, actor(), visit_id, sent, most=settings().visit_attachments_max)
    flash(_("附件 %(no)s 已保存，摘要 %(digest)s…", no=row.no, digest=row.original_digest[:12]), "success")
    return _back(visit_id)


@bp.get("/<int:visit_id>/attachments/<int:no>")
@requires(P.VISIT_READ)
def attachment(visit_id: int, no: int) -> Response:
    """The file itself: a picture inline only where a page of ours shows it, else as a download."""
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        row = attachments.one(session, visit, no)
        answer = download(attachments.content(session, row), attachments.file_name(visit, row), row.content_type, inline="shown" in request.args and row.kind == "photo")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.set_etag(row.digest)
    return answer


@bp.post("/<int:visit_id>/attachments/<int:no>/void")
@requires(P.VISIT_RECORD, P.VISIT_REVIEW, P.CASE_HANDLE)
def void_attachment(visit_id: int, no: int) -> BaseResponse:
    """作废 with a reason."""
    given = Form(AttachmentVoidIn()).data()
    with writing() as session:
        attachments.take_back(session, actor(), visit_id, no, **given)
    flash(_("附件 %(no)s 已作废，原件保留。", no=no), "info")
    return _back(visit_id)
