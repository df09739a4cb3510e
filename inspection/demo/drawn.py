"""The visits of the draw so far: two fifths of the results on the board, some waiting, some on the leader's table, some not begun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from inspection import clock
from inspection.actor import Actor
from inspection.db import Database
from inspection.demo import findings, people, rectifying, visiting
from inspection.visits import service as visits
from inspection.visits.models import Visit

CLEAN, COLD, LEDGER, REPORT = findings.CLEAN, findings.COLD, findings.LEDGER, findings.REPORT
# what is found one after the other in a class: the worse the class, the more often something
FOUND = {
    "A": (CLEAN, CLEAN, CLEAN, findings.INACTIVE, CLEAN, CLEAN, COLD, CLEAN, CLEAN, CLEAN),
    "B": (COLD, CLEAN, findings.CLOSED, CLEAN, CLEAN, REPORT, CLEAN, CLEAN),
    "C": (REPORT, findings.REFUSED, findings.PENDING, CLEAN, CLEAN, LEDGER, CLEAN, findings.INACTIVE),
    "D": (COLD, CLEAN, LEDGER, CLEAN),
}
# how far a visit has come, one after the other
STAGES = (
    "published", "published", "published", "returned", "published", "published", "approved", "submitted", "published", "entered", "pending", "pending",
    "approved",
)  # fmt: skip
DAYS = {"published": (16, 17, 18), "approved": (19, 20, 23), "submitted": (24,), "returned": (23,), "entered": (24,)}
REVIEWED, ON_BOARD, AGAIN, RETURNED = date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 24)


def inspect(database: Database, chosen: Sequence[tuple[int, str]]) -> Counter[str]:
    """Record, review and publish these visits (id, code of the inspector who writes) as far as each has come; gives how many of each stage."""
    leader, publisher = people.actor(database, "lingdao"), people.actor(database, "gongbu")
    writers = {code: people.field(database, code) for code in dict.fromkeys(code for _, code in chosen)}
    by_stage: dict[str, list[int]] = {}
    seen, strata = Counter[str](), _strata(database)
    for i, (visit_id, code) in enumerate(chosen):
        stage, stratum = STAGES[i % len(STAGES)], strata[visit_id]
        by_stage.setdefault(stage, []).append(visit_id)
        kinds = FOUND.get(stratum, (CLEAN,))
        finding = kinds[seen[stratum] % len(kinds)]
        seen[stratum] += 1
        if stage != "pending":
            days = DAYS[stage]
            day = date(2026, 11, days[i // 4 % len(days)])
            visiting.record(database, writers[code], visit_id, finding, day, i % 4, submit=stage != "entered")
    visiting.approve(database, leader, by_stage.get("published", []), REVIEWED)
    visiting.publish(database, publisher, by_stage.get("published", []), ON_BOARD)
    visiting.approve(database, leader, by_stage.get("approved", []), AGAIN)
    _returned(database, leader, by_stage.get("returned", []))
    _followed(database, by_stage.get("published", []))
    return Counter({stage: len(rows) for stage, rows in by_stage.items()})


def _strata(database: Database) -> dict[int, str]:
    with database.read() as session:
        return dict(session.execute(select(Visit.id, Visit.stratum)).all())


def _returned(database: Database, leader: Actor, chosen: Sequence[int]) -> None:
    with clock.at(clock.local(RETURNED, 11)), database.write(leader) as session:
        for visit_id in chosen:
            visits.send_back(session, leader, visit_id, version=visits.get(session, leader, visit_id).version_id, reason="主要检查情况过于简略，请写明查验了哪些记录")


def _followed(database: Database, published: Sequence[int]) -> None:
    """Of the problems found one is closed, for one a later term is asked; for a firm that has closed down the next reserve is called."""
    officer, clerk = people.actor(database, "chuzhi"), people.actor(database, "chouqu")
    problems = rectifying.problems_of(database, published, dated=True)
    rectifying.recheck(database, officer, problems[0], date(2026, 11, 23), "复查：问题已改正，现场和记录均已核对（演示）")
    rectifying.ask_longer(database, officer, problems[1], date(2026, 11, 24), date(2026, 12, 25), "系统填报须先取得法定代表人授权，正在办理（演示）")
    with database.read() as session:
        gone = session.scalars(select(Visit).where(Visit.id.in_(published), Visit.outcome == findings.CLOSED.outcome).order_by(Visit.number)).first()
    if gone is not None:
        with clock.at(clock.local(AGAIN, 14)), database.write(clerk) as session:
            visits.call_reserve(session, clerk, gone.id, version=gone.version_id)
