"""检验结果通知书 with 回执: what was found, until when and to whom to object, and the slip to tear off."""

from __future__ import annotations

from typing import Any

from reportlab.lib.units import mm

from reports import pdf, wording
from reports.content import ResultNotice
from reports.draw_tables import listing
from reports.forms import LABEL, SHADE, VALUE
from reports.grid import Cell, Table
from reports.layout import red_head, red_rule, signature
from reports.measures import BODY, TITLE, Paper
from reports.press import Block, Drawing, Section, Together
from reports.text import Paragraph

PAPER = Paper(210 * mm, 297 * mm, 26 * mm, 24 * mm, 20 * mm, 32 * mm)
TEXT = BODY.but(size=12, pitch=17.6, indent=24, tracking=0.0)
FLAT = TEXT.but(indent=0.0)
SLIP = FLAT.but(size=10.5, pitch=16)


def _sample_table(content: ResultNotice) -> Table:
    pairs = [
        ("抽样单编号", content.sample_number, "检验报告编号", content.report_number),
        ("产品名称", content.product, "商标", content.brand),
        ("规格型号", content.specification, "生产日期/批号", content.date_lot),
        ("质量等级", content.grade, "抽样日期", wording.day(content.sampled_on)),
        ("被抽样单位", content.sampled_at, "标称生产者", content.producer),
    ]
    body = [
        [Cell(text or "／", VALUE) if index % 2 else Cell(text, LABEL, shade=SHADE) for index, text in enumerate(row)]
        for row in pairs
    ]
    unit = PAPER.column / 160
    return Table([28 * unit, 52 * unit, 28 * unit, 52 * unit], (), body, before=3, after=6)


def _results(content: ResultNotice) -> Table:
    rows = [(row.item, row.value, row.limit, row.verdict, row.basis or "／") for row in content.results]
    return listing(("检验项目", "检验结果", "标准值", "判定", "判定依据"), (34, 30, 34, 16, 42), rows, VALUE.but(align="center"), PAPER.column)


def tear_line() -> Drawing:
    """撕裂线 above a slip."""

    def paint(canvas: Any, x: float, top: float, width: float) -> None:
        canvas.saveState()
        canvas.setDash(3, 2)
        canvas.setLineWidth(0.6)
        canvas.line(x, top - 8, x + width, top - 8)
        canvas.restoreState()

    return Drawing(16, paint)


def _slip(content: ResultNotice) -> Together:
    addressee = content.object_to.name or content.imprint.authority
    text = (
        f"{addressee}：\n　　你单位{content.imprint.number}检验结果通知书（产品：{content.product}；抽样单编号：{content.sample_number}；"
        f"检验报告编号：{content.report_number}）及检验报告已收到。我单位对检验结果：\n　　□无异议　　　　□将在规定期限内提出异议"
    )
    signing = "收件人（签名）：　　　　　　　　单位（盖章）：　　　　　　　　收到日期：　　　年　　月　　日"
    return Together(
        [
            tear_line(),
            Paragraph("检验结果通知书回执", TITLE.but(size=15, pitch=24)),
            Paragraph(text, SLIP),
            Paragraph(signing, SLIP.but(before=12, size=9.5)),
        ],
        before=8,
    )


def _objection(content: ResultNotice) -> str:
    where = content.object_to
    within = f"自收到本通知书之日起{content.object_within}内" if content.object_within else "在法定期限内"
    until = f"在{wording.day(content.object_by)}以前（含当日）" if content.object_by else within
    reach = "，".join(part for part in (where.address, f"联系人：{where.person or '／'}", f"电话：{where.phone or '／'}") if part)
    return (
        f"对检验结果有异议的，可以{until}向{where.name}（{reach}）书面提出，并提交相关证明材料；"
        "逾期未提出的，视为认可检验结果。"
    )


def render(content: ResultNotice) -> bytes:
    """The notice with its slip as PDF."""
    addressees = wording.listed([party.name for party in content.addressees])
    basis = f"根据{wording.listed(content.basis)}，" if content.basis else ""
    blocks: list[Block] = [
        red_head(content.imprint.authority, drop=0, largest=34),
        red_rule(),
        Paragraph("检验结果通知书", TITLE.but(size=20, pitch=28, before=4)),
        Paragraph(content.imprint.number, FLAT.but(align="center", after=4)),
        Paragraph(f"{addressees}：", FLAT),
        Paragraph(f"{basis}我局对下列产品进行了抽样检验，现将结果通知如下：", TEXT),
        _sample_table(content),
    ]
    if content.results:
        blocks.append(_results(content))
    blocks.append(Paragraph(f"检验结论：{content.conclusion}", TEXT.but(face="hei")))
    blocks.append(Paragraph(_objection(content), TEXT))
    blocks += [Paragraph(text, TEXT) for text in content.rights]
    blocks.append(Paragraph("附：检验报告", TEXT, keep_with_next=True))
    blocks.append(signature(content.imprint.authority, wording.day(content.imprint.issued_on), style=FLAT))
    blocks.append(_slip(content))
    return pdf.single(content, f"检验结果通知书 {content.imprint.number}", [Section(PAPER, blocks)])
