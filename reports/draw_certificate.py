"""抽取结果证书: timeline, attempts (the void ones too), digests, seed, and every selected unit with its ticket."""

from __future__ import annotations

from collections.abc import Sequence

from reports import draw_tables, pdf, wording
from reports.content import DrawCertificate, SelectedUnit
from reports.draw_tables import listing
from reports.grid import Cell, Table
from reports.layout import cells, red_head, red_rule, signature
from reports.measures import ANNEX, HEAD_CELL, LANDSCAPE, LEVEL1, PORTRAIT, TITLE
from reports.press import Block, Section
from reports.text import Paragraph, Style

TEXT = Style(face="fangsong", size=12, pitch=19, align="justify", indent=24)
HEADING = LEVEL1.but(size=12, pitch=20, indent=0, tracking=0.0, before=6)
ROW = Style(face="song", size=7.4, pitch=9.8)
SMALL = ROW.but(align="center")
ROLES = {"selected": "抽中", "reserve": "备选"}


def _selected(rows: Sequence[SelectedUnit]) -> Table:
    heads = ("层", "序", "对象编号", "对象名称", "类别", "抽取凭号", "检查人员")
    body = [
        [
            Cell(row.stratum, ROW.but(align="center")),
            Cell(str(row.rank), ROW.but(align="center")),
            Cell(row.identifier, ROW),
            Cell(row.name, ROW),
            Cell(ROLES.get(row.role, row.role), ROW.but(align="center")),
            Cell(row.ticket, ROW.but(size=6.0, pitch=8.2)),
            Cell("、".join(row.team) or "／", ROW),
        ]
        for row in rows
    ]
    widths = [width * LANDSCAPE.column / 225 for width in (12, 12, 34, 52, 13, 76, 26)]
    return Table(widths, [cells(heads, HEAD_CELL.but(size=8, pitch=10.5), shade=0.93)], body, before=4)


def _process(content: DrawCertificate) -> list[Block]:
    events = [(event.at, event.what, event.who or "／") for event in content.timeline]
    attempts = [
        (row.number, row.committed_at, row.outcome, row.reason or "／", row.commitment_digest[:16] or "／")
        for row in content.attempts
    ]
    digests = [
        ("承诺摘要", content.commitment_digest),
        ("公开随机数值", content.public_value),
        ("种子 S", content.seed),
        ("数据包摘要", content.bundle_digest),
    ]
    return [
        Paragraph("一、抽取过程", HEADING, keep_with_next=True),
        listing(("时间", "事项", "人员"), (46, 66, 44), events),
        Paragraph("二、历次承诺与结果（含作废）", HEADING, keep_with_next=True),
        listing(("编号", "承诺时间", "结果", "理由", "承诺摘要前16位"), (22, 48, 16, 38, 32), attempts),
        Paragraph("三、抽查层与抽取数量", HEADING, keep_with_next=True),
        draw_tables.strata(content.strata),
        Paragraph("四、公开随机源", HEADING, keep_with_next=True),
        draw_tables.sources(content.sources),
        Paragraph("五、种子与摘要", HEADING, keep_with_next=True),
        draw_tables.facts(digests),
        Paragraph("六、抽取之后", HEADING, keep_with_next=True),
        *_afterwards(content),
    ]


def _afterwards(content: DrawCertificate) -> list[Block]:
    """递补、换人、补充抽取 up to the printing of this paper; 无 is said, never left out."""
    none, more = Paragraph("递补：无。", TEXT), wording.listed(content.supplements) or "无"
    calls = [
        (str(row.seq), row.stratum, row.out, row.reason, str(row.skips), row.into, "、".join(m or "空缺" for m in row.team) or "／", row.at)
        for row in content.calls
    ]
    swaps = [(str(row.seq), row.unit, str(row.seat), row.out or "空缺", row.reason, row.into, row.approved_by, row.at) for row in content.swaps]
    return [
        listing(("序", "层", "未检查对象", "原因", "累计未检查次数", "递补对象", "检查人员", "时间"), (8, 10, 33, 22, 16, 33, 17, 17), calls, SMALL) if calls else none,
        listing(("序", "对象", "席位", "换下", "原因", "接替", "批准人", "时间"), (8, 36, 10, 18, 34, 18, 16, 16), swaps, SMALL)
        if swaps
        else Paragraph("更换检查人员：无。", TEXT),
        Paragraph(f"补充抽取：{more}。以上截至本证书打印之时；此后的递补和换人见随抽取包公布的calls.tsv、swaps.tsv。", TEXT),
    ]


def render(content: DrawCertificate) -> bytes:
    """The certificate with the list of selected units as PDF."""
    selected = content.apart.selected if content.apart else sum(1 for row in content.selected if row.role == "selected")
    reserve = content.apart.reserve if content.apart else len(content.selected) - selected
    listed = f"名单为抽取包中的selection.tsv（SHA-256 {content.apart.sha256}）" if content.apart else "名单见附件"
    voids = sum(1 for row in content.attempts if row.outcome == "作废")
    count = f"本次为第{len(content.attempts)}次尝试，其中作废{voids}次。" if len(content.attempts) > 1 or voids else "本次为第1次尝试，此前没有作废。"
    where = "selection.tsv" if content.apart else "附件"
    how = f"任何人可用公布的数据包重算本次抽取：{content.command}。结果应与{where}所列名单逐行一致。"
    blocks: list[Block] = [
        red_head(content.imprint.authority, drop=0, largest=36),
        red_rule(),
        Paragraph("随机抽取结果证书", TITLE.but(before=10)),
        Paragraph(f"{content.imprint.number}　抽取编号：{content.draw_number}", TEXT.but(align="center", indent=0.0, after=6)),
        Paragraph(f"“{content.title}”随机抽取已完成，抽中{selected}个对象，备选{reserve}个，{listed}。{count}", TEXT),
        *_process(content),
        Paragraph(how, TEXT),
        Paragraph(f"见证人（签名）：{wording.listed(content.witnesses) or '／'}", TEXT, keep_with_next=True),
        signature(content.imprint.authority, wording.day(content.imprint.issued_on), style=TEXT.but(indent=0.0)),
    ]
    annex: list[Block] = [
        Paragraph("附件", ANNEX.but(pitch=24), keep_with_next=True),
        Paragraph("抽取对象名单", TITLE.but(size=18, pitch=28), keep_with_next=True),
        _selected(content.selected),
    ]
    sections = [Section(PORTRAIT, blocks), *([] if content.apart else [Section(LANDSCAPE, annex)])]
    return pdf.single(content, f"随机抽取结果证书 {content.draw_number}", sections)
