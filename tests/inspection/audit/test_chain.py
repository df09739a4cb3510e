"""The chain finds every kind of tampering and raises no false alarm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text, update

from inspection import audit, clock
from inspection.actor import SYSTEM, Actor
from inspection.audit import CHAINED, GENESIS, AuditEvent
from inspection.db import Database
from inspection.veils import Veil

N = 7
EVENTS = AuditEvent.__table__


@pytest.fixture
def trail(database: Database) -> Database:
    """Seven events by two people over seven minutes."""
    for number in range(N):
        with clock.at(datetime(2026, 9, 16, 1, number, tzinfo=UTC)), database.write() as session:
            who = SYSTEM if number % 2 else Actor(id=7, name="王检", via="session", address="10.0.0.7", request_id="0123456789abcdef")
            audit.record(session, who, "plans.create", "plan", number, before=None, after={"n": number}, note=f"第 {number} 件")
    return database


def tamper(database: Database, change: Callable[[Connection], Any]) -> None:
    """Change rows as somebody who owns the database could: without the triggers."""
    with database.write() as session:
        connection = session.connection()
        for statement in _unsealing(database):
            connection.execute(text(statement))
        change(connection)


def _unsealing(database: Database) -> list[str]:
    from inspection.sealing import unseal_statements

    return [line for table in ("audit_events", "audit_veils") for line in unseal_statements(table, "sqlite" if database.is_sqlite else "postgresql")]


def found(database: Database, against: dict[int, str] | None = None) -> audit.Chain:
    with database.read() as session:
        return audit.verify(session, against)


def set_cell(seq: int, column: str, value: Any) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(update(EVENTS).where(EVENTS.c.seq == seq).values({column: value}))


def rewritten(connection: Connection, start: int, **changed: Any) -> None:
    """Change event `start` and compute every hash from there on anew, as a careful forger would."""
    previous = GENESIS
    for row in connection.execute(select(EVENTS).order_by(EVENTS.c.seq)).mappings().all():
        fields = {name: row[name] for name in CHAINED} | {"previous": previous}
        if row["seq"] == start:
            fields |= changed
        previous = audit.digest(fields)
        connection.execute(update(EVENTS).where(EVENTS.c.seq == row["seq"]).values(fields | {"hash": previous}))


def test_an_honest_trail_is_whole(trail: Database) -> None:
    with trail.read() as session:
        number, head = audit.head(session)
    assert found(trail) == audit.Chain(N, head)
    assert found(trail, {number: head}).ok


def test_an_empty_trail_is_whole(database: Database) -> None:
    assert found(database) == audit.Chain(0, GENESIS)


@pytest.mark.parametrize("column", [*[c for c in CHAINED if c != "seq"], "hash"])
def test_a_changed_cell_of_any_column_is_found_where_it_is(trail: Database, column: str) -> None:
    value: Any = 99 if column == "actor_id" else "2026-09-16T09:59:59+08:00" if column == "at" else "f" * 64 if "hash" in column else "x"
    tamper(trail, set_cell(4, column, value))
    chain = found(trail)
    assert (chain.ok, chain.broken_at, chain.events) == (False, 4, 3)
    assert chain.reason


def test_a_deleted_event_is_named_by_its_number(trail: Database) -> None:
    tamper(trail, lambda c: c.execute(EVENTS.delete().where(EVENTS.c.seq == 3)))
    assert (found(trail).broken_at, "缺第 3 号" in found(trail).reason) == (3, True)


def test_the_first_event_cannot_be_cut_off(trail: Database) -> None:
    tamper(trail, lambda c: c.execute(EVENTS.delete().where(EVENTS.c.seq == 1)))
    assert found(trail).broken_at == 1


def test_an_inserted_event_is_found(trail: Database) -> None:
    def insert(connection: Connection) -> None:
        row = dict(connection.execute(select(EVENTS).where(EVENTS.c.seq == N)).mappings().one())
        fields = {**row, "seq": N + 1, "actor_name": "伪造"}
        connection.execute(EVENTS.insert().values(fields | {"hash": "e" * 64}))

    tamper(trail, insert)
    assert found(trail).broken_at == N + 1


def test_two_swapped_events_are_found(trail: Database) -> None:
    def swap(connection: Connection) -> None:
        for seq, to in ((3, 100), (4, 3), (100, 4)):
            connection.execute(update(EVENTS).where(EVENTS.c.seq == seq).values(seq=to))

    tamper(trail, swap)
    assert found(trail).broken_at == 3


def test_a_cut_tail_is_found_with_the_printed_head_only(trail: Database) -> None:
    with trail.read() as session:
        printed = dict([audit.head(session)])
    tamper(trail, lambda c: c.execute(EVENTS.delete().where(EVENTS.c.seq > N - 2)))
    assert found(trail).ok  # what is left is a chain; only the paper knows better
    chain = found(trail, printed)
    assert (chain.broken_at, "旧副本" in chain.reason) == (N, True)


def test_a_rewritten_chain_is_found_with_the_printed_head_only(trail: Database) -> None:
    with trail.read() as session:
        printed = dict([audit.head(session)])
    tamper(trail, lambda c: rewritten(c, 4, actor_name="别人"))
    assert found(trail).ok
    chain = found(trail, printed)
    assert (chain.broken_at, "改写" in chain.reason) == (N, True)


def test_a_changed_cell_with_its_own_hash_computed_anew_is_found_at_the_next(trail: Database) -> None:
    def change(connection: Connection) -> None:
        row = connection.execute(select(EVENTS).where(EVENTS.c.seq == 4)).mappings().one()
        fields = {name: row[name] for name in CHAINED} | {"verb": "plans.approve"}
        connection.execute(update(EVENTS).where(EVENTS.c.seq == 4).values(fields | {"hash": audit.digest(fields)}))

    tamper(trail, change)
    assert found(trail).broken_at == 5


def test_a_second_program_agrees_on_every_hash(trail: Database) -> None:
    """The chain by its description alone: sorted keys, no blanks, UTF-8, SHA-256."""
    import hashlib
    import json

    with trail.read() as session:
        rows = session.execute(select(EVENTS).order_by(EVENTS.c.seq)).mappings().all()
    previous = "0" * 64
    for row in rows:
        fields = {name: row[name] for name in row if name != "hash"}
        assert fields["previous"] == previous
        text_ = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(text_.encode()).hexdigest()
        assert row["hash"] == previous


DETAIL = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=10).filter(lambda k: k.isidentifier()),
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.dates() | st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
    max_size=4,
)
RESERVED = {"session", "actor", "verb", "object_kind", "object_id", "before", "after", "outcome"}


@settings(max_examples=60, deadline=None)
@given(st.lists(DETAIL.map(lambda d: {k: v for k, v in d.items() if k not in RESERVED}), min_size=1, max_size=5))
def test_no_false_alarm_whatever_is_recorded(details: list[dict[str, Any]]) -> None:
    with _shared().write() as session:
        for detail in details:
            audit.record(session, SYSTEM, "test.write", "test", "甲" * 100, before=detail, after=[detail], **detail)
    assert found(_shared()).ok


_place: list[Database] = []


def _shared() -> Database:
    return _place[0]


@pytest.fixture(autouse=True)
def _one_place(request: pytest.FixtureRequest) -> None:
    if request.function.__name__.startswith("test_no_false_alarm") and not _place:
        _place.append(request.getfixturevalue("sqlite_database"))


@pytest.mark.parametrize(
    ("value", "text_"),
    [
        (Decimal("0.10"), "0.10"),
        (date(2026, 9, 16), "2026-09-16"),
        (datetime(2026, 9, 16, 1, 2, 3, 456, tzinfo=UTC), "2026-09-16T09:02:03+08:00"),
        (2**60, str(2**60)),
        ((1, 2), [1, 2]),
        ({"b", "a"}, ["a", "b"]),
        (0.1, "0.1"),
        (timedelta(days=1), "1 day, 0:00:00"),
    ],
)
def test_values_are_written_the_same_way_every_time(value: Any, text_: Any) -> None:
    assert audit.plain(value) == text_


def test_nothing_and_an_empty_thing_are_not_the_same() -> None:
    assert audit.digest(None) == ""
    assert audit.digest({}) != ""
    assert audit.digest({"a": 1, "b": 2}) == audit.digest({"b": 2, "a": 1})


# --- veiled events -----------------------------------------------------------------------------------------------------

VEILS = Veil.__table__


def veiled(database: Database) -> None:
    """An eighth and a ninth event, of which the trail tells only that there is something about draw 2026-001."""
    for note in ("甲店", "乙店"):
        with clock.at(datetime(2026, 9, 16, 2, tzinfo=UTC)), database.write() as session:
            audit.record(session, Actor(id=7, name="王检"), "visit.save", "visit", "2026-001-A-0001", veil="2026-001", after={"firm": note}, note=note)


def test_a_veiled_event_tells_nothing_and_is_repeated_in_the_open_with_its_time_and_people(trail: Database) -> None:
    veiled(trail)
    with trail.write() as session:
        sealed = [event for event in session.scalars(select(AuditEvent)) if event.verb == "audit.veiled"]
        assert [event.seq for event in sealed] == [N + 1, N + 2] and sealed[0].detail != sealed[1].detail
        told = str([audit.state_of(event) for event in sealed])
        assert not any(word in told for word in ("王检", "甲店", "visit.save", "2026-001-A", audit.digest({"firm": "甲店"})))
        assert audit.unveil(session, "2026-002") == 0 and audit.unveil(session, "2026-001") == 2
        opened = session.get_one(AuditEvent, N + 3)
        assert (opened.actor_name, opened.verb, opened.object_id, opened.at) == ("王检", "visit.save", "2026-001-A-0001", "2026-09-16T10:00:00+08:00")
    assert found(trail).ok


@pytest.mark.parametrize(
    ("change", "number", "why"),
    [
        (lambda c: c.execute(update(VEILS).where(VEILS.c.seq == N + 1).values(content=VEILS.c.content + " ")), N + 1, "封签"),
        (lambda c: c.execute(VEILS.delete().where(VEILS.c.seq == N + 2)), N + 2, "封签"),
        (lambda c: c.execute(VEILS.insert().values(seq=3, subject="2026-001", content="{}")), 3, "封签"),
        (lambda c: c.execute(VEILS.insert().values(seq=99, subject="2026-001", content="{}")), 99, "没有它的封签"),
        (set_cell(N + 1, "detail", "{}"), N + 1, "哈希"),
    ],
    ids=["changed", "deleted", "put behind another event", "put behind nothing", "seal changed"],
)
def test_a_veil_that_was_tampered_with_is_named(trail: Database, change: Any, number: int, why: str) -> None:
    veiled(trail)
    tamper(trail, change)
    broken = found(trail)
    assert (broken.ok, broken.broken_at) == (False, number) and why in broken.reason
