"""The frame of a draw: who is in it, who is left out by which rule, in which stratum, and what is refused before a freeze."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from inspection import history
from inspection.actor import SYSTEM
from inspection.db import Database
from inspection.draws import frames, rules, strata
from inspection.draws.candidates import candidates
from inspection.registers import service as registers
from inspection.registers.entries import CheckItemEntry, LicenceEntry
from inspection.registers.models import Enterprise, OutsideCheck
from inspection.rulebook import service as rulebook
from sampling import frame
from tests.inspection.draws.office import GIVEN, code
from tests.inspection.registers import county

MARCH = date(2026, 3, 9)  # the first day of the visits


def status(session: Session, given: rules.Configuration) -> dict[str, str]:
    """Status per unit as a freeze would write it; the preview counts the same."""
    built = frames.build(session, given)
    found = {cells[0]: cells[3] for cells in frame.rows(built.files["frame.tsv"])}
    shown = frames.preview(session, given)
    assert shown.eligible == built.counts.eligible and shown.excluded == built.counts.excluded and shown.strata == built.counts.strata
    assert (shown.elsewhere, shown.inspectors, shown.conflicts) == (built.counts.elsewhere, built.counts.inspectors, built.counts.conflicts)
    return found


def outside(session: Session, number: int, kind: str = "visit", on: date = date(2026, 2, 1), **more: Any) -> None:
    firm = registers.enterprise_by_code(session, code(number))
    assert firm is not None
    values = {"authority": "杭州市应急管理局", "level": "city", "item_code": "A01" if kind != "sample" else "", **more}
    session.add(OutsideCheck(enterprise_id=firm.id, kind=kind, on=on, **values))


def build(session: Session, firms: int = 12) -> None:
    county.build(session)
    rulebook.load_packaged(session, SYSTEM)
    registers.create_check_item(session, SYSTEM, CheckItemEntry("S01", "食品销售检查", date(2026, 1, 1), domain="food"))
    for number in range(1, firms + 1):
        registers.create_enterprise(session, SYSTEM, county.firm(number, credit_class="AB"[number % 2]))


def test_every_reason_leaves_out_the_unit_it_is_true_of_and_no_other(database: Database) -> None:
    given = replace(GIVEN, item_codes=("A01", "S01"), exclusions=rules.EXCLUSIONS, product_codes=("33.01",), period_from=MARCH, period_to=date(2026, 3, 31))
    with database.write() as session:
        build(session, 24)
        for number, state in ((1, "moved"), (2, "deregistered"), (3, "stopped")):
            registers.set_state(session, SYSTEM, _id(session, number), version=1, state=state)
        history.note(session, "case", code(4), "HC-1", date(2026, 1, 5))
        history.note(session, "case", code(5), "HC-2", date(2026, 1, 5))
        history.note(session, "case_closed", code(5), "HC-2", date(2026, 2, 5))
        history.note(session, "visited", code(6), "V-1", date(2026, 1, 1))
        history.note(session, "visited", code(7), "V-2", date(2025, 12, 31))
        for day, cause in (((2026, 1, 3), "random"), ((2026, 2, 3), "special")):
            outside(session, 8, on=date(*day), item_code="B02", cause=cause)
            outside(session, 9, on=date(*day), item_code="B02", cause="complaint")
        history.note(session, "sampled", code(10), "S-1", date(2025, 9, 10), detail="33.01.02")
        history.note(session, "sampled", code(11), "S-2", date(2025, 9, 9), detail="33.01.02")
        history.note(session, "sampled", code(12), "S-3", date(2026, 3, 1), detail="33.02")
        outside(session, 13, "sample", product_code="33.01", on=date(2025, 12, 1))
        outside(session, 14, item_code="S01", on=date(2025, 12, 10))
        outside(session, 15, item_code="S01", on=date(2025, 12, 9))
        outside(session, 16, item_code="S01", on=date(2025, 12, 20), level="county")
        outside(session, 17, item_code="A01", on=date(2025, 12, 20))
        outside(session, 18, "drawn", on=date(2026, 3, 31))
        outside(session, 19, "drawn", on=date(2026, 4, 1))
        outside(session, 20, on=date(2026, 1, 1), level="county")
        outside(session, 21, item_code="B02", on=date(2026, 1, 1))
    expected = {1: "MOVED", 2: "CLOSED", 3: "CLOSED", 4: "CASE", 6: "YEAR", 8: "CAP", 10: "R6M", 13: "R6M", 14: "UPPER", 18: "OTHER", 20: "OTHER"}
    with database.read() as session:
        found = status(session, given)
        assert len(found) == 24 and {unit: why for unit, why in found.items() if why != "ok"} == {code(n): why for n, why in expected.items()}
        kept = frames.preview(session, replace(given, exclusions=(), keep_reason="联合检查"))
        assert kept.excluded == {} and kept.elsewhere == 2
        moved_only = status(session, replace(given, exclusions=("CLOSED",), product_codes=()))
        assert {code(n) for n in (1, 2, 3)} == {unit for unit, why in moved_only.items() if why == "CLOSED"}


def _id(session: Session, number: int) -> int:
    firm = registers.enterprise_by_code(session, code(number))
    assert firm is not None
    return firm.id


def test_the_past_of_merged_duplicates_counts_for_the_unit_that_is_kept(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        build(session, 4)
        history.note(session, "visited", code(2), "V-1", date(2026, 1, 2))
        outside(session, 2)
        registers.merge_enterprises(session, SYSTEM, kept_id=_id(session, 3), merged_id=_id(session, 2), reason="重复")
        registers.merge_enterprises(session, SYSTEM, kept_id=_id(session, 4), merged_id=_id(session, 3), reason="重复")
    with sqlite_database.read() as session:
        found = status(session, replace(GIVEN, exclusions=("CAP",)))
        assert found == {code(1): "ok", code(4): "CAP"}
        assert frames.preview(session, replace(GIVEN, exclusions=("YEAR",))).excluded == {"YEAR": 1}


def test_each_unit_has_one_stratum_and_those_without_a_class_their_own(database: Database) -> None:
    with database.write() as session:
        build(session, 0)
        one, two = LicenceEntry("食品经营许可证", "JY1"), LicenceEntry("食品生产许可证", "SC1")
        entries = [
            county.firm(1, credit_class=None, food_risk_grade="B", licences=(one, two), industry="餐饮", tags=("连锁", "网红")),
            county.firm(2, region_code="330106002", licences=(replace(one, number="JY2"),), industry="F52", tags=("连锁",)),
            county.firm(3, region_code="330106"),
        ]
        for entry in entries:
            registers.create_enterprise(session, SYSTEM, entry)
    expected = {
        "credit_class": ["U", "B", "B"], "food_risk_grade": ["B", "U", "U"], "industry": ["餐饮", "F52", "U"], "none": ["ALL"] * 3,
        "licence_kind": ["食品生产许可证", "食品经营许可证", "U"], "area": ["330106001", "330106002", "U"],
    }  # fmt: skip
    with database.read() as session:
        for by, names in expected.items():
            given = replace(GIVEN, stratify_by=by, rates={}, exclusions=())
            if by == "licence_kind":
                given = replace(given, licence_kinds=("食品生产许可证", "食品经营许可证"))
                names = names[:2]
            files = frames.build(session, given).files
            found = {cells[0]: strata.label_of(cells[1]) for cells in frame.rows(files["frame.tsv"])}
            assert found == {code(n): strata.label_of(name) for n, name in enumerate(names, 1)}, by
        counts = frames.preview(session, replace(GIVEN, tags=("连锁", "网红"), exclusions=()))
        assert (counts.total, counts.tags, counts.n_tagged, counts.kinds) == (2, {"网红": 1, "连锁": 2}, 3, {"enterprise": 2})
        for filters, units in (
            ({"credit_classes": ("U",)}, {1}), ({"credit_classes": ("U", "B")}, {1, 2, 3}), ({"food_risk_grades": ("B",)}, {1}),
            ({"industries": ("餐饮", "F52")}, {1, 2}), ({"licence_kinds": ("食品生产许可证",)}, {1}), ({"states": ("stopped",)}, set()),
            ({"region_code": "330106002"}, {2}), ({"kinds": ("stall",)}, set()),
        ):  # fmt: skip
            asked = candidates(session, replace(GIVEN, **filters))
            assert set(session.scalars(asked.of(Enterprise.code))) == {code(n) for n in units}, filters


@pytest.mark.parametrize(
    ("more", "field", "word"),
    [
        ({"rates": {"A": (0, 0)}}, "rates", "0/0"),
        ({"rates": {"A": (0, 10)}}, "rates", "比例为 0"),
        ({"rates": {"A": (11, 10)}}, "rates", "11/10"),
        ({"rates": {}, "sizes": {"A": 0}}, "rates", "户数为 0"),
        ({"rates": {}}, "rates", "请填写"),
        ({"rates": {"E": (1, 2)}}, "rates", "没有 E"),
        ({"rates": {"A": (1, 2)}, "stratify_by": "none"}, "rates", "ALL"),
        ({"kinds": ()}, "kinds", "至少"),
        ({"exclusions": ("R6M",)}, "product_codes", "产品"),
        ({"exclusions": ("OTHER",), "keep_reason": "联合"}, "keep_reason", "不需要"),
    ],
)
def test_what_no_frame_can_be_made_of_is_named_by_its_field(more: dict[str, Any], field: str, word: str) -> None:
    found = rules.faults(replace(GIVEN, **more))
    assert list(found) == [field] and word in found[field][0]


def test_numbers_of_the_strata() -> None:
    found = strata.strata_of({"A": 10, "B": 3}, {"A": (1, 10), "B": (1, 1)}, 100)
    assert {name: (s.n, s.reserve) for name, s in found.items()} == {"A": (1, 4), "B": (3, 0)}
    fixed = strata.strata_of({"A": 10, "B": 3}, {"A": (1, 10)}, 0, {"B": 2})["B"]
    assert (fixed.n, fixed.rate) == (2, None)
    assert rules.window(date(2026, 8, 31), 6, 3) == rules.Window(date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1))
