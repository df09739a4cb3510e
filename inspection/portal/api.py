"""The four public boards as JSON, for anybody, without a token."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

from inspection.auth.guard import public
from inspection.ledger import Entry
from inspection.portal import asking, schemas, search
from inspection.portal.lines import item_lines, lines
from inspection.web import ApiBlueprint, reading

bp = ApiBlueprint("public_api", __name__, url_prefix="/api/v1/public", description="公示 public boards")


def _part(board: str, given: dict[str, Any]) -> dict[str, Any]:
    """The next part of a board, newest first."""
    query = search.standing(board, asking.wanted({**given, "from": given["first"], "to": given["last"]}))
    after = query.where(Entry.id < given["after"]) if given["after"] else query
    with reading() as session:
        found = list(search.facts(session, after.order_by(Entry.id.desc()).limit(given["limit"] + 1)))
        total = search.number_of(session, query)
    shown = found[: given["limit"]]
    return {"items": [schemas.record(board, line) for line in lines(shown)], "total": total, "next": shown[-1].id if len(found) > len(shown) else None}


@bp.get("/items")
@public
@bp.arguments(schemas.ListIn, location="query")
@bp.response(200, schemas.ItemLinesOut)
def items(given: dict[str, str]) -> dict[str, Any]:
    """抽查事项清单 as it was made public last."""
    asked = asking.wanted(given, least=1)
    with reading() as session:
        fact = search.newest_list(session)
    found = item_lines(fact, asked.term, asked.department) if fact else []
    return {"items": [schemas.record("items", line) for line in found], "total": len(found), "next": None}


@bp.get("/plans")
@public
@bp.arguments(schemas.QueryIn, location="query")
@bp.response(200, schemas.PlanLinesOut)
def plans(given: dict[str, Any]) -> dict[str, Any]:
    """抽查计划公告: plans with their tasks."""
    return _part("plan", given)


@bp.get("/tasks")
@public
@bp.arguments(schemas.QueryIn, location="query")
@bp.response(200, schemas.TaskLinesOut)
def tasks(given: dict[str, Any]) -> dict[str, Any]:
    """抽查任务公告."""
    return _part("task", given)


@bp.get("/results")
@public
@bp.arguments(schemas.QueryIn, location="query")
@bp.response(200, schemas.ResultLinesOut)
def results(given: dict[str, Any]) -> dict[str, Any]:
    """抽查结果公告: the newest version of each published result."""
    return _part("results", given)
