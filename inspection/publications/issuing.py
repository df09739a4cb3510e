"""From draft to public: submitted, approved by another person, frozen and numbered, corrected, withdrawn."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.publications import rules
from inspection.publications.found import content_of, imprint, noted, plain, render, sha256, software, step
from inspection.publications.models import Issue, Publication, Withdrawal
from inspection.settings import Settings
from reports import content

SERIES = "市监通告"


def submit(session: Session, actor: Actor, publication_id: int, *, version: int) -> Publication:
    """Hand the draft to the leader."""
    publication = step(session, publication_id, version, "submitted")
    publication.state, publication.submitted_at, publication.return_reason = "submitted", clock.now(), ""
    return noted(session, actor, publication, "publication.submit")


def approve(session: Session, actor: Actor, publication_id: int, *, version: int) -> Publication:
    """Another person approves exactly the content that was submitted."""
    publication = step(session, publication_id, version, "approved")
    if publication.created_by == actor.id:
        raise Refused("same-person", "起草人不能审批自己的通告，请另一位负责人审批。")
    publication.state, publication.approved_by, publication.approved_by_name = "approved", actor.id, actor.name
    publication.approved_at = clock.now()
    return noted(session, actor, publication, "publication.approve")


def send_back(session: Session, actor: Actor, publication_id: int, *, version: int, reason: str) -> Publication:
    """Return it to its author with a reason."""
    if not reason.strip():
        raise Invalid("reason-missing", "退回须写明理由。", fields={"reason": ["必填"]})
    publication = step(session, publication_id, version, "draft")
    publication.state, publication.return_reason = "draft", reason.strip()
    publication.approved_by, publication.approved_by_name, publication.approved_at = None, "", None
    return noted(session, actor, publication, "publication.return", reason=reason)


def publish(session: Session, actor: Actor, publication_id: int, settings: Settings, *, version: int) -> Issue:
    """Number, freeze, render and put on the public board; an issue that corrects another says so on both."""
    publication = step(session, publication_id, version, "published")
    if publication.approved_by == actor.id:
        raise Refused("same-person", "审批人不能自己公布，请公布专员办理。")
    old = _standing(session, publication) if publication.corrects_id else None
    year = clock.today().year
    serial = (session.scalar(select(func.max(Issue.serial)).where(Issue.series == SERIES, Issue.year == year)) or 0) + 1
    number = rules.number(SERIES, year, serial)
    head = audit.head(session)[1]
    final = _numbered(content_of(publication), imprint(settings, number=number, issued_on=clock.today(), head=head))
    pdf = render(final)
    issue = Issue(
        publication_id=publication.id, series=SERIES, year=year, serial=serial, number=number, kind=publication.kind, title=publication.title,
        region_code=publication.region_code, content=plain(final), content_digest=content.digest(final), pdf=pdf,
        pdf_digest=sha256(pdf), software_version=software(), audit_head=head, issued_on=clock.today(), issued_at=clock.now(),
        issued_by=actor.id, issued_by_name=actor.name,
    )
    session.add(issue)
    publication.state = "published"
    session.flush()
    replaces = _take_back(session, actor, publication, old) if old else None
    ledger.publish(
        session, actor, board="bulletins", kind="correction" if replaces else "bulletin", subject=number, title=publication.title,
        region_code=publication.region_code, content=issue.content, file=pdf, file_name=f"{number}.pdf", file_type="application/pdf",
        replaces_id=replaces,
    )
    noted(session, actor, publication, "publication.publish", number=number, pdf=issue.pdf_digest)
    return issue


def _numbered(made: content.Bulletin, head: content.Imprint) -> content.Bulletin:
    """The approved content with its number and day, on the page and in every row of the lists."""
    number, day = head.number, head.issued_on.isoformat()
    failing = tuple(replace(row, notice_number=number, notice_date=day) for row in made.failing)
    passing = tuple(replace(row, notice_number=number, notice_date=day) for row in made.passing)
    return replace(made, imprint=head, failing=failing, passing=passing)


def _standing(session: Session, publication: Publication) -> Publication:
    """The issue that is corrected, as long as it still stands."""
    old = session.get(Publication, publication.corrects_id)
    assert old is not None
    if old.state != "published":
        raise Refused("not-published", "被更正的通告已更正或撤回，不能再次更正。请退回本稿。")
    return old


def _take_back(session: Session, actor: Actor, publication: Publication, old: Publication) -> int | None:
    assert old.issue is not None
    session.add(
        Withdrawal(
            publication_id=old.id, kind="corrected", reason=publication.parameters.get("reason") or publication.title, replaced_by_id=publication.id,
            at=clock.now(), by_id=actor.id, by_name=actor.name,
        )
    )
    old.state = "corrected"
    session.flush()
    entries = ledger.of(session, "bulletins", old.issue.number)
    return entries[-1].id if entries else None


def withdraw(session: Session, actor: Actor, publication_id: int, *, version: int, reason: str) -> Withdrawal:
    """撤回 with a public reason; what was published stays readable and is marked."""
    if not reason.strip():
        raise Invalid("reason-missing", "撤回须写明理由，理由将公开。", fields={"reason": ["必填"]})
    publication = step(session, publication_id, version, "withdrawn")
    issue = session.get(Issue, publication.id)
    assert issue is not None
    made = Withdrawal(publication_id=publication.id, kind="withdrawn", reason=reason.strip(), at=clock.now(), by_id=actor.id, by_name=actor.name)
    session.add(made)
    publication.state = "withdrawn"
    session.flush()
    entries = ledger.of(session, "bulletins", issue.number)
    ledger.publish(
        session, actor, board="bulletins", kind="withdrawal", subject=issue.number, title=issue.title, region_code=issue.region_code,
        content={"number": issue.number, "reason": made.reason}, replaces_id=entries[-1].id if entries else None,
    )
    noted(session, actor, publication, "publication.withdraw", reason=reason)
    return made
