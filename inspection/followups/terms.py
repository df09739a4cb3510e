"""The terms of a case by the rulebook: which rule holds for the domain of its product, from when, until when."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.calendar.rules import Term
from inspection.followups import rules
from inspection.followups.found import issued_on, report_of, sample_of, steps
from inspection.followups.models import Case
from inspection.plans.models import Plan
from inspection.rulebook import service as rulebook
from inspection.rulebook.models import Rule
from inspection.samples.models import Sample

WORDS = {"workday": "个工作日", "day": "日", "month": "个月", "year": "年", "hour": "小时"}
SERVING, OBJECTION, DISPOSAL = "送达检验结果通知书", "提出异议或申请复检", "完成核查处置"


def deadlines(session: Session, case: Case) -> list[rules.Deadline]:
    """The terms of a case as the rulebook has them, each with its marks; unknown where there is no rule or no beginning."""
    sample, report = sample_of(session, case), report_of(session, case)
    came_in = issued_on(session, report)
    objected = next((step.done_on for step in steps(session, case.id) if step.kind == "objection"), None)
    closed = clock.day_of(case.closed_at) if case.closed_at else None
    wanted = ((SERVING, "serve", came_in, case.served_on), (OBJECTION, "object", case.served_on, objected), (DISPOSAL, "dispose", came_in, closed))
    return [_deadline(session, sample, name, term, start, done) for name, term, start, done in wanted]


def _deadline(session: Session, sample: Sample, name: str, term: str, start: date | None, done: date | None) -> rules.Deadline:
    rule = _rule(session, sample, term, start or clock.today())
    if rule is None or start is None:
        return rules.Deadline(name, start, None, done, verified=rule.verified if rule else True, source=rule.source if rule else "", right=term == "object")
    due = rulebook.due(session, rule.key, start)
    return rules.Deadline(name, start, due.day, done, due.announced, rule.verified, rule.source, term == "object")


def _rule(session: Session, sample: Sample, term: str, on: date) -> Rule | None:
    domain = session.scalar(select(Plan.domain).where(Plan.id == sample.plan_id).execution_options(unscoped=True))
    key = rules.TERMS.get(domain or "", {}).get(term)
    return rulebook.rule(session, key, on) if key else None


def term_of(session: Session, sample: Sample, term: str, start: date) -> Term | None:
    rule = _rule(session, sample, term, start)
    return rulebook.due(session, rule.key, start) if rule else None


def length_of(session: Session, sample: Sample, term: str, on: date) -> str:
    """The length of a term in words, as a paper states it before the day is known on which the term begins; '' without a rule."""
    rule = _rule(session, sample, term, on)
    return f"{rule.value}{WORDS[rule.unit]}" if rule else ""
