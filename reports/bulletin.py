"""监督抽检通告: GB/T 9704 通告 with class table, intervals, verdicts, chart and landscape annexes.

Order of the text: basis; period, classes, batches, failing; conclusion; measures; consumer line; annexes; authority and
date; data version and digests.
"""

from __future__ import annotations

from reports import charts, conclusions, pdf, wording
from reports.annexes import annexes
from reports.content import Bulletin, ClassRow
from reports.grid import Cell, Table
from reports.layout import annex_list, balanced, cells, official_head, signature
from reports.measures import BODY, CAPTION, CELL, HEAD_CELL, NOTE, PORTRAIT
from reports.press import Block, Section
from reports.text import Paragraph

MM = PORTRAIT.column / 156
NUMBER = CELL.but(align="center", size=8.5)
PALE = NUMBER.but(grey=0.42)
SMALL_SAMPLE = 30
CHART_ROWS = 18


def _summary_table(bulletin: Bulletin) -> Table:
    """分类统计表 with 合格率, 95%置信区间 and 达标判定; samples under 30 are set grey with a note."""
    undetermined = bulletin.total.undetermined > 0
    heads = ["序号", bulletin.class_word, "抽检\n批次", "合格\n批次", "不合格\n批次", "不合\n格率", "合格率", "95%\n置信区间", "达标\n判定"]
    widths = [9, 30, 16, 16, 14, 13, 15, 24, 19]
    if undetermined:
        heads.insert(5, "未判定\n批次")
        widths = [8, 24, 15, 15, 13, 13, 12, 14, 23, 19]
    body = [_class_row(str(number), row, undetermined) for number, row in enumerate(bulletin.classes, 1)]
    body.append(_class_row("", bulletin.total, undetermined, total=True))
    return Table([width * MM for width in widths], [cells(heads, HEAD_CELL, shade=0.93)], body, before=4, after=4)


def _class_row(number: str, row: ClassRow, undetermined: bool, *, total: bool = False) -> list[Cell]:
    small = 0 < row.passed + row.failed < SMALL_SAMPLE and not total
    style = NUMBER.but(face="hei") if total else PALE if small else NUMBER
    name = row.name + ("（样本少）" if small else "")
    counts = [row.tested, row.passed, row.failed, *([row.undetermined] if undetermined else [])]
    interval = row.interval.text if row.interval else "不可估计"
    texts = [*(str(count) for count in counts), row.fail_rate, row.pass_rate, interval, wording.verdict(row.verdict)]
    first = [Cell(row.name, style, columns=2)] if total else [Cell(number, style), Cell(name, style.but(align="left"))]
    return [*first, *(Cell(text, style) for text in texts)]


def _bounds(bulletin: Bulletin) -> str:
    """The interval of the total in words; one end only when every batch passed."""
    interval = bulletin.total.interval
    assert interval is not None
    return f"单侧95%置信下限为{interval.text.removeprefix('≥')}" if interval.one_sided else f"{bulletin.interval_method}95%置信区间为{interval.text}"


def _opening(bulletin: Bulletin) -> list[str]:
    total = bulletin.total
    undetermined = f"，未判定{total.undetermined}批次" if total.undetermined else ""
    noise = "（只反映抽样波动）" if bulletin.purpose == "supervision" else ""
    interval = f"，{_bounds(bulletin)}{noise}" if total.interval else ""
    plain = f"，即{bulletin.per_hundred}" if bulletin.per_hundred and bulletin.purpose == "evaluative" else ""
    texts = [
        f"根据{wording.listed(bulletin.basis)}，{bulletin.imprint.authority}组织开展了{bulletin.period}抽检。"
        f"共抽检{len(bulletin.classes)}类产品{total.tested}批次，合格{total.passed}批次，不合格{total.failed}批次{undetermined}。"
        f"样本合格率{total.pass_rate}{interval}{plain}。"
    ]
    if bulletin.left_out:
        reason = f"（{bulletin.left_out_reason}）" if bulletin.left_out_reason else ""
        texts.append(f"另有{bulletin.left_out}批次结果尚未最终确定{reason}，未计入本期统计，上述比率为暂定数。")
    weighted = bulletin.weighted
    if weighted is not None:
        texts.append(
            f"按抽样设计加权估计，合格率为{weighted.rate}（{weighted.method}，95%置信区间{weighted.interval}）。"
            f"抽中{weighted.drawn}个，实际完成{weighted.reached}个，应答率{weighted.response_rate}。{weighted.reason}"
        )
    return texts


def _provenance(bulletin: Bulletin) -> str:
    parts = [
        f"数据版本：{bulletin.data_version}",
        f"数据摘要（SHA-256）：{bulletin.data_digest}",
        f"指标定义版本：{bulletin.definition_version}",
        f"区间方法：{bulletin.interval_method}",
    ]
    if bulletin.replaces:
        parts.append(f"本通告更正并替代：{bulletin.replaces}")
    return "；".join(parts) + "。"


def _statistics(bulletin: Bulletin) -> list[Block]:
    blocks: list[Block] = [Paragraph("表1　分类统计", CAPTION, keep_with_next=True), _summary_table(bulletin)]
    rows = [*bulletin.classes, bulletin.total]
    if any(row.interval and row.interval.one_sided for row in rows):
        blocks.append(Paragraph("注：全部合格的，区间栏列精确的单侧95%置信下限，不说明合格率就是100%。", NOTE.but(after=4)))
    lows = [row.interval.low_ppm for row in rows if row.interval and row.passed + row.failed >= SMALL_SAMPLE]
    for start in range(0, len(rows), CHART_ROWS):
        part = rows[start : start + CHART_ROWS]
        drawing = charts.intervals(part, bulletin.target, PORTRAIT.column, min(lows) if lows else None)
        blocks.append(charts.as_block(drawing))
    note = "图1　合格率及其95%置信区间。●为样本合格率，◇为全部合格时的单侧界限，横线为区间，左端箭头表示超出坐标范围"
    blocks.append(Paragraph(note + ("，虚线为目标值。" if bulletin.target else "。"), NOTE.but(align="center", after=8)))
    return blocks


def _body(bulletin: Bulletin, annex_titles: list[str]) -> list[Block]:
    blocks: list[Block] = [*official_head(bulletin.imprint.authority, bulletin.imprint.number, "通告")]
    blocks += [*balanced(bulletin.title), Paragraph("", BODY.but(pitch=14))]
    blocks += [Paragraph(text, BODY) for text in _opening(bulletin)]
    sentence = conclusions.verdict_sentence(bulletin)
    if sentence:
        blocks.append(Paragraph(sentence, BODY))
    blocks += _statistics(bulletin)
    if bulletin.measures:
        blocks.append(Paragraph("对抽检中发现的不合格产品，已采取以下措施：", BODY, keep_with_next=True))
        blocks += [Paragraph(f"{wording.numeral(n)}、{text}", BODY) for n, text in enumerate(bulletin.measures, 1)]
    blocks.append(
        Paragraph(
            f"消费者如在市场上发现被通告的不合格产品，可拨打{bulletin.consumer_line}投诉举报电话。特此通告。",
            BODY,
            keep_with_next=True,  # a page of nothing but the signature could be put under any text
        )
    )
    blocks += annex_list(annex_titles)
    blocks.append(signature(bulletin.imprint.authority, wording.day(bulletin.imprint.issued_on)))
    blocks.append(Paragraph(_provenance(bulletin), NOTE.but(before=14, align="left")))
    return blocks


def render(content: Bulletin) -> bytes:
    """The bulletin as PDF.

    Raises
    ------
    ReportError
        ``bulletin-*`` when counts, printed rates or verdicts contradict each other (see `reports.conclusions.check`).
    """
    conclusions.check(content)
    listed = annexes(content)
    body = Section(PORTRAIT, _body(content, [annex.title for annex in listed]))
    pages = [annex.section(number, len(listed)) for number, annex in enumerate(listed, 1)]
    return pdf.single(content, content.title, [body, *pages])
