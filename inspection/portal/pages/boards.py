"""The four boards of 双随机、一公开: searched, paged, downloaded; a correction stands beside what it corrects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from flask import Response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock, keywords
from inspection.errors import NotFound, Refused
from inspection.i18n import N_, _
from inspection.ledger import Entry
from inspection.listing import EXPORT_LIMIT, Column, Listing, download, listing
from inspection.portal import asking, drawn, search
from inspection.portal.lines import COLUMNS, LINK, SOUGHT, Fact, Line, item_lines, lines
from inspection.portal.pages.blueprint import BOARDS
from inspection.portal.schemas import LINE, record
from inspection.portal.search import Wanted
from inspection.web import reading
from reports import tables

FORMATS = {"csv": EXPORT_LIMIT, "xlsx": 20_000, "json": 50_000}  # most lines of a file: a workbook is made in memory, for anybody who asks
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NEWEST = Column("published", N_("公布时间"), lambda e: e.at, Entry.id)


def show(board: str) -> str | Response:
    """One of the four boards: a page of it, or all that is wanted as a file."""
    asked = asking.wanted(request.args, least=1 if board == "items" else 2)
    kind = request.args.get("export", "")
    with reading() as session:
        if kind in FORMATS:
            return _file(board, kind, _every(session, board, asked, FORMATS[kind]))
        listed = _items(session, asked) if board == "items" else _page(session, board, asked)
        return render_template(
            "portal/lines.html", board=board, listed=listed, link_key=LINK[board], sought=SOUGHT[board], wanted=asked,
            departments=_departments(session, board), items=search.choices(session, "item") if "item" in SOUGHT[board] else [],
            found=_of_draw(session, asked.draw) if board == "results" else None, fact=listed.rows[0].fact if board == "items" and listed.rows else None,
        )  # fmt: skip


def _page(session: Session, board: str, asked: Wanted) -> Listing:
    listed = listing(session, search.standing(board, asked), (NEWEST,), default="-published", tie=Entry.id)
    standing = list(search.facts(session, search.standing(board).where(Entry.id.in_([e.id for e in listed.rows])).order_by(Entry.id.desc())))
    listed.columns, listed.rows = COLUMNS[board], list(lines(standing, listed.first))
    return listed


def _items(session: Session, asked: Wanted) -> Listing:
    """The newest list of items, as far as it is wanted, on one page."""
    found = _of_list(search.newest_list(session), asked)
    return Listing(COLUMNS["items"], found, len(found), 1, max(1, len(found)), asked.term, "", False, request.args.to_dict(), False)


def _of_list(fact: Fact | None, asked: Wanted) -> list[Line]:
    return item_lines(fact, asked.term, asked.department, asked.item) if fact else []


def _departments(session: Session, board: str) -> list[str]:
    if board != "items":
        return search.choices(session, "department")
    return sorted({keywords.normal(str(line.content.get("subject", ""))) for line in _of_list(search.newest_list(session), Wanted())} - {""})


def _of_draw(session: Session, number: str) -> drawn.Results | None:
    """What has become of the firms of a draw, when the board is asked for the results of one."""
    entries = session.scalars(select(Entry).where(Entry.board == "draws", Entry.subject == number).order_by(Entry.id)).all() if number else []
    return drawn.results(session, entries) if entries else None


# --- files ------------------------------------------------------------------------------------------------------------


def _every(session: Session, board: str, asked: Wanted, most: int) -> Iterable[Line]:
    """All lines that are wanted, read as they are written out."""
    if board == "items":
        return _of_list(search.newest_list(session), asked)
    query = search.standing(board, asked)
    if (total := search.number_of(session, query)) > most:
        raise Refused(
            "too-many-rows", "符合条件的有 %(total)s 条，这种文件一次最多 %(most)s 条。请用日期等条件缩小范围，或下载 CSV（最多 %(csv)s 条）。",
            total=total, most=most, csv=EXPORT_LIMIT,
        )  # fmt: skip
    return _numbered(search.facts(session, query.order_by(Entry.id.desc())))


def _numbered(found: Iterable[Fact]) -> Iterable[Line]:
    number = 1
    for fact in found:
        for line in lines([fact], number):
            yield line
            number += 1


def _file(board: str, kind: str, found: Iterable[Line]) -> Response:
    columns = COLUMNS[board]
    name, head, rows = _(BOARDS[board]), [_(column.label) for column in columns], _rows(columns, found)
    if kind == "csv":
        return download(tables.to_csv(head, rows, bom=request.args.get("bom") != "0"), f"{name}.csv", "text/csv; charset=utf-8")
    if kind == "xlsx":
        return download(tables.to_xlsx([(name[:31], head, rows)]), f"{name}.xlsx", XLSX)
    out = LINE[board]()
    body = {"board": board, "at": clock.stamp(clock.now()), "query": request.args.to_dict(), "items": [out.dump(record(board, line)) for line in found]}
    return download(json.dumps(body, ensure_ascii=False).encode(), f"{name}.json", "application/json")


def _rows(columns: Sequence[Column], found: Iterable[Line]) -> Iterable[list[str]]:
    for line in found:
        yield ["" if (value := column.cell(line)) is None else str(value) for column in columns]


# --- one result, one task ---------------------------------------------------------------------------------------------


def detail(session: Session, board: str, subject: str) -> str:
    """All versions of a plan, a task or a result, the newest first; the old ones marked."""
    query = search.every_version(board, subject)
    versions = list(search.facts(session, query))
    if not versions:
        raise NotFound("not-published", "没有公布过这项内容。")
    newest = versions[0].content
    numbers = {str(newest["draw"])} if newest.get("draw") else set()
    tasks = [part["task_code"] for part in (newest, *newest.get("tasks", ())) if part.get("task_code")]
    numbers |= {number for task in tasks for number in search.draws_of(session, task)}
    shown = [(fact, list(lines([fact]))) for fact in versions]
    return render_template(
        "portal/versions.html", board=board, subject=subject, versions=shown, draws=sorted(numbers), columns=COLUMNS[board],
        files=search.files_of(session, [fact.id for fact in versions]),
    )  # fmt: skip
