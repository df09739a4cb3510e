"""What must hold before a sample is taken or handed over: the unit, the sample it replaces, the laboratory, the samplers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.auth.models import Account
from inspection.errors import Invalid, Refused
from inspection.registers import rules as register_rules
from inspection.registers import service as registers
from inspection.registers.models import Enterprise, Laboratory, ProductCategory
from inspection.samples import rules
from inspection.samples.models import Sample
from inspection.scope import region_prefix


def sampled_unit(session: Session, code: str) -> Enterprise:
    """被抽样单位 by its code in any spelling; a mistyped code is told apart from a firm that is not registered."""
    firm = registers.enterprise_by_code(session, code)
    if firm is None:
        _, fault = register_rules.enterprise_code(code, internal=False)
        raise Invalid("unknown-enterprise", "名录库中没有这个被抽样单位。请核对代码；确未登记的，请计划员先在名录库登记。", fields={"enterprise_code": [fault or "请先登记被抽样单位"]})
    return firm


def unit_of(session: Session, new: rules.NewSample) -> Enterprise:
    """The sampled unit, in the region of the plan's cell; a shop on the net may stand anywhere."""
    enterprise = session.scalar(select(Enterprise).where(Enterprise.id == new.enterprise_id))
    if enterprise is None:
        raise Invalid("unknown-enterprise", "名录库中没有这个被抽样单位。请核对代码；确未登记的，请计划员先在名录库登记。", fields={"enterprise_code": ["请先登记被抽样单位"]})
    if new.link != "online" and not enterprise.region_code.startswith(region_prefix(new.region_code)):
        raise Invalid(
            "outside-cell", "被抽样单位在 %(there)s，不在任务区域 %(wanted)s 内。请核对任务区域或被抽样单位。",
            fields={"region_code": ["与被抽样单位所在区域不符"]}, there=enterprise.region_code, wanted=new.region_code,
        )
    return enterprise


def replaceable(session: Session, old: Sample, new: rules.NewSample) -> None:
    """补样 stands for a refused sample of the same cell, once."""
    others = session.scalars(select(Sample.state).where(Sample.replaces_id == old.id).execution_options(unscoped=True)).all()
    if not rules.replaceable(old.state, others):
        raise Refused("not-replaceable", "样品 %(sample)s 未被拒收，或已经补样，不能再补。", sample=old.number)
    if (old.plan_id, old.cell_region, old.class_code) != (new.plan_id, new.region_code, new.class_code):
        raise Refused("other-cell", "补样须与被拒收的样品 %(sample)s 属于同一计划、区域和类别。", sample=old.number)


def fit(session: Session, lab: Laboratory, sample: Sample) -> None:
    """The laboratory works, is accredited, and its scope holds the sample's class."""
    if lab.suspended or (lab.accreditation_expires_on and lab.accreditation_expires_on < clock.today()):
        raise Refused("laboratory-not-fit", "承检机构 %(lab)s 已暂停或资质过期，不能接收样品。", lab=lab.name)
    scope = {row.product_class for row in lab.scopes}
    names = set(session.scalars(select(ProductCategory.name).where(ProductCategory.code == sample.class_code, ProductCategory.level == 1)))
    if "*" not in scope and not scope & names:
        raise Refused(
            "outside-scope", "承检机构 %(lab)s 的承检范围不含“%(kind)s”，不能接收该样品。请另选承检机构。",
            lab=lab.name, kind="、".join(sorted(names)) or sample.class_code,
        )


def apart(session: Session, lab_id: int | None, names: Sequence[str]) -> None:
    """抽检分离: nobody of the testing laboratory takes the sample."""
    if lab_id is None:
        return
    wanted = [name.strip() for name in names]
    same = session.scalars(select(Account.name).where(Account.lab_id == lab_id, Account.name.in_(wanted)).order_by(Account.name)).all()
    if same:
        raise Refused(
            "sampler-of-laboratory", "抽样人员 %(names)s 是承检机构的人员，抽样与检验须由不同机构的人办理。请更换抽样人员或承检机构。",
            names="、".join(same),
        )
