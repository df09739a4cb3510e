"""The verbs of a case: opened for every failing report, served, handled step by step, closed by another person."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from inspection import audit, clock
from inspection.actor import Actor
from inspection.calendar.rules import Term
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.followups import rules
from inspection.followups.models import Case, CaseStep
from inspection.plans.models import Plan
from inspection.results.models import ReportVersion, TestReport
from inspection.rulebook import service as rulebook
from inspection.rulebook.models import Rule
from inspection.samples.models import Sample
from inspection.scope import covers

SERVING, OBJECTION, DISPOSAL = "送达检验结果通知书", "提出异议或申请复检", "完成核查处置"

# --- opening ----------------------------------------------------------------------------------------------------------


def without_case() -> Select[TestReport, Sample]:
    """Approved failing reports (with their samples) that have no case yet; 不能判定 is no failure."""
    there = select(Case.id).where(Case.report_id == TestReport.id).execution_options(unscoped=True).exists()
    return (
        select(TestReport, Sample)
        .join(Sample, Sample.id == TestReport.sample_id)
        .where(TestReport.state == "approved", TestReport.conclusion == "fail", ~there)
        .order_by(TestReport.id)
    )


def open_cases(session: Session, actor: Actor) -> list[Case]:
    """Open a case for every approved failing report that has none yet; a second call opens none."""
    made = [_open(session, actor, report, sample) for report, sample in session.execute(without_case()).all()]
    audit.record(session, actor, "case.open_waiting", "case", "", cases=len(made))
    return made


def _open(session: Session, actor: Actor, report: TestReport, sample: Sample) -> Case:
    """The term to dispose runs from the day the failing report came in, not from the day somebody opened the case."""
    due = _term(session, sample, "dispose", issued_on(session, report))
    case = Case(
        number=_number(session), sample_id=sample.id, report_id=report.id, enterprise_id=sample.enterprise_id, region_code=sample.region_code,
        link=sample.link, opened_at=clock.now(), due_on=due.day if due else None, due_unannounced=not due.announced if due else False,
    )  # fmt: skip
    session.add(case)
    session.flush()
    audit.record(session, actor, "case.open", "case", case.number, sample=sample.number, due=str(case.due_on))
    return case


def _rule(session: Session, sample: Sample, term: str, on: date) -> Rule | None:
    domain = session.scalar(select(Plan.domain).where(Plan.id == sample.plan_id).execution_options(unscoped=True))
    key = rules.TERMS.get(domain or "", {}).get(term)
    return rulebook.rule(session, key, on) if key else None


def _term(session: Session, sample: Sample, term: str, start: date) -> Term | None:
    rule = _rule(session, sample, term, start)
    return rulebook.due(session, rule.key, start) if rule else None


def _number(session: Session) -> str:
    head = f"HC{clock.today().year}-"
    last = session.scalar(select(func.max(Case.number)).where(Case.number.like(f"{head}%")).execution_options(unscoped=True))
    return f"{head}{int(last.removeprefix(head)) + 1 if last else 1:05d}"


# --- asking -----------------------------------------------------------------------------------------------------------


def listing() -> Select[Case]:
    """Cases of the actor's region."""
    return select(Case)


def get(session: Session, case_id: int) -> Case:
    """One case, or NotFound when it is not there for the actor."""
    case = session.get(Case, case_id)
    if case is None or not covers(session.info.get("actor"), case.region_code):
        raise NotFound("case-not-found", "没有这件核查处置，或它不在您的辖区。")
    return case


def sample_of(session: Session, case: Case) -> Sample:
    """The failing sample."""
    found = session.get(Sample, case.sample_id)
    assert found is not None
    return found


def report_of(session: Session, case: Case) -> TestReport:
    """The failing report."""
    found = session.get(TestReport, case.report_id)
    assert found is not None
    return found


def issued_on(session: Session, report: TestReport) -> date:
    """The day the failing report came in first: its terms do not begin again when it is corrected."""
    first = session.scalar(select(func.min(ReportVersion.approved_at)).where(ReportVersion.report_id == report.id))
    return clock.day_of(first or report.approved_at or clock.now())


def overturned(report: TestReport) -> bool:
    """Whether the report was corrected and passes after all; 不能判定 is no pass."""
    return report.state == "approved" and report.conclusion == "pass"


def failing(report: TestReport) -> TestReport:
    """The report while it stands approved as a failure, else a refusal that says why it cannot be relied on."""
    if report.state != "approved":
        raise Refused("report-open", "检验报告正在更正，须签发后才能办理这一步。")
    if report.conclusion != "fail":
        raise Refused("report-not-failing", "检验报告更正后的结论已不是不合格，不能办理这一步。")
    return report


def steps(session: Session, case_id: int) -> list[CaseStep]:
    """What was done, in order."""
    return list(session.scalars(select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.id)))


def kinds(session: Session, case_id: int) -> list[str]:
    """Kinds of the steps, in order."""
    return [step.kind for step in steps(session, case_id)]


def overdue(session: Session) -> list[Case]:
    """Open cases whose term is over: escalated on the page, never closed by the clock."""
    return list(session.scalars(select(Case).where(Case.state != "closed", Case.due_on < clock.today()).order_by(Case.due_on)))


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
        return rules.Deadline(name, start, None, done, verified=rule.verified if rule else True, source=rule.source if rule else "")
    due = rulebook.due(session, rule.key, start)
    return rules.Deadline(name, start, due.day, done, due.announced, rule.verified, rule.source)


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
    term = _term(session, sample_of(session, case), "object", on)
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
        fields["done_on"] = [f"办理日期早于抽样日期 {taken}"]
    elif kind == "served" and done_on < issued:
        fields["done_on"] = [f"送达日期早于检验报告签发日期 {issued}"]
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
