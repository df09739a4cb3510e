"""Coverage of licence holders as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.indicators import rules
from inspection.indicators.licensed import counting, schemas
from inspection.indicators.licensed.asking import scope_of
from inspection.indicators.licensed.schemas import CoverageIn, CoverageOut
from inspection.registers.models import Enterprise
from inspection.web import ApiBlueprint, reading

bp = ApiBlueprint("licensed_api", __name__, url_prefix="/api/v1/indicators/licensed", description="获证企业覆盖率")


@bp.get("")
@requires(P.INDICATOR_READ)
@bp.arguments(CoverageIn, location="query")
@bp.response(200, CoverageOut)
def index(given: dict[str, Any]) -> dict[str, Any]:
    """Holders of a valid licence inspected this year, exact; those not inspected by name, page by page."""
    with reading() as session:
        asked = scope_of(session, given)
        found = counting.coverage(session, asked, parts=True)
        query = counting.uncovered(asked, place=given["place"]).order_by(Enterprise.code)
        rows = session.execute(query.limit(given["size"]).offset((given["page"] - 1) * given["size"])).all()
        return {
            **schemas.of(found), "since": asked.since, "until": asked.until, "kinds": asked.kinds, "region_code": asked.region_code,
            "text": rules.full(found.covered, found.total, counting.ALL)[0],
            "uncovered": [
                {"code": firm.code, "name": firm.name, "region_code": firm.region_code, "place": place, "last_visit": last} for firm, place, last in rows
            ],
        }  # fmt: skip
