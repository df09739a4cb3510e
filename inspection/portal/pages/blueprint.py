"""The blueprint of the public reading room, its boards and the kinds of facts in words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from inspection.i18n import N_

bp = Blueprint("portal", __name__, url_prefix="/public")
BOARDS = {
    "items": N_("抽查事项清单"), "plan": N_("抽查计划"), "task": N_("抽查任务"), "draws": N_("双随机抽取"), "results": N_("检查结果"),
    "bulletins": N_("抽检通告"), "plans": N_("抽检计划"),
}  # fmt: skip
KINDS = {
    "call": N_("候补递补"), "swap": N_("换人"), "supplement": N_("补充抽取"),
    "commitment": N_("承诺"), "reveal": N_("揭示与名单"), "void": N_("作废"), "unrevealed": N_("逾期未揭示"), "plan": N_("计划"), "result": N_("结果"),
    "embargo": N_("已揭示，名单保密中"), "bulletin": N_("通告"), "correction": N_("更正"), "withdrawal": N_("撤回"), "items": N_("事项清单"),
    "check_plan": N_("抽查计划"), "check_task": N_("抽查任务"),
}


@bp.context_processor
def _boards() -> dict[str, Any]:
    return {"boards": BOARDS, "kinds": KINDS}
