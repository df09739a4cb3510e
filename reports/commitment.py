"""抽取承诺公告: frame, rule, teams and secret are fixed and digested before the public number exists."""

from __future__ import annotations

from reports import draw_tables, pdf, wording
from reports.content import Commitment
from reports.layout import balanced, official_head, signature
from reports.measures import BODY, LEVEL1, PORTRAIT
from reports.press import Block, Section
from reports.text import Paragraph

TEXT = BODY.but(size=14, pitch=24, indent=28, tracking=0.0)
HEADING = LEVEL1.but(size=14, pitch=24, indent=28, tracking=0.0, before=4)


def _heading(number: int, text: str) -> Paragraph:
    return Paragraph(f"{wording.numeral(number)}、{text}", HEADING, keep_with_next=True)


def render(content: Commitment) -> bytes:
    """The announcement as PDF."""
    promise = (
        f"本机关已于{content.committed_at}冻结抽取名单、人员名单、回避关系、抽取规则和机关密值，其摘要如下。"
        f"抽取结果由下列公开随机源的数值与机关密值共同决定，揭示时间不早于{content.reveal_not_before}、"
        f"不晚于{content.reveal_by}。到期未揭示的，本次承诺按未揭示公示，视为作废。"
    )
    check = (
        "公众可保存本公告所载承诺摘要，待抽取结果公布后，用公布的数据包和核验程序自行重算，"
        "确认名单、规则未在随机数产生后被更改。"
    )
    witnesses = f"见证人：{wording.listed(content.witnesses)}。" if content.witnesses else ""
    digests = [
        ("承诺摘要", content.commitment_digest),
        ("前一承诺摘要", content.previous_digest or "（本机关首次承诺）"),
        ("机关密值摘要", content.secret_digest),
    ]
    blocks: list[Block] = [
        *official_head(content.imprint.authority, content.imprint.number, "公告"),
        *balanced(content.title),
        Paragraph(f"（抽取编号：{content.draw_number}）", TEXT.but(align="center", indent=0.0, after=8)),
        Paragraph(f"根据{wording.listed(content.basis)}，现将本次随机抽取的承诺公告如下：", TEXT),
        _heading(1, "承诺事项"),
        Paragraph(promise + witnesses, TEXT),
        draw_tables.facts(digests),
        _heading(2, "抽查层与抽取数量"),
        draw_tables.strata(content.strata),
        _heading(3, "公开随机源"),
        draw_tables.sources(content.sources),
        _heading(4, "已冻结文件的摘要（SHA-256）"),
        draw_tables.files(content.files),
        _heading(5, "核验办法"),
        Paragraph(check, TEXT, keep_with_next=True),
        signature(content.imprint.authority, wording.day(content.imprint.issued_on), style=TEXT.but(indent=0.0)),
    ]
    return pdf.single(content, content.title, [Section(PORTRAIT, blocks)])
