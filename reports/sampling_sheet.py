"""抽样单: every block of the national form, one page, in as many marked copies as there are holders.

The lists of tick boxes are those of form version ``1`` (screens and provincial exports read 2017–2024); they are data of
the form, and a later form adds a version instead of changing this one.
"""

from __future__ import annotations

from reportlab.lib.units import mm

from reports import pdf, wording
from reports.content import Contact, SamplingSheet, SheetVolume
from reports.errors import ReportError
from reports.forms import block, field_row, filled, signing, ticked
from reports.grid import Cell, Table
from reports.measures import FORM, TITLE
from reports.press import Block, Section
from reports.text import Paragraph, Style

AREAS = ("城市", "乡村", "景点")
STAGES = {
    "生产": ("原辅料库", "生产线", "半成品库", "成品库（待检区）", "成品库（已检区）", "其他"),
    "流通": ("农贸市场", "菜市场", "批发市场", "商场", "超市", "小食杂店", "网购", "其他"),
    "餐饮": (
        "特大型餐馆", "大型餐馆", "中型餐馆", "小型餐馆", "机关食堂", "学校/托幼食堂", "企事业单位食堂", "建筑工地食堂",
        "小吃店", "快餐店", "饮品店", "集体用餐配送单位", "中央厨房", "其他",
    ),
}  # fmt: skip
KINDS = ("监督抽检", "风险监测", "评价性抽检")
SOURCES = ("加工/自制", "委托生产", "外购", "其他")
ATTRIBUTES = ("普通食品", "特殊膳食食品", "节令食品", "重大活动保障食品")
GOODS_KINDS = ("食用农产品", "工业加工食品", "餐饮加工食品", "食品添加剂", "食品相关产品", "其他")
DATE_KINDS = ("生产日期", "加工日期", "购进日期")
FORMS = ("固体", "半固体", "液体", "气体")
PACKAGINGS = ("散装", "预包装")
STORAGES = ("常温", "冷藏", "冷冻", "避光", "密闭", "其他")
WRAPPINGS = ("玻璃瓶", "塑料瓶", "塑料袋", "无菌袋", "其他")
METHODS = ("无菌抽样", "非无菌抽样")
YES_NO = ("是", "否")
COLUMNS = 24
SMALL = Style(face="song", size=8.5, pitch=12)


def _head(sheet: SamplingSheet) -> list[list[Cell]]:
    side = Cell("任\n务", SMALL.but(face="hei", align="center"), shade=0.95)
    source = ("任务来源", filled(sheet.task_source, sheet.blank), 9)
    return [[side, *field_row(source, ("任务类别", ticked(sheet.task_kind, KINDS), 9))]]


def _unit(sheet: SamplingSheet) -> list[list[Cell]]:
    unit, blank = sheet.unit, sheet.blank

    def value(text: str) -> str:
        return filled(text, blank)

    region = "".join(part for part in (unit.province, unit.city, unit.county, unit.town) if part)
    rows = [
        field_row(("单位名称", value(unit.name), 9), ("区域类型", ticked(unit.area_kind, AREAS), 9)),
        field_row(("单位地址", value(region + unit.address), 21)),
        field_row(("营业执照/社会信用代码", value(unit.code), 9), ("许可证类型及编号", value(f"{unit.permit_kind}{unit.permit_number}"), 9)),
        field_row(("法人代表", value(unit.legal_person), 5), ("年销售额（万元）", value(unit.annual_sales), 5), ("联系人", value(unit.person), 5)),
        field_row(("联系电话", value(unit.phone), 5), ("传真", value(unit.fax), 5), ("邮编", value(unit.postcode), 5)),
    ]  # fmt: skip
    return block("被抽样单位", rows)


def _place(sheet: SamplingSheet) -> list[list[Cell]]:
    if sheet.stage and sheet.stage not in STAGES:
        raise ReportError("stage-unknown", f"不认识的抽样环节 {sheet.stage}；可用：{'、'.join(STAGES)}。")
    rows = [
        field_row((f"{stage}环节", ticked(sheet.place if stage == sheet.stage else "", places), 21))
        for stage, places in STAGES.items()
    ]
    if sheet.online is not None:
        order = sheet.online
        rows.append(field_row(("网络平台", filled(f"{order.platform}　{order.platform_code}".strip("　"), sheet.blank), 9), ("网店名称", filled(order.shop, sheet.blank), 9)))
        rows.append(field_row(("网址", filled(order.url, sheet.blank), 13), ("订单编号", filled(order.order_number, sheet.blank), 5)))
    return block("抽样地点", rows)


def _goods(sheet: SamplingSheet) -> list[list[Cell]]:
    goods, blank = sheet.goods, sheet.blank

    def value(text: str) -> str:
        return filled(text, blank)

    dated = f"{ticked(goods.date_kind, DATE_KINDS)}　{value(goods.date_text)}"
    rows = [
        field_row(("样品名称", value(goods.name), 9), ("样品分类", value(goods.category), 9)),
        field_row(("样品来源", ticked(goods.source, SOURCES), 9), ("样品属性", ticked(goods.attribute, ATTRIBUTES), 9)),
        field_row(("样品类型", ticked(goods.kind, GOODS_KINDS), 21)),
        field_row(("商标", value(goods.brand), 5), ("规格型号", value(goods.specification), 5), ("条形码", value(goods.barcode), 5)),
        field_row(("日期", dated, 13), ("样品批号", value(goods.lot), 5)),
        field_row(("保质期", value(goods.shelf_life), 5), ("质量等级", value(goods.grade), 5), ("单价（元）", value(goods.unit_price), 5)),
        field_row(("执行标准/技术文件", value(goods.standard), 9), ("生产许可证编号", value(goods.licence), 9)),
        field_row(("是否出口", ticked(goods.exported, YES_NO), 5), ("是否进口", ticked(goods.imported, YES_NO), 5), ("原产地", value(goods.origin), 5)),
        field_row(("抽样基数/批量", value(goods.base_quantity), 5), ("抽样数量", value(goods.sample_quantity), 5), ("备样数量", value(goods.backup_quantity), 5)),
        field_row(("样品形态", ticked(goods.form, FORMS), 9), ("包装分类", ticked(goods.packaging, PACKAGINGS), 9)),
    ]  # fmt: skip
    return block("样品信息", rows)


def _party(title: str, party: Contact, blank: bool) -> list[list[Cell]]:
    rows = [
        field_row(("名称", filled(party.name, blank), 13), ("联系人", filled(party.person, blank), 5)),
        field_row(("地址", filled(party.address, blank), 13), ("联系电话", filled(party.phone, blank), 5)),
    ]
    return block(title, rows)


def _dispatch(sheet: SamplingSheet) -> list[list[Cell]]:
    goods, blank = sheet.goods, sheet.blank
    deadline = wording.day(sheet.deliver_by) if sheet.deliver_by else filled("", blank)
    storage = ticked(goods.storage, STORAGES) + (f"　温度：{goods.temperature}" if goods.temperature else "")
    rows = [
        field_row(("储存条件", storage, 9), ("寄送截止日期", deadline, 9)),
        field_row(("样品包装", ticked(goods.wrapping, WRAPPINGS), 9), ("抽样方式", ticked(goods.method, METHODS), 9)),
        field_row(("寄送样品地址", filled(sheet.deliver_to, blank), 9), ("封样编号", filled("、".join(sheet.seal_numbers), blank), 9)),
    ]
    return block("储运", rows)


def _organisation(sheet: SamplingSheet) -> list[list[Cell]]:
    unit, blank = sheet.organisation, sheet.blank
    rows = [
        field_row(("单位名称", filled(unit.name, blank), 9), ("地址", filled(unit.address, blank), 9)),
        field_row(("联系人", filled(unit.person, blank), 5), ("电话", filled(unit.phone, blank), 5), ("传真/邮编", filled("　".join(part for part in (unit.fax, unit.postcode) if part), blank), 5)),
    ]  # fmt: skip
    return block("抽样单位", rows)


def _signatures(sheet: SamplingSheet) -> list[list[Cell]]:
    names = f"（{'、'.join(sheet.samplers)}）" if sheet.samplers else ""
    texts = [
        ("被抽样单位对抽样程序、过程、封样状态及上述内容意见：\n□无异议　□有异议\n\n签名（盖章）：\n　　　　　年　　月　　日", 8),
        ("生产者对抽样程序、过程、封样状态及上述内容意见：\n□无异议　□有异议\n\n签名（盖章）：\n　　　　　年　　月　　日", 8),
        (f"抽样人（签名，不少于两人）：{names}\n\n\n抽样单位（公章）：\n　　　　　年　　月　　日", 9),
    ]
    remark = Cell("备\n注", SMALL.but(face="hei", align="center"), shade=0.95)
    return [
        [remark, Cell(filled(sheet.remark, sheet.blank), SMALL, columns=COLUMNS, least=22)],
        signing(texts, 68),
    ]


def sections(sheet: SamplingSheet) -> list[Section]:
    """One section per copy (联), each naming its holder."""
    rows = [*_head(sheet), *_unit(sheet), *_place(sheet), *_goods(sheet), *_party("生产者", sheet.producer, sheet.blank)]
    if sheet.entruster is not None:
        rows += _party("委托方", sheet.entruster, sheet.blank)
    rows += [*_dispatch(sheet), *_organisation(sheet), *_signatures(sheet)]
    side = 7 * mm
    table = Table([side, *[(FORM.column - side) / COLUMNS] * COLUMNS], (), rows)
    kind = sheet.task_kind or "抽样检验"
    blocks: list[Block] = [
        Paragraph(f"{sheet.imprint.authority}\n{kind}抽样单", TITLE.but(size=14, pitch=19, after=2)),
        Paragraph(f"抽样单编号：{sheet.imprint.number}　　№ {sheet.serial or '／'}", SMALL.but(align="right", after=2)),
        table,
    ]
    total = len(sheet.copies)
    return [
        Section(FORM, blocks, f"第{wording.numeral(number)}联（共{wording.numeral(total)}联）　{holder}存")
        for number, holder in enumerate(sheet.copies, 1)
    ]


def render(content: SamplingSheet) -> bytes:
    """All copies of one sampling sheet as PDF."""
    return pdf.single(content, f"抽样单 {content.imprint.number}", sections(content), numbered=False)


def render_volume(content: SheetVolume) -> bytes:
    """合订本: many sheets in the order given (township, then route)."""
    parts = ((pdf.foot_of(item, numbered=False), sections(item)) for item in content.items)
    return pdf.make(content, f"抽样单合订本（{len(content.items)}份）", parts)
