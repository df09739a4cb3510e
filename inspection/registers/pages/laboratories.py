"""Pages of 检验机构, their scope and capacity."""

from __future__ import annotations

from dataclasses import asdict

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection import clock
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.forms import Form
from inspection.i18n import N_, _
from inspection.listing import Column, exported, listing
from inspection.registers import laboratories as register
from inspection.registers import service
from inspection.registers.entries import ALL_CLASSES, DOMAINS
from inspection.registers.models import Laboratory
from inspection.registers.pages.blueprint import blank, bp
from inspection.registers.schemas import CapacityIn, LaboratoryIn, ScopeIn
from inspection.web import actor, reading, wanted_version, writing


def _scope(lab: Laboratory) -> str:
    names = sorted(scope.product_class for scope in lab.scopes)
    return _("全部大类") if ALL_CLASSES in names else "、".join(names)


def _offered(session: Session, lab: Laboratory) -> list[str]:
    """First-level classes of the newest tree of each domain in the official order, then what the laboratory has from older ones."""
    names = [
        node.name for domain in DOMAINS for year in service.years(session, domain)[:1] for node in service.categories(session, year, domain=domain)
    ]
    held = sorted(scope.product_class for scope in lab.scopes if scope.product_class != ALL_CLASSES)
    return list(dict.fromkeys([*names, *held]))


COLUMNS = (
    Column("code", N_("机构编号"), lambda lab: lab.code, Laboratory.code),
    Column("name", N_("名称"), lambda lab: lab.name, Laboratory.name),
    Column("number", N_("资质证书号"), lambda lab: lab.accreditation_number, Laboratory.accreditation_number),
    Column("expires", N_("资质有效期至"), lambda lab: lab.accreditation_expires_on, Laboratory.accreditation_expires_on),
    Column("scope", N_("承检范围"), _scope),
    Column("suspended", N_("暂停承检"), lambda lab: _("是") if lab.suspended else _("否"), Laboratory.suspended),
)


@bp.get("/laboratories")
@requires(P.REGISTER_READ)
def laboratories() -> str | Response:
    with reading() as session:
        listed = listing(
            session, service.laboratories(), COLUMNS, search=[Laboratory.code, Laboratory.name], default="code", tie=Laboratory.id
        )
        return exported(listed, _("检验机构")) or render_template("registers/laboratories.html", listed=listed)


@bp.get("/laboratories/<int:laboratory_id>")
@requires(P.REGISTER_READ)
def laboratory(laboratory_id: int) -> tuple[str, int]:
    return _show(laboratory_id, Form(CapacityIn(), {"year": clock.today().year + 1}))


def _show(laboratory_id: int, form: Form) -> tuple[str, int]:
    with reading() as session:
        row = service.laboratory(session, laboratory_id)
        form.values.setdefault("product_classes", sorted(scope.product_class for scope in row.scopes))
        capacities = sorted(row.capacities, key=lambda c: (-c.year, c.quarter))
        classes = [(ALL_CLASSES, _("全部大类")), *((name, name) for name in _offered(session, row))]
        return form.render(
            "registers/laboratory.html", row=row, scope=_scope(row), capacities=capacities, classes=classes, today=clock.today()
        )


@bp.route("/laboratories/new", methods=["GET", "POST"])
@requires(P.REGISTER_WRITE)
def new_laboratory() -> Response | tuple[str, int]:
    form = Form(LaboratoryIn())
    if form.posted:
        with form.trying():
            with writing() as session:
                row = service.create_laboratory(session, actor(), form.data())
            flash(_("检验机构已登记，请接着填写承检范围和能力。"), "success")
            return redirect(url_for("registers.laboratory", laboratory_id=row.id), 303)
    return form.render("registers/laboratory_edit.html", row=None)


@bp.route("/laboratories/<int:laboratory_id>/edit", methods=["GET", "POST"])
@requires(P.REGISTER_WRITE)
def edit_laboratory(laboratory_id: int) -> Response | tuple[str, int]:
    with reading() as session:
        row = service.laboratory(session, laboratory_id)
    form = Form(LaboratoryIn(), blank(asdict(register.entry_of(row))))
    if form.posted:
        with form.trying():
            with writing() as session:
                service.update_laboratory(session, actor(), laboratory_id, version=wanted_version(), entry=form.data())
            flash(_("修改已保存。"), "success")
            return redirect(url_for("registers.laboratory", laboratory_id=laboratory_id), 303)
    return form.render("registers/laboratory_edit.html", row=row)


@bp.post("/laboratories/<int:laboratory_id>/scope")
@requires(P.REGISTER_WRITE)
def set_scope(laboratory_id: int) -> Response | tuple[str, int]:
    form = Form(ScopeIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.set_scope(session, actor(), laboratory_id, given["product_classes"])
        flash(_("承检范围已保存。"), "success")
        return redirect(url_for("registers.laboratory", laboratory_id=laboratory_id), 303)
    return _show(laboratory_id, form)


@bp.post("/laboratories/<int:laboratory_id>/capacity")
@requires(P.REGISTER_WRITE)
def set_capacity(laboratory_id: int) -> Response | tuple[str, int]:
    form = Form(CapacityIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.set_capacity(session, actor(), laboratory_id, **given)
        flash(_("承检能力已保存。"), "success")
        return redirect(url_for("registers.laboratory", laboratory_id=laboratory_id), 303)
    return _show(laboratory_id, form)
