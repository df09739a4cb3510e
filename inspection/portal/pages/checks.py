"""Checking for oneself: the single-file verifier, a bundle in the browser, one firm, the genuineness of a paper."""

from __future__ import annotations

import hashlib
from functools import cache

from flask import Response, render_template, request, send_from_directory
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inspection.auth.guard import public
from inspection.errors import Invalid
from inspection.i18n import N_
from inspection.ledger import Entry
from inspection.portal import draws
from inspection.portal.pages.blueprint import bp
from inspection.publications.models import Issue
from inspection.web import reading
from reports import verify

MAX_CHECK = 20 * 1024 * 1024


@bp.get("/verify.py")
@public
def verifier() -> Response:
    """The single-file verifier for download."""
    from inspection.app import STATIC

    return send_from_directory(STATIC / "draw", "verify.py", as_attachment=True, mimetype="text/x-python", max_age=3600)


@cache
def verifier_digest() -> str:
    """SHA-256 of the single-file verifier, shown beside it."""
    from inspection.app import STATIC

    return hashlib.sha256((STATIC / "draw" / "verify.py").read_bytes()).hexdigest()


@bp.get("/verify")
@public
def verify_page() -> str:
    """Verify a bundle in the visitor's own browser; the file stays there."""
    return render_template("portal/verify.html", verifier_digest=verifier_digest())


@bp.get("/why")
@public
def why() -> str:
    """查一家: why a firm was (not) drawn."""
    number, code = request.args.get("draw", "").strip()[:20], request.args.get("code", "").strip().upper()[:64]
    with reading() as session:
        found = draws.looked_up(session, number, code) if number and code else None
        numbers = session.scalars(select(Entry.subject).where(Entry.board == "draws", Entry.kind == "reveal").order_by(Entry.id.desc()).limit(50)).all()
    return render_template("portal/why.html", number=number, code=code, found=found, numbers=numbers)


# what became of a published paper, by the fact that took its place; any other newer fact: there is a newer version
GONE = {"withdrawal": N_("已撤回"), "correction": N_("已更正"), "void": N_("已作废")}
FINDINGS = {
    verify.IDENTICAL: (N_("各页与嵌入的内容逐字节一致"), "good"), verify.RESAVED: (N_("文字一致，但文件另存或加盖过，不能确认是原件"), "open"),
    verify.DIFFERS: (N_("与嵌入的内容不一致"), "bad"), verify.UNREADABLE: (N_("不能核验"), "plain"),
}  # fmt: skip


@bp.get("/check")
@public
def check() -> str:
    """查真伪: was a file or a digest published here, and does it still stand."""
    digest = request.args.get("digest", "").strip().lower()[:64]
    if digest and (len(digest) < 12 or any(c not in "0123456789abcdef" for c in digest)):
        raise Invalid("bad-digest", "摘要应为至少 12 位的十六进制数字。")
    return _shown(digest)


def _shown(digest: str, finding: verify.Finding | None = None) -> str:
    with reading() as session:
        entries = _published(session, digest) if digest else []
    return render_template("portal/check.html", digest=digest, entries=entries, finding=finding, findings=FINDINGS)


def _published(session: Session, digest: str) -> list[tuple[Entry, str]]:
    """The public facts with that digest, each with what became of it."""
    pattern = f"{digest}%"
    by_issue = select(Issue.number).where(or_(Issue.content_digest.like(pattern), Issue.pdf_digest.like(pattern)))
    query = select(Entry).where(or_(Entry.digest.like(pattern), Entry.file_digest.like(pattern), Entry.subject.in_(by_issue)))
    entries = list(session.scalars(query.order_by(Entry.id)))
    newer = select(Entry.replaces_id, Entry.kind).where(Entry.replaces_id.in_([entry.id for entry in entries])).order_by(Entry.id)
    after = dict(session.execute(newer).all())
    return [(entry, GONE.get(after[entry.id], N_("有更新的版本")) if entry.id in after else "") for entry in entries if entry.kind != "withdrawal"]


@bp.post("/check")
@public
def check_file() -> str:
    """Check an uploaded PDF of ours: is every printed field what it says it is, and was it published."""
    given = request.files.get("file")
    data = given.stream.read(MAX_CHECK + 1) if given else b""
    if not data or len(data) > MAX_CHECK:
        raise Invalid("no-file", "请选择一个不超过 20 MB 的 PDF 文件。", fields={"file": ["必填"]})
    finding = verify.verify_pdf(data, largest=MAX_CHECK)
    return _shown(finding.digest, finding)
