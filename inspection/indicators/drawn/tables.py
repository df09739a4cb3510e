"""The small tables of a draw as they are shown and exported: cells in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from inspection.i18n import N_, _, show_day, show_percent
from inspection.indicators.drawn import facts as counted
from inspection.indicators.drawn import teams, wording
from inspection.indicators.drawn.facts import DONE, MEASURES, MISSED, OPEN, Facts
from inspection.indicators.drawn.league import League, league
from inspection.indicators.drawn.rates import Figure, Rates, chances_of
from inspection.indicators.drawn.reading import Names
from inspection.indicators.drawn.wording import FLAGS, MEASURE_LABELS, limits, logit, standard_error, why
from sampling.target import rate_text

Row = Sequence[str | int]
KEYS = ("rates", "outcomes", "response", "strata", "areas", "departments", "workload", "pairs", "spread", "conflicts", "terms", "units")
BY_MEASURE = frozenset({"strata", "areas", "departments"})
RATE_HEAD = (N_("完成检查"), N_("问题户"), N_("原始率"), N_("加权率"), N_("标准误（百分点）"), N_("95% 区间"), N_("备注"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One small table: labels, rows of texts and whole numbers, and which columns are numbers."""

    key: str
    title: str
    head: Sequence[str]
    rows: Sequence[Row]
    text: frozenset[int] = field(default_factory=lambda: frozenset({0}))  # columns that are words


# --- rates -------------------------------------------------------------------------------------------------------------


def rate_cells(figure: Figure) -> list[str | int]:
    """The cells under `RATE_HEAD`."""
    weighted = show_percent(figure.rate.value) if figure.rate else _("不可估计") if figure.n else "—"
    remarks = [why(figure), *(_(FLAGS[flag]) for flag in figure.flags)]
    return [
        figure.n, figure.failed, rate_text(figure.failed, figure.n), weighted, standard_error(figure), limits(figure),
        "；".join(filter(None, remarks)),
    ]


def rates(found: Facts) -> Sheet:
    """Both measures of the whole draw."""
    rows: list[Row] = []
    for measure in MEASURES:
        figure = Rates(found, measure).total
        rows.append([_(MEASURE_LABELS[measure]), *rate_cells(figure)[:6], logit(figure), rate_cells(figure)[6]])
    head = (N_("指标"), *RATE_HEAD[:5], N_("95% 区间（Korn–Graubard）"), N_("95% 区间（logit，参考）"), N_("备注"))
    return Sheet("rates", N_("全部对象"), head, rows, frozenset({0, 8}))


def response(found: Facts, names: Names) -> Sheet:
    """Strata with their probability and response."""
    rows: list[Row] = []
    for name, stratum in sorted(found.strata.items()):
        answered = counted.response([unit for unit in found.units if unit.stratum == name])
        chance = f"{stratum.n}/{stratum.population} = {show_percent(stratum.n / stratum.population)}" if stratum.population else "—"
        rows.append([_(names.strata.get(name, name)), stratum.population, stratum.n, chance, answered.text, answered.missed, answered.waiting, f"{answered.called_done}/{answered.called}"])
    if found.outside:
        answered = counted.response(found.outside)
        rows.append([_("首次底册之外"), "—", answered.selected, "—", answered.text, answered.missed, answered.waiting, f"{answered.called_done}/{answered.called}"])
    head = (N_("层"), N_("底册户数"), N_("抽取"), N_("入样概率"), N_("应答率"), N_("未能检查"), N_("未办结"), N_("递补（完成/递补）"))
    return Sheet("response", N_("各层的入样概率和应答"), head, rows)


def strata(found: Facts, names: Names, measure: str) -> Sheet:
    """Strata with their rate."""
    rows: list[Row] = [[_(names.strata.get(figure.name, figure.name)), *rate_cells(figure)] for figure in Rates(found, measure).by_stratum]
    return Sheet("strata", N_("各层"), (N_("层"), *RATE_HEAD), rows, frozenset({0, 7}))


# --- leagues -----------------------------------------------------------------------------------------------------------


def areas(found: Facts, measure: str) -> League:
    """Counties as domains of the whole design."""
    return _league(Rates(found, measure), "area")


def departments(found: Facts, measure: str) -> League:
    """Departments by the visits they led."""
    return _league(Rates(found, measure), "department")


def _league(rates: Rates, attribute: str) -> League:
    return league(rates.by(attribute), rates.total.rate.value if rates.total.rate else None)


def group(key: str, title: str, head: str, compared: League, words: Mapping[str, str]) -> Sheet:
    """A league in the order of its codes: the order of the lines says nothing."""
    rows: list[Row] = [[words.get(f.name, f.name) or _("（没有）"), *rate_cells(f)] for f in compared.figures]
    return Sheet(key, title, (head, *RATE_HEAD), rows, frozenset({0, 7}))


# --- outcomes, teams, terms ----------------------------------------------------------------------------------------------


def outcomes(found: Facts, words: Mapping[str, str]) -> Sheet:
    """Every drawn unit by its outcome; open ones stand apart."""
    rows: list[Row] = [[words.get(code, code) if code else _("未办结"), n, called] for code, n, called in counted.outcomes(found.units)]
    return Sheet("outcomes", N_("应答与结局"), (N_("结局"), N_("抽中"), N_("递补户")), rows)


def units(found: Facts, names: Names, words: Mapping[str, str]) -> Sheet:
    """Every drawn unit with its probability and its outcome; those without an outcome first."""
    chances, order = chances_of(found), {OPEN: 0, MISSED: 1, DONE: 2}
    said = {True: _("有"), False: _("无"), None: "—"}
    rows: list[Row] = [
        [
            unit.code, _(names.strata.get(unit.stratum, unit.stratum) or "首次底册之外"), names.areas.get(unit.area, unit.area), _("候补递补") if unit.called else _("抽中"),
            show_percent(chances[unit.code], 4) if unit.code in chances else "—", words.get(unit.outcome, unit.outcome) if unit.outcome else _("未办结"),
            said[unit.failing], said[unit.problem],
        ]
        for unit in sorted(found.units, key=lambda unit: (order[unit.state], unit.stratum, unit.code))
    ]  # fmt: skip
    head = (N_("编号"), N_("层"), N_("地区"), N_("抽中或递补"), N_("入样概率"), N_("结局"), N_("问题类结果"), N_("事项发现问题"))
    return Sheet("units", N_("逐户结局"), head, rows, frozenset({0, 1, 2, 3, 5, 6, 7}))


def workload(found: Facts, names: Names) -> Sheet:
    """Visits per inspector."""
    rows: list[Row] = [
        [load.code, names.people.get(load.code, ""), names.departments.get(load.department, load.department), load.carried, load.drawn, load.done, load.total]
        for load in teams.loads(found)
    ]
    head = (N_("编号"), N_("姓名"), N_("部门"), N_("抽取前已承担"), N_("本次抽取"), N_("其中已完成"), N_("合计"))
    return Sheet("workload", N_("检查人员工作量"), head, rows, frozenset({0, 1, 2}))


def pairs(found: Facts, names: Names) -> Sheet:
    """Who was in one team with whom."""
    rows: list[Row] = [[a, names.people.get(a, ""), b, names.people.get(b, ""), n] for a, b, n in teams.pairs(found).met]
    head = (N_("编号"), N_("姓名"), N_("同组人编号"), N_("同组人姓名"), N_("同组次数"))
    return Sheet("pairs", N_("同组频次"), head, rows, frozenset({0, 1, 2, 3}))


def spread(found: Facts) -> Sheet:
    """How many pairs met how often."""
    rows: list[Row] = [[times, n] for times, n in teams.pairs(found).spread]
    return Sheet("spread", N_("同组次数分布"), (N_("同组次数"), N_("对数")), rows, frozenset())


def conflicts(found: Facts) -> Sheet:
    """Pairs kept apart."""
    kept = teams.avoided(found)
    rows: list[Row] = [
        [_("随抽取冻结的回避对数"), kept.frozen], [_("其中涉及抽中对象、被排除的对数"), kept.touching], [_("涉及的检查人员"), kept.inspectors],
        [_("涉及的抽中对象"), kept.units], [_("仍被编入同组的对数（应为 0）"), len(kept.breaches)], [_("无人可任的席位"), teams.empty_seats(found.units)],
    ]  # fmt: skip
    return Sheet("conflicts", N_("回避"), (N_("项目"), N_("数量")), rows)


def terms(found: Facts) -> Sheet:
    """Results and the days to their publication, the late ones first."""
    ordered = sorted(found.terms, key=lambda term: (not term.late, -term.days, term.number))
    rows: list[Row] = [
        [t.number, show_day(t.formed_on), show_day(t.published_on), t.days, show_day(t.publish_by) + ("" if t.announced else _("（节假日安排未公布）")), _(wording.state(t))]
        for t in ordered
    ]  # fmt: skip
    head = (N_("任务编号"), N_("结果形成"), N_("公示"), N_("工作日数"), N_("应公示"), N_("状态"))
    return Sheet("terms", N_("结果形成到公示"), head, rows, frozenset({0, 1, 2, 4, 5}))


def sheet(key: str, found: Facts, names: Names, words: Mapping[str, str], measure: str) -> Sheet:
    """One table by its key, for the export."""
    made: dict[str, Callable[[], Sheet]] = {
        "rates": lambda: rates(found), "response": lambda: response(found, names), "strata": lambda: strata(found, names, measure),
        "areas": lambda: group("areas", N_("各地"), N_("地区"), areas(found, measure), names.areas),
        "departments": lambda: group("departments", N_("各部门（带队）"), N_("部门"), departments(found, measure), names.departments),
        "outcomes": lambda: outcomes(found, words), "workload": lambda: workload(found, names), "pairs": lambda: pairs(found, names),
        "units": lambda: units(found, names, words), "spread": lambda: spread(found), "conflicts": lambda: conflicts(found), "terms": lambda: terms(found),
    }  # fmt: skip
    return made[key]()
