"""A small county to register things in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from inspection.actor import SYSTEM, Actor
from inspection.intake import credit_code
from inspection.registers import service
from inspection.registers.entries import CheckItemEntry, EnterpriseEntry, InspectorEntry

PLACES = {"330000": "浙江省", "330100": "杭州市", "330106": "西湖区", "330106001": "北山街道", "330106002": "西溪街道", "330102": "上城区"}
PLANNER = Actor(id=7, name="计划员甲", region_code="330106", permissions=frozenset({"register.read", "register.write"}))


def build(session: Session) -> None:
    """Places, one department, two items of the list, the packaged product classes."""
    for code, name in PLACES.items():
        service.create_region(session, SYSTEM, code=code, name=name)
    service.create_department(session, SYSTEM, code="SCJG", name="市场监管局")
    for code in ("A01", "B02"):
        service.create_check_item(session, SYSTEM, CheckItemEntry(code, f"事项{code}", date(2026, 1, 1)))
    service.load_packaged(session, SYSTEM)


def firm(serial: int = 1, **more: Any) -> EnterpriseEntry:
    """A valid enterprise of the county."""
    entry = EnterpriseEntry(credit_code.make("330106", serial), f"西湖区第{serial}食品有限公司", "330106001", credit_class="B")
    return replace(entry, **more)


def person(serial: int = 1, **more: Any) -> InspectorEntry:
    """A valid inspector of the county."""
    entry = InspectorEntry(f"ZF-{serial:03d}", f"检查员{serial}", "SCJG", "330106", skills=("A01",), certificate_expires_on=date(2027, 12, 31))
    return replace(entry, **more)
