"""随机抽查通知书: who is checked, on what basis, for what, when and how; rights and duties; one firm per notice.

Field list after the Zhejiang form and the 2025 basic forms of 行政检查: source of the task, number of inspections this
year beside its cap, and the right to ask for recusal are part of it.
"""

from __future__ import annotations

from reportlab.lib.units import mm

from reports import pdf, wording
from reports.content import Notice, NoticeVolume
from reports.layout import red_head, red_rule, signature
from reports.measures import BODY, LEVEL1, TITLE, Paper
from reports.press import Block, Section, Space
from reports.text import Paragraph

TITLE_TEXT = "随机抽查通知书"
PAPER = Paper(210 * mm, 297 * mm, 26 * mm, 24 * mm, 20 * mm, 32 * mm)
TEXT = BODY.but(size=12, pitch=18.6, indent=24, tracking=0.0)
FLAT = TEXT.but(indent=0.0)
HEADING = LEVEL1.but(size=12, pitch=18.6, indent=24, tracking=0.0)


def _facts(notice: Notice) -> list[tuple[str, list[str]]]:
    """Headings with their sentences, in the order of the form."""
    frequency = "" if notice.visits_this_year is None else f"本年度已接受检查{notice.visits_this_year}次"
    if frequency and notice.visit_cap is not None:
        frequency += f"，年度检查频次上限{notice.visit_cap}次"
    drawn = f"抽取编号：{notice.draw_number}。" if notice.draw_number else ""
    ticket = f"本单位的抽取凭号：{notice.ticket}。" if notice.ticket else ""
    task = [f"任务编号：{notice.task_number}；任务名称：{notice.task_name}；任务来源：{notice.task_source}。{drawn}{ticket}"]
    matters = [
        f"{number}．{matter.name}{'：' + matter.detail if matter.detail else ''}"
        for number, matter in enumerate(notice.matters, 1)
    ]
    time = f"检查期限：{wording.day(notice.begins)}至{wording.day(notice.ends)}。检查方式：{wording.listed(notice.methods)}。"
    if notice.inspectors:
        time += f"检查人员：{wording.listed(notice.inspectors)}。"
    return [
        ("抽查依据", [wording.listed(notice.basis, "；") + "。"]),
        ("任务来源与频次", task + ([frequency + "。"] if frequency else [])),
        ("抽查事项", matters),
        ("检查时间与方式", [time]),
        ("需要准备的材料", [wording.listed(notice.papers, "；") + "。"] if notice.papers else ["无。"]),
        ("配合义务", list(notice.duties)),
        ("权利告知", list(notice.rights)),
    ]


def sections(notice: Notice) -> list[Section]:
    """The pages of one notice."""
    blocks: list[Block] = [
        red_head(notice.imprint.authority, drop=0, largest=34),
        red_rule(),
        Space(4),
        Paragraph(TITLE_TEXT, TITLE.but(size=20, pitch=28)),
        Paragraph(notice.imprint.number, FLAT.but(align="center", after=4)),
        Paragraph(f"{notice.addressee}：", FLAT),
        Paragraph(f"（统一社会信用代码：{notice.code or '／'}；地址：{notice.address or '／'}）", FLAT.but(size=10.5, pitch=17)),
        Paragraph("经随机抽取，你单位被确定为检查对象。现将有关事项通知如下：", TEXT),
    ]
    for number, (heading, sentences) in enumerate(_facts(notice), 1):
        if not sentences:
            continue
        blocks.append(Paragraph(f"{wording.numeral(number)}、{heading}", HEADING, keep_with_next=True))
        blocks.extend(Paragraph(sentence, TEXT) for sentence in sentences)
    contact = notice.contact
    blocks.append(
        Paragraph(
            f"联系人：{contact.person or '／'}　电话：{contact.phone or '／'}　地址：{contact.address or '／'}",
            TEXT,
            keep_with_next=True,
        )
    )
    blocks.append(signature(notice.imprint.authority, wording.day(notice.imprint.issued_on), style=FLAT))
    return [Section(PAPER, blocks)]


def render(content: Notice) -> bytes:
    """One notice as PDF; the same content gives the same bytes.

    Raises
    ------
    ReportError
        ``font-missing`` and the like; ``qr-too-long`` when the checking address is too long.
    """
    return pdf.single(content, f"{TITLE_TEXT} {content.imprint.number}", sections(content))


def render_volume(content: NoticeVolume) -> bytes:
    """合订本: all notices in one file, each with page numbers, digest and QR of its own.

    Notes
    -----
    One font subset serves all of them: a print run is some thirty times smaller than separate files. Memory grows with
    the number of pages; bind at most a few hundred.
    """
    parts = ((pdf.foot_of(item), sections(item)) for item in content.items)
    return pdf.make(content, f"{TITLE_TEXT}合订本（{len(content.items)}份）", parts)
