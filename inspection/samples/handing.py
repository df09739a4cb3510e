"""移交与收样: sent by the sampler, taken back while nobody has answered, accepted or refused by the laboratory."""

from __future__ import annotations

from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.plans.models import Plan
from inspection.registers.models import Laboratory
from inspection.samples import guards, rules
from inspection.samples.found import by_code, step
from inspection.samples.models import Handover, Sample
from inspection.samples.taking import term_of


def hand_over(session: Session, actor: Actor, sample_id: int, *, version: int, laboratory_id: int | None = None) -> Sample:
    """移交: the sampler sends the sample to its laboratory; open until the laboratory answers."""
    sample = step(session, sample_id, version, "handed_over")
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


def recall(session: Session, actor: Actor, sample_id: int, *, version: int, reason: str) -> Sample:
    """撤回移交 that went to the wrong laboratory or was noted too early, as long as the laboratory has not answered."""
    sample = step(session, sample_id, version, "sealed")
    if sample.state != "handed_over":
        raise Refused("wrong-state", "样品 %(sample)s 没有移交，不必撤回。", sample=sample.number)
    if not reason.strip():
        raise Invalid("reason-missing", "撤回移交须写明理由。", fields={"reason": ["必填"]})
    assert sample.lab_id is not None
    sample.state = "sealed"
    session.add(
        Handover(sample_id=sample.id, lab_id=sample.lab_id, kind="recalled", at=clock.now(), by_id=actor.id, by_name=actor.name, reason=reason.strip())
    )
    session.flush()
    audit.record(session, actor, "sample.recall", "sample", sample.number, reason=reason)
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
        if term := term_of(session, session.get_one(Plan, sample.plan_id, execution_options={"unscoped": True}).domain, "report", sample.received_on):
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
