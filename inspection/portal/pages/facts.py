"""The first page, the boards, one subject with all its facts, the files, the feed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import Response, render_template, request
from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import clock
from inspection.auth.guard import public
from inspection.errors import Invalid, NotFound
from inspection.i18n import N_, _, language, show_moment
from inspection.ledger import Entry
from inspection.listing import Column, download, exported, listing
from inspection.portal import drawn, draws, lines, protocol, search
from inspection.portal.pages import boards
from inspection.portal.pages.blueprint import KINDS, bp
from inspection.portal.pages.checks import verifier_digest
from inspection.publications.models import Issue, Withdrawal
from inspection.publications.rules import plain_words
from inspection.web import reading


@bp.get("")
@public
def index() -> str:
    with reading() as session:
        counts = dict(session.execute(select(Entry.board, func.count()).group_by(Entry.board)).all())
        counts |= {board: search.number_of(session, search.standing(board)) for board in lines.BOARDS if board in counts}
        newest = (select(Entry.id).where(Entry.board == board).order_by(Entry.id.desc()).limit(RECENT).subquery() for board in counts)
        recent = [select(part.c.id) for part in newest]  # a few of every board: six hundred results of one day hide no bulletin
        latest = session.scalars(select(Entry).where(Entry.id.in_(union_all(*recent))).order_by(Entry.id.desc())).all() if recent else []
    return render_template("portal/index.html", counts=counts, latest=latest)


RECENT = 3  # of every board, on the first page
COLUMNS = (
    Column("at", N_("公布时间"), lambda e: show_moment(e.at), Entry.at),
    Column("kind", N_("类型"), lambda e: _(KINDS.get(e.kind, e.kind)), Entry.kind),
    Column("subject", N_("编号"), lambda e: e.subject, Entry.subject),
    Column("title", N_("名称"), lambda e: e.title, Entry.title),
    Column("digest", N_("摘要"), lambda e: (e.file_digest or e.digest)[:16]),
)


@bp.get("/<any(items,plan,task,results,draws,bulletins,plans):board>")
@public
def board(board: str) -> str | Response:
    if board in lines.BOARDS:
        return boards.show(board)
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


@bp.get("/<any(items,plan,task,results,draws,bulletins,plans):board>/<path:subject>")
@public
def subject(board: str, subject: str) -> str:
    with reading() as session:
        if board in ("plan", "task", "results"):
            return boards.detail(session, board, subject)
        entries = session.scalars(select(Entry).where(Entry.board == board, Entry.subject == subject).order_by(Entry.id)).all()
        issue = session.scalar(select(Issue).where(Issue.number == subject)) if board == "bulletins" else None
        gone = session.get(Withdrawal, issue.publication_id) if issue else None
        found = drawn.results(session, entries) if board == "draws" and entries else None
        steps = protocol.steps(entries, search.corrections_of(session, subject), clock.now()) if board == "draws" else []
    if not entries:
        raise NotFound("not-published", "没有公布过这项内容。")
    commitment = next((json.loads(e.content["commitment"]) for e in entries if e.kind == "commitment"), None)
    return render_template(
        "portal/subject.html", board=board, subject=subject, entries=entries, issue=issue, gone=gone, commitment=commitment,
        state=draws.state_of(entries) if board == "draws" else "", verifier_digest=verifier_digest(),
        after=draws.afterwards(entries) if board == "draws" else None, found=found, steps=steps, names=draws.names_of(entries),
        plain=plain_words(issue.content, english=language() == "en") if issue else "",
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
