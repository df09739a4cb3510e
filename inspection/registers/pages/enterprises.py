"""Pages of 检查对象."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

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
from inspection.i18n import N_, _, choices
from inspection.listing import Column, exported, listing
from inspection.registers import enterprises as register
from inspection.registers import entries, service
from inspection.registers.models import Enterprise, Region
from inspection.registers.pages.blueprint import blank, bp, joined, places
from inspection.registers.schemas import EnterpriseIn, MergeIn, StateIn, licence_lines
from inspection.web import actor, reading, wanted_version, writing

COLUMNS = (
    Column("code", N_("代码"), lambda e: e.code, Enterprise.code),
    Column("name", N_("名称"), lambda e: e.name, Enterprise.name),
    Column("region", N_("行政区划"), lambda e: e.region_code, Enterprise.region_code),
    Column("address", N_("地址"), lambda e: e.address, Enterprise.address),
    Column("state", N_("状态"), lambda e: _(entries.STATES[e.state]), Enterprise.state),
    Column("credit", N_("信用等级"), lambda e: e.credit_class, Enterprise.credit_class),
    Column("food", N_("食品风险等级"), lambda e: e.food_risk_grade, Enterprise.food_risk_grade),
    Column("tags", N_("标签"), lambda e: "、".join(tag.tag for tag in e.tags)),
)


@home.tasks
def unclassified(session: Session, who: Actor) -> list[home.Task]:
    """对象 whose credit class is not known: they cannot be drawn by class."""
    if not who.can(P.REGISTER_WRITE):
        return []
    query = service.enterprises(state="open", credit_class="-")
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return [home.Task(N_("检查对象尚未评定信用等级"), count, url_for("registers.enterprises", state="open", credit_class="-"))]


def _filter(name: str, words: dict[str, str]) -> str:
    value = request.args.get(name, "")
    if value not in ("", *words):
        raise Invalid("bad-filter", "地址中的筛选条件不在可选值中。请从列表中选择。")
    return value


@bp.get("/enterprises")
@requires(P.REGISTER_READ)
def enterprises() -> str | Response:
    state, credit_class = _filter("state", entries.STATES), _filter("credit_class", {**entries.CREDIT_CLASSES, "-": ""})
    tag = request.args.get("tag", "")[:60]
    query = service.enterprises(state=state, credit_class=credit_class, tag=tag)
    with reading() as session:
        listed = listing(
            session, query, COLUMNS, search=[Enterprise.code, Enterprise.name, Enterprise.address], default="code", tie=Enterprise.id
        )
        credit = [*entries.CREDIT_CLASSES.items(), ("-", _("未评定"))]
        return exported(listed, _("检查对象")) or render_template(
            "registers/enterprises.html", listed=listed, chosen={"state": state, "credit_class": credit_class, "tag": tag},
            states=choices(entries.STATES), credit=credit,
        )  # fmt: skip


@bp.get("/enterprises/<int:enterprise_id>")
@requires(P.REGISTER_READ)
def enterprise(enterprise_id: int) -> tuple[str, int]:
    return _show(enterprise_id, Form(MergeIn()))


def _show(enterprise_id: int, form: Form) -> tuple[str, int]:
    with reading() as session:
        row = service.enterprise(session, enterprise_id)
        into = session.get(Enterprise, row.merged_into_id) if row.merged_into_id else None
        return form.render(
            "registers/enterprise.html", row=row, past=service.past(session, row), into=into, place=session.get(Region, row.region_code),
            states=choices(entries.STATES), kinds=entries.OBJECT_KINDS, links=entries.LINKS, words=entries.STATES,
            facts=FACTS, today=clock.today(),
        )  # fmt: skip


FACTS = {
    "visited": N_("现场检查"), "sampled": N_("抽样"), "sample_void": N_("抽样作废"), "failed": N_("检验不合格"), "overturned": N_("检验结论更正，不再是不合格"), "problem": N_("检查发现问题"), "complaint": N_("投诉举报等触发的检查"),
    "case": N_("立案"), "case_closed": N_("结案"), "carried": N_("承担检查"),
}  # fmt: skip


@bp.route("/enterprises/new", methods=["GET", "POST"])
@requires(P.REGISTER_WRITE)
def new_enterprise() -> Response | tuple[str, int]:
    form = Form(EnterpriseIn(), {"state": "open", "kind": "enterprise", "region_code": request.args.get("region", "")})
    if form.posted:
        with form.trying():
            with writing() as session:
                row = service.create_enterprise(session, actor(), form.data())
            flash(_("检查对象已登记。"), "success")
            return redirect(url_for("registers.enterprise", enterprise_id=row.id), 303)
    return _edit(form, None)


@bp.route("/enterprises/<int:enterprise_id>/edit", methods=["GET", "POST"])
@requires(P.REGISTER_WRITE)
def edit_enterprise(enterprise_id: int) -> Response | tuple[str, int]:
    with reading() as session:
        row = service.enterprise(session, enterprise_id)
        entry = register.entry_of(row)
    values: dict[str, Any] = {**asdict(entry), "tags": list(entry.tags), "licences": licence_lines(entry.licences)}
    form = Form(EnterpriseIn(), blank(values))
    if form.posted:
        with form.trying():
            with writing() as session:
                service.update_enterprise(session, actor(), enterprise_id, version=wanted_version(), entry=form.data())
            flash(_("修改已保存。"), "success")
            return redirect(url_for("registers.enterprise", enterprise_id=enterprise_id), 303)
    return _edit(form, row)


def _edit(form: Form, row: Enterprise | None) -> tuple[str, int]:
    joined(form, "tags")
    if isinstance(form.values.get("licences"), list):
        form.values["licences"] = "\n".join(form.values["licences"])
    with reading() as session:
        offered = places(session)
    return form.render(
        "registers/enterprise_edit.html", row=row, places=offered, states=choices(entries.STATES), kinds=choices(entries.OBJECT_KINDS),
        links=choices(entries.LINKS), grades=list(entries.CREDIT_CLASSES.items()),
    )  # fmt: skip


@bp.post("/enterprises/<int:enterprise_id>/state")
@requires(P.REGISTER_WRITE)
def state_enterprise(enterprise_id: int) -> Response:
    given = Form(StateIn()).data()
    with writing() as session:
        service.set_state(session, actor(), enterprise_id, version=wanted_version(), **given)
    flash(_("状态已更改。"), "success")
    return redirect(url_for("registers.enterprise", enterprise_id=enterprise_id), 303)


@bp.post("/enterprises/<int:enterprise_id>/merge")
@requires(P.REGISTER_WRITE)
def merge_enterprise(enterprise_id: int) -> Response | tuple[str, int]:
    form = Form(MergeIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            other = service.enterprise_by_code(session, given["other"])
            if other is None:
                raise Invalid("unknown-firm", "名录库中没有 %(firm)s，或它不在您的辖区。", fields={"other": ["没有这个对象"]}, firm=given["other"])
            service.merge_enterprises(session, actor(), kept_id=enterprise_id, merged_id=other.id, reason=given["reason"])
        flash(_("重复的对象已并入。"), "success")
        return redirect(url_for("registers.enterprise", enterprise_id=enterprise_id), 303)
    return _show(enterprise_id, form)
