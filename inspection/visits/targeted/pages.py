"""A visit without a draw, ordered on screen."""

from __future__ import annotations

from flask import flash, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from inspection import clock
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.forms import Form
from inspection.i18n import N_, _, show_code
from inspection.registers import service as registers
from inspection.registers.models import Inspector
from inspection.visits.pages.blueprint import bp, departments
from inspection.visits.targeted import service
from inspection.visits.targeted.schemas import OrderIn
from inspection.web import actor, reading, settings, writing

LABELS = {
    "unit_code": N_("检查对象代码"), "source": N_("任务来源"), "basis": N_("来源说明"), "items": N_("检查事项"), "inspectors": N_("检查人员"), "due_from": N_("开始日期"),
    "due_to": N_("截止日期"), "announced": N_("预先通知"),
}  # fmt: skip


@bp.route("/new", methods=["GET", "POST"])
@requires(P.DRAW_PREPARE)
def new() -> Response | tuple[str, int]:
    """下达非抽取任务: which firm, from which source, by whom, for what."""
    form = Form(OrderIn(), {"due_from": clock.today().isoformat()})
    if form.posted:
        with form.trying():
            order = form.data()
            with writing() as session:
                visit = service.open_visit(session, actor(), order, authority=settings().office_name)
            flash(_("已下达检查任务 %(number)s。", number=visit.number), "success")
            return redirect(url_for("visits.show", visit_id=visit.id), 303)
    with reading() as session:
        people = session.execute(select(Inspector.code, Inspector.name, Inspector.department_code).where(Inspector.active.is_(True)).order_by(Inspector.code)).all()
        units = departments(session)
        return form.render(
            "visits/targeted.html", sources=[(row.code, show_code(row)) for row in service.sources(session)],
            items=[(row.code, f"{row.code} {row.name}") for row in registers.check_items(session, clock.today())],
            people=[(code, f"{code} {name}（{units.get(unit, unit)}）") for code, name, unit in people], labels={name: _(text) for name, text in LABELS.items()},
        )  # fmt: skip
