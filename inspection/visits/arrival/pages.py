"""Arriving on screen: the scanned label, the check-in with its position, the labels to print."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import N_, _
from inspection.listing import download
from inspection.registers.models import Region
from inspection.visits import assignments
from inspection.visits.arrival import labels, service
from inspection.visits.arrival.schemas import ArrivalIn, LabelsIn
from inspection.visits.pages.blueprint import FIRM, bp
from inspection.web import actor, reading, settings, writing

LABELS = {"code": N_("签到码"), "no_position_reason": N_("没有位置的原因"), "far_reason": N_("距离远的原因"), "latitude": N_("位置")}


@bp.get("/at")
@requires(P.VISIT_RECORD)
def at_door() -> BaseResponse:
    """扫码入企: the camera of the phone opens this address; it leads to the check-in of the visit behind the door."""
    unit, code = request.args.get("unit", "")[:64], request.args.get("code", "")[:20]
    with reading() as session:
        visit = service.at_door(session, actor(), unit, code, settings().secret_key)
    return redirect(url_for("visits.arrive", visit_id=visit.id, code=code), 303)


@bp.route("/<int:visit_id>/arrive", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def arrive(visit_id: int) -> BaseResponse | tuple[str, int]:
    """签到、签退 with the position of the phone."""
    scanned = request.args.get("code", "")[:20]
    form = Form(ArrivalIn(), {"code": scanned, "how": "qr" if scanned else "manual"})
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as session:
                row = service.arrive(session, actor(), visit_id, given, settings().secret_key)
            if row.kind == "in":
                flash(_("已签到，开始时间按签到时间记。"), "success")
            else:
                flash(_("已签退，结束时间按签退时间记。"), "success")
            return redirect(url_for("visits.record", visit_id=visit_id), 303)
    with reading() as session:
        visit = assignments.get(session, actor(), visit_id)
        firm = session.execute(select(FIRM.name, FIRM.code, FIRM.address, FIRM.latitude).where(FIRM.id == visit.enterprise_id)).one()
        rows = service.of_visit(session, visit.id)
        mine = [row for row in service.of_today(session, actor()) if row.visit_id == visit.id]
        return form.render(
            "visits/arrive.html", visit=visit, firm=firm, arrivals=rows, inside=bool(mine) and mine[-1].kind == "in",
            labels={name: _(text) for name, text in LABELS.items()},
        )  # fmt: skip


@bp.get("/labels")
@requires(P.DRAW_PREPARE, P.REGISTER_WRITE)
def door_labels() -> str | Response:
    """Labels to print, for a township or a few firms; without a choice the form."""
    with reading() as session:
        if not request.args:
            regions = session.execute(select(Region.code, Region.name).order_by(Region.code)).all()
            return render_template("visits/labels.html", regions=[(code, f"{code} {name}") for code, name in regions], most=labels.MOST)
        if errors := LabelsIn().validate(request.args.to_dict()):
            raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=errors, count=len(errors))
        given = LabelsIn().load(request.args.to_dict())
        data = labels.sheet(session, settings(), region_code=given["region"], term=given["q"], first=given["first"])
    return download(data, "企业签到标签.pdf", "application/pdf", inline=True)
