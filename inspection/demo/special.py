"""The special inspection of October 专项检查 without a draw: everything that may come of a visit, published, waiting, rectified, late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from inspection import clock
from inspection.actor import Actor
from inspection.db import Database
from inspection.demo import findings, people, rectifying, visiting
from inspection.demo.earlier import Earlier
from inspection.demo.findings import Finding
from inspection.demo.registers import ITEM, LABELS, firm
from inspection.visits import pursuits
from inspection.visits.targeted import service as targeted
from inspection.visits.unreached import service as unreached

TEAM = ("ZF-0010", "ZF-0016")
FROM, TO = date(2026, 10, 12), date(2026, 11, 30)
BASIS = {"special": "2026年国庆后食品安全专项检查方案（演示）", "complaint": "12315 工单（演示）"}


def _day(day: int, month: int = 10) -> date:
    return date(2026, month, day)


# source, finding, day of the visit, day of its review, term of the rectification; the first six at firms that no draw of the year takes
VISITS: tuple[tuple[str, Finding, date, date, date | None], ...] = (
    ("special", findings.CLEAN, _day(13), _day(14), None),
    ("special", findings.COLD, _day(13), _day(14), _day(27)),
    ("special", findings.LEDGER, _day(14), _day(15), _day(28)),
    ("special", findings.COLD, _day(15), _day(16), _day(30)),
    ("special", findings.REPORT, _day(16), _day(19), _day(20, 11)),
    ("special", findings.COLD, _day(28), _day(30), _day(18, 11)),
    ("complaint", findings.PENDING, _day(22), _day(23), None),
    ("special", findings.UNREACHED, _day(28), _day(30), None),
    ("special", findings.REFUSED, _day(21), _day(22), None),
)
PUBLISHED = (0, 1, 2, 3, 4, 8)  # the others wait: one past its term, two with a day or so left


def inspect(database: Database, earlier: Earlier, authority: str) -> int:
    """Everything from the order to the last re-check; gives the number of visits."""
    first = people.field(database, TEAM[0])
    leader, publisher, officer = (people.actor(database, login) for login in ("lingdao", "gongbu", "chuzhi"))
    made = _ordered(database, [*earlier.visited_firms(), firm(30), firm(31), firm(32)], authority)
    _attempts(database, first, made[7])
    for slot, (visit_id, (_, finding, day, _, due)) in enumerate(zip(made, VISITS, strict=True)):
        visiting.record(database, first, visit_id, finding, day, slot % 4, due=due)
    for day in sorted({row[3] for row in VISITS}):
        visiting.approve(database, leader, [visit_id for visit_id, row in zip(made, VISITS, strict=True) if row[3] == day], day)
    visiting.publish(database, publisher, [made[i] for i in PUBLISHED], _day(23))
    _followed(database, leader, officer, made)
    corrected = replace(findings.COLD.record(_day(13), 2, 1, due=_day(27)), results=("corrected", "other_information"))
    visiting.correct(database, leader, made[1], corrected, _day(2, 11), "补记：食品经营许可信息变更后未公示，检查结果类别漏选")
    visiting.publish(database, publisher, [made[1]], _day(3, 11))
    return len(made)


def _ordered(database: Database, firms: list[str], authority: str) -> list[int]:
    clerk = people.actor(database, "chouqu")
    with clock.at(clock.local(FROM, 8)), database.write(clerk) as session:
        orders = [targeted.Order(code, row[0], BASIS[row[0]], (ITEM, LABELS), TEAM, FROM, TO) for code, row in zip(firms, VISITS, strict=True)]
        return [targeted.open_visit(session, clerk, order, authority=authority).id for order in orders]


def _attempts(database: Database, inspector: Actor, visit_id: int) -> None:
    """Two attempts far enough apart before a firm may be called unreachable."""
    for day, how, said in ((FROM, "visit", "登记住所为居民楼，住户称无此单位"), (_day(28), "visit", "第二次上门，物业证明该单位从未入驻")):
        with clock.at(clock.local(day, 16)), database.write(inspector) as session:
            unreached.note(session, inspector, visit_id, tried_on=day, how=how, evidence=f"{said}（演示）")


def _followed(database: Database, leader: Actor, officer: Actor, made: list[int]) -> None:
    """Closed in time, closed late, overdue, re-checked without success, extended; the refusal and the unreachable firm dealt with."""
    in_time, late, _overdue, failed, longer, _unknown = rectifying.problems_of(database, made)
    rectifying.recheck(database, officer, in_time, _day(26), "复查：冷藏柜温度 3 ℃，连续三天温度记录齐全（演示）")
    rectifying.recheck(database, officer, late, _day(4, 11), "复查：供货者资质和进货凭证已补齐（演示）")
    rectifying.settle(database, officer, pursuits.REFUSAL, made[8], _day(5, 11), "again", "会同属地派出所再次上门，已完成检查（演示）")
    rectifying.settle(database, officer, pursuits.TRANSFER, made[7], _day(11, 11), "listed", "登记机关已列入经营异常名录（演示）")
    rectifying.ask_longer(database, officer, longer, _day(13, 11), _day(18, 12), "更换冷藏设备需定制，供货周期较长（演示）")
    rectifying.grant_longer(database, leader, longer, _day(16, 11))
    rectifying.recheck(database, officer, failed, _day(23, 11), "复查：年度报告已补报，许可信息仍未公示（演示）", passed=False)
