"""A small county to begin with: the same people and services as the large demonstration, work left open at every step.

`hengjian init --demo county` makes it, and so do the browser tests and the screenshot tour: every page has something to
show, every role has something to do, and one thing is late.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import select

from inspection import clock, migrate
from inspection.actor import SYSTEM, Actor
from inspection.db import Database
from inspection.demo import annual, bulletins, drawing, drawn, earlier, laboratory, people, planning, registers, special
from inspection.plans import rules as plan_rules
from inspection.plans import service as plans
from inspection.publications import service as publications
from inspection.results import service as results
from inspection.results.models import TestReport
from inspection.settings import Settings
from inspection.visits import service as visits
from inspection.visits.models import Visit

JANUARY = datetime(2026, 1, 12, 1, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 12, 1, 0, tzinfo=UTC)
CLASSES = (("A", 60), ("B", 36), ("C", 18), ("D", 12))
RATES = {**drawing.RATES, "U": (6, 100)}
FIRMS, UNRATED, CLOSED = 126, 3, 2
EARLIER = earlier.Earlier(FIRMS + UNRATED + CLOSED, upper=4, cap=2, moved=1)
N_SAMPLES, N_RECEIVED = 36, 30
FAILING = {3: "PB", 9: "SO2", 14: "DHA"}


def build(database: Database, settings: Settings, *, one_time: bool = True) -> str:
    """Make everything in an empty database; gives the password of the demonstration's accounts.

    Parameters
    ----------
    one_time : everybody must change the password at the first sign-in.
    """
    migrate.upgrade(database)
    with clock.at(JANUARY):
        password = people.create(database, one_time=one_time)
        _registers(database)
        county = planning.county_plan(database, _who(database, "jihua"), _who(database, "lingdao"))
    _laboratory(database, county)
    _bulletins(database, settings, county)
    _draws(database, settings)
    with clock.at(NOVEMBER):
        _open_plans(database)
    return password


def _who(database: Database, login: str) -> Actor:
    return people.actor(database, login)


def _registers(database: Database) -> None:
    registers.packaged(database, SYSTEM)
    registers.places(database, SYSTEM)
    registers.item_list(database, SYSTEM)
    for kind, name, data in (
        ("enterprises", "企业名录.csv", registers.enterprises_file(CLASSES, CLOSED, UNRATED, EARLIER.states())),
        ("inspectors", "执法人员.csv", registers.inspectors_file()),
        ("conflicts", "回避登记.csv", registers.conflicts_file(FIRMS)),
    ):
        registers.import_file(database, SYSTEM, kind, name, data)
    registers.laboratories(database, SYSTEM)
    registers.limits(database, SYSTEM)
    people.grant(database, ("ZF-0001", "ZF-0002"), "LAB-A")


def _laboratory(database: Database, county: int) -> None:
    """36 samples: reports approved (three failing), entered, under entry; some not received, some not handed over."""
    entry, reviewer, signer = (_who(database, login) for login in ("luru", "shenhe", "qianfa"))
    codes = laboratory.take_samples(database, _who(database, "chouyang"), county, N_SAMPLES, hand_over=N_SAMPLES - 2)
    laboratory.receive(database, entry, codes[:N_RECEIVED])
    _enter(database, entry, codes[:20], FAILING)
    laboratory.sign(database, entry, reviewer, signer)
    _enter(database, entry, codes[20:26], {2: "BA"})
    _hand_on(database, entry, reviewer)
    laboratory.follow_up(database, _who(database, "chuzhi"))


def _enter(database: Database, entry: Actor, codes: list[str], failing: dict[int, str]) -> None:
    data = laboratory.workbook([row for row in laboratory.truth(codes, failing) if row.code != codes[1]])
    laboratory.import_workbook(database, entry, f"检验结果-{codes[0]}.xlsx", data)


def _hand_on(database: Database, entry: Actor, reviewer: Actor) -> None:
    """Of the open reports one waits for the signature, two for the review, the others are still being entered."""
    with clock.at(laboratory.APPROVED), database.write(entry) as session:
        waiting = session.scalars(select(TestReport).where(TestReport.state == "entering").order_by(TestReport.id).limit(3)).all()
        for report in waiting:
            results.submit(session, entry, report.id, version=report.version_id)
        first, version = waiting[0].id, waiting[0].version_id
    with clock.at(laboratory.APPROVED), database.write(reviewer) as session:
        results.review(session, reviewer, first, version=version)


def _bulletins(database: Database, settings: Settings, county: int) -> None:
    """One bulletin on the board, one waiting for the leader, one being written."""
    author, leader, planner = (_who(database, login) for login in ("gongbu", "lingdao", "jihua"))
    first = bulletins.county(database, author, leader, author, settings, county)
    bulletins.national(database, planner, author, leader, author, settings)
    with clock.at(NOVEMBER), database.write(author) as session:
        for quarter, since, until in (("第三", date(2026, 7, 1), date(2026, 9, 30)), ("前三", date(2026, 1, 1), date(2026, 9, 30))):
            new = publications.NewBulletin(
                title=f"关于亭湖区2026年{quarter}季度食品抽检情况的通告（演示草稿）", region_code=planning.COUNTY, basis=bulletins.BASIS,
                period=f"2026年{quarter}季度食品评价性", since=since, until=until, plan_id=county,
            )
            draft = publications.draft(session, author, new, settings)
            if quarter == "第三":
                publications.submit(session, author, draft.id, version=draft.version_id)
    assert first.number


def _draws(database: Database, settings: Settings) -> None:
    """A special inspection; a draw revealed and half carried out, one committed, one being configured."""
    officer, leader = _who(database, "chouqu"), _who(database, "lingdao")
    special.inspect(database, EARLIER, settings.office_name)
    earlier.imported(database, earlier.OCTOBER, EARLIER.october())
    with clock.at(drawing.COMMITTED):
        task_id = annual.plan(database, _who(database, "jihua"), leader, settings.office_name)
    draw_id, _ = drawing.draw(database, officer, leader, settings, task_id, RATES)
    with clock.at(NOVEMBER), database.write(officer) as session:
        visits.open_from_draw(session, officer, draw_id)
    earlier.imported(database, earlier.NOVEMBER, EARLIER.november())
    drawing.open_draws(database, officer, settings, RATES)
    drawn.inspect(database, _inspectors(database, draw_id))


def _inspectors(database: Database, draw_id: int) -> list[tuple[int, str]]:
    """The two inspectors' accounts belong to the team of one visit, whoever was drawn: theirs is open; gives the others with who writes."""
    with database.read() as session:
        rows = session.scalars(select(Visit).where(Visit.draw_id == draw_id).order_by(Visit.number)).all()
        teams = [(visit.id, [person.code for person in visits.team(session, visit)]) for visit in rows]
    mine = next(team for _, team in teams if len(team) == 2)
    people.grant(database, (mine[0], mine[1]), "LAB-A")
    return [(visit_id, team[0]) for visit_id, team in (teams[-1], *teams[:-1]) if not set(team) & set(mine)]


def _open_plans(database: Database) -> None:
    """A draft, one that waits for the leader, one approved and not yet on the board."""
    planner, leader = _who(database, "jihua"), _who(database, "lingdao")
    made: list[int] = []
    for title, total in (("2027年食品抽检计划（草稿）", 60), ("2027年春节专项抽检计划", 80), ("2027年餐饮具专项抽检计划", 40)):
        with database.write(planner) as session:
            new = plan_rules.NewPlan(
                title=title, year=2027, region_code=planning.COUNTY, purpose="supervision", product_year=2026, total=total
            )
            plan = plans.create(session, planner, new)
            classes = {code: Decimal(1) for code in planning.class_codes(session)[:6]}
            plans.set_margins(session, planner, plan.id, version=plan.version_id, regions={planning.COUNTY: Decimal(1)}, classes=classes)
            plans.allocate_cells(session, planner, plan.id, version=plan.version_id)
            if made:
                plans.submit(session, planner, plan.id, version=plan.version_id)
            made.append(plan.id)
    with database.write(leader) as session:
        plans.approve(session, leader, made[2], version=plans.get(session, made[2]).version_id)
