"""联系经过 on screen: what was tried, when the next attempt may be made, one more."""

from __future__ import annotations

from flask import flash, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from inspection import clock
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.forms import Form
from inspection.i18n import N_, _, show_code
from inspection.visits import assignments
from inspection.visits.pages.blueprint import FIRM, bp
from inspection.visits.unreached import rules, service
from inspection.visits.unreached.schemas import ContactIn
from inspection.web import actor, reading, writing

LABELS = {"tried_on": N_("联系日期"), "how": N_("联系方式"), "evidence": N_("经过和证据")}


@bp.route("/<int:visit_id>/contacts", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def contacts(visit_id: int) -> Response | tuple[str, int]:
    """联系不上时: note each attempt; the outcome 无法联系 needs enough of them, far enough apart."""
    form = Form(ContactIn(), {"tried_on": clock.today().isoformat()})
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as session:
                service.note(session, actor(), visit_id, **given)
            flash(_("联系经过已登记。"), "success")
            return redirect(url_for("visits.contacts", visit_id=visit_id), 303)
    with reading() as session:
        visit = assignments.get(session, actor(), visit_id)
        rows, needed, said = service.of_visit(session, visit.id), service.needed(session, clock.today()), service.ways(session)
        return form.render(
            "visits/contacts.html", visit=visit, firm=session.execute(select(FIRM.name, FIRM.address).where(FIRM.id == visit.enterprise_id)).one(),
            contacts=rows, ways=said, options=[(code, show_code(row)) for code, row in said.items()], needed=needed,
            earliest=rules.earliest([row.tried_on for row in rows], needed), labels={name: _(text) for name, text in LABELS.items()},
        )  # fmt: skip
