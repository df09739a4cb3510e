"""The targets of the five policy documents: complete, literal, exact; and every published percentage reproduced."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import func, select

from inspection.actor import SYSTEM
from inspection.db import Database
from inspection.indicators import rules, service
from inspection.indicators.models import Indicator
from inspection.indicators.rules import Counts
from sampling.target import Verdict

DATA = files("inspection.registers") / "data" / "policy_targets.csv"
TARGETS = list(csv.DictReader(DATA.read_text(encoding="utf-8").splitlines()))
PUBLISHED = list(csv.DictReader((Path(__file__).parents[2] / "golden" / "published_counts.csv").read_text(encoding="utf-8").splitlines()))
# (jurisdiction, name part, comparator, threshold, unit, year): the table of the mayor's page, row by row
DEMANDED = [
    ("崆峒", "主要农产品例行监测", "ge", "98", "%", "2025"), ("崆峒", "食品评价性", "ge", "98", "%", "2025"), ("崆峒", "药品评价性", "ge", "99", "%", "2025"),
    ("崆峒", "制造业产品", "ge", "94", "%", "2025"), ("崆峒", "高速（含一级）公路", "ge", "98", "%", "2025"), ("崆峒", "干线公路", "ge", "97.5", "%", "2025"),
    ("重庆", "农产品质量安全", "ge", "98.3", "%", "2027"), ("重庆", "食品抽检", "ge", "98.2", "%", "2027"), ("重庆", "制造业产品质量合格率", "ge", "95", "%", "2027"),
    ("重庆", "消费品", "ge", "95", "%", "2027"), ("重庆", "生产领域药品", "ge", "99.8", "%", "2027"), ("重庆", "流通领域药品", "ge", "99.5", "%", "2027"),
    ("重庆", "竞争力指数", "ge", "92", "指数", "2027"), ("重庆", "公共服务", "ge", "82", "分", "2027"), ("重庆", "生活性服务业", "ge", "81", "分", "2027"),
    ("重庆", "绿色建筑", "eq", "100", "%", "2027"), ("重庆", "装配式", "ge", "35", "%", "2027"), ("重庆", "竣工验收", "eq", "100", "%", "2027"),
    ("四川", "农产品", "ge", "99", "%", "2025"), ("四川", "食品抽检", "ge", "98", "%", "2025"), ("四川", "制造业", "ge", "94", "%", "2025"), ("四川", "公共服务", "ge", "80", "分", "2025"),
    ("四川", "工程质量抽查", "trend", "", "%", "2025"), ("四川", "消费品", "text", "", "", "2025"),
    ("辽宁", "明厨亮灶", "ge", "90", "%", "2020"), ("辽宁", "满意度", "ge", "70", "", "2020"),
    ("盐城", "抽检量", "ge", "7", "批次/千人", ""), ("盐城", "食品抽检合格率", "ge", "98", "%", ""), ("盐城", "主要农产品", "ge", "97", "%", ""), ("盐城", "制造业", "ge", "95", "%", ""),
    ("盐城", "消费品", "ge", "96", "%", ""), ("盐城", "公众服务", "ge", "82", "%", ""), ("盐城", "获证企业", "eq", "100", "%", ""), ("盐城", "质量监督覆盖率", "eq", "100", "%", ""),
    ("盐城", "平安工地", "eq", "100", "%", ""), ("盐城", "整改完成率", "eq", "100", "%", ""), ("盐城", "定量监测", "ge", "11000", "批次/年", ""), ("盐城", "交工验收", "eq", "100", "%", ""),
    ("盐城", "强制标准", "eq", "100", "%", ""), ("盐城", "等级评定", "ge", "35", "%", ""), ("盐城", "首席质量官", "ge", "70", "%", ""),
]  # fmt: skip


@pytest.mark.parametrize("wanted", DEMANDED, ids=lambda row: f"{row[0]}-{row[1]}")
def test_every_target_of_the_documents_is_there_once(wanted: tuple[str, ...]) -> None:
    place, name, *rest = wanted
    found = [row for row in TARGETS if place in row["jurisdiction"] and name in row["name"] and [row[k] for k in ("comparator", "threshold", "unit", "year")] == rest]
    assert len(found) == 1, wanted


def test_no_target_is_there_that_no_document_demands_and_each_quotes_its_number() -> None:
    assert len(TARGETS) == len(DEMANDED)
    for row in TARGETS:
        number = {"11000": "1.1万"}.get(row["threshold"], row["threshold"])
        assert number in row["phrase"], row["code"]
        assert row["unit"] not in ("%", "分") or row["unit"] in row["phrase"] or row["comparator"] == "trend", row["code"]


def test_targets_are_loaded_once_and_never_overwritten(database: Database) -> None:
    for expected in (len(TARGETS), 0):
        with database.write() as session:
            assert service.load_packaged(session, SYSTEM) == expected
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Indicator)) == len(TARGETS)
        drug = session.scalars(select(Indicator).where(Indicator.code == "chongqing.drug_production")).one()
        assert drug.threshold == Decimal("99.8") and drug.phrase.startswith("生産領域和流通領域") and drug.link == "production"


def test_every_published_percentage_is_printed_alike() -> None:
    pairs = [row for row in PUBLISHED if row["n"] and row["fail"] and row["published_fail_pct"]]
    assert len(pairs) >= 129
    for row in pairs:
        tested, failed = int(row["n"]), int(row["fail"])
        rate = rules.rate(row["category"], Counts(passed=tested - failed, failed=failed), assessable=False, decimals=int(row["decimals"]))
        assert rate.fail_text == row["published_fail_pct"] and rate.verdict is Verdict.NOT_ASSESSABLE, row


@pytest.mark.parametrize(
    ("passed", "tested", "text", "interval"),
    [
        (132, 140, "94.29%", "89.13–97.08%"), (379, 381, "99.48%", "98.11–99.86%"), (67, 69, "97.10%", "90.03–99.20%"), (98, 100, "98.00%", "93.00–99.45%"),
        (50, 50, "100.00%", "≥94.18%"), (0, 5, "0.00%", "0.00–43.45%"), (1, 1, "100.00%", "≥5.00%"), (149, 149, "100.00%", "≥98.01%"), (546, 560, "97.50%", "95.85–98.51%"), (0, 0, "—", "不可估计"),
    ],
)  # fmt: skip
def test_rates_and_intervals_of_the_trade(passed: int, tested: int, text: str, interval: str) -> None:
    rate = rules.rate("总计", Counts(passed=passed, failed=tested - passed), threshold=Fraction(98, 100), assessable=True)
    assert (rate.text, rate.interval_text) == (text, interval)
    assert (rate.verdict is Verdict.NOT_ASSESSABLE) == (tested == 0)


@pytest.mark.parametrize(
    ("passed", "tested", "threshold", "verdict", "needed"),
    [
        (16294, 16641, "98", Verdict.INCONCLUSIVE, None), (546, 560, "98", Verdict.INCONCLUSIVE, None), (600, 600, "99.8", Verdict.INCONCLUSIVE, 897), (1497, 1497, "99.8", Verdict.ATTAINED, 0),
        (149, 149, "98", Verdict.ATTAINED, 0), (148, 148, "98", Verdict.INCONCLUSIVE, 1), (98, 100, "98", Verdict.INCONCLUSIVE, None), (90, 100, "98", Verdict.NOT_ATTAINED, None),
        (97995, 100000, "98", Verdict.INCONCLUSIVE, None),
    ],
)  # fmt: skip
def test_a_target_is_attained_only_by_its_lower_bound(passed: int, tested: int, threshold: str, verdict: Verdict, needed: int | None) -> None:
    counts = Counts(passed=passed, failed=tested - passed, undetermined=3, pending=2)
    rate = rules.rate("x", counts, threshold=Fraction(threshold) / 100, assessable=True)
    assert rate.verdict is verdict and rate.provisional
    assert needed is None or rate.batches_needed == needed
    assert rules.rate("x", counts, threshold=Fraction(threshold) / 100, assessable=False).verdict is Verdict.NOT_ASSESSABLE


def test_bounds_are_inclusive_and_qualitative_targets_are_never_judged() -> None:
    assert rules.against(Decimal("82.0"), "ge", Decimal(82)) is Verdict.ATTAINED and rules.against(Decimal("81.99"), "ge", Decimal(82)) is Verdict.NOT_ATTAINED
    assert rules.against(Decimal("99.99"), "eq", Decimal(100)) is Verdict.NOT_ATTAINED
    assert rules.against(Decimal(5), "trend", None) is Verdict.NOT_ASSESSABLE
