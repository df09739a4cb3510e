"""检查记录表 (随机抽查情况记录表): prefilled for the visit; facts per item, result words, signatures on the sheet."""

from __future__ import annotations

from reports import pdf, signature, wording
from reports.content import RecordSheet
from reports.forms import LABEL, SHADE, VALUE, field_row, filled, signing, ticked
from reports.grid import Cell, Table
from reports.layout import cells
from reports.measures import FORM, TITLE
from reports.press import Block, Section
from reports.text import Paragraph

METHODS = ("实地核查", "书面检查", "网络监测", "检验检测", "专业机构辅助")
RESULTS = (
    "未发现问题",
    "未按规定公示年度报告",
    "未按规定公示其他应当公示的信息",
    "公示信息隐瞒真实情况、弄虚作假",
    "通过登记的住所（经营场所）无法联系",
    "发现问题已责令改正",
    "不配合检查情节严重",
    "未发现开展本次抽查涉及的经营活动",
    "发现问题待后续处理",
)
FOLLOW_UPS = ("无需后续处置", "停止检查，反馈日常监管部门", "责令改正", "案件线索移送办案机构", "抄告其他部门", "其他")
BY_HAND = "记录人（签名）：　　　　　　　　被检查单位须在每一页签名，更正处捺印。本记录一式两份，一份交被检查单位。"
COLUMNS = 24


def _facts(sheet: RecordSheet) -> list[list[Cell]]:
    unit = sheet.unit
    place = "".join((unit.province, unit.city, unit.county, unit.town)) + unit.address
    inspectors = "；".join(f"{person.name}（证号{person.detail or '　　　　'}）" for person in sheet.inspectors)
    recusal = sheet.recusal or "□不申请回避　□申请回避，理由："

    def wide(label: str, value: str) -> list[Cell]:
        return field_row((label, value, 21))

    return [
        field_row(("任务编号", sheet.task_number, 8), ("任务名称", sheet.task_name, 10)),
        field_row(("被检查单位", unit.name, 8), ("统一社会信用代码", unit.code, 10)),
        wide("地址", place),
        field_row(("法定代表人", filled(unit.legal_person, True), 5), ("联系人", filled(unit.person, True), 5), ("电话", unit.phone, 5)),
        field_row(("检查地点", filled(sheet.place, True), 8), ("检查时间", _time(sheet), 10)),
        wide("检查人员", inspectors),
        wide("回避告知", "已出示执法证件并告知申请回避的权利。当事人意见：" + recusal),
        wide("检查方式", ticked(sheet.methods, METHODS)),
    ]  # fmt: skip


def _time(sheet: RecordSheet) -> str:
    if sheet.begun or sheet.ended:
        return f"{sheet.begun or '／'}至{sheet.ended or '／'}"
    return "　　年　月　日　时　分至　日　时　分"


def _items(sheet: RecordSheet) -> Table:
    heads = cells(("序号", "抽查事项" if sheet.drawn else "检查事项", "检查内容", "是否检查", "发现的问题", "处理情况"), LABEL, shade=SHADE)
    body = []
    for number, item in enumerate(sheet.items, 1):
        texts = [str(number), item.matter, item.item, item.result or "□是　□否", item.problem, item.handling]
        body.append([Cell(text, VALUE, least=24 if item.result else 44) for text in texts])  # room to write by hand
    unit = FORM.column / 100
    return Table([unit * width for width in (6, 17, 24, 10, 27, 16)], [heads], body)


def _closing(sheet: RecordSheet) -> list[Block]:
    follow_up = ticked(sheet.follow_up, FOLLOW_UPS)
    if not sheet.follow_up:
        follow_up += "：\n改正期限：　　　　年　　月　　日前"
    if sheet.rectify_by:
        follow_up += f"　改正期限：{wording.day(sheet.rectify_by)}前"
    witness = "见证人（拒绝签名时）：" + "　".join(part for part in (sheet.witness, sheet.refusal) if part)
    tall, short = (40, 40) if sheet.outcome else (150, 70)  # room to write by hand
    rows = [
        field_row(("检查结局", filled(sheet.outcome, True), 21)),
        field_row(("主要检查情况", sheet.summary, 21), least=tall),
        field_row(("检查结果", ticked(sheet.result, RESULTS), 21)),
        field_row(("后续处置", follow_up, 21)),
        field_row(("当事人意见", sheet.opinion, 21), least=short),
    ]  # fmt: skip
    review = field_row(("组长复核", "签名：　　　　　　　　　年　　月　　日", 8), ("公示审批", "签名：　　　　　　　　　年　　月　　日", 10))
    if not sheet.signatures:
        day = "\n\n　　　　年　　月　　日"
        return [_table([*rows, signing([("被检查单位（签名或者盖章）：" + day, 8), ("检查人员（签名）：" + day, 8), (witness + day, 8)], 54), review, signing([(BY_HAND, 24)], 18)])]
    digest = f"签字对应的记录内容摘要（SHA-256）：{sheet.signed_digest}"
    return [_table([*rows, signing([(witness, 24)], 14)]), *signature.boxes(sheet.signatures), _table([signing([(digest, 24)], 14), review])]


def _table(rows: list[list[Cell]]) -> Table:
    return Table([FORM.column / COLUMNS] * COLUMNS, (), rows)


def sections(sheet: RecordSheet) -> list[Section]:
    """The pages of one record."""
    blocks: list[Block] = [
        Paragraph(f"{sheet.imprint.authority}\n{'随机抽查' if sheet.drawn else '现场'}检查记录表", TITLE.but(size=15, pitch=21, after=2)),
        Paragraph(f"编号：{sheet.imprint.number}　填发日期：{wording.day(sheet.imprint.issued_on)}", VALUE.but(align="right", after=2)),
        Table([FORM.column / COLUMNS] * COLUMNS, (), _facts(sheet)),
        _items(sheet),
        *_closing(sheet),
    ]
    return [Section(FORM, blocks)]


def render(content: RecordSheet) -> bytes:
    """The record sheet as PDF."""
    return pdf.single(content, f"检查记录表 {content.imprint.number}", sections(content))
