"""The public reading room 公示: boards, one subject, files, "was this firm drawn", "is this paper genuine". Reads published rows only."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, render_template, request, send_from_directory
from sqlalchemy import func, or_, select

from inspection import clock
from inspection.auth.guard import public
from inspection.errors import Invalid, NotFound
from inspection.i18n import N_, _, show_moment
from inspection.ledger import Entry
from inspection.listing import Column, download, exported, listing
from inspection.publications.models import Issue, Withdrawal
from inspection.web import reading
from reports import verify
from sampling import bundle as bundles
from sampling import draw as tickets
from sampling import frame

bp = Blueprint("portal", __name__, url_prefix="/public")
BOARDS = {"bulletins": N_("抽检通告"), "draws": N_("双随机抽取"), "results": N_("检查结果"), "plans": N_("抽检计划"), "items": N_("抽查事项清单")}
KINDS = {
    "call": N_("候补递补"),
    "commitment": N_("承诺"), "reveal": N_("揭示与名单"), "void": N_("作废"), "unrevealed": N_("逾期未揭示"), "plan": N_("计划"), "result": N_("结果"),
    "bulletin": N_("通告"), "correction": N_("更正"), "withdrawal": N_("撤回"), "items": N_("事项清单"),
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
    if kind := request.args.get("kind", "")[:20]:
        query = query.where(Entry.kind == kind)
    with reading() as session:
        listed = listing(session, query, COLUMNS, search=[Entry.subject, Entry.title], default="-at", tie=Entry.id)
        return exported(listed, board) or render_template("portal/board.html", board=board, listed=listed)


@bp.get("/<any(bulletins,draws,results,plans,items):board>/<path:subject>")
@public
def subject(board: str, subject: str) -> str:
    with reading() as session:
        entries = session.scalars(select(Entry).where(Entry.board == board, Entry.subject == subject).order_by(Entry.id)).all()
        issue = session.scalar(select(Issue).where(Issue.number == subject)) if board == "bulletins" else None
        gone = session.get(Withdrawal, issue.publication_id) if issue else None
    if not entries:
        raise NotFound("not-published", "没有公布过这项内容。")
    commitment = next((json.loads(e.content["commitment"]) for e in entries if e.kind == "commitment"), None)
    return render_template("portal/subject.html", board=board, subject=subject, entries=entries, issue=issue, gone=gone, commitment=commitment)


@bp.get("/files/<int:entry_id>")
@public
def file(entry_id: int) -> Response:
    with reading() as session:
        entry = session.get(Entry, entry_id)
        if entry is None or entry.file is None:
            raise NotFound("file-not-found", "没有这个文件。")
        return download(entry.file, entry.file_name, entry.file_type, inline=entry.file_type == "application/pdf")


@bp.get("/verify.py")
@public
def verifier() -> Response:
    """The single-file verifier for download."""
    from inspection.app import STATIC

    return send_from_directory(STATIC / "draw", "verify.py", as_attachment=True, mimetype="text/x-python", max_age=3600)


@bp.get("/verify")
@public
def verify_page() -> str:
    """Verify a bundle in the visitor's own browser; the file stays there."""
    return render_template("portal/verify.html")


@bp.get("/why")
@public
def why() -> str:
    """查一家: why a firm was (not) drawn."""
    number, code = request.args.get("draw", "").strip()[:20], request.args.get("code", "").strip().upper()[:64]
    found = _looked_up(number, code) if number and code else None
    with reading() as session:
        numbers = session.scalars(select(Entry.subject).where(Entry.board == "draws", Entry.kind == "reveal").order_by(Entry.id.desc()).limit(50)).all()
    return render_template("portal/why.html", number=number, code=code, found=found, numbers=numbers)


def _looked_up(number: str, code: str) -> dict[str, Any]:
    if not frame.is_id(code):
        raise Invalid("bad-id", "编号格式不对：请输入统一社会信用代码或内部编号。")
    with reading() as session:
        entry = session.scalars(
            select(Entry).where(Entry.board == "draws", Entry.kind == "reveal", Entry.subject == number).order_by(Entry.id.desc()).limit(1)
        ).first()
        if entry is None or entry.file is None:
            raise NotFound("not-published", "没有公布过这次抽取的结果。")
        files, seed = bundles.unpack(entry.file), str(entry.content["seed"])
    row = next((frame.unit_of(cells) for cells in frame.rows(files["frame.tsv"]) if cells[0] == code), None)
    if row is None:
        return {"row": None, "seed": seed}
    rule = json.loads(files["rule.json"])["strata"][row.stratum]
    chosen = [cells for cells in frame.rows(files["selection.tsv"]) if cells[0] == row.stratum]
    mine = next((cells for cells in chosen if cells[2] == code), None)
    selected = [cells for cells in chosen if cells[4] == "selected"]
    return {
        "row": row, "rule": rule, "seed": seed, "ticket": tickets.ticket(seed, code), "mine": mine,
        "cutoff": selected[-1][3] if selected else "", "chance": rule["n"] / rule["population"] if rule["population"] else 0,
    }


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
def feed() -> Response:
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
    return Response(json.dumps({"items": body, "next": body[-1]["id"] if body else int(text)}, ensure_ascii=False), mimetype="application/json")


