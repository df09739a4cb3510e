"""通告附件: tested items, failing, passing, explanations — columns of the national upload tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from reports.content import Bulletin, FailingRow, Listing, PassingRow
from reports.errors import ReportError
from reports.grid import Cell, Table
from reports.layout import annex_mark, cells
from reports.measures import ANNEX, BODY, LANDSCAPE, LEVEL1, NOTE, PORTRAIT, TITLE
from reports.press import Block, Section, Space
from reports.text import Paragraph, Style

FAILING_COLUMNS = (
    "抽样编号", "ID", "标称生产企业名称", "标称生产企业地址", "被抽样单位名称", "被抽样单位地址", "食品名称", "规格型号", "商标",
    "生产日期/批号", "不合格项目║检验结果║标准值", "分类", "公告号", "公告日期", "任务来源/项目名称", "检验机构", "备注",
)  # fmt: skip
PASSING_COLUMNS = (
    "抽样编号", "ID", "标称生产企业名称", "标称生产企业地址", "被抽样单位名称", "被抽样单位所在省份", "食品名称", "规格型号",
    "生产日期/批号", "分类", "公告号", "公告日期", "任务来源/项目名称", "备注", "被抽样单位所在市",
)  # fmt: skip
FAILING_WIDTHS = (14, 6, 17, 17, 17, 17, 14, 11, 9, 14, 22, 11, 11, 14, 13, 12, 6)
PASSING_WIDTHS = (18, 8, 21, 21, 22, 13, 17, 14, 17, 13, 14, 14, 15, 8, 10)
STANDING = "声明：以下信息仅指本次抽检标称的生产企业相关产品的生产日期/批号和所检项目。"
TINY = Style(face="song", size=6.6, pitch=8.8)
TINY_HEAD = TINY.but(face="hei", align="center")
DIVIDER = "║"


@dataclass(frozen=True)
class Annex:
    """附件: title and pages."""

    title: str
    blocks: Sequence[Block]
    landscape: bool = True

    def section(self, number: int, of: int) -> Section:
        """The annex from a new page, headed 附件n, or 附件 when it is the only one."""
        paper = LANDSCAPE if self.landscape else PORTRAIT
        size = 16 if self.landscape else 20
        head: list[Block] = [
            Paragraph(annex_mark(number, of), ANNEX.but(pitch=24), keep_with_next=True),
            Paragraph(self.title, TITLE.but(size=size, pitch=size * 1.6, after=4), keep_with_next=True),
        ]
        return Section(paper, [*head, *self.blocks])


def failing_cells(row: FailingRow) -> list[str]:
    """The row in the order of the upload table; several failing items stand one under the other."""
    values = [*astuple(row)]
    values[10] = "\n".join(failure.replace("‖", DIVIDER) for failure in row.failures)
    return [str(value) for value in values]


def passing_cells(row: PassingRow) -> list[str]:
    """The row in the order of the upload table."""
    return [str(value) for value in astuple(row)]


def _listing(columns: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]]) -> Table:
    unit = LANDSCAPE.column / sum(widths)
    body = [[Cell(text or "／", TINY) for text in row] for row in rows]
    return Table([width * unit for width in widths], [cells(columns, TINY_HEAD, shade=0.93)], body, before=3)


def _items(bulletin: Bulletin) -> Annex:
    blocks: list[Block] = []
    for entry in bulletin.tested_items:
        blocks.append(Paragraph(entry.category, LEVEL1.but(size=14, pitch=24, indent=28), keep_with_next=True))
        text = BODY.but(size=12, pitch=20, indent=24, tracking=0.0)
        blocks.append(Paragraph(f"抽检依据：{'、'.join(entry.bases)}。", text))
        blocks.append(Paragraph(f"检验项目：{'、'.join(entry.items)}。", text))
    return Annex("本次检验项目", blocks, landscape=False)


def _own(listing: Listing) -> Annex:
    """A list with columns of its own; refuses rows and widths that do not fit the columns."""
    count = len(listing.columns)
    if len(listing.widths) != count or min(listing.widths, default=0) <= 0:
        raise ReportError("listing-shape", f"附表“{listing.title}”的列宽数与列数不符；请核对列的定义。")
    for number, row in enumerate(listing.rows, 1):
        if len(row) != count:
            raise ReportError("listing-shape", f"附表“{listing.title}”第{number}行有 {len(row)} 格，应为 {count} 格。")
    standing: list[Block] = [Paragraph(listing.standing, NOTE, keep_with_next=True)] if listing.standing else []
    return Annex(listing.title, [*standing, _listing(listing.columns, listing.widths, listing.rows)])


def _explanations(bulletin: Bulletin) -> Annex:
    blocks: list[Block] = []
    for matter in bulletin.explanations:
        blocks.append(Paragraph(matter.name, LEVEL1.but(size=14, pitch=24, indent=28), keep_with_next=True))
        blocks.append(Paragraph(matter.detail, BODY.but(size=12, pitch=20, indent=24, tracking=0.0)))
    return Annex("部分不合格检验项目小知识", blocks, landscape=False)


def annexes(bulletin: Bulletin) -> list[Annex]:
    """The annexes that have something to say, in the customary order."""
    found = []
    standing: list[Block] = [Paragraph(STANDING, NOTE, keep_with_next=True), Space(2)]
    if bulletin.tested_items:
        found.append(_items(bulletin))
    if bulletin.failing:
        rows = [failing_cells(row) for row in bulletin.failing]
        found.append(Annex("抽检不合格产品信息", [*standing, _listing(FAILING_COLUMNS, FAILING_WIDTHS, rows)]))
    if bulletin.passing:
        rows = [passing_cells(row) for row in bulletin.passing]
        found.append(Annex("抽检合格产品信息", [*standing, _listing(PASSING_COLUMNS, PASSING_WIDTHS, rows)]))
    found += [_own(listing) for listing in bulletin.listings]
    if bulletin.explanations:
        found.append(_explanations(bulletin))
    return found
