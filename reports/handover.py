"""样品移交确认单: piece by piece, what was handed over and in which state it arrived; two marked copies."""

from __future__ import annotations

from reports import pdf, wording
from reports.content import Handover, HandoverRow
from reports.errors import ReportError
from reports.forms import LABEL, SHADE, VALUE, field_row, signing, ticked
from reports.grid import Cell, Table
from reports.layout import cells
from reports.measures import TITLE, Paper
from reports.press import Block, Section
from reports.text import Paragraph

PAPER = Paper(841.89, 595.276, 42.0, 42.0, 42.0, 76.0)
CHECKS = (
    ("seal", "封条", ("完好", "破损")),
    ("package", "包装", ("完好", "破损")),
    ("quantity", "数量", ("满足", "不满足")),
    ("state", "状态", ("正常", "异常")),
    ("papers", "文书", ("齐全", "不齐")),
    ("matching", "信息", ("相符", "不符")),
    ("decision", "结论", ("接受", "拒收")),
)
WIDTHS = (22, 86, 64, 36, 62, 56, 56, 64, 56, 56, 56, 56, 76)
SMALL = VALUE.but(size=8, pitch=10.6)


def _row(number: int, row: HandoverRow) -> list[Cell]:
    if row.decision == "拒收" and not row.reason:
        raise ReportError("handover-reason", f"样品 {row.sample_number} 拒收而没有理由；请填写拒收理由后再打印。")
    boxes = [Cell(ticked(getattr(row, name), options), SMALL) for name, _, options in CHECKS]
    texts = (str(number), row.sample_number, row.name, row.pieces, row.seal_number or "／")
    return [*(Cell(text, SMALL, least=20) for text in texts), *boxes, Cell(row.reason, SMALL)]


def sections(content: Handover) -> list[Section]:
    """One section per copy."""
    unit = PAPER.column / sum(WIDTHS)
    heads = ("序号", "样品编码", "样品名称", "件数（含备样）", "封条编号", *(label for _, label, _ in CHECKS), "理由")
    body = [_row(number, row) for number, row in enumerate(content.rows, 1)]
    table = Table([width * unit for width in WIDTHS], [cells(heads, LABEL, shade=SHADE)], body)
    parties = [
        field_row(("移交单位", content.from_unit.name, 9), ("接收单位", content.to_unit.name, 9)),
        field_row(("接收地址", content.to_unit.address or "／", 9), ("收样时间", content.received_at, 9)),
    ]
    signatures = [
        signing([(f"移交人（签名）：{content.handed_by}\n\n移交单位（盖章）：　　　　　　年　　月　　日", 12), (f"接收人（签名）：{content.received_by}\n\n接收单位（盖章）：　　　　　　年　　月　　日", 12)], 52)
    ]  # fmt: skip
    columns = [PAPER.column / 24] * 24
    blocks: list[Block] = [
        Paragraph("样品移交确认单", TITLE.but(size=16, pitch=24)),
        Paragraph(f"编号：{content.imprint.number}　共{len(content.rows)}份样品", VALUE.but(align="right", after=2)),
        Table(columns, (), parties),
        table,
        Table(columns, (), signatures),
    ]
    total = wording.numeral(len(content.copies))
    return [
        Section(PAPER, blocks, f"第{wording.numeral(number)}联（共{total}联）　{holder}存")
        for number, holder in enumerate(content.copies, 1)
    ]


def render(content: Handover) -> bytes:
    """All copies as PDF; refuses a rejection without a reason."""
    return pdf.single(content, f"样品移交确认单 {content.imprint.number}", sections(content))
