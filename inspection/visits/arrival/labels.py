"""企业二维码标签: one label per unit for its door, the address in it bound to the unit's code."""

from __future__ import annotations

from urllib.parse import urlencode

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from inspection.errors import Invalid, NotFound
from inspection.registers.models import Enterprise
from inspection.scope import region_prefix
from inspection.settings import Settings
from inspection.visits.arrival import rules
from reports import content, labels

PRESET = "a4-2x7"
MOST = 700  # fifty sheets at once


def address(settings: Settings, unit_code: str) -> str:
    """What the camera reads: the check-in of this unit on this installation."""
    query = urlencode({"unit": unit_code, "code": rules.label_code(settings.secret_key, unit_code)})
    return f"{settings.public_url.rstrip('/')}/visits/at?{query}"


def sheet(session: Session, settings: Settings, *, region_code: str = "", term: str = "", first: int = 0) -> bytes:
    """Labels of the living units of a region, by township and code, on sheets of fourteen.

    Raises
    ------
    NotFound : no unit matches.  Invalid : too many at once.
    """
    query = select(Enterprise.code, Enterprise.name).where(Enterprise.state.in_(("open", "stopped")), Enterprise.merged_into_id.is_(None))
    if region_code:
        query = query.where(Enterprise.region_code.startswith(region_prefix(region_code)))
    if term:
        query = query.where(or_(Enterprise.code == term, Enterprise.name.contains(term, autoescape=True)))
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    if not count:
        raise NotFound("no-units", "没有符合条件的检查对象。请改选区域，或核对名称、代码。")
    if count > MOST:
        raise Invalid("too-many-labels", "符合条件的有 %(n)s 户，一次最多打印 %(most)s 户。请选到乡镇，或按名称查找。", n=count, most=MOST)
    rows = session.execute(query.order_by(Enterprise.region_code, Enterprise.code)).all()
    made = tuple(_label(settings, code, name) for code, name in rows)
    return labels.render(content.LabelSheet(PRESET, made, demo=settings.demo, first=first, title="企业签到标签"))


def _label(settings: Settings, code: str, name: str) -> content.Label:
    return content.Label(code, (name, f"签到码 {rules.label_code(settings.secret_key, code)}"), payload=address(settings, code))
