"""The verbs of the registers, on both databases."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from inspection import history
from inspection.actor import SYSTEM
from inspection.audit import AuditEvent, verify
from inspection.db import Database
from inspection.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Refused
from inspection.registers import service
from inspection.registers.entries import CheckItemEntry, LaboratoryEntry, LicenceEntry, LimitEntry
from inspection.registers.models import ConflictOfInterest, Enterprise, Limit, ProductCategory, Region
from tests.inspection.registers.county import PLANNER, build, firm, person


def refused(kind: type[DomainError], code: str, call: Callable[[], object]) -> DomainError:
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code
    return caught.value


def test_places_hang_under_the_nearest_registered_place(database: Database) -> None:
    with database.write() as session:
        service.create_region(session, SYSTEM, code="330106001", name="北山街道")
        assert session.get(Region, "330106001").parent_code is None
        service.create_region(session, SYSTEM, code="33", name="浙江省")
        assert session.get(Region, "330106001").parent_code == "330000"
        service.create_region(session, SYSTEM, code="330106", name="西湖区", parent_code="330000")
        assert session.get(Region, "330106001").parent_code == "330106"
        assert [r.code for r in service.children(session, "330000")] == ["330106"]
        assert [r.code for r in service.children(session, None)] == ["330000"]
        refused(Refused, "region-exists", lambda: service.create_region(session, SYSTEM, code="330106000", name="西湖区"))
        refused(Invalid, "bad-region", lambda: service.create_region(session, SYSTEM, code="33010", name="无"))
        refused(Invalid, "bad-parent", lambda: service.create_region(session, SYSTEM, code="330108", name="滨江区", parent_code="330106"))


def test_a_population_is_its_own_or_the_whole_sum_below_or_unknown(database: Database) -> None:
    with database.write() as session:
        build(session)
        put = lambda code, people: service.set_population(  # noqa: E731
            session, SYSTEM, region_code=code, year=2026, kind="registered", people=people, source="公安户籍年报"
        )
        put("330106001", 120)
        assert service.population_of(session, "330106", 2026, "registered") is None
        put("330106002", 0)
        assert service.population_of(session, "330106", 2026, "registered") == 120
        put("330106", 130)
        assert service.population_of(session, "330106", 2026, "registered") == 130
        assert service.population_of(session, "330106", 2026, "census") is None
        assert service.population_of(session, "330106", 2025, "registered") is None
        put("330106", 131)
        assert [p.people for p in service.populations(session, "330106")] == [131]
        corrected = session.scalars(select(AuditEvent).where(AuditEvent.verb == "registers.population.set").order_by(AuditEvent.seq.desc())).first()
        assert corrected.before_digest and corrected.before_digest != corrected.after_digest
        refused(Invalid, "bad-entry", lambda: put("330106", -1))


def test_spellings_of_one_code_are_one_firm(database: Database) -> None:
    with database.write() as session:
        build(session)
        row = service.create_enterprise(session, SYSTEM, firm(1))
        wide = "".join(chr(ord(c) + 0xFEE0) for c in row.code)
        for spelling in (wide, f" {row.code[:6]} {row.code[6:]}", row.code.lower(), row.code[:8] + "-" + row.code[8:]):
            refused(Refused, "enterprise-exists", lambda s=spelling: service.create_enterprise(session, SYSTEM, firm(1, code=s)))
            assert service.enterprise_by_code(session, spelling).id == row.id
        wrong = row.code[:-1] + ("0" if row.code[-1] != "0" else "1")
        error = refused(Invalid, "bad-entry", lambda: service.create_enterprise(session, SYSTEM, firm(1, code=wrong)))
        assert "校验位" in error.fields["code"][0]
        assert service.create_enterprise(session, SYSTEM, firm(1, code="TW-0001", internal=True, kind="stall")).code_kind == "internal"
        refused(Invalid, "bad-entry", lambda: service.create_enterprise(session, SYSTEM, firm(1, code="摊位1", internal=True)))


def test_every_wrong_field_of_a_firm_is_told_at_once(database: Database) -> None:
    with database.write() as session:
        build(session)
        entry = firm(3, name=" ", region_code="999999", state="gone", credit_class="E", link="mail", latitude=Decimal(95), longitude=None)
        error = refused(Invalid, "bad-entry", lambda: service.create_enterprise(session, SYSTEM, entry))
        assert {"name", "region_code", "state", "credit_class", "link", "latitude", "longitude"} <= set(error.fields)
        error = refused(Invalid, "bad-entry", lambda: service.create_enterprise(session, SYSTEM, firm(3, region_code="330000")))
        assert "县" in error.fields["region_code"][0]


def test_an_edit_of_an_old_version_tells_what_differs(database: Database) -> None:
    with database.write() as session:
        build(session)
        row = service.create_enterprise(session, SYSTEM, firm(1))
        licences = (LicenceEntry("食品经营许可证", "JY13301060000011", date(2024, 1, 1), date(2029, 1, 1)),)
        entry = firm(1, address="北山路 1 号", tags=("学校食堂", "农贸市场"), licences=licences)
        service.update_enterprise(session, SYSTEM, row.id, version=1, entry=entry)
        assert (row.version_id, {t.tag for t in row.tags}, row.licences[0].number) == (2, {"学校食堂", "农贸市场"}, "JY13301060000011")
        error = refused(
            Conflict, "stale", lambda: service.update_enterprise(session, SYSTEM, row.id, version=1, entry=firm(1, address="西溪路"))
        )
        assert error.changes == (("地址", "西溪路", "北山路 1 号"),)
        service.update_enterprise(session, SYSTEM, row.id, version=2, entry=replace(entry, tags=("学校食堂",), licences=()))
        assert ([t.tag for t in row.tags], row.licences) == (["学校食堂"], [])
        refused(Invalid, "code-fixed", lambda: service.update_enterprise(session, SYSTEM, row.id, version=row.version_id, entry=firm(2)))


def test_a_licence_belongs_to_one_firm(database: Database) -> None:
    with database.write() as session:
        build(session)
        licence = (LicenceEntry("食品经营许可证", "JY1"),)
        service.create_enterprise(session, SYSTEM, firm(1, licences=licence))
        refused(Refused, "licence-taken", lambda: service.create_enterprise(session, SYSTEM, firm(2, licences=licence)))


def test_merging_duplicates_keeps_tags_licences_and_conflicts(database: Database) -> None:
    with database.write() as session:
        build(session)
        kept = service.create_enterprise(session, SYSTEM, firm(1, tags=("甲",)))
        other = service.create_enterprise(
            session, SYSTEM, firm(2, code="NB-2", internal=True, tags=("甲", "乙"), licences=(LicenceEntry("食品经营许可证", "JY2"),))
        )
        who = service.create_inspector(session, SYSTEM, person(1))
        service.add_conflict(session, SYSTEM, inspector_id=who.id, enterprise_id=other.id, reason="亲属")
        history.note(session, "visited", "NB-2", "V-1", date(2026, 3, 1))
        merge = lambda **k: service.merge_enterprises(session, SYSTEM, **{"kept_id": kept.id, "merged_id": other.id, "reason": "同一地址", **k})  # noqa: E731
        refused(Invalid, "reason-missing", lambda: merge(reason=" "))
        refused(Invalid, "merge-itself", lambda: merge(merged_id=kept.id))
        merge()
        assert ({t.tag for t in kept.tags}, [x.number for x in kept.licences], other.merged_into_id) == ({"甲", "乙"}, ["JY2"], kept.id)
        assert session.scalar(select(ConflictOfInterest.enterprise_id)) == kept.id
        assert [fact.reference for fact in service.past(session, kept)] == ["V-1"]
        assert [row.id for row in session.scalars(service.enterprises())] == [kept.id]
        refused(Refused, "enterprise-merged", lambda: merge())
        refused(Refused, "enterprise-merged", lambda: service.set_state(session, SYSTEM, other.id, version=other.version_id, state="open"))
        assert verify(session).ok


def test_a_firm_of_another_region_is_not_there(database: Database) -> None:
    with database.write() as session:
        build(session)
        own = service.create_enterprise(session, SYSTEM, firm(1))
        away = service.create_enterprise(session, SYSTEM, firm(2, region_code="330102"))
    with database.write(PLANNER) as session:
        assert [row.id for row in session.scalars(service.enterprises())] == [own.id]
        refused(NotFound, "not-registered", lambda: service.enterprise(session, away.id))
        held = session.scalars(select(Enterprise).execution_options(unscoped=True)).all()  # now both lie in the session
        refused(NotFound, "not-registered", lambda: service.enterprise(session, away.id))
        assert len(held) == 2
        refused(Forbidden, "outside-region", lambda: service.create_enterprise(session, PLANNER, firm(3, region_code="330102")))
        refused(Refused, "enterprise-exists", lambda: service.create_enterprise(session, PLANNER, firm(2)))


def test_an_inspector_needs_known_places_skills_and_office(database: Database) -> None:
    with database.write() as session:
        build(session)
        row = service.create_inspector(session, SYSTEM, person(1, areas=("330106001",), lead=True))
        assert (row.skills, row.areas, row.version_id) == (["A01"], ["330106001"], 1)
        entry = person(2, code="张三", department_code="NONE", areas=("110000",), skills=("Z99",), leave_from=date(2026, 5, 2), leave_to=date(2026, 5, 1))
        error = refused(Invalid, "bad-entry", lambda: service.create_inspector(session, SYSTEM, entry))
        assert set(error.fields) == {"code", "department_code", "areas", "skills", "leave_to"}
        service.update_inspector(session, SYSTEM, row.id, version=1, entry=person(1, active=False))
        refused(Conflict, "stale", lambda: service.update_inspector(session, SYSTEM, row.id, version=1, entry=person(1)))
        assert session.scalars(service.inspectors(active_only=True)).all() == []


def test_scope_and_capacity_of_a_laboratory_are_replaced(database: Database) -> None:
    with database.write() as session:
        build(session)
        lab = service.create_laboratory(session, SYSTEM, LaboratoryEntry("LAB-A", "甲检验院"))
        service.set_scope(session, SYSTEM, lab.id, ["肉制品", "饮料"])
        service.set_scope(session, SYSTEM, lab.id, ["饮料", "酒类"])
        assert sorted(scope.product_class for scope in lab.scopes) == sorted(["饮料", "酒类"])
        refused(Invalid, "bad-entry", lambda: service.set_scope(session, SYSTEM, lab.id, ["飞机"]))
        service.set_capacity(session, SYSTEM, lab.id, year=2026, quarter=1, n_batches=900, price_fen=120_000)
        service.set_capacity(session, SYSTEM, lab.id, year=2026, quarter=1, n_batches=800)
        assert [(c.quarter, c.n_batches, c.price_fen) for c in lab.capacities] == [(1, 800, 0)]
        refused(Invalid, "bad-entry", lambda: service.set_capacity(session, SYSTEM, lab.id, year=2026, quarter=5, n_batches=1))


def test_a_new_version_of_an_item_stands_beside_the_old(database: Database) -> None:
    with database.write() as session:
        build(session)
        new = service.create_check_item(session, SYSTEM, CheckItemEntry("A01", "事项A01（修订）", date(2026, 7, 1), ratio="5%"))
        assert new.version == 2
        assert [row.name for row in service.check_items(session, date(2026, 6, 30))] == ["事项A01", "事项B02"]
        assert [row.name for row in service.check_items(session, date(2026, 7, 1))] == ["事项A01（修订）", "事项B02"]
        refused(Refused, "item-not-newer", lambda: service.create_check_item(session, SYSTEM, CheckItemEntry("A01", "旧", date(2026, 7, 1))))


def test_the_packaged_classes_are_those_of_the_published_table(database: Database) -> None:
    published = Path(__file__).parent / "classes_2019.csv"
    names = [row["name"] for row in csv.DictReader(published.read_text(encoding="utf-8").splitlines())]
    with database.write() as session:
        assert service.load_packaged(session, SYSTEM) == 69
        assert service.load_packaged(session, SYSTEM) == 0
        assert [row.name for row in service.categories(session, 2019)] == names
        assert (len(names), names[33], len(service.categories(session, 2026))) == (35, "食盐", 34)
        assert service.tree_year(session, 2025) == 2019
        refused(NotFound, "no-product-tree", lambda: service.tree_year(session, 2018))
        same = select(func.count(func.distinct(ProductCategory.code))).where(ProductCategory.name == "食用农产品")
        assert session.scalar(same) == 1


def test_a_limit_is_followed_never_changed(database: Database) -> None:
    with database.write() as session:
        build(session)
        code = "DSP"
        service.create_test_item(session, SYSTEM, code=code, name="毒死蜱", unit="mg/kg")
        entry = LimitEntry(code, "33", date(2022, 1, 1), upper=Decimal("0.05"))
        first = service.add_limit(session, SYSTEM, entry)
        assert (first.unit, first.upper) == ("mg/kg", Decimal("0.05"))
        refused(Refused, "limit-not-newer", lambda: service.add_limit(session, SYSTEM, replace(entry, upper=Decimal(1))))
        refused(Refused, "limit-not-newer", lambda: service.add_limit(session, SYSTEM, replace(entry, valid_from=date(2021, 1, 1))))
        service.add_limit(session, SYSTEM, replace(entry, valid_from=date(2027, 1, 1), upper=Decimal("0.02")))
        assert [limit.upper for limit in service.limits(session, "33")] == [Decimal("0.02"), Decimal("0.05")]
        plan = LimitEntry(code, "32", date(2022, 1, 1), kind="plan", n=5, c=2, m=Decimal(100), big_m=Decimal(1000), unit="CFU/g")
        assert service.add_limit(session, SYSTEM, plan).plan == {"n": 5, "c": 2, "m": "100", "M": "1000"}
        for wrong in (
            replace(entry, product_code="33.09.99"),
            replace(entry, product_code="肉"),
            replace(entry, item_code="none"),
            replace(entry, product_code="31", upper=None),
            replace(entry, product_code="31", lower=Decimal(1)),
            replace(plan, product_code="31", c=6),
            replace(plan, product_code="31", big_m=Decimal(100)),
            replace(plan, product_code="31", upper=Decimal(1)),
        ):
            with pytest.raises(Invalid):
                service.add_limit(session, SYSTEM, wrong)
        assert session.scalar(select(func.count(Limit.id))) == 3
