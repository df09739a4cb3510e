"""The public reading room 公示: boards, one subject, files, "was this firm drawn", "is this paper genuine". Reads published rows only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from flask import Blueprint, Response, render_template, request, send_from_directory
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import clock
from inspection.auth.guard import public
from inspection.errors import Invalid, NotFound
from inspection.i18n import N_, _, show_moment
from inspection.ledger import Entry
from inspection.listing import Column, download, exported, listing
from inspection.portal import drawn, draws
from inspection.publications.models import Issue, Withdrawal
from inspection.web import reading
from reports import verify

bp = Blueprint("portal", __name__, url_prefix="/public")
BOARDS = {"bulletins": N_("抽检通告"), "draws": N_("双随机抽取"), "results": N_("检查结果"), "plans": N_("抽检计划"), "items": N_("抽查事项清单")}
KINDS = {
    "call": N_("候补递补"), "swap": N_("换人"), "supplement": N_("补充抽取"),
    "commitment": N_("承诺"), "reveal": N_("揭示与名单"), "void": N_("作废"), "unrevealed": N_("逾期未揭示"), "plan": N_("计划"), "result": N_("结果"),
    "embargo": N_("已揭示，名单保密中"), "bulletin": N_("通告"), "correction": N_("更正"), "withdrawal": N_("撤回"), "items": N_("事项清单"),
}
MAX_CHECK = 20 * 1024 * 1024


@bp.context_processor
def _boards() -> dict[str, Any]:
    return {"boards": BOARDS, "kinds": KINDS}


@bp.get("")
@public
def index() -> str:
    with reading() as session:
        counts = dict(session.execute(select(Entry.board, func.count()).group_by(Entry.board)).all())
        latest = session.scalars(select(Entry).order_by(Entry.id.desc()).limit(10)).all()
    return render_template("portal/index.html", counts=counts, latest=latest)


COLUMNS = (
    Column("at", N_("公布时间"), lambda e: show_moment(e.at), Entry.at),
    Column("kind", N_("类型"), lambda e: _(KINDS.get(e.kind, e.kind)), Entry.kind),
    Column("subject", N_("编号"), lambda e: e.subject, Entry.subject),
    Column("title", N_("名称"), lambda e: e.title, Entry.title),
    Column("digest", N_("摘要"), lambda e: (e.file_digest or e.digest)[:16]),
)


@bp.get("/<any(bulletins,draws,results,plans,items):board>")
@public
def board(board: str) -> str | Response:
    query = select(Entry).where(Entry.board == board)
    if (kind := request.args.get("kind", "")) in KINDS:
        query = query.where(Entry.kind == kind)
    with reading() as session:
        listed = listing(session, query, COLUMNS, search=[Entry.subject, Entry.title], default="-at", tie=Entry.id)
        there = session.scalars(select(Entry.kind).where(Entry.board == board).distinct()).all()
        if board == "draws":
            listed.columns = (*COLUMNS[:4], _present(session, listed.rows), COLUMNS[4])
        missing = draws.not_public(session) if board == "draws" else []
        return exported(listed, board) or render_template(
            "portal/board.html", board=board, listed=listed, kind=kind, there=[k for k in KINDS if k in there], missing=missing
        )


def _present(session: Session, rows: Sequence[Entry]) -> Column:
    """What has become of the draw of each line: an unrevealed promise stays visible, overdue or not."""
    facts: dict[str, list[Entry]] = {}
    for entry in session.scalars(select(Entry).where(Entry.board == "draws", Entry.subject.in_({e.subject for e in rows})).order_by(Entry.id)):
        facts.setdefault(entry.subject, []).append(entry)
    return Column("present", N_("现状"), lambda e: _(draws.state_of(facts[e.subject])))


@bp.get("/<any(bulletins,draws,results,plans,items):board>/<path:subject>")
@public
def subject(board: str, subject: str) -> str:
    with reading() as session:
        entries = session.scalars(select(Entry).where(Entry.board == board, Entry.subject == subject).order_by(Entry.id)).all()
        issue = session.scalar(select(Issue).where(Issue.number == subject)) if board == "bulletins" else None
        gone = session.get(Withdrawal, issue.publication_id) if issue else None
        found = drawn.results(session, entries) if board == "draws" and entries else None
    if not entries:
        raise NotFound("not-published", "没有公布过这项内容。")
    commitment = next((json.loads(e.content["commitment"]) for e in entries if e.kind == "commitment"), None)
    return render_template(
        "portal/subject.html", board=board, subject=subject, entries=entries, issue=issue, gone=gone, commitment=commitment,
        state=draws.state_of(entries) if board == "draws" else "", verifier_digest=verifier_digest(),
        after=draws.afterwards(entries) if board == "draws" else None, found=found,
    )


@bp.get("/files/<int:entry_id>")
@public
def file(entry_id: int) -> BaseResponse:
    with reading() as session:
        entry = session.get(Entry, entry_id)
        if entry is None or entry.file is None:
            raise NotFound("file-not-found", "没有这个文件。")
        answer = download(entry.file, entry.file_name, entry.file_type, inline=entry.file_type == "application/pdf")
    answer.set_etag(entry.file_digest)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"  # a published file never changes
    return answer.make_conditional(request)


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


@bp.get("/check")
@public
def check() -> str:
    """查真伪: was a file or a digest published here."""
    digest = request.args.get("digest", "").strip().lower()[:64]
    entries: list[Entry] = []
    if digest:
        if len(digest) < 12 or any(c not in "0123456789abcdef" for c in digest):
            raise Invalid("bad-digest", "摘要应为至少 12 位的十六进制数字。")
        pattern = f"{digest}%"
        with reading() as session:
            by_issue = select(Issue.number).where(or_(Issue.content_digest.like(pattern), Issue.pdf_digest.like(pattern)))
            query = select(Entry).where(or_(Entry.digest.like(pattern), Entry.file_digest.like(pattern), Entry.subject.in_(by_issue)))
            entries = list(session.scalars(query.order_by(Entry.id)))
    return render_template("portal/check.html", digest=digest, entries=entries, finding=None)


@bp.post("/check")
@public
def check_file() -> tuple[str, int]:
    """Check an uploaded PDF of ours: is every printed field what it says it is."""
    given = request.files.get("file")
    data = given.stream.read(MAX_CHECK + 1) if given else b""
    if not data or len(data) > MAX_CHECK:
        raise Invalid("no-file", "请选择一个不超过 20 MB 的 PDF 文件。", fields={"file": ["必填"]})
    finding = verify.verify_pdf(data, largest=MAX_CHECK)
    return render_template("portal/check.html", digest="", entries=[], finding=finding), 200


@bp.get("/feed.json")
@public
def feed() -> BaseResponse:
    """The newest public facts as JSON, by cursor: ?after=ID."""
    text = request.args.get("after", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("bad-cursor", "after 应为整数。")
    with reading() as session:
        rows = session.scalars(select(Entry).where(Entry.id > int(text)).order_by(Entry.id).limit(100)).all()
        body = [
            {"id": e.id, "at": clock.stamp(e.at), "board": e.board, "kind": e.kind, "subject": e.subject, "title": e.title, "digest": e.digest,
             "file_digest": e.file_digest, "replaces": e.replaces_id, "content": e.content}
            for e in rows
        ]
    answer = Response(json.dumps({"items": body, "next": body[-1]["id"] if body else int(text)}, ensure_ascii=False), mimetype="application/json")
    answer.add_etag()
    answer.headers["Cache-Control"] = "public, no-cache"  # kept by readers, asked again each time
    return answer.make_conditional(request)


