"""The record as a form: written by the team, corrected by the leader."""

from __future__ import annotations

from flask import flash, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.i18n import _
from inspection.visits import rules, service
from inspection.visits.pages import attaching, signing
from inspection.visits.pages.blueprint import FIRM, bp
from inspection.visits.record_form import RecordForm, choices, labels, prefill
from inspection.visits.schemas import CorrectionIn, RecordIn
from inspection.web import actor, reading, wanted_version, writing


@bp.route("/<int:visit_id>/record", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def record(visit_id: int) -> BaseResponse | tuple[str, int]:
    """现场检查记录: draft, 全选无 (an explicit act on what was left open, saved as a draft), submit."""
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        form = RecordForm(RecordIn(), visit)
        prefill(session, form, visit)
    if not form.posted and (visit.state not in rules.OPEN or not service.is_member(actor(), visit)):
        return redirect(url_for("visits.show", visit_id=visit_id))
    if form.posted:
        with form.trying():
            entry = form.data()
            with writing() as write:
                service.record(write, actor(), visit_id, version=wanted_version(), entry=entry, submit=form.step == "submit")
            if form.step == "submit":
                flash(_("记录已提交，等待组长审核。"), "success")
                return redirect(url_for("visits.show", visit_id=visit_id), 303)
            flash(_("未填的检查事项已选为“未发现问题”，请逐项核对后提交。") if form.step == "none" else _("草稿已保存。"), "info")
            return redirect(url_for("visits.record", visit_id=visit_id), 303)
    return _record_page(form, visit_id, correcting=False)


@bp.route("/<int:visit_id>/correct", methods=["GET", "POST"])
@requires(P.VISIT_REVIEW, step_up=True)
def correct(visit_id: int) -> BaseResponse | tuple[str, int]:
    """更正: the whole record again, with the reason."""
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        form = RecordForm(CorrectionIn(), visit)
    if form.posted:
        with form.trying():
            entry, reason = form.data()
            with writing() as write:
                made = service.correct(write, actor(), visit_id, version=wanted_version(), entry=entry, reason=reason)
            flash(_("已更正为第 %(n)s 版，旧版保留；更正后的结果须另行公示。", n=made.version), "success")
            return redirect(url_for("visits.show", visit_id=visit_id), 303)
    return _record_page(form, visit_id, correcting=True)


def _record_page(form: RecordForm, visit_id: int, *, correcting: bool) -> tuple[str, int]:
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        firm = session.execute(select(FIRM.name, FIRM.address).where(FIRM.id == visit.enterprise_id)).one()
        people = service.members(session, visit, visit.visited_on)
        offered = choices(session, visit) | attaching.shown(session, visit) | signing.shown(session, visit)
        return form.render("visits/record.html", visit=visit, firm=firm, people=people, correcting=correcting, labels=labels(visit), **offered)
