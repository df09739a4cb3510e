"""The verbs of a case: opened for every failing report, served, handled step by step, closed by another person."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.followups import rules
from inspection.followups.models import Case, CaseStep
from inspection.results.models import TestReport
from inspection.rulebook import service as rulebook
from inspection.samples.models import Sample


def open_cases(session: Session, actor: Actor) -> list[Case]:
    """Open a case for every approved failing report that has none yet; a second call opens none."""
    waiting = session.execute(
        select(TestReport, Sample)
        .join(Sample, Sample.id == TestReport.sample_id)
        .where(TestReport.state == "approved", TestReport.conclusion == "fail")
        .where(~select(Case.id).where(Case.report_id == TestReport.id).exists())
        .order_by(TestReport.id)
    )
    return [_open(session, actor, report, sample) for report, sample in waiting.all()]


def _open(session: Session, actor: Actor, report: TestReport, sample: Sample) -> Case:
    due = rulebook.due(session, "deadline.food.dispose", clock.today())
    case = Case(
        number=_number(session),
        sample_id=sample.id,
        report_id=report.id,
        enterprise_id=sample.enterprise_id,
        region_code=sample.region_code,
        link=sample.link,
        opened_at=clock.now(),
        due_on=due.day,
        due_unannounced=not due.announced,
    )
    session.add(case)
    session.flush()
    audit.record(session, actor, "case.open", "case", case.number, sample=sample.number, due=due.day)
    return case


def _number(session: Session) -> str:
    head = f"HC{clock.today().year}-"
    last = session.scalar(select(func.max(Case.number)).where(Case.number.like(f"{head}%")).execution_options(unscoped=True))
    return f"{head}{int(last.removeprefix(head)) + 1 if last else 1:05d}"


def listing() -> Select[Case]:
    return select(Case)


def get(session: Session, case_id: int) -> Case:
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound("case-not-found", "没有这件核查处置。")
    return case


def steps(session: Session, case_id: int) -> list[CaseStep]:
    """What was done, in order."""
    return list(session.scalars(select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.id)))


def add_step(session: Session, actor: Actor, case_id: int, *, version: int, kind: str, done_on: date, text: str) -> Case:
    """Write down what was done; the state follows from the steps.

    Raises
    ------
    Refused : the case is closed; a penalty while an objection runs.  Invalid : unknown kind, empty text, a day in the future.
    """
    case = _same(session, case_id, version)
    if kind not in rules.KINDS or kind in ("closing", "final"):
        raise Invalid("unknown-step", "没有这种处置环节。", fields={"kind": ["请从列表中选择"]})
    _check_text(done_on, text)
    if kind == "penalty" and _objecting(session, case):
        raise Refused("objection-open", "异议或复检尚未办结，不能填写行政处罚。")
    _write(session, actor, case, kind, done_on, text)
    if kind == "served":
        case.served_on = done_on
        case.objection_until = rulebook.due(session, "deadline.food.retest_apply", done_on).day
    case.handler_id = actor.id
    case.state = rules.state_after({step.kind for step in steps(session, case.id)})
    session.flush()
    audit.record(session, actor, f"case.{kind}", "case", case.number, done_on=done_on, text=text)
    return case


def make_final(session: Session, actor: Actor, case_id: int, *, version: int) -> Case:
    """结论确定: a person states that the term for objections is over and none was raised; never by the clock alone."""
    case = _same(session, case_id, version)
    if not rules.may_be_final(case.objection_until, clock.today(), _objecting(session, case)):
        raise Refused("objection-term-runs", "异议期限尚未届满，或有异议在办，结论不能确定。")
    report = session.get(TestReport, case.report_id)
    assert report is not None
    report.final, report.final_at = True, clock.now()
    _write(session, actor, case, "final", clock.today(), "异议期限届满，未提出异议，检验结论确定。")
    case.state = rules.state_after({step.kind for step in steps(session, case.id)})
    session.flush()
    audit.record(session, actor, "case.final", "case", case.number, report=report.number)
    return case


def close(session: Session, actor: Actor, case_id: int, *, version: int, text: str) -> Case:
    """结案 by another person than who handled it, when nothing is missing."""
    case = _same(session, case_id, version)
    done = {step.kind for step in steps(session, case.id)}
    lacking = rules.missing(done)
    report = session.get(TestReport, case.report_id)
    if report is None or not report.final:
        lacking.append("检验结论确定")
    if lacking:
        raise Refused("case-incomplete", "还不能结案，缺少：%(lacking)s。", lacking="、".join(lacking))
    if any(step.by_id == actor.id for step in steps(session, case.id)):
        raise Refused("same-person", "经办人不能审批自己经办案件的结案。")
    _check_text(clock.today(), text)
    _write(session, actor, case, "closing", clock.today(), text)
    case.state, case.closed_at, case.closed_by = "closed", clock.now(), actor.id
    session.flush()
    audit.record(session, actor, "case.close", "case", case.number, text=text)
    return case


def overdue(session: Session) -> list[Case]:
    """Open cases whose term is over: escalated on the page, never closed by the clock."""
    return list(session.scalars(select(Case).where(Case.state != "closed", Case.due_on < clock.today()).order_by(Case.due_on)))


def _objecting(session: Session, case: Case) -> bool:
    kinds = [step.kind for step in steps(session, case.id)]
    return "objection" in kinds and "final" not in kinds


def _write(session: Session, actor: Actor, case: Case, kind: str, done_on: date, text: str) -> None:
    session.add(
        CaseStep(
            case_id=case.id, kind=kind, done_on=done_on, text=text.strip(), by_id=actor.id, by_name=actor.name, at=clock.now()
        )
    )
    session.flush()


def _check_text(done_on: date, text: str) -> None:
    fields: dict[str, list[str]] = {}
    if not text.strip():
        fields["text"] = ["请写明办理情况"]
    if done_on > clock.today():
        fields["done_on"] = ["日期不能晚于今天"]
    if fields:
        raise Invalid("step-incomplete", "处置记录有 %(n)s 处需要改正。", fields=fields, n=len(fields))


def _same(session: Session, case_id: int, version: int) -> Case:
    case = get(session, case_id)
    if case.version_id != version:
        raise Conflict("changed-meanwhile", "该案件已被他人修改。请刷新后重试。")
    if case.state == "closed":
        raise Refused("case-closed", "该案件已结案。")
    return case
