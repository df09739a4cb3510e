"""What stands in the navigation, by permission; and the names every template may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, session, url_for

from inspection import audit, web
from inspection.auth.roles import Permission as P


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: group and label (Chinese), endpoint, and the permission that shows it."""

    group: str
    label: str
    endpoint: str
    permission: P


ENTRIES = (
    Entry("名录", "检查对象", "registers.enterprises", P.REGISTER_READ),
    Entry("名录", "检查人员", "registers.inspectors", P.REGISTER_READ),
    Entry("名录", "检验机构", "registers.laboratories", P.REGISTER_READ),
    Entry("名录", "行政区划", "registers.regions", P.REGISTER_READ),
    Entry("名录", "抽查事项清单", "registers.matters", P.REGISTER_READ),
    Entry("名录", "产品分类与限量", "registers.products", P.REGISTER_READ),
    Entry("计划", "年度抽查计划", "annual.index", P.PLAN_READ),
    Entry("计划", "抽查任务", "tasks.index", P.PLAN_READ),
    Entry("计划", "抽检计划", "plans.index", P.PLAN_READ),
    Entry("抽取", "双随机抽取", "draws.index", P.DRAW_READ),
    Entry("抽取", "覆盖测算", "coverage.index", P.DRAW_READ),
    Entry("检查", "检查任务", "visits.index", P.VISIT_READ),
    Entry("检查", "问题整改", "visits.problem_list", P.VISIT_READ),
    Entry("样品", "样品", "samples.index", P.SAMPLE_READ),
    Entry("样品", "收样", "samples.receiving", P.SAMPLE_RECEIVE),
    Entry("检验", "检验结果", "results.index", P.RESULT_READ),
    Entry("后处理", "核查处置", "followups.index", P.CASE_READ),
    Entry("指标", "指标与达标", "indicators.index", P.INDICATOR_READ),
    Entry("指标", "抽取统计", "drawn.index", P.INDICATOR_READ),
    Entry("指标", "获证企业覆盖率", "licensed.index", P.INDICATOR_READ),
    Entry("指标", "汇总数", "aggregates.index", P.INDICATOR_READ),
    Entry("公示", "待公示", "visits.publishing", P.PUBLICATION_PUBLISH),
    Entry("公示", "公示与通告", "publications.index", P.PUBLICATION_READ),
    Entry("系统", "规则库", "rulebook.index", P.RULEBOOK_READ),
    Entry("系统", "工作日历", "calendar.index", P.RULEBOOK_READ),
    Entry("系统", "后台任务", "jobs.index", P.JOB_READ),
    Entry("系统", "账户", "auth.accounts", P.ACCOUNT_READ),
    Entry("系统", "审计", "auth.trail", P.AUDIT_READ),
)


def entries(app: Flask) -> list[dict[str, Any]]:
    """The actor's navigation: groups of entries whose pages exist and whose permission is held."""
    actor = g.get("actor")
    shown = [(e, url_for(e.endpoint)) for e in ENTRIES if actor and actor.can(e.permission) and e.endpoint in app.view_functions]
    here = max((url for _, url in shown if f"{request.path}/".startswith(f"{url}/")), key=len, default=None)  # the nearest one above this page
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry, url in shown:
        groups.setdefault(entry.group, []).append({"label": entry.label, "url": url, "active": url == here})
    return [{"label": group, "items": items} for group, items in groups.items()]


def init_app(app: Flask) -> None:
    @app.context_processor
    def _context() -> dict[str, Any]:
        from inspection.app import VERSION

        settings = web.settings()
        return {
            "actor": g.get("actor"),
            "nav": entries(app) if g.get("actor") else [],
            "demo": settings.demo,
            "office_name": settings.office_name,
            "office_contact": settings.office_contact,
            "office_phone": settings.office_phone,
            "version": VERSION,
            "theme": session.get("theme", ""),
            "P": P,
            "audit_head": _head,
        }


def _head() -> str:
    with web.reading() as read:
        return audit.head(read)[1][:12]
