"""The blueprint of all pages of the registers, and what their forms share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection.forms import Form
from inspection.i18n import _
from inspection.registers.models import Department, Region
from inspection.scope import region_prefix
from inspection.web import actor

bp = Blueprint("registers", __name__, url_prefix="/registers")
_OFFERED = 600  # places offered while typing; more would only slow the page down


def yes_no() -> list[tuple[str, str]]:
    """是 and 否 for a select: an unticked box would be taken for "not said"."""
    return [("true", _("是")), ("false", _("否"))]


def places(session: Session) -> list[tuple[str, str]]:
    """Codes and names offered while typing a place of one's own region."""
    prefix = region_prefix(actor().region_code)
    query = select(Region.code, Region.name).where(Region.code.startswith(prefix)).order_by(Region.code).limit(_OFFERED)
    return [(row.code, row.name) for row in session.execute(query)]


def departments(session: Session) -> list[tuple[str, str]]:
    """Offices for a select."""
    rows = session.execute(select(Department.code, Department.name).order_by(Department.code))
    return [(row.code, f"{row.name}（{row.code}）") for row in rows]


def joined(form: Form, *names: str) -> None:
    """Lists of a form as one line of text, the way they are typed."""
    for name in names:
        value: Any = form.values.get(name)
        if isinstance(value, (list, tuple)):
            form.values[name] = "、".join(str(part) for part in value)


def blank(values: dict[str, Any]) -> dict[str, Any]:
    """Values of a row for a form: nothing for None, true and false as the selects write them."""
    shown = {True: "true", False: "false", None: ""}
    return {name: shown[value] if value is None or isinstance(value, bool) else value for name, value in values.items()}
