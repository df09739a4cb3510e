"""Contents to print: plain functions, no fixtures; names and numbers are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import isqrt
from typing import Any

from reports import content as c

IMPRINT = c.Imprint(
    authority="清河县市场监督管理局",
    number="清市监抽通〔2026〕15号",
    issued_on=date(2026, 9, 6),
    verify_url="https://jg.example.gov.cn/check/",
    audit_head="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    software="衡鉴 0.1.0",
)


def notice(**changes: Any) -> c.Notice:
    content = c.Notice(
        imprint=IMPRINT,
        addressee="清河县好滋味食品有限公司",
        code="91130534MA0EXAMPLE",
        address="河北省邢台市清河县葛仙庄镇长江东街118号",
        basis=("《企业信息公示暂行条例》第十四条", "《清河县2026年度双随机抽查工作计划》"),
        task_number="QH-2026-014",
        task_name="2026年度食品生产经营跨部门联合抽查",
        task_source="年度抽查计划",
        matters=(
            c.Matter("营业执照（登记证）规范使用情况", "是否亮照经营，登记事项是否与实际一致"),
            c.Matter("食品安全主体责任落实情况", "进货查验、日管控周排查月调度记录"),
            c.Matter("消防安全情况"),
        ),
        begins=c.Day(date(2026, 9, 14)),
        ends=c.Day(date(2026, 9, 30)),
        methods=("实地核查", "书面检查"),
        papers=("营业执照正、副本原件", "食品经营许可证", "近六个月进货查验记录"),
        duties=("请予以配合，如实提供有关材料；拒绝、阻碍检查的，依法处理并向社会公示。",),
        rights=("你单位认为检查人员与本次检查有直接利害关系的，有权申请其回避；检查人员应当严格遵守涉企行政检查“五个严禁”的规定。",),
        contact=c.Contact("清河县市场监督管理局", "清河县泰山路6号", "王建国", "0319-8160000"),
        visits_this_year=1,
        visit_cap=4,
        draw_number="2026-014",
        ticket="00f3b1c2a9d84e57",
    )
    return replace(content, **changes)


def sheet(**changes: Any) -> c.SamplingSheet:
    content = c.SamplingSheet(
        imprint=replace(IMPRINT, number="SC26130534030001"),
        serial="0004217",
        task_source="清河县2026年食品安全监督抽检计划（第三季度）",
        task_kind="监督抽检",
        unit=c.SampledUnit(
            name="清河县葛仙庄镇便民农贸市场李氏蔬菜摊",
            code="92130534MA0EXAMPLE",
            area_kind="城市",
            province="河北省",
            city="邢台市",
            county="清河县",
            town="葛仙庄镇",
            address="便民农贸市场A区17号摊",
            permit_kind="食品经营许可证",
            permit_number="JY11305340000001",
            person="李𠮷䶮",
            phone="13800000000",
        ),
        stage="流通",
        place="农贸市场",
        goods=c.SampleGoods(
            name="芹菜",
            category="食用农产品/蔬菜/叶菜类/芹菜",
            source="外购",
            attribute="普通食品",
            kind="食用农产品",
            date_kind="购进日期",
            date_text="2026-09-16",
            unit_price="6.00",
            exported="否",
            imported="否",
            base_quantity="12kg",
            sample_quantity="2.1kg",
            backup_quantity="1.0kg",
            form="固体",
            packaging="散装",
            storage=("冷藏", "避光"),
            temperature="0—4℃",
            wrapping="塑料袋",
            method="非无菌抽样",
        ),
        producer=c.Contact(""),
        organisation=c.Contact("邢台市食品检验检测中心", "邢台市泉北大街12号", "赵敏", "0319-3000000", "0319-3000001", "054000"),
        deliver_by=c.Day(date(2026, 9, 22)),
        deliver_to="邢台市泉北大街12号收样室",
        seal_numbers=("FY2026-0091", "FY2026-0092"),
        samplers=("赵敏", "孙立新"),
    )
    return replace(content, **changes)


CLASSES = (("粮食加工品", 60, 0), ("食用油、油脂及其制品", 25, 1), ("调味品", 40, 1), ("肉制品", 45, 1), ("乳制品", 30, 0), ("蔬菜制品", 35, 3), ("酒类", 20, 0), ("糕点", 50, 2), ("餐饮食品", 95, 4), ("食用农产品", 160, 2))  # fmt: skip


def class_row(name: str, tested: int, failed: int, verdict: str = "", ends: tuple[int, int] | None = None) -> c.ClassRow:
    """Ends of the interval are invented unless given: documents print them, they do not compute them."""
    from reports import wording

    rate = (tested - failed) * 1_000_000 // tested
    low, high = ends or (max(rate - 4_000_000 // tested - 20_000, 0), 1_000_000 if failed == 0 else min(rate + 15_000, 999_000))
    interval = c.Interval(low, high, f"{wording.ppm(low)[:-1]}—{wording.ppm(high)}", failed == 0)
    return c.ClassRow(
        name, tested, tested - failed, failed, 0, wording.percent(failed, tested), wording.percent(tested - failed, tested),
        rate, interval, verdict,
    )  # fmt: skip


def failing_row(number: int = 1, **changes: Any) -> c.FailingRow:
    row = c.FailingRow(
        f"SC2613053403{number:04d}", str(number), "／", "／", f"清河县葛仙庄镇便民农贸市场第{number}号摊",
        "河北省邢台市清河县葛仙庄镇长江东街", "芹菜", "散装", "／", "2026-09-16（购进日期）", ("毒死蜱║0.21mg/kg║≤0.05mg/kg",),
        "食用农产品", "2026年第3期", "2026-10-30", "清河县/县级监督抽检", "邢台市食品检验检测中心", "",
    )  # fmt: skip
    return replace(row, **changes)


def bulletin(**changes: Any) -> c.Bulletin:
    rows = tuple(class_row(name, tested, failed) for name, tested, failed in CLASSES)
    content = c.Bulletin(
        imprint=replace(IMPRINT, number="市监通告〔2026〕3号", issued_on=date(2026, 10, 30)),
        title="清河县市场监督管理局关于2026年第三季度食品安全评价性抽检情况的通告",
        period="2026年第三季度食品安全评价性",
        purpose="evaluative",
        basis=("《中华人民共和国食品安全法》", "《食品安全抽样检验管理办法》"),
        total=class_row("总计", 560, 14, "inconclusive", (958_406, 986_269)),
        classes=rows,
        interval_method="Clopper—Pearson精确法",
        failing=tuple(failing_row(number) for number in range(1, 15)),
        measures=("责令下架、封存不合格产品。", "督促生产经营者召回并查清产品流向。", "查明原因，限期整改，依法立案查处。"),
        data_version="2026Q3-v1",
        data_digest="2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        definition_version="食品评价性合格率/2",
        target=c.Target("食品评价性抽检合格率", "98%", 980_000, "《质量强县纲要》", "单侧95%", "0.84"),
        passing=tuple(
            c.PassingRow(f"SC2613053402{n:04d}", str(n), "河北某面粉有限公司", "河北省邢台市", "清河县超市", "河北", "小麦粉", "5kg/袋", "2026-07-01", "粮食加工品")
            for n in range(1, 31)
        ),
        tested_items=(c.TestedItems("一、食用农产品", ("GB 2763—2021《食品安全国家标准　食品中农药最大残留限量》",), ("毒死蜱", "氧乐果", "克百威")),),
        explanations=(c.Matter("毒死蜱", "毒死蜱是一种有机磷类杀虫剂，具有触杀、胃毒和熏蒸作用。少量的残留不会引起人体急性中毒，但长期食用超标的食品，可能对健康造成影响。"),),
        left_out=3,
        left_out_reason="异议或者复检尚未办结",
        per_hundred="每100批约有1.4—4.2批不合格",
    )
    return replace(content, **changes)


STRATA = (
    c.StratumRow("A", 7200, 120, 144, 15, "2%"),
    c.StratumRow("B", 3600, 90, 216, 22, "6%"),
    c.StratumRow("C", 900, 40, 144, 15, "16%"),
    c.StratumRow("D", 300, 25, 96, 8, "32%"),
)
SOURCES = (c.PublicSource("中国福利彩票快乐8", "2026241", "2026-09-08T21:30:00+08:00", "80选20", 61),)
HEX = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"


def commitment(**changes: Any) -> c.Commitment:
    content = c.Commitment(
        replace(IMPRINT, number="清市监公告〔2026〕8号"), "2026-014", "关于2026年度跨部门联合抽查随机抽取承诺的公告",
        ("《国务院关于在市场监管领域全面推行部门联合“双随机、一公开”监管的意见》",), "2026-09-07 10:00", "2026-09-08 22:00",
        "2026-09-10 18:00", HEX, "", HEX[::-1],
        tuple(c.FileDigest(name, HEX) for name in ("conflicts.tsv", "frame.tsv", "inspectors.tsv", "rule.json")), SOURCES, STRATA,
        ("县纪委监委派驻纪检监察组", "企业代表张某"),
    )  # fmt: skip
    return replace(content, **changes)


def secret_half(**changes: Any) -> c.SecretHalf:
    content = c.SecretHalf(
        replace(IMPRINT, number="密值托管 2026-014"), "2026-014", "2026年度食品生产经营跨部门联合抽查", 1, 1, "县纪委监委派驻纪检监察组 王某", "抽取管理员",
        "2026-09-07 10:05", HEX, "2c26b46b", HEX, HEX[::-1], "2026-09-08 22:00", "2026-09-10 18:00",
    )  # fmt: skip
    return replace(content, **changes)


def certificate(count: int = 60, **changes: Any) -> c.DrawCertificate:
    units = tuple(
        c.SelectedUnit("A" if n <= count // 2 else "B", n, f"9113053400{n:06d}", f"清河县第{n}号食品经营部", HEX, "selected" if n % 11 else "reserve", ("张三", "李四"))
        for n in range(1, count + 1)
    )  # fmt: skip
    content = c.DrawCertificate(
        replace(IMPRINT, number="清市监抽证〔2026〕14号"), "2026-014", "2026年度食品生产经营跨部门联合抽查",
        (c.Event("2026-09-07 10:00", "公布承诺", "抽取管理员"), c.Event("2026-09-08 21:30", "快乐8第2026241期开奖"), c.Event("2026-09-09 09:00", "揭示并抽取", "两名操作人员")),
        (c.Attempt("2026-013", "2026-08-30 10:00", "作废", "随机源停售一期", HEX), c.Attempt("2026-014", "2026-09-07 10:00", "完成", "", HEX)),
        SOURCES, "02 05 07 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71 73", HEX, HEX, HEX[::-1], STRATA, units,
        ("县纪委监委派驻纪检监察组", "企业代表张某"), "python -m sampling verify 2026-014.zip",
        (c.CallRow(1, "A", "9113053400000001", "查无此址", "9113053400000031", ("ZF-003", ""), "2026-09-15 10:00", 1),),
        (c.SwapRow(1, "9113053400000002", 2, "ZF-004", "患病", "ZF-009", "副局长王某", "2026-09-14 09:00"),), ("2026-015",),
    )  # fmt: skip
    return replace(content, **changes)


def plan_notice(townships: int = 20, classes: int = 34, **changes: Any) -> c.PlanNotice:
    table = tuple(tuple(1 + (row * 7 + column * 3) % 6 for column in range(classes)) for row in range(townships))
    allocation = c.Allocation(
        "乡镇", tuple(f"第{n}镇" for n in range(1, townships + 1)), tuple(f"食品类别{n}" for n in range(1, classes + 1)), table,
        tuple(sum(row) for row in table), tuple(sum(column) for column in zip(*table, strict=True)), sum(sum(row) for row in table),
    )  # fmt: skip
    content = c.PlanNotice(
        replace(IMPRINT, number="清市监〔2027〕4号"), "清河县市场监督管理局关于印发2027年食品安全抽检计划的通知", ("各市场监管所", "各承检机构"),
        "为做好2027年食品安全抽检工作，现将计划印发给你们，请认真组织实施。",
        (c.Matter("抽检数量", "全县全年抽检2240批次，按常住人口每千人7批次确定。\n四个季度各560批次。"), c.Matter("工作要求", "抽样工作应当随机进行，不得事先通知被抽样单位。")),
        allocation, HEX, "320000人×7批次/千人＝2240批次，向上取整。", ("邢台市市场监督管理局", "县政府办公室"),
    )  # fmt: skip
    return replace(content, **changes)


def record_sheet(**changes: Any) -> c.RecordSheet:
    content = c.RecordSheet(
        replace(IMPRINT, number="清市监检记〔2026〕15号"), "QH-2026-014", "2026年度食品生产经营跨部门联合抽查", sheet().unit,
        (c.Matter("张三", "03051234"), c.Matter("李四", "03055678")),
        tuple(c.CheckItem("食品安全主体责任落实情况", f"第{n}项检查内容：查阅进货查验记录，核对供货者资质") for n in range(1, 9)),
        methods=("实地核查",),
    )  # fmt: skip
    return replace(content, **changes)


def result_notice(**changes: Any) -> c.ResultNotice:
    office = c.Contact("清河县市场监督管理局", "清河县泰山路6号", "王建国", "0319-8160000")
    content = c.ResultNotice(
        replace(IMPRINT, number="清市监检通〔2026〕31号", issued_on=date(2026, 10, 19)),
        (c.Contact("清河县葛仙庄镇便民农贸市场李氏蔬菜摊"), c.Contact("标称生产者")), "SC26130534030001", "XT2026-04511", "芹菜", "", "散装",
        "2026-09-16（购进日期）", "", date(2026, 9, 16), "清河县葛仙庄镇便民农贸市场李氏蔬菜摊", "",
        "经抽样检验，毒死蜱项目不符合GB 2763—2021的要求，检验结论为不合格。",
        (c.ItemResult("毒死蜱", "0.21 mg/kg", "≤0.05 mg/kg", "不合格", "GB 2763—2021"), c.ItemResult("氧乐果", "未检出（<0.01）mg/kg", "≤0.02 mg/kg", "合格", "GB 2763—2021")),
        ("收到本通知书后，应当立即采取封存、下架、召回等措施控制食品安全风险，并排查原因进行整改。",), c.Day(date(2026, 10, 28)), office,
        ("《食品安全抽样检验管理办法》",),
    )  # fmt: skip
    return replace(content, **changes)


def handover(**changes: Any) -> c.Handover:
    rows = tuple(c.HandoverRow(f"SC261305340300{n:02d}", "芹菜", "2件", f"FY2026-{n:04d}") for n in range(1, 13))
    rows += (c.HandoverRow("SC26130534030099", "面粉", "2件", "FY2026-0099", "破损", "完好", "满足", "正常", "齐全", "相符", "拒收", "封条破损"),)
    content = c.Handover(
        replace(IMPRINT, number="YJ2026-0031"), c.Contact("清河县市场监督管理局"), c.Contact("邢台市食品检验检测中心", "邢台市泉北大街12号"), rows,
        "2026-09-18 09:30",
    )  # fmt: skip
    return replace(content, **changes)


def label_sheet(preset: str = "60x40", count: int = 3, **changes: Any) -> c.LabelSheet:
    labels = tuple(c.Label(f"SC2613053403{n:04d}", ("食用农产品", "毒死蜱等12项", "冷藏 备样")) for n in range(1, count + 1))
    return replace(c.LabelSheet(preset, labels), **changes)


def letter(**changes: Any) -> c.Letter:
    content = c.Letter(
        replace(IMPRINT, number="清市监责改〔2026〕7号"), "责令改正通知书", ("清河县葛仙庄镇便民农贸市场李氏蔬菜摊",),
        ("经查，你单位经营的芹菜经抽样检验毒死蜱项目不合格。现责令你单位立即改正。",),
        (c.Matter("当事人", "李𠮷䶮"), c.Matter("统一社会信用代码", "92130534MA0EXAMPLE"), c.Matter("违法事实", "经营农药残留含量超过食品安全标准限量的食用农产品，涉及2026年9月16日购进的芹菜12千克。")),
        (c.Matter("改正要求", "停止销售同批次产品。\n查清来源，完善进货查验记录。"), c.Matter("权利告知", "如不服本通知，可以依法申请行政复议或者提起行政诉讼。")),
        c.Day(date(2026, 11, 30)), "改正期限", ("检验报告",), ("承办人意见", "负责人审批"), ("本单位已收到上述文书，将按要求改正。",),
        c.Contact("清河县市场监督管理局", "清河县泰山路6号", "王建国", "0319-8160000"),
    )  # fmt: skip
    return replace(content, **changes)


COUNTIES = (("A", 210, 2), ("B", 340, 6), ("C", 560, 14), ("D", 415, 9), ("E", 980, 17), ("F", 150, 7), ("G", 620, 11), ("H", 505, 24), ("I", 780, 15), ("J", 290, 0), ("K", 450, 8))  # fmt: skip


def comparison(**changes: Any) -> c.Comparison:
    """The eleven counties of the comparison journey; limits are invented, documents print them."""
    from reports import wording

    flags = {"H": "outside998", "J": "outside95", "F": "outside95"}
    points = tuple(c.FunnelPoint(f"{name}县", n, failed * 1_000_000 // n, flags.get(name, "")) for name, n, failed in COUNTIES)
    def half(n: int, hundredths: int) -> int:
        return hundredths * isqrt(21_320 * 978_680 // n) // 100

    limits = tuple(
        c.FunnelLimit(n, max(21_320 - half(n, 196), 0), 21_320 + half(n, 196), max(21_320 - half(n, 309), 0), 21_320 + half(n, 309))
        for n in range(100, 1001, 50)
    )
    standing = {"H": "高于99.8%界限", "F": "高于95%界限", "J": "低于95%界限"}
    rows = tuple(
        c.ComparisonRow(f"{name}县", n, failed, wording.percent(failed, n), "—", standing.get(name, "与总体无法区分"))
        for name, n, failed in COUNTIES
    )
    content = c.Comparison(
        replace(IMPRINT, number="分析〔2026〕3号"), "各县（市、区）食品抽检不合格率对比", "2026年1—9月", c.Funnel(21_320, limits, points), rows,
        "界限按精确二项分布内插；过度离散系数φ＝2.65，未作调整。", ("H县的不合格率高于总体，建议复核其品种构成和承检机构。",), "2026Q3-v1", HEX,
    )  # fmt: skip
    return replace(content, **changes)


def every() -> list[Any]:
    """One content of every kind."""
    return [
        notice(), c.NoticeVolume((notice(), notice(addressee="清河县第二食品有限公司"))), sheet(), c.SheetVolume((sheet(),)), bulletin(),
        plan_notice(), commitment(), secret_half(), certificate(), record_sheet(),
        record_sheet(signatures=(c.ScreenSignature("检查人员", "张三", "2026-11-18 10:20", ((50, 150, 120, 40),)), c.ScreenSignature("被检查单位", "", "")), signed_digest=HEX),
        result_notice(), handover(), label_sheet(), letter(), comparison(),
    ]  # fmt: skip
