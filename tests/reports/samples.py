"""Contents to print: plain functions, no fixtures; names and numbers are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
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
