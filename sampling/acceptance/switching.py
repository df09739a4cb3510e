"""Switching rules 转移规则 between normal and tightened inspection; reduced inspection is not in use.

MEM: the rules of GB/T 2828.1-2012 (ISO 2859-1:1999, 9.3 and 9.4) are held from memory and still need the text of the standard.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sampling.arguments import one_of, shown
from sampling.errors import SamplingError

WINDOW = 5
NOT_ACCEPTED_TO_TIGHTEN = 2
ACCEPTED_TO_NORMAL = 5
NOT_ACCEPTED_TO_STOP = 5


class State(StrEnum):
    """正常 / 加严 / 暂停."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Inspection:
    """The state after some lots, and the lot (from 1) at which the last switch happened."""

    state: State
    after_lot: int | None = None
    since: tuple[bool, ...] = ()  # results of the lots inspected in this state

    def next(self, accepted: bool, lot: int) -> Inspection:
        """The state after one more lot on original inspection."""
        if self.state is State.STOPPED:
            return self
        since = (*self.since, accepted)
        if self.state is State.NORMAL:
            switch = since[-WINDOW:].count(False) >= NOT_ACCEPTED_TO_TIGHTEN
            return Inspection(State.TIGHTENED, lot) if switch else Inspection(self.state, self.after_lot, since)
        if since.count(False) >= NOT_ACCEPTED_TO_STOP:
            return Inspection(State.STOPPED, lot)
        if since[-ACCEPTED_TO_NORMAL:] == (True,) * ACCEPTED_TO_NORMAL:
            return Inspection(State.NORMAL, lot)
        return Inspection(self.state, self.after_lot, since)


def after_lots(lots: str | Iterable[bool], start: str = "normal") -> Inspection:
    """The state after a history of lots of one supplier.

    Parameters
    ----------
    lots : results on original inspection in order: "A" accepted and "R" not accepted, or true and false.
    start : "normal" or "tightened".

    Returns
    -------
    Inspection : state, and the lot at which the last switch happened (None: none).

    Raises
    ------
    SamplingError : a result that is neither, an unknown start.

    Notes
    -----
    Normal → tightened: two of at most five consecutive lots not accepted. Tightened → normal: five consecutive lots accepted.
    Tightened → stopped: the fifth lot not accepted; no further lot ends that state, the supplier's improvement does, and a new
    history then starts with tightened inspection.

    References
    ----------
    GB/T 2828.1-2012 (= ISO 2859-1:1999), 9.3 and 9.4 (MEM).

    Examples
    --------
    >>> after_lots("AARAR").state, after_lots("ARAAAAR").state, after_lots("RRAAAAA").state
    (<State.TIGHTENED: 'tightened'>, <State.NORMAL: 'normal'>, <State.NORMAL: 'normal'>)
    """
    one_of(start, (State.NORMAL, State.TIGHTENED), "起始状态 start")
    if not isinstance(lots, Iterable):
        raise SamplingError(f"各批结果 lots 不合法：{shown(lots)}；应为 A（接收）与 R（不接收）的序列")
    found = Inspection(State(start))
    for number, lot in enumerate(lots, start=1):
        if lot is not True and lot is not False and lot not in ("A", "R"):
            raise SamplingError(f"第 {number} 批的结果不合法：{shown(lot)}；应为 A（接收）或 R（不接收）")
        found = found.next(lot in ("A", True), number)
    return found
