"""The coverage planner as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws.coverage import schemas, wording
from inspection.draws.coverage.reckoning import Programme, reckon
from inspection.draws.coverage.schemas import AnswerOut, ProgrammeIn
from inspection.web import ApiBlueprint

bp = ApiBlueprint("coverage_api", __name__, url_prefix="/api/v1/draws/coverage", description="覆盖测算")


@bp.get("")
@requires(P.DRAW_READ)
@bp.arguments(ProgrammeIn, location="query")
@bp.response(200, AnswerOut)
def index(asked: Programme) -> dict[str, Any]:
    """How many draws until everyone has been visited, with and without seats set aside: formula and simulation."""
    answer = reckon(asked)
    return schemas.of(answer, wording.sentences(answer))
