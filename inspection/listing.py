"""Tables of every page: search, sort, paging, export, in one place and the same everywhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from inspection.errors import Invalid

PAGE_SIZES = (25, 50, 100, 200)
MAX_PAGE = 100_000
EXPORT_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` in the address, Chinese label, how a row shows it, what it sorts by."""

    key: str
    label: str
    cell: Callable[[Any], Any]
    sort: Any = None
    numeric: bool = False


@dataclass
class Listing:
    """One page of a table with everything its template needs."""

    columns: Sequence[Column]
    rows: list[Any]
    total: int
    page: int
    size: int
    search: str
    sort: str
    descending: bool
    args: Mapping[str, str] = field(default_factory=dict)
    searchable: bool = True

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)

    def url(self, **changes: Any) -> str:
        """The same table with other arguments; None removes one."""
        merged: dict[str, Any] = {**self.args, **changes}
        return "?" + urlencode({k: v for k, v in merged.items() if v not in (None, "")})

    def sort_url(self, column: Column) -> str:
        down = self.sort == column.key and not self.descending
        return self.url(sort=("-" if down else "") + column.key, page=None)


def _argument(name: str, default: int, most: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= most:
        raise Invalid("bad-page", "地址中的 %(name)s 应为 1 至 %(most)s 的整数。", name=name, most=most)
    return int(text)


def _search_text() -> str:
    text = unicodedata.normalize("NFKC", request.args.get("q", "")).strip()
    if len(text) > 100:
        raise Invalid("search-too-long", "查询词不能超过 100 个字。")
    return text


def listing(
    session: Session,
    query: Select[*tuple[Any, ...]],
    columns: Sequence[Column],
    *,
    search: Sequence[Any] = (),
    default: str,
    tie: ColumnElement[Any] | Any,
) -> Listing:
    """Filter, sort and cut a query by the arguments of the request.

    Parameters
    ----------
    search : columns in which the term may stand.
    default : key to sort by, with a leading "-" for descending.
    tie : a unique column, so that the order is the same every time.
    """
    term = _search_text()
    if term and search:
        pattern = "%" + term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(or_(*(column.ilike(pattern, escape="\\") for column in search)))
    wanted = request.args.get("sort", default)
    by_key = {column.key: column for column in columns if column.sort is not None}
    key, descending = wanted.removeprefix("-"), wanted.startswith("-")
    if key not in by_key:
        key, descending = default.removeprefix("-"), default.startswith("-")
    order = by_key[key].sort
    size = _argument("size", PAGE_SIZES[0], PAGE_SIZES[-1])
    page = _argument("page", 1, MAX_PAGE)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    ordered = query.order_by(order.desc() if descending else order.asc(), tie)
    exporting = request.args.get("export") in ("csv", "xlsx")
    rows = session.execute(ordered.limit(EXPORT_LIMIT) if exporting else ordered.limit(size).offset((page - 1) * size))
    found = [row[0] if len(row) == 1 else row for row in rows.unique()]
    return Listing(columns, found, total, page, size, term, key, descending, request.args.to_dict(), bool(search))


def paged(
    session: Session, rows: Sequence[Any], columns: Sequence[Column], *, find: Callable[[Any], str], shown: Callable[[Session, Sequence[Any]], list[Any]]
) -> Listing:
    """One page of rows that stand in a frozen file instead of a table: searched and cut the same way, in the order of the file.

    Parameters
    ----------
    find : the text of a row in which the term may stand.
    shown : the rows of the page (or of the export) as its columns want them.
    """
    term = _search_text()
    found = [row for row in rows if term.lower() in find(row).lower()] if term else rows
    size, page = _argument("size", PAGE_SIZES[0], PAGE_SIZES[-1]), _argument("page", 1, MAX_PAGE)
    part = found[:EXPORT_LIMIT] if request.args.get("export") in ("csv", "xlsx") else found[(page - 1) * size : page * size]
    return Listing(columns, shown(session, part), len(found), page, size, term, "", False, request.args.to_dict())


def exported(listed: Listing, name: str) -> Response | None:
    """The answer to ?export=csv|xlsx (all rows of the present search), or None."""
    kind = request.args.get("export")
    if kind not in ("csv", "xlsx"):
        return None
    from reports import tables

    head = [column.label for column in listed.columns]
    rows = [["" if (v := column.cell(row)) is None else str(v) for column in listed.columns] for row in listed.rows]
    if kind == "csv":
        data, mime = tables.to_csv(head, rows), "text/csv; charset=utf-8"
    else:
        data, mime = tables.to_xlsx([(name[:31], head, rows)]), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return download(data, f"{name}.{kind}", mime)


def download(data: bytes, name: str, mime: str, *, inline: bool = False) -> Response:
    """Bytes as a file with a Chinese name."""
    from urllib.parse import quote

    answer = Response(data, content_type=mime)
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_")
    kind = "inline" if inline else "attachment"
    answer.headers["Content-Disposition"] = f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"
    return answer
