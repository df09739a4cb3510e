"""Publications as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.publications import service
from inspection.publications.models import Publication
from inspection.publications.schemas import BulletinIn, FullPublicationOut, PublicationOut, PublicationsOut, ReplyIn
from inspection.publications.service import NewBulletin
from inspection.schema_base import PartIn
from inspection.web import ApiBlueprint, actor, part, reading, settings, wanted_version, writing

bp = ApiBlueprint("publications_api", __name__, url_prefix="/api/v1/publications", description="公示与通告")


@bp.get("")
@requires(P.PUBLICATION_READ)
@bp.arguments(PartIn, location="query")
@bp.response(200, PublicationsOut)
def index(wanted: dict[str, Any]) -> dict[str, Any]:
    """Publications of the caller's region, in the order of their numbers."""
    with reading() as session:
        found = part(session, service.listing(), Publication.id, wanted)
        for publication in found["items"]:
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


def _with_issue(made: Publication) -> Publication:
    _ = made.issue
    return made


@bp.get("/<int:publication_id>")
@requires(P.PUBLICATION_READ)
@bp.response(200, FullPublicationOut)
def show(publication_id: int) -> Publication:
    """One publication with its frozen content."""
    with reading() as session:
        return _with_issue(service.get(session, publication_id))


@bp.put("/<int:publication_id>")
@requires(P.PUBLICATION_DRAFT)
@bp.arguments(BulletinIn)
@bp.response(200, PublicationOut)
def revise(given: NewBulletin, publication_id: int) -> Publication:
    """Change a draft and compute it again."""
    with writing() as session:
        return _with_issue(service.revise(session, actor(), publication_id, given, settings(), version=wanted_version()))


@bp.post("/<int:publication_id>/submit")
@requires(P.PUBLICATION_DRAFT)
@bp.response(200, PublicationOut)
def submit(publication_id: int) -> Publication:
    """Hand a draft to the leader."""
    with writing() as session:
        return _with_issue(service.submit(session, actor(), publication_id, version=wanted_version()))


@bp.post("/<int:publication_id>/approve")
@requires(P.PUBLICATION_APPROVE)
@bp.response(200, PublicationOut)
def approve(publication_id: int) -> Publication:
    """Approve exactly what was submitted."""
    with writing() as session:
        return _with_issue(service.approve(session, actor(), publication_id, version=wanted_version()))


@bp.post("/<int:publication_id>/return")
@requires(P.PUBLICATION_APPROVE)
@bp.arguments(ReplyIn)
@bp.response(200, PublicationOut)
def send_back(given: dict[str, Any], publication_id: int) -> Publication:
    """Return it to its author."""
    with writing() as session:
        return _with_issue(service.send_back(session, actor(), publication_id, version=wanted_version(), **given))


@bp.post("/<int:publication_id>/publish")
@requires(P.PUBLICATION_PUBLISH)
@bp.response(200, PublicationOut)
def publish(publication_id: int) -> Publication:
    """Number it and make it public."""
    with writing() as session:
        service.publish(session, actor(), publication_id, settings(), version=wanted_version())
        return _with_issue(service.get(session, publication_id))


@bp.post("/<int:publication_id>/correct")
@requires(P.PUBLICATION_CORRECT)
@bp.arguments(BulletinIn)
@bp.response(201, PublicationOut)
def correct(given: NewBulletin, publication_id: int) -> Publication:
    """Draft the bulletin that corrects this one."""
    with writing() as session:
        return _with_issue(service.draft(session, actor(), given, settings(), corrects_id=publication_id))


@bp.post("/<int:publication_id>/withdraw")
@requires(P.PUBLICATION_CORRECT)
@bp.arguments(ReplyIn)
@bp.response(200, PublicationOut)
def withdraw(given: dict[str, Any], publication_id: int) -> Publication:
    """Withdraw an issue with a public reason."""
    with writing() as session:
        service.withdraw(session, actor(), publication_id, version=wanted_version(), **given)
        return _with_issue(service.get(session, publication_id))
