"""The words beside the figures of a draw: why raw and weighted differ, why there is no number, what may be put in an order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median

from inspection.draws.strata import label_of
from inspection.i18n import N_, _, show_number, show_percent
from inspection.indicators.drawn.facts import Facts, Term, response
from inspection.indicators.drawn.league import League
from inspection.indicators.drawn.rates import Figure, Rates, tilt
from sampling.errors import SamplingError
from sampling.target import rate_text

LOW_RESPONSE = 0.7
AROUND = {
    "above998": N_("高于全体加权率 %(overall)s 的 99.8%% 漏斗界限：%(names)s。"),
    "below998": N_("低于全体加权率 %(overall)s 的 99.8%% 漏斗界限：%(names)s。"),
    "above95": N_("高于全体加权率 %(overall)s 的 95%% 漏斗界限（二十个中约有一个会碰巧如此）：%(names)s。"),
    "below95": N_("低于全体加权率 %(overall)s 的 95%% 漏斗界限（二十个中约有一个会碰巧如此）：%(names)s。"),
}
MOST_PAIRS = 12  # so many pairs are named one by one
MEASURE_LABELS = {"failing": N_("检查不合格率"), "problem": N_("问题发现率")}
MEASURE_NOTES = {
    "failing": N_("检查结果类别为问题类（不是“未发现问题”或“未发现开展本次抽查涉及的经营活动”）的户，占完成检查的户。"),
    "problem": N_("至少一个检查事项发现问题的户，占至少查了一个事项的户。"),
}
WHY = {
    "none": N_("没有完成检查的对象"),
    "empty": N_("%(strata)s 层没有一户完成检查"),
    "single": N_("%(strata)s 层只有一户完成检查，方差无从估计"),
    "certain": N_("%(strata)s 层除一户外都必定被抽中，方差无从估计"),
    "census": N_("全部已检查（普查），没有抽样误差"),
    "df": N_("每层户数太少，没有自由度"),
}
FLAGS = {
    "Px": N_("户数太少或区间太宽，不宜公布"),
    "Pc": N_("可以公布，但补率（未发现问题的比例）的精度不足，须加注"),
    "Pdf": N_("自由度不足 8，公布前须复核"),
    "P0": N_("率为 0 或 100%，公布前须复核"),
}


def why(figure: Figure) -> str:
    """The reason in place of a number, with the strata named."""
    return _(WHY[figure.why], strata="、".join(_(label_of(name)) for name in figure.strata)) if figure.strata else _(WHY[figure.why]) if figure.why else ""


def limits(figure: Figure) -> str:
    """The interval, or why there is none; never one of width zero."""
    if figure.limits:
        return between(figure.limits)
    return "—" if figure.why in ("none", "census") else _("不可估计")


def between(ends: tuple[float, float]) -> str:
    return f"{show_percent(ends[0]).rstrip('%')}–{show_percent(ends[1])}"


def logit(figure: Figure) -> str:
    """Logit limits for reference beside Korn–Graubard; — where they are not defined."""
    try:
        return between(figure.rate.interval(method="logit_t")) if figure.rate and figure.limits else "—"
    except SamplingError:
        return "—"


def standard_error(figure: Figure) -> str:
    """In percentage points with three decimals."""
    if figure.rate is None:
        return _("不可估计") if figure.n else "—"
    return "—" if figure.why == "df" else show_percent(figure.rate.se, 3).rstrip("%")


# --- sentences -----------------------------------------------------------------------------------------------------------

DIFFER = {
    1: N_(
        "原始率 %(raw)s 只是被检查的 %(n)s 户中的比例：%(most)s 层约每 %(a)s 户查 1 户，%(least)s 层约每 %(b)s 户才查 1 户，查得密的层在其中所占的份量大于在底册中的，"
        "原始率因此高于加权率。加权率 %(weighted)s 按各层底册户数还原，是对底册 %(population)s 户的估计。"
    ),
    -1: N_(
        "原始率 %(raw)s 只是被检查的 %(n)s 户中的比例：%(most)s 层约每 %(a)s 户查 1 户，%(least)s 层约每 %(b)s 户才查 1 户，查得密的层在其中所占的份量大于在底册中的，"
        "原始率因此低于加权率。加权率 %(weighted)s 按各层底册户数还原，是对底册 %(population)s 户的估计。"
    ),
    0: N_(
        "原始率 %(raw)s 是被检查的 %(n)s 户中的比例；%(most)s 层约每 %(a)s 户查 1 户，%(least)s 层约每 %(b)s 户才查 1 户，两率本可不同，这一次恰好相同。"
        "加权率 %(weighted)s 是对底册 %(population)s 户的估计。"
    ),
}
ALIKE = N_("各层查得一样密，每一户代表的户数相同，原始率 %(raw)s 与加权率 %(weighted)s 相同。")
BY_SIZE = N_("各户按规模抽取，机会不同；原始率 %(raw)s 只是被检查户中的比例，加权率 %(weighted)s 按真实的入样概率还原，是对底册 %(population)s 户的估计。")


def sentence(found: Facts, rates: Rates) -> str:
    """Why the raw rate is another than the weighted one; "" while there is no weighted rate."""
    figure = rates.total
    if figure.rate is None:
        return ""
    numbers = {"raw": rate_text(figure.failed, figure.n), "weighted": show_percent(figure.rate.value)}
    if (leaning := tilt(rates)) is None:
        sized = len({unit.weight for unit in rates.units}) > 1
        return _(BY_SIZE, **numbers, population=show_number(found.population)) if sized else _(ALIKE, **numbers)
    return _(
        DIFFER[leaning.direction], **numbers, n=show_number(figure.n), population=show_number(found.population), most=leaning.most, least=leaning.least,
        a=f"{leaning.one_in_most:.1f}", b=f"{leaning.one_in_least:.1f}",
    )  # fmt: skip


def low_response(found: Facts) -> list[str]:
    """Strata of which less than 70 % of the selected were inspected, now that none of them is open."""
    answered = {name: response([unit for unit in found.units if unit.stratum == name]) for name in found.strata}
    return sorted(_(label_of(name)) for name, a in answered.items() if a.selected and not a.open and a.done / a.selected < LOW_RESPONSE)


def statements(compared: League, words: Mapping[str, str]) -> list[str]:
    """What may be said about the order of groups and what may not, whole sentences."""

    def word(name: str) -> str:
        return words.get(name, name)

    said = [_("%(a)s 高于 %(b)s（校正后 p %(p)s）。", a=word(o.higher), b=word(o.lower), p=_p(o.p)) for o in compared.ordered]
    if not compared.pairs:
        said.append(_("可比的不足两个，不排先后。"))
    elif len(compared.unordered) > MOST_PAIRS:
        said.append(_("其余 %(n)s 对都不能排先后：差别没有超出抽样误差。", n=len(compared.unordered)))
    elif compared.unordered:
        named = "、".join(f"{word(a)}–{word(b)}" for a, b in compared.unordered)
        said.append(_("以下各对不能排先后，差别没有超出抽样误差：%(pairs)s。", pairs=named))
    said += _around(compared, word)
    if compared.left_out:
        said.append(_("不可估计、未参加比较：%(names)s。", names="、".join(map(word, compared.left_out))))
    return said


def _around(compared: League, word: Callable[[str], str]) -> list[str]:
    """Where the groups stand in the funnel around the rate of the whole frame, those inside it not by name."""
    if not compared.positions:
        return []
    said = [
        _(text, overall=show_percent(compared.overall), names="、".join(word(name) for name in names))
        for position, text in AROUND.items() if (names := [name for name, here in compared.positions.items() if here == position])
    ]  # fmt: skip
    return said or [_("与全体加权率 %(overall)s 比，都在 95%% 的漏斗界限之内。", overall=show_percent(compared.overall))]


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


# --- terms ---------------------------------------------------------------------------------------------------------------

def state(term: Term) -> str:
    """In words: published or waiting, in time or not."""
    if term.published_on:
        return N_("逾期公示") if term.late else N_("按期公示")
    return N_("逾期未公示") if term.late else N_("待公示")


def term_summary(found: Facts) -> dict[str, int | str]:
    """Counts by state, and median and longest of the published."""
    days = sorted(term.days for term in found.terms if term.published_on)
    n = {label: sum(state(term) == label for term in found.terms) for label in ("按期公示", "逾期公示", "待公示", "逾期未公示")}
    return {**n, "median": f"{median(days):g}" if days else "—", "longest": days[-1] if days else "—"}
