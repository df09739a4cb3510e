"""The figures of a draw from its facts alone: rates, what cannot be estimated, who may be put in an order, teams, terms."""

from __future__ import annotations

from datetime import date

import pytest

from inspection.indicators.drawn import facts as counted
from inspection.indicators.drawn import tables, teams, wording
from inspection.indicators.drawn.facts import DONE, MISSED, OPEN, Facts, Term, Unit
from inspection.indicators.drawn.league import league
from inspection.indicators.drawn.rates import Figure, Rates, tilt
from inspection.indicators.drawn.reading import Names
from sampling.draw import Stratum
from sampling.frame import Inspector

J2 = {"A": (7200, 144, 3), "B": (3600, 216, 11), "C": (900, 144, 20), "D": (300, 96, 30)}
NOBODY = Names({}, {}, {}, {})


def units(stratum: str, n: int, failing: int, **more: object) -> list[Unit]:
    return [Unit(f"{stratum}{i}", stratum, state=DONE, outcome="01", failing=i < failing, problem=i < failing, **more) for i in range(n)]  # type: ignore[arg-type]


def facts(table: dict[str, tuple[int, int, int]], missed: dict[str, int] | None = None) -> Facts:
    found = []
    for name, (_, n, failing) in table.items():
        gone = (missed or {}).get(name, 0)
        found += units(name, n - gone, failing) + [Unit(f"{name}-{i}", name, state=MISSED, outcome="03") for i in range(gone)]
    return Facts({name: Stratum("srs", n, population) for name, (population, n, _) in table.items()}, found)


def test_the_reference_draw_has_its_raw_and_weighted_rate_and_both_intervals() -> None:
    rates = Rates(facts(J2), "failing")
    total = rates.total
    assert total.rate is not None and total.limits is not None
    assert wording.rate_text(total.failed, total.n) == "10.67%"
    assert (round(total.rate.value, 4), round(total.rate.se, 5), total.rate.df) == (0.0460, 0.00862, 596)
    assert wording.logit(total) == "3.18–6.62%" and wording.limits(total) == "3.06–6.62%"
    sentence = wording.sentence(facts(J2), rates)
    assert "原始率 10.67%" in sentence and "D 层约每 3.1 户查 1 户" in sentence and "A 层约每 50.0 户才查 1 户" in sentence and "高于加权率" in sentence
    assert "12,000" in sentence


def test_a_unit_that_was_not_inspected_is_non_response_of_its_own_stratum() -> None:
    """Half of D missing changes nothing but the precision: its weight goes to D, not to the others."""
    whole = Rates(facts({"A": (1000, 50, 5), "D": (100, 20, 10)}), "failing").total
    half = Rates(facts({"A": (1000, 50, 5), "D": (100, 20, 5)}, {"D": 10}), "failing").total
    assert whole.rate is not None and half.rate is not None
    assert half.rate.value == pytest.approx(whole.rate.value) and half.rate.se > whole.rate.se
    assert half.rate.value == pytest.approx((1000 * 0.1 + 100 * 0.5) / 1100)


def test_a_called_reserve_counts_as_one_more_of_its_stratum() -> None:
    base = facts({"A": (100, 10, 2), "B": (50, 10, 5)}, {"B": 2})
    called = Facts(base.strata, [*base.units, *(Unit(f"r{i}", "B", called=True, state=DONE, outcome="01", failing=False, problem=False) for i in range(2))])
    figure = {f.name: f for f in Rates(called, "failing").by_stratum}["B"]
    assert (figure.failed, figure.n) == (5, 10)
    answered = counted.response(called.units)
    assert (answered.selected, answered.done, answered.missed, answered.called, answered.called_done, answered.text) == (20, 18, 2, 2, 2, "90.00%")


def test_a_stratum_with_one_inspected_unit_is_named_and_nothing_is_estimated_from_it() -> None:
    found = facts({"A": (100, 10, 2), "B": (50, 1, 0), "C": (60, 1, 1)})
    rates = Rates(found, "failing")
    for figure in (rates.total, rates.by("area")[0]):
        assert (figure.rate, figure.limits, figure.why, figure.strata) == (None, None, "single", ("B", "C"))
    assert wording.why(rates.total) == "B、C 层只有一户完成检查，方差无从估计"
    assert wording.limits(rates.total) == "不可估计" and tables.rate_cells(rates.total)[3:6] == ["不可估计", "不可估计", "不可估计"]
    a, b, c = rates.by_stratum
    assert a.limits is not None and (b.why, c.why) == ("single", "single") and wording.sentence(found, rates) == ""


def test_a_stratum_without_an_inspected_unit_is_named_too() -> None:
    found = facts({"A": (100, 10, 2), "B": (50, 4, 0)}, {"B": 4})
    rates = Rates(found, "failing")
    assert (rates.total.why, rates.total.strata, rates.by_stratum[1].why) == ("empty", ("B",), "none")
    assert wording.low_response(found) == ["B"]
    nothing = Rates(facts({"A": (100, 10, 0)}, {"A": 10}), "failing")
    assert nothing.total.why == "none" and tables.rate_cells(nothing.total)[2:6] == ["—", "—", "—", "—"]


def test_no_interval_ever_has_the_width_zero() -> None:
    """No failure at all, everything failing, a single domain unit, a complete count."""
    for table in ({"A": (100, 10, 0), "B": (50, 10, 0)}, {"A": (100, 10, 10), "B": (50, 10, 10)}, {"A": (5, 5, 2), "B": (50, 10, 0)}):
        for figure in (Rates(facts(table), "failing").total, *Rates(facts(table), "failing").by_stratum):
            assert figure.limits is None or figure.limits[0] < figure.limits[1]
    census = Rates(facts({"A": (5, 5, 2), "B": (1, 1, 0)}), "failing").total
    assert census.why == "census" and census.limits is None and census.rate is not None and census.rate.value == pytest.approx(2 / 6)
    assert wording.limits(census) == "—" and wording.why(census) == "全部已检查（普查），没有抽样误差"


def test_an_area_is_a_domain_of_the_whole_design_and_not_a_sample_of_its_own() -> None:
    here = [*units("A", 5, 1, area="330106"), *units("A", 5, 1, area="330102"), *units("B", 6, 3, area="330106"), *units("B", 4, 0, area="330102")]
    found = Facts({"A": Stratum("srs", 10, 100), "B": Stratum("srs", 10, 20)}, [Unit(f"{i}", **{n: getattr(u, n) for n in ("stratum", "area", "state", "outcome", "failing")}) for i, u in enumerate(here)])
    one = {f.name: f for f in Rates(found, "failing").by("area")}["330106"]
    assert one.rate is not None and one.rate.value == pytest.approx((10 * 1 + 2 * 3) / (10 * 5 + 2 * 6))
    # by hand: z = w·d·(y−p)/Σwd, spread about the stratum mean over all its units, those outside the domain as 0
    p, size, variance = one.rate.value, 62, 0.0
    for weight, zs, share in ((10, [1 - p] + [-p] * 4 + [0] * 5, 0.1), (2, [1 - p] * 3 + [-p] * 3 + [0] * 4, 0.5)):
        z = [weight * v / size for v in zs]
        variance += (1 - share) * 10 / 9 * sum((v - sum(z) / 10) ** 2 for v in z)
    assert one.rate.se == pytest.approx(variance**0.5)


def test_equal_densities_are_not_said_to_tilt_and_a_lower_raw_rate_is_said_to_be_lower() -> None:
    same = facts({"A": (100, 10, 2), "B": (50, 5, 1)})
    assert tilt(Rates(same, "failing")) is None and "查得一样密" in wording.sentence(same, Rates(same, "failing"))
    low = facts({"A": (1000, 10, 5), "D": (20, 10, 0)})
    assert "低于加权率" in wording.sentence(low, Rates(low, "failing"))


def test_only_groups_that_differ_beyond_chance_are_put_in_an_order() -> None:
    found = facts({"A": (10_000, 300, 0)})
    areas = [(f"33010{k}", 100, failing) for k, failing in ((1, 2), (2, 30), (3, 3))]
    mixed = Facts(found.strata, [Unit(f"{a}-{i}", "A", area=a, state=DONE, failing=i < failing) for a, n, failing in areas for i in range(n)])
    compared = league(Rates(mixed, "failing").by("area"))
    assert [(o.higher, o.lower) for o in compared.ordered] == [("330102", "330101"), ("330102", "330103")]
    assert compared.unordered == [("330101", "330103")] and compared.pairs == 3
    said = wording.statements(compared, {"330101": "甲", "330102": "乙", "330103": "丙"})
    assert said[0] == "乙 高于 甲（校正后 p < 0.001）。" and said[-1] == "以下各对不能排先后，差别没有超出抽样误差：甲–丙。"
    assert [f.name for f in compared.figures] == ["330101", "330102", "330103"], "in the order of the codes, never of the rates"


def test_a_single_group_or_one_without_an_interval_is_not_compared() -> None:
    assert wording.statements(league([Figure("a", 1, 9)]), {}) == ["可比的不足两个，不排先后。", "不可估计、未参加比较：a。"]
    many = league(Rates(facts(dict.fromkeys("ABCDEFG", (100, 10, 1))), "failing").by_stratum)
    assert wording.statements(many, {}) == ["其余 21 对都不能排先后：差别没有超出抽样误差。"]


def test_the_effective_size_and_not_the_number_of_visits_decides() -> None:
    """Ten risky firms of one county were drawn: raw 50 against 12 %, but nearly the same weighted rate."""
    strata = {"A": Stratum("srs", 80, 8000), "D": Stratum("srs", 60, 90)}
    rows = [("A", "1", 40, 4), ("A", "2", 40, 4), ("D", "1", 50, 40), ("D", "2", 10, 8)]
    found = Facts(strata, [Unit(f"{s}{a}{i}", s, area=a, state=DONE, failing=i < x) for s, a, n, x in rows for i in range(n)])
    compared = league(Rates(found, "failing").by("area"))
    assert [round(f.raw or 0, 2) for f in compared.figures] == [0.49, 0.24] and not compared.ordered and compared.unordered == [("1", "2")]


def test_teams_show_their_load_their_pairs_and_the_conflicts_kept_out() -> None:
    people = [Inspector("p", "X", carried=3), Inspector("q", "Y"), Inspector("r", "Y")]
    drawn = [
        Unit("u1", "A", state=DONE, team=("p", "q")), Unit("u2", "A", team=("q", "p")), Unit("u3", "A", team=("p", "")), Unit("u4", "A", team=("s", "q")),
    ]  # fmt: skip
    found = Facts({}, drawn, people, [("r", "u1"), ("r", "u9"), ("q", "u3"), ("s", "u4")])
    assert [(load.code, load.carried, load.drawn, load.done, load.total) for load in teams.loads(found)] == [
        ("p", 3, 3, 1, 6), ("q", 0, 3, 1, 3), ("r", 0, 0, 0, 0), ("s", 0, 1, 0, 1),
    ]  # fmt: skip
    together = teams.pairs(found)
    assert together.met == [("p", "q", 2), ("q", "s", 1)] and together.possible == 6 and together.spread == [(0, 4), (1, 1), (2, 1)]
    kept = teams.avoided(found)
    assert (kept.frozen, kept.touching, kept.inspectors, kept.units, list(kept.breaches)) == (4, 3, 3, 3, [("s", "u4")])
    assert teams.empty_seats(drawn) == 1 and [row[1] for row in tables.conflicts(found).rows] == [4, 3, 3, 3, 1, 1]


def test_terms_tell_the_late_from_the_waiting_and_put_them_first() -> None:
    by, formed = date(2026, 12, 16), date(2026, 11, 18)
    rows = [
        Term("a", formed, by, date(2026, 11, 20), 2, date(2026, 11, 20)), Term("b", formed, by, date(2026, 12, 18), 22, date(2026, 12, 18)),
        Term("c", formed, by, None, 5, date(2026, 11, 25)), Term("d", formed, by, None, 25, date(2026, 12, 23), announced=False),
        Term("e", formed, by, by, 20, by),
    ]  # fmt: skip
    found = Facts({}, [], terms=rows)
    assert wording.term_summary(found) == {"按期公示": 2, "逾期公示": 1, "待公示": 1, "逾期未公示": 1, "median": "20", "longest": 22}
    shown = tables.terms(found).rows
    assert [row[0] for row in shown] == ["d", "b", "e", "c", "a"] and shown[0][4] == "2026-12-16（节假日安排未公布）"
    assert wording.term_summary(Facts({}, []))["median"] == "—"


def test_open_units_are_neither_passed_nor_failed() -> None:
    found = Facts({"A": Stratum("srs", 4, 100)}, [*units("A", 2, 1), Unit("x", "A", state=OPEN), Unit("y", "A", state=OPEN)])
    assert Rates(found, "failing").total.n == 2 and counted.response(found.units).text == "50.00–100.00%"
    assert tables.outcomes(found, {"01": "已完成检查"}).rows == [["已完成检查", 2, 0], ["未办结", 2, 0]]
    blank = Facts({"A": Stratum("srs", 3, 100)}, [*units("A", 2, 1), Unit("z", "A", state=DONE, outcome="01", failing=False, problem=None)])
    assert (Rates(blank, "problem").total.n, Rates(blank, "problem").undetermined, Rates(blank, "failing").undetermined) == (2, 1, 0)


def test_each_group_stands_in_a_funnel_around_the_rate_of_the_whole_frame() -> None:
    areas = [("1", 400, 8), ("2", 400, 10), ("3", 400, 60), ("4", 30, 4)]
    found = Facts({"A": Stratum("srs", 1230, 100_000)}, [Unit(f"{a}-{i}", "A", area=a, state=DONE, failing=i < x) for a, n, x in areas for i in range(n)])
    compared = tables.areas(found, "failing")
    assert compared.overall == pytest.approx(82 / 1230)
    assert compared.positions == {"1": "below998", "2": "below998", "3": "above998", "4": "within"}
    said = wording.statements(compared, {"3": "丙"})
    assert "高于全体加权率 6.67% 的 99.8% 漏斗界限：丙。" in said and "低于全体加权率 6.67% 的 99.8% 漏斗界限：1、2。" in said
    alike = Facts({"A": Stratum("srs", 200, 9000)}, [Unit(f"{a}-{i}", "A", area=a, state=DONE, failing=i < 5) for a in "12" for i in range(100)])
    assert "与全体加权率 5.00% 比，都在 95% 的漏斗界限之内。" in wording.statements(tables.areas(alike, "failing"), {})
    clean = Facts({"A": Stratum("srs", 200, 9000)}, [Unit(f"{a}-{i}", "A", area=a, state=DONE, failing=False) for a in "12" for i in range(100)])
    assert tables.areas(clean, "failing").positions == {}, "no funnel around 0 %"


def test_over_several_draws_a_stratum_where_all_but_one_were_certain_cannot_be_estimated_either() -> None:
    """Two firms had become D, drawn whole by the supplement: only the third says anything about chance."""
    drawn = [Unit(f"a{i}", "A", state=DONE, failing=i == 0) for i in range(3)] + [Unit(f"b{i}", "B", state=DONE, failing=i == 0) for i in range(4)]
    chances = {"a0": 1.0, "a1": 1.0, "a2": 0.5} | {f"b{i}": 0.4 for i in range(4)}
    found = Facts({"A": Stratum("srs", 3, 4), "B": Stratum("srs", 4, 10)}, drawn, chances=chances, draws=("1", "2"))
    rates = Rates(found, "failing")
    assert (rates.total.why, rates.total.strata, rates.total.limits) == ("certain", ("A",), None)
    a, b = rates.by_stratum
    assert (a.why, a.limits) == ("certain", None) and b.limits is not None and wording.limits(rates.total) == "不可估计"
