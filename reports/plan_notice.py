"""抽检计划通知: the plan as an official notice, with the allocation table as a landscape annex."""

from __future__ import annotations

from reports import pdf, wording
from reports.content import Allocation, PlanNotice
from reports.errors import ReportError
from reports.grid import Cell, Table
from reports.layout import annex_list, balanced, cells, closing, official_head, signature
from reports.measures import ANNEX, BODY, FLUSH, LANDSCAPE, LEVEL1, NOTE, PORTRAIT, TITLE
from reports.press import Block, Section
from reports.text import Paragraph, Style

TINY = Style(face="song", size=7.2, pitch=9.4, align="center")
COLUMNS_PER_TABLE = 18


def check(allocation: Allocation) -> None:
    """Refuse a table whose margins are not the sums of its cells.

    Raises
    ------
    ReportError
        ``allocation-margins`` or ``allocation-shape``; the message names the row or column.
    """
    if len(allocation.cells) != len(allocation.rows) or any(len(row) != len(allocation.columns) for row in allocation.cells):
        raise ReportError("allocation-shape", "任务分配表的行数或列数与名称不一致；请重新生成分配表。")
    for name, row, total in zip(allocation.rows, allocation.cells, allocation.row_totals, strict=True):
        if sum(row) != total:
            raise ReportError("allocation-margins", f"任务分配表“{name}”一行合计 {sum(row)} 不等于 {total}；请核对。")
    for index, (name, total) in enumerate(zip(allocation.columns, allocation.column_totals, strict=True)):
        if sum(row[index] for row in allocation.cells) != total:
            raise ReportError("allocation-margins", f"任务分配表“{name}”一列合计不等于 {total}；请核对。")
    if sum(allocation.row_totals) != allocation.total:
        raise ReportError("allocation-margins", f"任务分配表总计不等于 {allocation.total}；请核对。")


def _tables(allocation: Allocation) -> list[Block]:
    """As many tables as the columns need, the last with the row totals."""
    blocks: list[Block] = []
    count = len(allocation.columns)
    parts = max(-(-(count + 1) // COLUMNS_PER_TABLE), 1)
    share = -(-(count + 1) // parts)
    for number in range(parts):
        chosen = list(range(number * share, min((number + 1) * share, count)))
        last = number == parts - 1
        heads = [allocation.row_word, *(allocation.columns[index] for index in chosen), *(["合计"] if last else [])]
        body = []
        for name, row, total in zip(allocation.rows, allocation.cells, allocation.row_totals, strict=True):
            numbers = [row[index] for index in chosen] + ([total] if last else [])
            body.append([Cell(name, TINY.but(align="left")), *(Cell(str(value), TINY) for value in numbers)])
        bottom = [allocation.column_totals[index] for index in chosen] + ([allocation.total] if last else [])
        bold = TINY.but(face="hei")
        body.append([Cell("合计", bold), *(Cell(str(value), bold) for value in bottom)])
        first, rest = 58.0, (LANDSCAPE.column - 58.0) / max(len(heads) - 1, 1)
        widths = [first, *[min(rest, 60.0)] * (len(heads) - 1)]
        if parts > 1:
            blocks.append(Paragraph(f"（第{number + 1}部分，共{parts}部分）", NOTE.but(align="center"), keep_with_next=True))
        blocks.append(Table(widths, [cells(heads, bold, shade=0.93)], body, before=4, after=10))
    return blocks


def _annex(content: PlanNotice) -> Section:
    blocks: list[Block] = [
        Paragraph("附件", ANNEX.but(pitch=24), keep_with_next=True),
        Paragraph("抽检任务分配表", TITLE.but(size=16, pitch=26), keep_with_next=True),
        Paragraph(f"单位：批次。{content.formula}", NOTE.but(align="center"), keep_with_next=True),
        *_tables(content.allocation),
        Paragraph(f"计划数据摘要（SHA-256）：{content.plan_digest}", NOTE),
    ]
    return Section(LANDSCAPE, blocks)


def render(content: PlanNotice) -> bytes:
    """The notice with its annex as PDF; refuses an allocation that does not add up."""
    check(content.allocation)
    blocks: list[Block] = [*official_head(content.imprint.authority, content.imprint.number, "文件")]
    blocks += [*balanced(content.title), Paragraph("", BODY.but(pitch=14))]
    blocks.append(Paragraph(f"{wording.listed(content.addressees)}：", FLUSH))
    blocks.append(Paragraph(content.opening, BODY))
    for number, matter in enumerate(content.sections, 1):
        blocks.append(Paragraph(f"{wording.numeral(number)}、{matter.name}", LEVEL1, keep_with_next=True))
        blocks += [Paragraph(text, BODY) for text in matter.detail.split("\n") if text]
    blocks[-1].keep_with_next = True
    blocks += annex_list(["抽检任务分配表"])
    blocks.append(signature(content.imprint.authority, wording.day(content.imprint.issued_on)))
    blocks += closing(content.copies_to, content.imprint.authority, wording.day(content.imprint.issued_on))
    return pdf.single(content, content.title, [Section(PORTRAIT, blocks), _annex(content)])
