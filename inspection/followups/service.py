"""The verbs of a case: opened for every failing report, served, handled step by step, closed by another person."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from inspection import audit, clock, history
from inspection.actor import Actor
from inspection.errors import Conflict, Invalid, Refused, Said
from inspection.followups import rules
from inspection.followups.found import (
    failing,
    get,
    issued_on,
    kinds,
    listing,
    overdue,
    overturned,
    report_of,
    sample_of,
    steps,
    without_case,
)
from inspection.followups.models import Case, CaseStep
from inspection.followups.terms import OBJECTION, deadlines, term_of
from inspection.registers.models import Enterprise
from inspection.results.models import ReportVersion, TestReport
from inspection.samples.models import Sample

__all__ = [
    "OBJECTION",
    "add_step",
    "close",
    "deadlines",
    "failing",
    "get",
    "kinds",
    "lacking",
    "listing",
    "make_final",
    "open_cases",
    "overdue",
    "overturned",
    "report_of",
    "sample_of",
    "steps",
    "without_case",
]

# --- opening ----------------------------------------------------------------------------------------------------------


def open_cases(session: Session, actor: Actor) -> list[Case]:
    """Open a case for every approved failing report that has none yet; a second call opens none."""
    made = [_open(session, actor, report, sample) for report, sample in session.execute(without_case()).all()]
    audit.record(session, actor, "case.open_waiting", "case", "", cases=len(made))
    return made


def _open(session: Session, actor: Actor, report: TestReport, sample: Sample) -> Case:
    """The term to dispose runs from the day the failing report came in, not from the day somebody opened the case."""
    due = term_of(session, sample, "dispose", issued_on(session, report))
    case = Case(
        number=_number(session), sample_id=sample.id, report_id=report.id, enterprise_id=sample.enterprise_id, region_code=sample.region_code,
        link=sample.link, opened_at=clock.now(), due_on=due.day if due else None, due_unannounced=not due.announced if due else False,
    )  # fmt: skip
    session.add(case)
    session.flush()
    _note(session, case, "case")
    audit.record(session, actor, "case.open", "case", case.number, sample=sample.number, due=str(case.due_on))
    return case


def _note(session: Session, case: Case, kind: str) -> None:
    """What a draw may ask of the firm: whether a case runs against it."""
    sample = session.get_one(Sample, case.sample_id, execution_options={"unscoped": True})
    firm = session.get_one(Enterprise, case.enterprise_id, execution_options={"unscoped": True})
    history.note(session, kind, firm.code, case.number, clock.today(), draw_id=sample.draw_id)


def _number(session: Session) -> str:
    head = f"HC{clock.today().year}-"
    last = session.scalar(select(func.max(Case.number)).where(Case.number.like(f"{head}%")).execution_options(unscoped=True))
    return f"{head}{int(last.removeprefix(head)) + 1 if last else 1:05d}"


# --- handling ---------------------------------------------------------------------------------------------------------


def add_step(session: Session, actor: Actor, case_id: int, *, version: int, kind: str, done_on: date, text: str) -> Case:
    """Write down what was done; the state follows from the steps.

    Raises
    ------
    Refused : closed, out of order, twice, a penalty while an objection runs.  Invalid : unknown kind, empty text, an impossible day.
    """
    case = _same(session, case_id, version)
    if kind not in rules.TYPED:
        raise Invalid("unknown-step", "没有这种处置环节。", fields={"kind": ["处置环节请从列表中选择"]})
    report = report_of(session, case)
    _check(session, case, report, kind, done_on, text)
    if why := rules.fault(kind, kinds(session, case.id), final=report.final, until=case.objection_until, on=done_on):
        raise Refused("step-out-of-order", "不能登记这个环节：%(why)s。", why=why)
    if kind == "served":
        _start_objections(session, case, done_on)
    _write(session, actor, case, kind, done_on, text)
    case.handler_id = actor.id
    audit.record(session, actor, f"case.{kind}", "case", case.number, done_on=str(done_on), text=text)
    return case


def _start_objections(session: Session, case: Case, on: date) -> None:
    term = term_of(session, sample_of(session, case), "object", on)
    if term is None:
        raise Refused("term-unknown", "规则库没有该领域提出异议的期限，无法起算。请规则管理员先补录。")
    case.served_on, case.objection_until = on, term.day


def _check(session: Session, case: Case, report: TestReport, kind: str, done_on: date, text: str) -> None:
    fields: dict[str, list[str]] = {}
    if not text.strip():
        fields["text"] = ["办理情况必填"]
    taken, issued = sample_of(session, case).taken_on, issued_on(session, report)
    if done_on > clock.today():
        fields["done_on"] = ["办理日期不能晚于今天"]
    elif done_on < taken:
        fields["done_on"] = [Said("办理日期早于抽样日期 %(day)s", day=taken)]
    elif kind == "served" and done_on < issued:
        fields["done_on"] = [Said("送达日期早于检验报告签发日期 %(day)s", day=issued)]
    if fields:
        raise Invalid("step-incomplete", "处置记录有 %(n)s 处需要改正。", fields=fields, n=len(fields))


def make_final(session: Session, actor: Actor, case_id: int, *, version: int) -> Case:
    """结论确定: a person states that the objections are settled or their term is over; never by the clock alone."""
    case = _same(session, case_id, version)
    report, done = failing(report_of(session, case)), kinds(session, case.id)
    if report.final:
        raise Refused("already-final", "检验结论已经确定。")
    _corrected_since(session, case, report)
    if not rules.may_be_final(done, case.objection_until, clock.today()):
        raise Refused("objection-term-runs", "尚未送达、异议期限尚未届满，或有异议在办，结论不能确定。")
    report.final, report.final_at = True, clock.now()
    why = "异议或复检已办结" if rules.DECIDED & set(done) else "异议期限届满，没有未办结的异议"
    _write(session, actor, case, "final", clock.today(), f"{why}，检验结论确定。")
    audit.record(session, actor, "case.final", "case", case.number, report=report.number)
    return case


def _corrected_since(session: Session, case: Case, report: TestReport) -> None:
    """An objection that changed the conclusion needs a corrected report before anything is final."""
    changed = next((step.at for step in steps(session, case.id) if step.kind == "objection_changed"), None)
    newest = session.scalar(select(func.max(ReportVersion.approved_at)).where(ReportVersion.report_id == report.id))
    if changed is not None and (newest is None or newest < changed):
        raise Refused("report-not-corrected", "异议办结改变了结论，请先由检验机构更正并签发报告。")


def lacking(session: Session, case: Case) -> list[str]:
    """Chinese names of everything that is missing before the case may be closed."""
    report, done = report_of(session, case), kinds(session, case.id)
    if overturned(report):
        return ["异议办结"] if rules.objecting(done) else []
    found = rules.missing(done)
    return found if report.final and report.state == "approved" else [*found, "检验结论确定"]


def close(session: Session, actor: Actor, case_id: int, *, version: int, text: str) -> Case:
    """结案 by another person than who handled it, when nothing is missing."""
    case = _same(session, case_id, version)
    if not text.strip():
        raise Invalid("step-incomplete", "结案须写明审批意见。", fields={"text": ["审批意见必填"]})
    if wanting := lacking(session, case):
        raise Refused("case-incomplete", "还不能结案，缺少：%(lacking)s。", lacking="、".join(wanting))
    if any(step.by_id == actor.id for step in steps(session, case.id)):
        raise Refused("same-person", "经办人不能审批自己经办案件的结案。")
    _write(session, actor, case, "closing", clock.today(), text)
    audit.record(session, actor, "case.close", "case", case.number, text=text)
    return case


def _write(session: Session, actor: Actor, case: Case, kind: str, done_on: date, text: str) -> None:
    """Keep the step and let the state follow; the case's version grows with every step."""
    session.add(CaseStep(case_id=case.id, kind=kind, done_on=done_on, text=text.strip(), by_id=actor.id, by_name=actor.name, at=clock.now()))
    session.flush()
    to = "closed" if kind == "closing" else rules.state_after(kinds(session, case.id))
    if not rules.may(case.state, to):
        raise Refused("wrong-state", "案件现为“%(state)s”，不能办理这一步。", state=rules.STATES[case.state])
    case.state = to
    if to == "closed":
        case.closed_at, case.closed_by = clock.now(), actor.id
        _note(session, case, "case_closed")
    flag_modified(case, "state")
    session.flush()


def _same(session: Session, case_id: int, version: int) -> Case:
    case = get(session, case_id)
    if case.state == "closed":
        raise Refused("case-closed", "该案件已结案。")
    if case.version_id != version:
        newest = steps(session, case.id)[-1:]
        changes = [(rules.KINDS[step.kind], "", f"{step.done_on} {step.by_name}：{step.text}") for step in newest]
        raise Conflict("changed-meanwhile", "该案件已被他人修改。请核对最近的办理情况，刷新后重试。", changes=changes)
    return case
