"""The verbs of a draw, on both databases."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from inspection import clock, ledger
from inspection.actor import SYSTEM
from inspection.audit import AuditEvent, verify
from inspection.db import Database
from inspection.draws import service
from inspection.draws.models import Commitment, Draw, DrawSecret, Reveal, RevealEntry, Selection, TeamSeat
from inspection.errors import Conflict, DomainError, Forbidden, Invalid, Refused
from inspection.registers import service as registers
from inspection.registers.models import Enterprise, Inspector
from sampling import verify as verifier
from tests.conftest import DRAW_KEY
from tests.inspection.draws.office import (
    EMBARGO,
    GIVEN,
    LATER,
    NOT_BEFORE,
    OTHER_VALUE,
    PREPARED,
    PROMISE,
    REVEAL_BY,
    REVEALED,
    SOURCE,
    VALUE,
    Office,
    code,
)
from tests.inspection.registers import county
from tests.people import person


def refused(code_: str, call: Any, kind: type[DomainError] = Refused) -> DomainError:
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code_, caught.value
    return caught.value


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_a_draw_from_configuration_to_a_bundle_that_anyone_can_verify(office: Office, tmp_path: Path) -> None:
    draw = office.revealed()
    assert (draw.number, draw.state) == ("2026-001", "published")
    with office.database.read() as session:
        reveal = session.get_one(Reveal, draw.id)
        path = tmp_path / "draw.zip"
        path.write_bytes(reveal.bundle)
        found = verifier.check_bundle(reveal.bundle)
        assert found.line == "OK  draw 2026-001  11 selected  3 reserve  11 teams  0 unfilled"
        assert (reveal.n_selected, reveal.n_reserve, reveal.n_unfilled, reveal.seed) == (11, 3, 0, found.outcome.seed)
        stored = [(s.stratum, s.rank, s.unit_code, s.ticket, s.role) for s in session.scalars(select(Selection))]
        assert sorted(stored) == sorted((r.stratum, r.rank, r.id, r.ticket, r.role) for r in found.outcome.selection)
        digest = session.get_one(Commitment, draw.id).digest
        facts = ledger.of(session, "draws", draw.number)
        assert [entry.kind for entry in facts] == ["commitment", "reveal"]
        assert facts[1].file == reveal.bundle and facts[0].content["strata"] == facts[1].content["strata"]
        assert verify(session).ok
    single = Path(__file__).parents[3] / "inspection" / "static" / "draw" / "verify.py"
    bare = {"PATH": "/usr/bin:/bin"}
    for script in ([str(single)], ["-c", f"import sys; sys.path.insert(0, {str(Path.cwd())!r}); from sampling.verify import main; sys.exit(main(sys.argv[1:]))"]):
        command = [sys.executable, "-S", "-I", *script, str(path), "--commitment", digest]
        done = subprocess.run(command, capture_output=True, text=True, env=bare, cwd=tmp_path)
        assert (done.returncode, done.stdout.splitlines()[:2]) == (0, [found.line, f"commitment  {digest}"]), done.stderr


def test_the_secret_is_nowhere_in_the_open_before_the_reveal(office: Office) -> None:
    draw = office.committed()
    with office.database.read() as session:
        from inspection.draws.promise import secret_of

        secret = secret_of(session, draw, DRAW_KEY)
        assert len(secret) == 64
        sealed = session.get_one(DrawSecret, draw.id).sealed
        assert secret.encode() not in sealed
        for table in ("audit_events", "ledger", "commitments", "draws", "draw_files"):
            rows = session.execute(text(f"SELECT * FROM {table}")).all()
            assert rows and not any(secret in str(cell) or secret.encode() in (bytes(cell) if isinstance(cell, bytes | memoryview) else b"") for row in rows for cell in row)
        refused("secret-lost", lambda: secret_of(session, draw, "k" * 40))
    assert refused("secret-lost", lambda: (office.enter(draw, office.officer), office.enter(draw, office.leader, key="k" * 40))).status == 409
    assert office.now(draw).state == "committed"
    refused("draw-key-missing", lambda: commit(office, office.frozen(), draw_key=""))


def commit(office: Office, draw: Draw, promise: service.Promise = PROMISE, draw_key: str = DRAW_KEY) -> Commitment:
    with office.at(PREPARED, office.officer) as session:
        return service.commit(session, office.officer, draw.id, promise, version=draw.version_id, draw_key=draw_key)


def test_the_reveal_takes_the_officer_and_then_a_witness_at_the_announced_time(office: Office) -> None:
    draw = office.committed()
    second = person(office.database, "officer2", "draw_officer")
    refused("officer-first", lambda: office.enter(draw, office.leader))
    refused("too-early", lambda: office.enter(draw, office.officer, moment=NOT_BEFORE - timedelta(seconds=1)))
    assert "从小到大" in refused("public-value", lambda: office.enter(draw, office.officer, "1 2 3"), Invalid).message
    assert office.enter(draw, office.officer, f"  {VALUE.replace(' ', '  ')} ").state == "waiting"
    refused("same-person", lambda: office.enter(draw, office.officer))
    refused("witness-second", lambda: office.enter(draw, second))
    assert office.enter(draw, office.leader, OTHER_VALUE).state == "mismatch"
    assert office.now(draw).state == "committed"
    assert office.enter(draw, office.officer).state == "waiting"
    assert office.enter(draw, office.leader).state == "revealed"
    refused("wrong-state", lambda: office.enter(draw, office.officer))
    with office.database.read() as session:
        assert session.scalar(select(func.count(RevealEntry.id))) == 4
        assert json.loads(session.get_one(Reveal, draw.id).content)["witnesses"] == ["见证人officer", "见证人leader"]


def test_a_commitment_not_revealed_in_time_becomes_void_by_itself(office: Office) -> None:
    draw, other = office.committed(), office.committed()
    after = REVEAL_BY + timedelta(seconds=1)
    refused("too-late", lambda: office.enter(draw, office.officer, moment=after))
    office.enter(other, office.officer)
    office.enter(other, office.leader)
    with clock.at(REVEAL_BY), office.database.write() as session:
        assert service.void_unrevealed(session) == []
    with clock.at(after), office.database.write() as session:
        assert service.void_unrevealed(session) == ["2026-001"]
        assert service.void_unrevealed(session) == []
    with office.database.read() as session:
        assert ledger.of(session, "draws", "2026-001")[-1].kind == "unrevealed"
        assert [d.state for d in session.scalars(service.listing().order_by(Draw.number))] == ["void", "published"]


def test_void_takes_a_reason_and_a_second_person_and_a_repeat_keeps_the_old_draw(office: Office) -> None:
    draw = office.revealed()
    with office.at(REVEALED, office.officer) as session:
        refused("repeat-needs-void", lambda: service.create(session, office.officer, replace(GIVEN, repeats_id=draw.id), authority="x"))
        refused("reason-missing", lambda: service.request_void(session, office.officer, draw.id, reason=" "), Invalid)
        refused("no-void-request", lambda: service.approve_void(session, office.officer, draw.id, version=draw.version_id))
        service.request_void(session, office.officer, draw.id, reason="现场发现底册漏登")
        refused("same-person", lambda: service.approve_void(session, office.officer, draw.id, version=draw.version_id))
        refused("changed-meanwhile", lambda: service.approve_void(session, office.leader, draw.id, version=99), Conflict)
        refused("already-asked", lambda: service.request_void(session, office.officer, draw.id, reason="再写一次"))
        refused("not-your-request", lambda: service.refuse_void(session, replace(office.officer, id=99), draw.id, reason="不是本人"))
        service.refuse_void(session, office.officer, draw.id, reason="理由写得不全")
        refused("no-void-request", lambda: service.approve_void(session, office.leader, draw.id, version=draw.version_id))
    old = office.void(draw, REVEALED)
    again = office.revealed(repeats_id=old.id)
    refused("already-repeated", lambda: office.configured(repeats_id=old.id))
    refused("repeat-unknown", lambda: office.configured(repeats_id=999_999), Invalid)
    with office.database.read() as session:
        facts = ledger.of(session, "draws", old.number)
        assert [entry.kind for entry in facts] == ["commitment", "reveal", "void"]
        assert facts[-1].content["reason"] == "底册漏了一条街" and facts[-1].content["revealed"] is True
        assert session.get(Reveal, old.id) is not None and session.scalar(select(func.count()).where(Selection.draw_id == old.id)) == 14
        new = ledger.of(session, "draws", again.number)
        assert (new[0].content["repeats"], new[1].content["attempts"]) == (old.number, 2)
        chain = session.scalars(select(Commitment).order_by(Commitment.sequence)).all()
        assert [c.previous for c in chain] == ["", chain[0].digest]


def test_an_abandoned_draft_keeps_its_number_in_public(office: Office) -> None:
    first, second = office.configured(), office.configured()
    assert (first.number, second.number) == ("2026-001", "2026-002")
    assert office.void(first).state == "void"
    with office.database.read() as session:
        assert [e.kind for e in ledger.of(session, "draws", "2026-001")] == ["void"]
    assert office.configured().number == "2026-003"


def test_thirty_two_at_once_make_one_commitment_and_one_draw(office: Office) -> None:
    draw = office.frozen()
    done: list[str] = []

    def run(step: Any, n: int) -> None:
        barrier = threading.Barrier(n)

        def one() -> None:
            barrier.wait()
            try:
                step()
                done.append("ok")
            except DomainError as error:
                done.append(error.code)

        threads = [threading.Thread(target=one) for _ in range(n)]
        [t.start() for t in threads]
        [t.join() for t in threads]

    run(lambda: commit(office, draw), 32)
    assert sorted(done) == ["changed-meanwhile"] * 31 + ["ok"]
    done.clear()
    office.enter(draw, office.officer)
    run(lambda: office.enter(draw, office.leader), 32)
    assert done.count("ok") == 1 and set(done) == {"ok", "wrong-state"}
    done.clear()
    run(lambda: office.configured(), 8)
    with office.database.read() as session:
        assert session.scalar(select(func.count(Commitment.draw_id))) == session.scalar(select(func.count(Reveal.draw_id))) == 1
        assert list(session.scalars(select(Draw.serial).order_by(Draw.serial))) == list(range(1, 10))
        assert verify(session).ok


def test_what_was_promised_and_drawn_cannot_be_changed_even_by_sql(office: Office) -> None:
    office.revealed()
    for table in ("commitments", "reveals", "selections", "team_seats", "draw_files", "draw_secrets", "reveal_entries"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET draw_id = draw_id"):
            with pytest.raises(DBAPIError, match="sealed"), office.database.write() as session:
                session.execute(text(statement))


def test_a_change_of_the_registers_after_the_freeze_changes_nothing(office: Office) -> None:
    draw = office.committed()
    with office.at(PREPARED, office.officer) as session:
        before = service.files_of(session, draw.id)
        for firm in session.scalars(select(Enterprise)):
            firm.credit_class, firm.state = "B", "stopped"
        for inspector in session.scalars(select(Inspector)):
            inspector.active = False
        refused("frame-frozen", lambda: service.configure(session, office.officer, draw.id, GIVEN, version=draw.version_id))
    office.enter(draw, office.officer)
    reveal = office.enter(draw, office.leader).reveal
    assert reveal is not None and reveal.n_selected == 11
    found = verifier.bundle.unpack(reveal.bundle)
    assert {name: found[name] for name in before} == before


def test_the_frame_lists_every_unit_with_the_reason_why_it_is_left_out(office: Office) -> None:
    from inspection import history

    with office.at(PREPARED, office.officer) as session:
        for n, change in ((1, {"state": "moved"}), (2, {"state": "deregistered"}), (3, {"inspection_cap": 0})):
            firm = registers.enterprise_by_code(session, code(n))
            for name, value in change.items():
                setattr(firm, name, value)
        history.note(session, "visited", code(4), "V-1", date(2026, 2, 1))
        history.note(session, "visited", code(5), "V-0", date(2025, 12, 31))
    with office.at(PREPARED, SYSTEM) as session:
        registers.create_enterprise(session, SYSTEM, county.firm(99, region_code="330102"))
    draw = office.frozen()
    with office.database.read() as session:
        rows = [line.split("\t") for line in service.files_of(session, draw.id)["frame.tsv"].decode().splitlines()[1:]]
        assert len(rows) == 30 and rows == sorted(rows)
        assert {row[0]: row[3] for row in rows if row[3] != "ok"} == {code(1): "MOVED", code(2): "CLOSED", code(3): "CAP", code(4): "YEAR"}
        assert {(s["name"], s["population"], s["probability"]) for s in service.strata_of(service.files_of(session, draw.id))} == {("A", 13, "3/13"), ("B", 13, "7/13")}


def test_only_inspectors_who_can_come_are_in_the_frame_and_conflicts_hold(office: Office) -> None:
    with office.at(PREPARED, SYSTEM) as session:
        people = {i.code: i for i in session.scalars(select(Inspector).execution_options(unscoped=True))}
        people["ZF-001"].certificate_expires_on = date(2026, 3, 30)
        people["ZF-002"].leave_from, people["ZF-002"].leave_to = date(2026, 3, 31), None
        people["ZF-003"].areas = ["330106001"]
        people["ZF-004"].areas = ["330102"]
        registers.create_inspector(session, SYSTEM, county.person(7, region_code="330102"))
        registers.create_inspector(session, SYSTEM, county.person(8, region_code="330100", department_code="YJ"))
        firm = registers.enterprise_by_code(session, code(2))
        registers.add_conflict(session, SYSTEM, inspector_id=people["ZF-005"].id, enterprise_id=firm.id, reason="配偶任职")
    draw = office.frozen()
    with office.database.read() as session:
        files = service.files_of(session, draw.id)
    lines = files["inspectors.tsv"].decode().splitlines()[1:]
    assert [line.split("\t")[0] for line in lines] == ["ZF-003", "ZF-005", "ZF-006", "ZF-008"]
    assert all(line.split("\t")[2] == "*" for line in lines)
    assert files["conflicts.tsv"].decode().splitlines()[1:] == [f"ZF-005\t{code(2)}"]


def test_teams_are_two_different_people_of_two_departments_with_a_lead(office: Office) -> None:
    draw = office.revealed(rates={"A": (1, 1), "B": (1, 1)}, reserve_percent=0)
    with office.database.read() as session:
        unit_of = dict(session.execute(select(Inspector.code, Inspector.department_code)).all())
        leads = set(session.scalars(select(Inspector.code).where(Inspector.lead)))
        teams = service.teams(session, draw.id)
    assert len(teams) == 30
    for seats in teams.values():
        first, second = (seat.inspector_code for seat in seats)
        assert first in leads and first != second and unit_of[first] != unit_of[second]
    loads = [sum(seat.inspector_code == who for seats in teams.values() for seat in seats) for who in unit_of]
    assert sum(loads) == 60 and min(loads) >= 4


def test_an_unfilled_seat_names_its_rule_and_the_rehearsal_shows_it_before(database: Database) -> None:
    office = Office(database, people=2)
    with office.at(PREPARED, SYSTEM) as session:
        for inspector in session.scalars(select(Inspector).execution_options(unscoped=True)):
            inspector.department_code = "YJ"
    draw = office.frozen()
    with office.database.read() as session:
        rehearsal = service.rehearse(session, draw.id)
        assert rehearsal.unfilled == {"other_unit": 11} and rehearsal.n_teams == 11
        assert rehearsal.report.seats == 22 and rehearsal.report.least_load == 11
        assert rehearsal.report.tight is not None and len(rehearsal.report.tight.inspectors) == 2
    commit(office, draw)
    office.enter(draw, office.officer)
    office.enter(draw, office.leader)
    with office.database.read() as session:
        assert session.get_one(Reveal, draw.id).n_unfilled == 11
        assert {s.ticket for s in session.scalars(select(TeamSeat).where(TeamSeat.inspector_code == ""))} == {"other_unit"}


def test_configurations_that_cannot_be_drawn_are_refused_with_the_field(office: Office) -> None:
    assert "region_code" in refused("unknown-region", lambda: office.configured(region_code="999999"), Invalid).fields
    refused("item-not-in-force", lambda: office.configured(item_codes=("Z9",)))
    faults = refused("configuration-incomplete", lambda: office.configured(item_codes=(), rates={"A": (0, 1), "B": (3, 2)}, reserve_percent=101), Invalid)
    assert set(faults.fields) == {"item_codes", "rates", "reserve_percent"}
    refused("configuration-incomplete", lambda: office.configured(period_to=date(2026, 1, 1)), Invalid)
    refused("rates-missing", lambda: office.frozen(rates={"A": (1, 10)}))
    refused("frame-empty", lambda: office.frozen(tags=("没有",)))
    away = person(office.database, "away", "draw_officer", region_code="330102")
    with office.at(PREPARED, away) as session:
        refused("outside-region", lambda: service.create(session, away, GIVEN, authority="x"), Forbidden)
    draw = office.frozen()
    weak = service.Promise(({**SOURCE, "pick": 5},), NOT_BEFORE, REVEAL_BY)
    assert "60" in refused("commitment-unfit", lambda: commit(office, draw, weak)).message
    early = service.Promise(({**SOURCE, "drawn_at": PREPARED},), NOT_BEFORE, REVEAL_BY)
    assert "承诺时间" in refused("commitment-unfit", lambda: commit(office, draw, early)).message
    refused("commitment-unfit", lambda: commit(office, draw, service.Promise((SOURCE,), REVEAL_BY, NOT_BEFORE)))
    refused("commitment-unfit", lambda: commit(office, draw, service.Promise((), NOT_BEFORE, REVEAL_BY)))
    assert office.now(draw).state == "frozen"


def test_several_sources_carry_the_bits_together(office: Office) -> None:
    sources = tuple(
        {"form": "balls", "issue": "26031", "max": most, "name": name, "pick": pick, "drawn_at": SOURCE["drawn_at"]}
        for name, most, pick in (("双色球", 33, 6), ("大乐透", 35, 5), ("七乐彩", 30, 7))
    )
    draw = office.frozen()
    commit(office, draw, service.Promise((*sources, {"form": "digits", "issue": "见证", "length": 3, "name": "十面骰", "drawn_at": SOURCE["drawn_at"]}), NOT_BEFORE, REVEAL_BY))
    value = "01 05 09 13 20 33 | 02 04 06 08 35|01 02 03 04 05 06 30|0 07"
    refused("public-value", lambda: office.enter(draw, office.officer, value), Invalid)
    office.enter(draw, office.officer, value.replace("0 07", "007"))
    assert office.enter(draw, office.leader, value.replace("0 07", "007")).state == "revealed"


def test_a_list_under_embargo_is_for_those_who_took_part_until_it_publishes_itself(office: Office) -> None:
    draw = office.revealed(embargo_until=EMBARGO)
    other = person(office.database, "leader2", "leader")
    assert draw.state == "revealed"
    with office.at(REVEALED, other) as session:
        refused("embargo", lambda: service.check_list(session, other, draw), Forbidden)
        assert list(session.scalars(service.hidden_from(other))) == [draw.id]
        for named in (office.officer, office.leader):
            service.check_list(session, named, draw)
            assert list(session.scalars(service.hidden_from(named))) == []
        facts = ledger.of(session, "draws", draw.number)
        assert [entry.kind for entry in facts] == ["commitment", "embargo"]
        assert set(facts[1].content) == {"title", "revealed_at", "embargo_until"}
        stored = session.get_one(Reveal, draw.id)
        assert not stored.content.startswith("{") and stored.bundle[:2] != b"PK"
        content, data = service.opened(session, draw, DRAW_KEY)
        assert json.loads(content)["secret"] and verifier.check_bundle(data).number == draw.number
        refused("embargo", lambda: service.publish(session, office.officer, draw.id, version=draw.version_id, draw_key=DRAW_KEY))
        assert service.publish_due(session, DRAW_KEY) == []
    with clock.at(LATER), office.database.write() as session:
        assert service.publish_due(session, "k" * 40) == []
        assert service.publish_due(session, DRAW_KEY) == [draw.number]
        entry = ledger.of(session, "draws", draw.number)[-1]
        assert entry.kind == "reveal" and verifier.check_bundle(entry.file or b"").number == draw.number
        service.check_list(session, other, service.get(session, draw.id))
        assert session.scalars(select(AuditEvent.verb).where(AuditEvent.verb == "draw.publish")).all() == ["draw.publish"]


def test_names_of_individual_businesses_do_not_tell_a_persons_name(office: Office) -> None:
    from inspection.intake import credit_code

    with office.at(PREPARED, SYSTEM) as session:
        for firm in session.scalars(select(Enterprise).execution_options(unscoped=True)):
            firm.state = "stopped"
        individual = credit_code.make("330106", 500, authority="92")
        registers.create_enterprise(session, SYSTEM, county.firm(500, code=individual, name="西湖区欧阳小明面馆", legal_person="欧阳小明", credit_class="A"))
    draw = office.revealed(rates={"A": (1, 1), "B": (1, 1)})
    with office.database.read() as session:
        assert ledger.of(session, "draws", draw.number)[-1].content["names"] == {individual: "西湖区欧＊＊＊面馆"}
