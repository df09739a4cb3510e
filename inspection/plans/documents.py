"""The papers of a plan: notice with the allocation annex, and the table as a workbook."""

from __future__ import annotations

from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.plans import rules, service
from inspection.plans.models import Plan
from inspection.settings import Settings
from reports import content, tables
from reports import plan_notice as notice_document


def formula(plan: Plan) -> str:
    """How the total came about, in words."""
    if plan.rate_per_thousand is None:
        return f"总批次 {plan.total}（直接确定）"
    kind = rules.POPULATIONS[plan.population_kind]
    return (
        f"{plan.population_year} 年{kind} {plan.population:,} 人 × {format(plan.rate_per_thousand, 'f')} 批次/千人 ÷ 1000，"
        f"{rules.ROUNDINGS[plan.rounding]} = {plan.total:,} 批次"
    )


def allocation(plan: Plan) -> content.Allocation:
    """The table of a plan as content."""
    rows, columns = service.axis_of(plan, "region"), service.axis_of(plan, "class")
    table = service.matrix(plan)
    return content.Allocation(
        row_word="地区",
        rows=tuple(m.name for m in rows),
        columns=tuple(m.name for m in columns),
        cells=tuple(tuple(table[r.code][c.code].n_batches for c in columns) for r in rows),
        row_totals=tuple(m.target for m in rows),
        column_totals=tuple(m.target for m in columns),
        total=plan.total,
    )


def notice(session: Session, plan: Plan, settings: Settings) -> bytes:
    """抽检计划通知 with the allocation in its annex."""
    rows = service.axis_of(plan, "region")
    version = f"第 {plan.version} 版" + ("，未经批准的草案" if plan.state in ("draft", "submitted") else "")
    return notice_document.render(
        content.PlanNotice(
            imprint=content.Imprint(
                authority=settings.office_name, number=f"计划编号 {plan.code}（{version}）", issued_on=clock.day_of(plan.created_at),
                verify_url=f"{settings.public_url.rstrip('/')}/public/check?digest=", audit_head=audit.head(session)[1], demo=settings.demo,
            ),
            title=plan.title,
            addressees=tuple(f"{m.name}市场监督管理局" for m in rows) if len(rows) <= 20 else ("各有关地区市场监督管理部门",),
            opening=f"现将{plan.title}印发给你们，请按分配任务组织实施。",
            sections=(
                content.Matter("任务总量", formula(plan)),
                content.Matter("抽检性质", rules.PURPOSES[plan.purpose] + ("，按概率抽样实施" if plan.random else "，不能据以推断总体合格水平")),
                content.Matter("分配办法", "先按权重确定区域与类别两个边际，再作两维整数分配，每行每列合计与边际完全一致；季度任务同时分解。"),
            ),
            allocation=allocation(plan),
            plan_digest=service.digest_of(plan),
            formula=formula(plan),
        )
    )


def workbook(plan: Plan) -> bytes:
    """The allocation and its quarters as XLSX."""
    rows, columns = service.axis_of(plan, "region"), service.axis_of(plan, "class")
    table = service.matrix(plan)
    head = ["地区", *(c.name for c in columns), "合计"]
    year: list[list[str | int]] = [[r.name, *(table[r.code][c.code].n_batches for c in columns), r.target] for r in rows]
    year.append(["合计", *(c.target for c in columns), plan.total])
    sheets: list[tuple[str, list[str], list[list[str | int]]]] = [("全年", head, year)]
    for k in (1, 2, 3, 4):
        part = [[r.name, *(getattr(table[r.code][c.code], f"q{k}") for c in columns)] for r in rows]
        sheets.append((f"第{k}季度", head, [[*line, sum(int(n) for n in line[1:])] for line in part]))
    return tables.to_xlsx(sheets)
