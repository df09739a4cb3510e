"""What a case needs before it may be closed, which step may follow which, and by which rules its terms run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# every case: product controlled, cause found, penalty or the reason for none, rectified, re-checked with success
REQUIRED = ("control", "cause", "rectification")
EITHER = ("penalty", "no_penalty")
KINDS = {
    "served": "送达通知",
    "control": "产品控制",
    "cause": "原因排查",
    "penalty": "行政处罚",
    "no_penalty": "不予处罚",
    "rectification": "整改",
    "recheck": "复查合格",
    "recheck_failed": "复查不合格",
    "transfer": "移送通报",
    "objection": "提出异议或申请复检",
    "objection_kept": "异议办结：维持结论",
    "objection_changed": "异议办结：改变结论",
    "objection_withdrawn": "异议办结：已撤回",
    "objection_refused": "异议办结：不予受理",
    "final": "结论确定",
    "closing": "结案",
}
DECIDED = frozenset({"objection_kept", "objection_changed"})
ENDS = DECIDED | {"objection_withdrawn", "objection_refused"}
TYPED = tuple(kind for kind in KINDS if kind not in ("final", "closing"))  # the others have verbs of their own
HANDLED = frozenset(TYPED) - {"served"}
# what must be done before a step, and what may be done only once
AFTER: dict[str, str] = {"penalty": "cause", "no_penalty": "cause", "recheck": "rectification", "recheck_failed": "rectification"}
ONCE = frozenset({"served", "penalty", "no_penalty"})

STATES = {"open": "已立案", "noticed": "已送达", "handling": "处置中", "rectified": "待结案", "closed": "已结案"}
# closed before everything was handled: only when the report was corrected and nothing failed after all
NEXT: dict[str, frozenset[str]] = {
    "open": frozenset({"noticed", "handling", "closed"}),
    "noticed": frozenset({"handling", "closed"}),
    "handling": frozenset({"rectified", "closed"}),
    "rectified": frozenset({"handling", "closed"}),  # back when a later re-check fails or an objection comes in
    "closed": frozenset(),
}
# domain of the product → the rules by which its terms run; a term without a rule is unknown, never guessed
TERMS: dict[str, dict[str, str]] = {
    "food": {"serve": "deadline.food.serve", "object": "deadline.food.retest_apply", "dispose": "deadline.food.dispose"},
    "agri": {"object": "deadline.agri.retest_apply"},
    "industrial": {"object": "deadline.product.retest_apply"},
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """期限: from when, until when, whether met, and how far it can be relied on. `due` None: no rule, or not begun."""

    name: str
    start: date | None
    due: date | None
    done_on: date | None = None
    announced: bool = True
    verified: bool = True
    source: str = ""
    right: bool = False  # of the firm, to be used or not: nobody is late with it

    def state(self, today: date) -> str:
        """met, late (done after the term), overdue (a duty not done and over), lapsed (a right not used and over), running, unknown."""
        if self.due is None:
            return "unknown"
        if self.done_on is not None:
            return "met" if self.done_on <= self.due else "late"
        if today <= self.due:
            return "running"
        return "lapsed" if self.right else "overdue"


def objecting(done: Sequence[str]) -> bool:
    """Whether an objection was raised that has not ended.

    >>> objecting(["served", "objection"]), objecting(["served", "objection", "objection_kept"])
    (True, False)
    """
    return sum(kind == "objection" for kind in done) > sum(kind in ENDS for kind in done)


def missing(done: Sequence[str]) -> list[str]:
    """Chinese names of the steps that are still missing before the case may be closed, from the steps in their order.

    >>> missing(["control", "cause", "no_penalty", "rectification"])
    ['复查合格']
    >>> missing(["control", "cause", "no_penalty", "rectification", "recheck", "recheck_failed"])
    ['复查合格']
    """
    found = [KINDS[kind] for kind in REQUIRED if kind not in done]
    if not set(EITHER) & set(done):
        found.append("行政处罚或不予处罚的理由")
    if not _rechecked(done):
        found.append(KINDS["recheck"])
    if objecting(done):
        found.append("异议办结")
    return found


def _rechecked(done: Sequence[str]) -> bool:
    order = {kind: place for place, kind in enumerate(done)}
    return "recheck" in order and order["recheck"] > order.get("recheck_failed", -1)


def state_after(done: Sequence[str]) -> str:
    """State of an open case from the steps done so far."""
    if not missing(done):
        return "rectified"
    if set(done) & HANDLED:
        return "handling"
    return "noticed" if "served" in done else "open"


def may(state: str, to: str) -> bool:
    """Whether a case in `state` may go on to `to` (or stay)."""
    return state == to != "closed" or to in NEXT.get(state, frozenset())


def fault(kind: str, done: Sequence[str], *, final: bool, until: date | None, on: date) -> str | None:
    """Why a step may not be written down now, or None.

    Parameters
    ----------
    done : kinds of the steps so far, in their order.
    final : the conclusion of the report is final.
    until : last day for objections, None while the notice was not served.
    on : the day the step was done.
    """
    if kind in ONCE and kind in done:
        return f"“{KINDS[kind]}”已经登记过，不能重复登记"
    if kind in EITHER and set(EITHER) & set(done):
        return "行政处罚与不予处罚只能登记其一"
    if kind in AFTER and AFTER[kind] not in done:
        return f"须先登记“{KINDS[AFTER[kind]]}”"
    if kind == "penalty" and objecting(done):
        return "异议或复检尚未办结，不能登记行政处罚"
    return _objection_fault(kind, done, final, until, on)


def _objection_fault(kind: str, done: Sequence[str], final: bool, until: date | None, on: date) -> str | None:
    if kind in ENDS and not objecting(done):
        return "没有在办的异议或复检，无从办结"
    if kind != "objection":
        return None
    if final:
        return "检验结论已经确定，不能再受理异议或复检"
    if objecting(done):
        return "已有异议或复检在办，请先办结"
    if DECIDED & set(done):
        return "异议或复检已有结论，复检只进行一次"
    if until is not None and on > until:
        return f"异议期限已于 {until} 届满，逾期提出的不予受理"
    return None


def may_be_final(done: Sequence[str], until: date | None, today: date) -> bool:
    """Whether a failing result may be declared final: no objection open, and either one was decided or the term is over.

    >>> may_be_final(["served"], date(2026, 10, 20), date(2026, 10, 20)), may_be_final(["served"], date(2026, 10, 20), date(2026, 10, 21))
    (False, True)
    """
    if until is None or objecting(done):
        return False
    return bool(DECIDED & set(done)) or today > until
