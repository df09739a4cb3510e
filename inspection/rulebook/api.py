"""JSON routes of the rulebook."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy.orm import Session

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.rulebook import service
from inspection.rulebook.models import Rule
from inspection.rulebook.rules import NewVersion, last_day
from inspection.rulebook.schemas import CodesOut, RuleOut, RulesIn, RulesOut, VersionIn, dump_code, dump_rule
from inspection.web import ApiBlueprint, actor, reading, wanted_version, writing

bp = ApiBlueprint("rulebook_api", __name__, url_prefix="/api/v1/rulebook", description="规则库 rulebook")


def _out(session: Session, row: Rule) -> dict[str, Any]:
    return dump_rule(row, last_day(service.versions(session, row.key), row))


@bp.get("/rules")
@requires(P.RULEBOOK_READ)
@bp.arguments(RulesIn, location="query")
@bp.response(200, RulesOut)
def index(wanted: dict[str, Any]) -> dict[str, Any]:
    """期限、比例、限值和数目，每条带来源和效力."""
    with reading() as session:
        by_key: dict[str, list[Rule]] = defaultdict(list)
        for row in session.scalars(service.rules()):
            by_key[row.key].append(row)
        rows = session.scalars(service.rules(**wanted).order_by(Rule.key, Rule.valid_from))
        return {"rules": [dump_rule(row, last_day(by_key[row.key], row)) for row in rows]}


@bp.get("/rules/<int:rule_id>")
@requires(P.RULEBOOK_READ)
@bp.response(200, RuleOut)
def show(rule_id: int) -> dict[str, Any]:
    """一条规则的一版."""
    with reading() as session:
        return _out(session, service.get(session, rule_id))


@bp.post("/rules/<int:rule_id>/versions")
@requires(P.RULEBOOK_WRITE)
@bp.arguments(VersionIn)
@bp.response(201, RuleOut)
def add_version(new: NewVersion, rule_id: int) -> dict[str, Any]:
    """另立一版（If-Match：所见最近一版的 version）；已生效的版本不变."""
    with writing() as session:
        return _out(session, service.add_version(session, actor(), rule_id, new, version=wanted_version()))


@bp.delete("/rules/<int:rule_id>")
@requires(P.RULEBOOK_WRITE)
@bp.response(200, RuleOut)
def withdraw(rule_id: int) -> dict[str, Any]:
    """撤回尚未生效的一版；返回它之前的一版."""
    with writing() as session:
        return _out(session, service.withdraw_version(session, actor(), rule_id, version=wanted_version()))


@bp.get("/codes")
@requires(P.RULEBOOK_READ)
@bp.response(200, CodesOut)
def codes() -> dict[str, Any]:
    """代码表."""
    with reading() as session:
        return {"codes": [dump_code(row) for row in service.code_lists(session)]}
