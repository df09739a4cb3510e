"""The verbs of a sample: taken against a plan's cell, sealed, handed over, received or refused, voided."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inspection import audit, clock, history
from inspection.actor import Actor
from inspection.calendar.rules import Term
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.plans.models import Plan, PlanCell, PlanLaboratory
from inspection.registers.models import Enterprise, Laboratory
from inspection.rulebook import service as rulebook
from inspection.samples import guards, rules
from inspection.samples.models import Handover, Sample

sampled_unit = guards.sampled_unit
OPEN_PLANS = frozenset({"approved", "published", "executing"})


# --- taking -----------------------------------------------------------------------------------------------------------


def take(session: Session, actor: Actor, new: rules.NewSample, *, replaces_id: int | None = None) -> Sample:
    """Keep a sampling sheet: the cell of the plan must still have room, the number is given without gaps.

    Raises
    ------
    Refused : plan not approved, cell used up (配额已用完), the sample to replace not refused.  Invalid : what is wrong, by field.
    """
    plan, cell = _cell(session, new)
    found = rules.faults(
        new, today=clock.today(), year=plan.year, least_samplers=rulebook.number(session, "count.sample.samplers", clock.today())
    )
    if found:
        raise Invalid("sheet-incomplete", "抽样单有 %(n)s 处需要改正。", fields=found, n=len(found))
    enterprise = guards.unit_of(session, new)
    if replaces_id is not None:
        guards.replaceable(session, get(session, replaces_id), new)
    used = used_of(session, plan.id).get((cell.region_code, cell.class_code), 0)
    if used >= cell.n_batches:
        raise Refused(
            "quota-used-up", "该区域该类别的计划 %(quota)s 批次已抽满。需要增加请先调整计划。", quota=cell.n_batches
        )
    sample = _make(session, actor, new, plan, enterprise, replaces_id)
    if plan.state != "executing":
        plan.state = "executing"
    session.flush()
    history.note(session, "sampled", enterprise.code, sample.number, sample.taken_on, detail=new.product_code, draw_id=sample.draw_id)
    audit.record(session, actor, "sample.take", "sample", sample.number, after=content(sample))
    return sample


def _cell(session: Session, new: rules.NewSample) -> tuple[Plan, PlanCell]:
    plan = session.scalar(select(Plan).where(Plan.id == new.plan_id))
    if plan is None:
        raise NotFound("plan-not-found", "没有这个抽检计划。")
    if plan.state not in OPEN_PLANS:
        raise Refused("plan-not-approved", "计划 %(plan)s 尚未批准（或已结束），不能抽样。", plan=plan.code)
    cell = session.scalar(
        select(PlanCell).where(
            PlanCell.plan_id == plan.id, PlanCell.region_code == new.region_code, PlanCell.class_code == new.class_code
        )
    )
    if cell is None:
        raise Refused("no-such-cell", "计划中没有这个区域和类别的任务。请核对区域和产品类别。")
    return plan, cell


def _make(
    session: Session, actor: Actor, new: rules.NewSample, plan: Plan, enterprise: Enterprise, replaces_id: int | None
) -> Sample:
    quarter = rules.quarter_of(new.taken_on)
    deliver = _term(session, plan.domain, "deliver", new.taken_on)
    lab_id = _laboratory(session, plan.id, new.class_code, quarter)
    guards.apart(session, lab_id, new.sampler_names)
    sample = Sample(
        number=_next_number(session, plan, new),
        code=_new_code(session),
        plan_id=plan.id,
        cell_region=new.region_code,
        region_code=enterprise.region_code,
        class_code=new.class_code,
        quarter=quarter,
        purpose=plan.purpose,
        random=plan.random,
        link=new.link,
        enterprise_id=enterprise.id,
        producer_name=new.producer_name,
        producer_address=new.producer_address,
        product_name=new.product_name,
        product_code=new.product_code,
        brand=new.brand,
        specification=new.specification,
        lot=new.lot,
        date_kind=new.date_kind,
        produced_on=new.produced_on,
        shelf_life=new.shelf_life,
        taken_on=new.taken_on,
        quantity=new.quantity,
        backup_quantity=new.backup_quantity,
        quantity_unit=new.quantity_unit,
        seal_number=new.seal_number,
        form=dict(new.form),
        sampler_names=[name.strip() for name in new.sampler_names],
        state="sealed" if new.seal_number else "taken",
        deliver_by=deliver.day if deliver else None,
        deliver_unannounced=bool(deliver and not deliver.announced),
        lab_id=lab_id,
        replaces_id=replaces_id,
        created_by=actor.id,
        created_at=clock.now(),
    )
    session.add(sample)
    return sample


def _term(session: Session, domain: str, term: str, start: date) -> Term | None:
    """The term that the rulebook has for samples of that domain; None where it has none."""
    key = rules.TERMS.get(domain, {}).get(term)
    return rulebook.due(session, key, start) if key else None


def _next_number(session: Session, plan: Plan, new: rules.NewSample) -> str:
    head = rules.number(plan.purpose, plan.year, new.region_code, 0)[:-5]
    last = session.scalar(
        select(func.max(Sample.number)).where(Sample.number.like(f"{head}_____")).execution_options(unscoped=True)
    )
    serial = int(last[-5:]) + 1 if last else 1
    if serial > 99_999:
        raise Refused("numbers-used-up", "%(head)s 的抽样单编号已用到 99999，不能再编号。请另立计划区域。", head=head)
    return rules.number(plan.purpose, plan.year, new.region_code, serial)


def _new_code(session: Session) -> str:
    while True:
        code = rules.blind_code()
        if session.scalar(select(Sample.id).where(Sample.code == code).execution_options(unscoped=True)) is None:
            return code


def _laboratory(session: Session, plan_id: int, class_code: str, quarter: int) -> int | None:
    """The laboratory with the largest unused share of that class and quarter; None when none was assigned."""
    shares = session.execute(
        select(PlanLaboratory.laboratory_id, PlanLaboratory.n_batches)
        .where(PlanLaboratory.plan_id == plan_id, PlanLaboratory.class_code == class_code, PlanLaboratory.quarter == quarter)
        .order_by(PlanLaboratory.laboratory_id)
    ).all()
    used = dict(
        session.execute(
            select(Sample.lab_id, func.count())
            .where(
                Sample.plan_id == plan_id, Sample.class_code == class_code, Sample.quarter == quarter, Sample.state.in_(rules.COUNTED)
            )
            .group_by(Sample.lab_id)
            .execution_options(unscoped=True)
        ).all()
    )
    left = [(n - used.get(lab, 0), -lab) for lab, n in shares]
    return -max(left)[1] if left and max(left)[0] > 0 else None


def seal(session: Session, actor: Actor, sample_id: int, *, version: int, seal_number: str) -> Sample:
    """封样: note the number of the seal."""
    sample = _load(session, sample_id, version, "sealed")
    if not seal_number.strip():
        raise Invalid("seal-missing", "请填写封条号。", fields={"seal_number": ["必填"]})
    sample.state, sample.seal_number = "sealed", seal_number.strip()
    session.flush()
    audit.record(session, actor, "sample.seal", "sample", sample.number, seal=seal_number)
    return sample


def void(session: Session, actor: Actor, sample_id: int, *, version: int, reason: str) -> Sample:
    """作废 with a reason; the number stays used, the cell has room again."""
    sample = _load(session, sample_id, version, "void")
    if not reason.strip():
        raise Invalid("reason-missing", "作废须写明理由。", fields={"reason": ["必填"]})
    sample.state, sample.void_reason = "void", reason.strip()
    session.flush()
    audit.record(session, actor, "sample.void", "sample", sample.number, reason=reason)
    return sample


# --- handing over -----------------------------------------------------------------------------------------------------


def hand_over(session: Session, actor: Actor, sample_id: int, *, version: int, laboratory_id: int | None = None) -> Sample:
    """移交: the sampler sends the sample to its laboratory; open until the laboratory answers."""
    sample = _load(session, sample_id, version, "handed_over")
    lab = session.get(Laboratory, laboratory_id or sample.lab_id or 0)
    if lab is None:
        raise Invalid("laboratory-missing", "该样品没有分配承检机构，请选择。", fields={"laboratory_id": ["必填"]})
    guards.fit(session, lab, sample)
    guards.apart(session, lab.id, sample.sampler_names)
    sample.lab_id, sample.state = lab.id, "handed_over"
    session.add(
        Handover(sample_id=sample.id, lab_id=lab.id, kind="sent", at=clock.now(), by_id=actor.id, by_name=actor.name)
    )
    session.flush()
    audit.record(session, actor, "sample.hand_over", "sample", sample.number, laboratory=lab.code)
    return sample


def receive(session: Session, actor: Actor, code: str, *, receipt: rules.Receipt, accept: bool, reason: str = "") -> Sample:
    """收样 by blind code: the laboratory accepts or refuses; the term of the report starts with the acceptance."""
    sample = by_code(session, code)
    to = "received" if accept else "refused"
    if not rules.may(sample.state, to):
        raise Refused("not-in-transit", "样品 %(sample)s 现在不是待接收状态。", sample=sample.code)
    found = rules.receipt_faults(receipt, accept=accept, reason=reason)
    if found:
        raise Invalid("receipt-incomplete", "收样记录有 %(n)s 处需要补充。", fields=found, n=len(found))
    assert sample.lab_id is not None
    sample.state = to
    if accept:
        sample.received_on = clock.today()
        if term := _term(session, session.get_one(Plan, sample.plan_id, execution_options={"unscoped": True}).domain, "report", sample.received_on):
            sample.report_by, sample.report_unannounced = term.day, not term.announced
    session.add(
        Handover(
            sample_id=sample.id,
            lab_id=sample.lab_id,
            kind=to,
            at=clock.now(),
            by_id=actor.id,
            by_name=actor.name,
            reason=reason.strip(),
            **{name: getattr(receipt, name) for name in receipt.__dataclass_fields__},
        )
    )
    session.flush()
    audit.record(session, actor, f"sample.{to}", "sample", sample.number, reason=reason)
    return sample


# --- asking -----------------------------------------------------------------------------------------------------------


def listing() -> Select[Sample]:
    """Samples the actor may see (region and laboratory by the session's filter)."""
    return select(Sample)


def get(session: Session, sample_id: int) -> Sample:
    sample = session.scalar(select(Sample).where(Sample.id == sample_id))
    if sample is None:
        raise NotFound("sample-not-found", "没有这个样品。")
    return sample


def by_code(session: Session, code: str) -> Sample:
    """A sample by its blind code, as a laboratory knows it."""
    text = code.strip().upper()
    sample = session.scalar(select(Sample).where(Sample.code == text))
    if sample is None:
        raise NotFound("sample-not-found", "没有盲样编码为 %(sample)s 的样品，或它不属于本机构。请核对标签。", sample=text[:24])
    return sample


def used_of(session: Session, plan_id: int) -> dict[tuple[str, str], int]:
    """Batches already taken per (region, class) of a plan."""
    rows = session.execute(
        select(Sample.cell_region, Sample.class_code, func.count())
        .where(Sample.plan_id == plan_id, Sample.state.in_(rules.COUNTED))
        .group_by(Sample.cell_region, Sample.class_code)
        .execution_options(unscoped=True)
    )
    return {(region, class_code): n for region, class_code, n in rows}


def overdue(session: Session) -> list[Sample]:
    """Samples whose delivery or report is late today."""
    today = clock.today()
    late = ((Sample.state.in_(("taken", "sealed"))) & (Sample.deliver_by < today)) | (
        (Sample.state == "received") & (Sample.report_by < today)
    )
    return list(session.scalars(select(Sample).where(late).order_by(Sample.id)))


def content(sample: Sample) -> dict[str, Any]:
    """The sheet as plain data."""
    return {
        column.key: getattr(sample, column.key)
        for column in Sample.__mapper__.columns
        if column.key not in {"id", "version_id", "created_at"}
    }


def _load(session: Session, sample_id: int, version: int, to: str) -> Sample:
    sample = get(session, sample_id)
    if sample.version_id != version:
        raise Conflict("changed-meanwhile", "样品 %(sample)s 已被他人修改。请核对期间的修改，刷新后重试。", changes=audit.newest(session, "sample", sample.number), sample=sample.number)
    if not rules.may(sample.state, to):
        raise Refused("wrong-state", "样品 %(sample)s 的当前状态不允许这一步。", sample=sample.number)
    return sample
