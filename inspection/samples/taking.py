"""抽样: a sheet kept against a plan's cell, sealed, voided."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit, clock, history
from inspection.actor import Actor
from inspection.calendar.rules import Term
from inspection.errors import Invalid, NotFound, Refused
from inspection.plans.models import Plan, PlanCell, PlanLaboratory
from inspection.registers.models import Enterprise
from inspection.rulebook import service as rulebook
from inspection.samples import guards, rules
from inspection.samples.found import content, get, step, used_of
from inspection.samples.models import Sample

OPEN_PLANS = frozenset({"approved", "published", "executing"})


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
    deliver = term_of(session, plan.domain, "deliver", new.taken_on)
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


def term_of(session: Session, domain: str, term: str, start: date) -> Term | None:
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
    """封样: note the number of the seal; a number mistyped is corrected until the sample is handed over."""
    sample = step(session, sample_id, version, "sealed")
    if sample.state == "handed_over":
        raise Refused("wrong-state", "样品 %(sample)s 已移交，不能改封条号。请先撤回移交。", sample=sample.number)
    if not seal_number.strip():
        raise Invalid("seal-missing", "请填写封条号。", fields={"seal_number": ["必填"]})
    before, sample.seal_number = sample.seal_number, seal_number.strip()
    sample.state = "sealed"
    session.flush()
    audit.record(session, actor, "sample.seal", "sample", sample.number, seal=sample.seal_number, before_seal=before)
    return sample


def void(session: Session, actor: Actor, sample_id: int, *, version: int, reason: str) -> Sample:
    """作废 with a reason; the number stays used, the cell has room again."""
    sample = step(session, sample_id, version, "void")
    if not reason.strip():
        raise Invalid("reason-missing", "作废须写明理由。", fields={"reason": ["必填"]})
    sample.state, sample.void_reason = "void", reason.strip()
    code = session.scalar(select(Enterprise.code).where(Enterprise.id == sample.enterprise_id).execution_options(unscoped=True))
    history.note(session, "sample_void", code or "", sample.number, clock.today(), detail=sample.product_code, draw_id=sample.draw_id)
    session.flush()
    audit.record(session, actor, "sample.void", "sample", sample.number, reason=reason)
    return sample
