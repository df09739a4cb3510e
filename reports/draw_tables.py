"""抽取文书的表: strata, public sources and digests, shared by the commitment and the certificate."""

from __future__ import annotations

from collections.abc import Sequence

from reports.content import FileDigest, PublicSource, StratumRow
from reports.grid import Cell, Table
from reports.layout import cells
from reports.measures import CELL, HEAD_CELL, PORTRAIT
from reports.text import Style

MM = PORTRAIT.column / 156
CENTRE = CELL.but(align="center")
CODE = Style(face="song", size=7.6, pitch=10.6)
LABEL = HEAD_CELL.but(align="left")


def listing(heads: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]], style: Style = CENTRE, column: float = PORTRAIT.column) -> Table:
    """A plain table as wide as the type area; widths in shares of it."""
    body = [[Cell(text, style) for text in row] for row in rows]
    return Table([width * column / sum(widths) for width in widths], [cells(heads, HEAD_CELL, shade=0.93)], body, before=4, after=8)


def strata(rows: Sequence[StratumRow]) -> Table:
    """抽查层: population, excluded, drawn, reserve and rate, with the sum below."""
    texts = [(row.name, *(str(n) for n in (row.population, row.excluded, row.drawn, row.reserve)), row.rate) for row in rows]
    sums = [sum(getattr(row, name) for row in rows) for name in ("population", "excluded", "drawn", "reserve")]
    texts.append(("合计", *(str(value) for value in sums), "—"))
    return listing(("抽查层", "总体数", "排除数", "抽取数", "备选数", "抽取比例"), (36, 24, 24, 24, 24, 24), texts)


def sources(rows: Sequence[PublicSource]) -> Table:
    """公开随机源: name, issue, time, form and bits."""
    texts = [(row.name, row.issue, row.drawn_at, row.form, str(row.bits)) for row in rows]
    return listing(("公开随机源", "期号", "产生时间", "形式", "比特数"), (36, 30, 44, 28, 18), texts)


def facts(pairs: Sequence[tuple[str, str]]) -> Table:
    """名称与值: long digests on one line."""
    body = [[Cell(name, LABEL, shade=0.95), Cell(value, CODE)] for name, value in pairs if value]
    return Table([40 * MM, 116 * MM], (), body, before=4, after=8)


def files(rows: Sequence[FileDigest]) -> Table:
    """Committed files and their SHA-256."""
    return facts([(row.name, row.sha256) for row in rows])
