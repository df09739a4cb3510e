"""Pages of 检查人员 and their 回避."""

from __future__ import annotations

from dataclasses import asdict

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection import clock, home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import N_, _
from inspection.listing import Column, exported, listing
from inspection.registers import inspectors as register
from inspection.registers import service
from inspection.registers.models import Department, Inspector
from inspection.registers.pages.blueprint import blank, bp, departments, joined, places, yes_no
from inspection.registers.schemas import ConflictIn, InspectorIn
from inspection.web import actor, reading, wanted_version, writing

COLUMNS = (
    Column("code", N_("人员编号"), lambda i: i.code, Inspector.code),
    Column("name", N_("姓名"), lambda i: i.name, Inspector.name),
    Column("department", N_("部门"), lambda i: i.department_code, Inspector.department_code),
    Column("region", N_("行政区划"), lambda i: i.region_code, Inspector.region_code),
    Column("certificate", N_("执法证号"), lambda i: i.certificate_number, Inspector.certificate_number),
    Column("expires", N_("执法证有效期至"), lambda i: i.certificate_expires_on, Inspector.certificate_expires_on),
    Column("skills", N_("可检查事项"), lambda i: "、".join(i.skills)),
    Column("lead", N_("可任组长"), lambda i: _("是") if i.lead else _("否"), Inspector.lead),
    Column("active", N_("在岗"), lambda i: _("是") if i.active else _("否"), Inspector.active),
)


@home.tasks
def lapsing(session: Session, who: Actor) -> list[home.Task]:
    """在岗人员 whose certificate has run out or was never entered: they can enter no team."""
    if not who.can(P.REGISTER_WRITE):
        return []
    without = (Inspector.certificate_expires_on.is_(None)) | (Inspector.certificate_expires_on < clock.today())
    count = session.scalar(select(func.count(Inspector.id)).where(Inspector.active.is_(True), without)) or 0
    return [home.Task(N_("检查人员执法证已过期或未登记"), count, url_for("registers.inspectors", sort="expires"), late=True)]


@bp.get("/inspectors")
@requires(P.REGISTER_READ)
def inspectors() -> str | Response:
    with reading() as session:
        listed = listing(
            session, service.inspectors(active_only=request.args.get("active") == "1"), COLUMNS,
            search=[Inspector.code, Inspector.name, Inspector.certificate_number], default="code", tie=Inspector.id,
        )  # fmt: skip
        return exported(listed, _("检查人员")) or render_template("registers/inspectors.html", listed=listed)


@bp.get("/inspectors/<int:inspector_id>")
@requires(P.REGISTER_READ)
def inspector(inspector_id: int) -> tuple[str, int]:
    return _show(inspector_id, Form(ConflictIn()))


def _show(inspector_id: int, form: Form) -> tuple[str, int]:
    with reading() as session:
        row = service.inspector(session, inspector_id)
        office = session.get(Department, row.department_code)
        return form.render(
            "registers/inspector.html", row=row, office=office, conflicts=service.conflicts(session, row), today=clock.today()
        )


@bp.route("/inspectors/new", methods=["GET", "POST"])
@requires(P.REGISTER_WRITE)
def new_inspector() -> Response | tuple[str, int]:
    form = Form(InspectorIn(), {"active": "true"})
    if form.posted:
        with form.trying():
            with writing() as session:
                row = service.create_inspector(session, actor(), form.data())
            flash(_("检查人员已登记。"), "success")
            return redirect(url_for("registers.inspector", inspector_id=row.id), 303)
    return _edit(form, None)


@bp.route("/inspectors/<int:inspector_id>/edit", methods=["GET", "POST"])
@requires(P.REGISTER_WRITE)
def edit_inspector(inspector_id: int) -> Response | tuple[str, int]:
    with reading() as session:
        row = service.inspector(session, inspector_id)
    form = Form(InspectorIn(), blank(asdict(register.entry_of(row))))
    if form.posted:
        with form.trying():
            with writing() as session:
                service.update_inspector(session, actor(), inspector_id, version=wanted_version(), entry=form.data())
            flash(_("修改已保存。"), "success")
            return redirect(url_for("registers.inspector", inspector_id=inspector_id), 303)
    return _edit(form, row)


def _edit(form: Form, row: Inspector | None) -> tuple[str, int]:
    joined(form, "areas", "skills")
    with reading() as session:
        offered, offices, skills = places(session), departments(session), sorted(service.known_skills(session))
    return form.render(
        "registers/inspector_edit.html", row=row, places=offered, departments=offices, skills=skills, yes_no=yes_no()
    )


@bp.post("/inspectors/<int:inspector_id>/conflicts")
@requires(P.REGISTER_WRITE)
def add_conflict(inspector_id: int) -> Response | tuple[str, int]:
    form = Form(ConflictIn())
    with form.trying():
        given = form.data()
        code = given.pop("enterprise")
        with writing() as session:
            firm = service.enterprise_by_code(session, code)
            if firm is None:
                raise Invalid("unknown-firm", "名录库中没有 %(firm)s，或它不在您的辖区。", fields={"enterprise": ["没有这个对象"]}, firm=code)
            service.add_conflict(session, actor(), inspector_id=inspector_id, enterprise_id=firm.id, **given)
        flash(_("回避已登记。"), "success")
        return redirect(url_for("registers.inspector", inspector_id=inspector_id), 303)
    return _show(inspector_id, form)
