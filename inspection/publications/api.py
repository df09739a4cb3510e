"""Publications as JSON."""

from __future__ import annotations

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.publications import service
from inspection.publications.models import Publication
from inspection.publications.schemas import BulletinIn, PublicationOut
from inspection.publications.service import NewBulletin
from inspection.web import ApiBlueprint, actor, reading, settings, wanted_version, writing

bp = ApiBlueprint("publications_api", __name__, url_prefix="/api/v1/publications", description="公示与通告")


@bp.get("")
@requires(P.PUBLICATION_READ)
@bp.response(200, PublicationOut(many=True))
def index() -> list[Publication]:
    """All publications, newest first."""
    with reading() as session:
        found = list(session.scalars(service.listing().order_by(Publication.id.desc()).limit(500)))
        for publication in found:
            _ = publication.issue
        return found


@bp.post("")
@requires(P.PUBLICATION_DRAFT)
@bp.arguments(BulletinIn)
@bp.response(201, PublicationOut)
def create(given: NewBulletin) -> Publication:
    """Draft a bulletin from the data as they stand."""
    with writing() as session:
        made = service.draft(session, actor(), given, settings())
        _ = made.issue
        return made


@bp.post("/<int:publication_id>/submit")
@requires(P.PUBLICATION_DRAFT)
@bp.response(200, PublicationOut)
def submit(publication_id: int) -> Publication:
    """Hand a draft to the leader."""
    with writing() as session:
        made = service.submit(session, actor(), publication_id, version=wanted_version())
        _ = made.issue
        return made
