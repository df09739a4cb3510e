"""Pages of 外部检查: what other departments and levels did at the objects of the register."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template
from sqlalchemy import select

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.i18n import N_, _
from inspection.listing import Column, exported, listing
from inspection.registers import entries
from inspection.registers.models import CheckItem, Enterprise, OutsideCheck, ProductCategory
from inspection.registers.pages.blueprint import bp
from inspection.web import reading

COLUMNS = (
    Column("on", N_("日期"), lambda r: r[0].on, OutsideCheck.on),
    Column("code", N_("代码"), lambda r: r[1].code, Enterprise.code),
    Column("name", N_("名称"), lambda r: r[1].name, Enterprise.name),
    Column("kind", N_("方式"), lambda r: _(entries.CHECK_FORMS[r[0].kind]), OutsideCheck.kind),
    Column("authority", N_("检查机关"), lambda r: r[0].authority, OutsideCheck.authority),
    Column("level", N_("层级"), lambda r: _(entries.CHECK_LEVELS[r[0].level]), OutsideCheck.level),
    Column("matter", N_("事项或产品"), lambda r: f"{r[0].item_code or r[0].product_code} {r[2] or r[3] or ''}".strip(), OutsideCheck.item_code),
    Column("cause", N_("起因"), lambda r: _(entries.CHECK_CAUSES[r[0].cause]), OutsideCheck.cause),
    Column("source", N_("数据来源"), lambda r: r[0].source, OutsideCheck.source),
)


def _newest(model: type[CheckItem | ProductCategory], code: Any, version: Any) -> Any:
    """The name that a code has in its newest version."""
    return select(model.name).where(model.code == code).order_by(version.desc()).limit(1).correlate(OutsideCheck).scalar_subquery()


@bp.get("/outside")
@requires(P.REGISTER_READ)
def outside() -> str | Response:
    query = select(OutsideCheck, Enterprise, _newest(CheckItem, OutsideCheck.item_code, CheckItem.version), _newest(ProductCategory, OutsideCheck.product_code, ProductCategory.year))
    query = query.join(Enterprise, Enterprise.id == OutsideCheck.enterprise_id)
    with reading() as session:
        listed = listing(
            session, query, COLUMNS, search=[Enterprise.code, Enterprise.name, OutsideCheck.authority], default="-on", tie=OutsideCheck.id
        )
        return exported(listed, _("外部检查")) or render_template("registers/outside.html", listed=listed)
