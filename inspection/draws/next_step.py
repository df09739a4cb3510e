"""下一步 of a draw: what is to be done now, from when on, and by whom; values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inspection.actor import Actor
from inspection.auth.roles import Permission as P
from inspection.auth.roles import Role
from inspection.i18n import N_

SYSTEM = N_("系统自动办理")


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides the next step of a draw."""

    state: str
    ready: bool = True  # the frame could be frozen as it is
    busy: str = ""  # what a job does now: freeze, reveal
    not_before: datetime | None = None
    reveal_by: datetime | None = None
    first_by: int | None = None  # account of the first entry that waits for the second
    embargo_until: datetime | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `kind` names it for the page, `at` is the moment that its words tell."""

    kind: str
    words: str
    who: Role | None  # None: the system
    needs: P | None = None
    at: datetime | None = None
    not_by: int | None = None  # the account that may not do it

    def open_to(self, actor: Actor) -> bool:
        """Whether this person can do it now."""
        return self.needs is not None and actor.can(self.needs) and actor.id != self.not_by


_OFFICER, _LEADER = Role.DRAW_OFFICER, Role.LEADER


def next_step(now: Standing, moment: datetime) -> Step:
    """The step that follows from the state, the jobs under way and the clock."""
    if now.busy:
        words = {"freeze": N_("底册正在后台冻结，完成后演练、承诺"), "reveal": N_("两人录入一致，名单正在后台生成")}[now.busy]
        return Step("wait", words, None)
    if now.state == "committed":
        return _reveal(now, moment)
    if now.state == "revealed":
        if now.embargo_until is not None and moment < now.embargo_until:
            return Step("embargo", N_("名单保密至 %(at)s，到时自动公布；期间可以下达检查任务"), None, at=now.embargo_until)
        return Step("publish", N_("公布抽取结果"), _OFFICER, P.DRAW_COMMIT)
    return {
        "configured": Step("freeze", N_("核对底册预览，然后冻结底册"), _OFFICER, P.DRAW_PREPARE)
        if now.ready
        else Step("edit", N_("按下面的提示修改方案，然后冻结底册"), _OFFICER, P.DRAW_PREPARE),
        "frozen": Step("commit", N_("演练分组，没有缺员再作出承诺"), _OFFICER, P.DRAW_COMMIT),
        "published": Step("visits", N_("在“检查任务”页下达检查任务，由检查人员开展检查"), _OFFICER, P.DRAW_PREPARE),
        "void": Step("none", N_("已作废，并已重抽"), None)
        if now.repeated
        else Step("repeat", N_("已作废；仍须抽查的，重抽一次，另行承诺"), _OFFICER, P.DRAW_PREPARE),
    }[now.state]


def _reveal(now: Standing, moment: datetime) -> Step:
    """The two entries of the public value, between the two announced moments."""
    if now.not_before is not None and moment < now.not_before:
        return Step("early", N_("张贴承诺公告，托管密值；%(at)s 起由双随机管理员先录入公开数"), _OFFICER, at=now.not_before)
    if now.reveal_by is not None and moment > now.reveal_by:
        return Step("late", N_("已过最迟揭示时间 %(at)s，将自动公开作废"), None, at=now.reveal_by)
    if now.first_by is None:
        return Step("reveal", N_("由双随机管理员先录入公开数，最迟 %(at)s"), _OFFICER, P.DRAW_REVEAL, now.reveal_by)
    return Step("reveal", N_("由见证的领导第二个录入同样的公开数，最迟 %(at)s"), _LEADER, P.DRAW_WITNESS, now.reveal_by, now.first_by)
