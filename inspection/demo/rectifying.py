"""What follows a visit in the demonstration: terms extended, re-checks that fail or pass, refusals and unreachable firms dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from inspection import clock
from inspection.actor import Actor
from inspection.db import Database
from inspection.visits import pursuits
from inspection.visits import service as visits
from inspection.visits.models import Problem


def problems_of(database: Database, chosen: Sequence[int], *, dated: bool = False) -> list[int]:
    """The open problems of these visits, in their order; `dated`: only those with a term."""
    with database.read() as session:
        query = select(Problem.id).where(Problem.visit_id.in_(chosen), Problem.state == "open").order_by(Problem.visit_id)
        return list(session.scalars(query.where(Problem.rectify_by.is_not(None)) if dated else query))


def recheck(database: Database, officer: Actor, problem_id: int, day: date, evidence: str, *, passed: bool = True) -> None:
    """A re-check on a day by another person than who wrote the record."""
    verb = visits.close_problem if passed else visits.fail_recheck
    with clock.at(clock.local(day, 16)), database.write(officer) as session:
        version = visits.get_problem(session, officer, problem_id)[0].version_id
        verb(session, officer, problem_id, version=version, rechecked_on=day, evidence=evidence)


def ask_longer(database: Database, officer: Actor, problem_id: int, day: date, until: date, reason: str) -> None:
    """A later term is asked for."""
    with clock.at(clock.local(day, 9)), database.write(officer) as session:
        version = visits.get_problem(session, officer, problem_id)[0].version_id
        visits.ask_extension(session, officer, problem_id, version=version, until=until, reason=reason)


def grant_longer(database: Database, leader: Actor, problem_id: int, day: date) -> None:
    """Another person grants it."""
    with clock.at(clock.local(day, 9)), database.write(leader) as session:
        version = visits.get_problem(session, leader, problem_id)[0].version_id
        visits.decide_extension(session, leader, problem_id, version=version, granted=True)


def settle(database: Database, officer: Actor, kind: pursuits.Kind, visit_id: int, day: date, measure: str, evidence: str) -> None:
    """A refusal or a transfer is dealt with, with evidence."""
    with clock.at(clock.local(day, 14)), database.write(officer) as session:
        row = visits.pursuit_of(session, kind, visit_id)
        assert row is not None
        visits.settle(session, officer, kind, visit_id, version=row.version_id, measure=measure, evidence=evidence)
