"""通用文书: 复检受理（不予受理）通知书, 移送函, 责令改正通知书, 复查记录, 结案审批表 and their like, each with digest and QR."""

from __future__ import annotations

from reports import pdf, wording
from reports.content import Letter, Matter
from reports.forms import LABEL, SHADE, VALUE
from reports.grid import Cell, Table
from reports.layout import annex_list, red_head, red_rule, signature
from reports.measures import BODY, LEVEL1, TITLE
from reports.press import Block, Section, Together
from reports.result_notice import PAPER, tear_line
from reports.text import Paragraph

TEXT = BODY.but(size=13, pitch=21, indent=26, tracking=0.0)
FLAT = TEXT.but(indent=0.0)
HEADING = LEVEL1.but(size=13, pitch=21, indent=26, tracking=0.0)


def _facts(letter: Letter) -> list[Block]:
    """Short facts two by two, long ones across the page."""
    facts = list(letter.facts)
    if letter.deadline is not None:
        facts.append(Matter(letter.deadline_word, wording.day(letter.deadline)))
    if not facts:
        return []
    body: list[list[Cell]] = []
    waiting: list[Cell] = []
    for fact in facts:
        pair = [Cell(fact.name, LABEL, shade=SHADE, least=18), Cell(fact.detail or "／", VALUE)]
        if len(fact.detail) > 24:
            body += [_wide(waiting)] if waiting else []
            body.append(_wide(pair))
            waiting = []
        elif waiting:
            body.append([*waiting, *pair])
            waiting = []
        else:
            waiting = pair
    body += [_wide(waiting)] if waiting else []
    unit = PAPER.column / 160
    return [Table([26 * unit, 54 * unit, 26 * unit, 54 * unit], (), body, before=4, after=8)]


def _wide(pair: list[Cell]) -> list[Cell]:
    return [pair[0], Cell(pair[1].text, VALUE, columns=3)]


def _approvals(letter: Letter) -> list[Block]:
    if not letter.approvals:
        return []
    sign = "\n\n\n　　　　　　　　　　　　签名：　　　　　　　　年　　月　　日"
    body = [[Cell(name, LABEL, shade=SHADE), Cell(sign, VALUE)] for name in letter.approvals]
    unit = PAPER.column / 160
    return [Table([26 * unit, 134 * unit], (), body, before=6, after=4)]


def _receipt(letter: Letter) -> list[Block]:
    if not letter.receipt:
        return []
    slip = FLAT.but(size=10.5, pitch=17)
    lines = [Paragraph(line, slip) for line in letter.receipt]
    signing = Paragraph("收件人（签名）：　　　　　　　单位（盖章）：　　　　　　　年　　月　　日", slip.but(before=8))
    head = Paragraph(f"{letter.title}回执（{letter.imprint.number}）", TITLE.but(size=14, pitch=24))
    return [Together([tear_line(), head, *lines, signing], before=8)]


def render(content: Letter) -> bytes:
    """The letter as PDF."""
    blocks: list[Block] = [
        red_head(content.imprint.authority, drop=0, largest=34),
        red_rule(),
        Paragraph(content.title, TITLE.but(size=20, pitch=28, before=4)),
        Paragraph(content.imprint.number, FLAT.but(align="center", after=6)),
    ]
    if content.addressees:
        blocks.append(Paragraph(f"{wording.listed(content.addressees)}：", FLAT))
    blocks += [Paragraph(text, TEXT) for text in content.paragraphs]
    blocks += _facts(content)
    for number, matter in enumerate(content.sections, 1):
        blocks.append(Paragraph(f"{wording.numeral(number)}、{matter.name}", HEADING, keep_with_next=True))
        blocks += [Paragraph(text, TEXT) for text in matter.detail.split("\n") if text]
    blocks += _approvals(content)
    blocks += annex_list(content.enclosures, TEXT)
    if content.contact is not None:
        reach = content.contact
        text = f"联系人：{reach.person or '／'}　电话：{reach.phone or '／'}　地址：{reach.address or '／'}"
        blocks.append(Paragraph(text, TEXT, keep_with_next=True))
    blocks.append(signature(content.imprint.authority, wording.day(content.imprint.issued_on), style=FLAT))
    blocks += _receipt(content)
    return pdf.single(content, f"{content.title} {content.imprint.number}", [Section(PAPER, blocks)])
