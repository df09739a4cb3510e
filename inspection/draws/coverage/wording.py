"""The planner's answer in plain words."""

from __future__ import annotations

from inspection.draws.coverage.reckoning import Answer, Course, Point, Programme
from inspection.i18n import N_, _, show_number, show_percent

SMALL = 10.0  # below so many units one decimal is shown
PLAIN = N_("按此比例每年 %(k)s 次，约需 %(m)s 次（%(years)s 年）95%% 的户至少被查一次；届时平均仍有 %(left)s 户没有查过。")
WITH_QUOTA = N_("留出份额之后每年 %(k)s 次，约需 %(m)s 次（%(years)s 年）95%% 的户至少被查一次；届时平均仍有 %(left)s 户没有查过。")
AT_LEAST = N_("留出份额之后每年 %(k)s 次，至少需 %(m)s 次（%(years)s 年）95%% 的户至少被查一次；届时平均仍有 %(left)s 户或更多没有查过，准确情形看模拟。")
ALL_PLAIN = N_("要有 95%% 的把握全部查到，需 %(m)s 次（%(years)s 年）。")
ALL_CERTAIN = N_("有补查份额，%(m)s 次（%(years)s 年）之后必定全部查过一遍。")
AFTER = N_("%(m)s 次（%(years)s 年）之后，平均仍有 %(left)s 户（%(share)s）没有查过；全部查到的机会 %(chance)s。")
PLAYED = N_("%(m)s 次（%(years)s 年）之后，模拟平均仍有 %(left)s 户（%(share)s）没有查过；%(n)s 次模拟中全部查到的占 %(chance)s。")
NO_FORMULA = N_("补查份额留给近 %(k)s 次未查的户（含从未查过的）时没有公式，只有模拟；也不能保证到时全部查过。")
NOT_CERTAIN = N_("回头看份额留给已查过的户，全部查到会更慢；没有补查份额，何时全部查过没有保证。")
NEVER = N_("照此抽取，一万次之内也到不了 95%。")


def years(draws: int, programme: Programme) -> str:
    """Draws as years with one decimal at most: 149 twice a year are 74.5."""
    return f"{draws / programme.per_year:.1f}".removesuffix(".0")


def count(units: float) -> str:
    """An expected number of units: whole from ten on, one decimal below; never 0 where it is not."""
    if 0 < units < 0.05:
        return "< 0.1"
    return show_number(round(units)) if units >= SMALL else f"{units:.1f}".removesuffix(".0")


def chance(value: float | None, side: str = "exact") -> str:
    """A probability in per cent; never 0 or 100 where it is not, and — where there is no formula for it."""
    if value is None:
        return "—"
    if side == "exact" and value == 0.0:
        return _("0（不可能）")
    if side == "at_most" or 0 < value < 0.0001:
        return _("低于 0.01%") if value < 0.0001 else _("至多 %(p)s", p=show_percent(value))
    return _("高于 99.99%") if 0.9999 < value < 1 else show_percent(value)


def sentences(answer: Answer) -> list[str]:
    """Without seats set aside first, then with them."""
    programme = answer.programme
    said = [_reach(answer.plain, programme, PLAIN, PLAIN)]
    if answer.plain.to_all is not None:
        said.append(_(ALL_PLAIN, m=answer.plain.to_all, years=years(answer.plain.to_all, programme)))
    last = answer.plain.points[-1]
    if last.formula is not None:
        said.append(_after(last.formula, chance(last.all_formula, last.all_side), programme))
    return said + (_quota(answer.quota, programme) if answer.quota else [])


def _quota(course: Course, programme: Programme) -> list[str]:
    played = course.points[-1]
    said = [_(NO_FORMULA, k=programme.last)] if programme.last else [_reach(course, programme, WITH_QUOTA, AT_LEAST)]
    if course.certain and course.to_all is not None:
        said.append(_(ALL_CERTAIN, m=course.to_all, years=years(course.to_all, programme)))
    elif not programme.fresh_percent:
        said.append(_(NOT_CERTAIN))
    share = show_percent(played.mean / programme.population)
    return [*said, _(
        PLAYED, m=programme.draws, years=years(programme.draws, programme), left=count(played.mean), share=share, n=show_number(programme.replications),
        chance=show_percent(played.all_share),
    )]  # fmt: skip


def _reach(course: Course, programme: Programme, exact: str, at_least: str) -> str:
    if course.to_share is None or course.left_then is None:
        return _(NEVER)
    side = course.points[min(course.to_share, len(course.points) - 1)].side
    template = exact if side == "exact" else at_least
    return _(template, k=programme.per_year, m=course.to_share, years=years(course.to_share, programme), left=count(course.left_then))


def _after(left: float, odds: str, programme: Programme) -> str:
    share = show_percent(left / programme.population)
    return _(AFTER, m=programme.draws, years=years(programme.draws, programme), left=count(left), share=share, chance=odds)


def formula(point: Point) -> str:
    """The formula's number, with ≥ where it is a lower bound."""
    return "—" if point.formula is None else ("≥ " if point.side == "at_least" else "") + f"{point.formula:,.1f}"


def mean(point: Point) -> str:
    """The simulated number with its interval; the number alone when every play gave the same."""
    return f"{point.mean:,.1f}" if point.low is None else f"{point.mean:,.1f}（{point.low:,.1f}–{point.high:,.1f}）"


def share(point: Point) -> str:
    return f"{show_percent(point.all_share)}（{show_percent(point.all_low).rstrip('%')}–{show_percent(point.all_high)}）"
