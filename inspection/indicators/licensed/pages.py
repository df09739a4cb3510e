"""Coverage of licence holders on screen: the exact figure, by place and kind, and everyone not inspected yet by name."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from marshmallow import ValidationError
from sqlalchemy import func, select

from inspection import web
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.i18n import N_, _, show_day
from inspection.indicators import rules
from inspection.indicators.licensed import counting
from inspection.indicators.licensed.asking import scope_of
from inspection.indicators.licensed.schemas import CoverageQuery
from inspection.listing import Column, exported, listing
from inspection.registers.models import Enterprise, Licence, Region
from inspection.web import reading

bp = Blueprint("licensed", __name__, url_prefix="/indicators/licensed")


def columns(asked: counting.Asked) -> tuple[Column, ...]:
    """The columns of the uncovered; licences of the counted kinds only."""

    def held(row: Any) -> list[Licence]:
        return [licence for licence in row[0].licences if licence.kind in asked.kinds]

    return (
        Column("code", N_("代码"), lambda r: r[0].code, Enterprise.code),
        Column("name", N_("名称"), lambda r: r[0].name, Enterprise.name),
        Column("place", N_("所在地"), lambda r: r[1] or r[0].region_code, Enterprise.region_code),
        Column("station", N_("监管所"), lambda r: r[0].station, Enterprise.station),
        Column("kind", N_("许可证类型"), lambda r: "、".join(dict.fromkeys(licence.kind for licence in held(r)))),
        Column("number", N_("许可证编号"), lambda r: "、".join(licence.number for licence in held(r))),
        Column("expires", N_("有效期至"), lambda r: "、".join(show_day(licence.expires_on) if licence.expires_on else _("未登记") for licence in held(r))),
        Column("last", N_("上次检查"), lambda r: show_day(r[2]) if r[2] else _("从未")),
    )


@bp.get("")
@requires(P.INDICATOR_READ)
def index() -> str | Response:
    given = _given()
    with reading() as session:
        asked = scope_of(session, given)
        found = counting.coverage(session, asked, parts=True)
        query = counting.uncovered(asked, place=given["place"])
        listed = listing(session, query, columns(asked), search=[Enterprise.code, Enterprise.name], default="place", tie=Enterprise.code)
        name = f"{_('未覆盖的获证企业')}-{asked.until}"
        return exported(listed, name) or render_template(
            "indicators/licensed.html", asked=asked, given=given, found=found, listed=listed, text=rules.full(found.covered, found.total, counting.ALL)[0],
            places=session.execute(select(Region.code, Region.name).where(Region.level != "township").order_by(Region.code)).all(),
            every_kind=session.scalars(select(Licence.kind).group_by(Licence.kind).order_by(func.count().desc(), Licence.kind).limit(50)).all(),
        )


def _given() -> dict[str, Any]:
    known = CoverageQuery().fields
    try:
        given: dict[str, Any] = CoverageQuery().load({name: text for name, text in request.args.items() if name in known and text.strip()})
    except ValidationError as error:
        raise Invalid("bad-scope", "统计范围有误，请改正后再看。", fields=web.flat(error.messages)) from None
    return given
