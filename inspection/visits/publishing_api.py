"""待公示 as JSON: what waits and how long it may, and the publication of several results at once."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from inspection import ledger
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.i18n import translate
from inspection.visits import publishing_schemas as schemas
from inspection.visits import service
from inspection.visits.models import Visit
from inspection.web import ApiBlueprint, actor, reading, writing

bp = ApiBlueprint("visit_publishing_api", __name__, url_prefix="/api/v1/visits/publications", description="待公示 results waiting for publication")


@bp.get("")
@requires(P.PUBLICATION_PUBLISH, P.VISIT_REVIEW)
@bp.arguments(schemas.WaitingIn, location="query")
@bp.response(200, schemas.WaitingsOut)
def waiting(given: dict[str, Any]) -> dict[str, Any]:
    """Approved results that are not public yet, with the working days left."""
    with reading() as session:
        query = service.waiting(session, actor(), soon=given["soon"]).where(Visit.id > given["after"]).order_by(Visit.id).limit(given["limit"] + 1)
        found = list(session.scalars(query))
        shown = [_out(session, visit) for visit in found[: given["limit"]]]
    return {"items": shown, "next": shown[-1]["id"] if len(found) > len(shown) else None}


def _out(session: Session, visit: Visit) -> dict[str, Any]:
    standing = service.standing(session, actor(), visit, service.warned_until(session))
    names = ("id", "number", "unit_code", "outcome", "formed_on", "publish_by", "publish_by_unannounced")
    obstacle = translate(standing.obstacle.template, standing.obstacle.params) if standing.obstacle else ""
    return {name: getattr(visit, name) for name in names} | {
        "workdays_left": standing.left, "soon": standing.soon, "corrects": standing.corrects, "obstacle": obstacle, "version": visit.version_id,
    }  # fmt: skip


@bp.post("")
@requires(P.PUBLICATION_PUBLISH)
@bp.arguments(schemas.PublishingIn)
@bp.response(201, schemas.PublicOut(many=True))
def publish(given: dict[str, Any]) -> list[ledger.Entry]:
    """Publish several results, all of them or none."""
    with writing() as session:
        return service.publish_many(session, actor(), [(row["id"], row["version"]) for row in given["visits"]])
