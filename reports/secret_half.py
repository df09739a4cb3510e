"""密值托管件: one half of the office's secret on one sheet, folded inwards and sealed; the outside says what it is and when it is opened."""

from __future__ import annotations

from reports import draw_tables, pdf, wording
from reports.content import SecretHalf
from reports.layout import signature
from reports.measures import BODY, PORTRAIT, TITLE
from reports.press import Block, Section
from reports.text import Paragraph

TEXT = BODY.but(size=12, pitch=20, indent=24, tracking=0.0)
LARGE = TEXT.but(face="song", size=17, pitch=30, indent=0.0, align="center")
FOLD = TEXT.but(size=9, pitch=14, indent=0.0, align="center", grey=0.45, before=10, after=10)
PARTS = {1: "第一份", 2: "第二份"}


def _groups(half: str) -> list[Paragraph]:
    """Four lines of four groups of four."""
    groups = [half[at : at + 4] for at in range(0, len(half), 4)]
    return [Paragraph("　".join(groups[at : at + 4]), LARGE, keep_with_next=True) for at in range(0, len(groups), 4)]


def render(content: SecretHalf) -> bytes:
    """The sheet as PDF."""
    part = PARTS[content.part]
    title = f"机关密值托管件（{part}，共两份）"
    outside = (
        f"内为抽取{content.draw_number}机关密值的一半，交{content.holder}保管。两份由不同的人打印、不同的人保管，单独一份不透露密值。"
        f"机关到{content.reveal_not_before}仍不揭示，或系统中的密值灭失时，由两位保管人当面拆封，在{content.reveal_by}之前交回；"
        "揭示之后原封销毁并记录。"
    )
    inside = (
        "把两份的64位数字在“交回密值”页录入，系统合并并与承诺中公布的密值摘要核对；不用本系统也能合并："
        "python3 -c \"print(format(int('第一份',16)^int('第二份',16),'064x'))\"，所得文字的SHA-256应等于上列密值摘要。"
    )
    facts = [
        ("抽取", f"{content.draw_number}　{content.title}"),
        ("承诺摘要", content.commitment_digest),
        ("机关密值摘要", content.secret_digest),
        ("打印", f"{content.printed_at}　{content.printed_by}　第{content.copy}次打印"),
    ]
    blocks: list[Block] = [
        Paragraph(title, TITLE.but(size=18, pitch=28)),
        Paragraph(f"保管人：{content.holder}", TEXT.but(indent=0.0, align="center")),
        Paragraph(outside, TEXT),
        draw_tables.facts(facts),
        Paragraph("封口签名（打印人、保管人骑缝）：　　　　　　　　　　　　　年　　月　　日", TEXT.but(indent=0.0)),
        Paragraph("┄┄┄┄ 沿此线把下半页向内折叠两次，装入不透光的信封，骑缝签名 ┄┄┄┄", FOLD),
        *_groups(content.half),
        Paragraph(f"校验位：{content.check}（本份数字SHA-256的前8位）", TEXT.but(indent=0.0, align="center")),
        Paragraph(inside, TEXT),
        signature(content.imprint.authority, wording.day(content.imprint.issued_on), style=TEXT.but(indent=0.0)),
    ]
    return pdf.single(content, f"{title} {content.draw_number}", [Section(PORTRAIT, blocks)])
