"""Publications found, their frozen content, and the small pieces that drafting and issuing share."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from importlib.metadata import version as version_of
from typing import Any

import rfc8785
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit
from inspection.actor import Actor
from inspection.errors import Conflict, NotFound, Refused
from inspection.publications import rules
from inspection.publications.models import Publication
from inspection.settings import Settings
from reports import bulletin as bulletin_document
from reports import content
from reports.errors import ReportError


def listing() -> Select[Publication]:
    return select(Publication)


def get(session: Session, publication_id: int) -> Publication:
    publication = session.scalar(select(Publication).where(Publication.id == publication_id))
    if publication is None:
        raise NotFound("publication-not-found", "没有这份公示稿。")
    return publication


def preview_pdf(publication: Publication) -> bytes:
    """The draft as it would be printed, marked as a draft by its number."""
    return render(content_of(publication))


def content_of(publication: Publication) -> content.Bulletin:
    """The content as it was issued, else as it was drafted."""
    return content.from_json(content.Bulletin, rfc8785.dumps(publication.issue.content if publication.issue else publication.draft))


def plain(made: content.Bulletin) -> dict[str, Any]:
    return json.loads(content.to_json(made))  # type: ignore[no-any-return]


def digest(publication: Publication) -> str:
    return audit.digest(publication.draft)


def render(made: content.Bulletin) -> bytes:
    try:
        return bulletin_document.render(made)
    except ReportError as error:
        raise Refused("document-refused", "文书不能生成：%(why)s", why=str(error)) from None


def imprint(settings: Settings, *, number: str, issued_on: date, head: str) -> content.Imprint:
    return content.Imprint(
        authority=settings.office_name, number=number, issued_on=issued_on, verify_url=f"{settings.public_url.rstrip('/')}/public/check?digest=",
        audit_head=head, software=f"衡鉴 {software()}", demo=settings.demo,
    )


def software() -> str:
    return version_of("hengjian")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def step(session: Session, publication_id: int, version: int, to: str, *, only: str = "") -> Publication:
    publication = get(session, publication_id)
    if publication.version_id != version:
        raise Conflict("changed-meanwhile", "该公示稿已被他人修改。请核对期间的修改，刷新后重试。", changes=audit.newest(session, "publication", publication.id))
    if not rules.may(publication.state, to) or (only and publication.state != only):
        raise Refused("wrong-state", "公示稿现为“%(state)s”，不能办理这一步。", state=rules.STATES[publication.state])
    return publication


def noted(session: Session, actor: Actor, publication: Publication, verb: str, **detail: Any) -> Publication:
    session.flush()
    audit.record(session, actor, verb, "publication", publication.id, digest=digest(publication), **detail)
    return publication
