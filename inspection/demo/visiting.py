"""Going out in the demonstration: records saved, signed on the screen, submitted, reviewed and published by those who may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from inspection import clock
from inspection.actor import Actor
from inspection.db import Database
from inspection.demo.findings import Finding
from inspection.visits import service as visits
from inspection.visits import signatures
from inspection.visits.rules import VisitEntry

STROKES = ((60, 120, 110, 60, 150, 130, 210, 70, 260, 140), (300, 90, 420, 84, 380, 150), (450, 60, 470, 150, 540, 100))


def record(database: Database, who: Actor, visit_id: int, finding: Finding, day: date, slot: int = 0, *, due: date | None = None, submit: bool = True) -> None:
    """One visit recorded on its day by one of its team; submitted with the signatures of both sides."""
    with clock.at(clock.local(day, 17)), database.write(who) as session:
        visit = visits.get(session, who, visit_id)
        entry = finding.record(day, len(visit.items), slot, due=due)
        visits.record(session, who, visit.id, version=visit.version_id, entry=entry)
        if not submit:
            return
        signers = [signatures.Signed(person.code, strokes=STROKES) for person in visits.team(session, visit)]
        if finding.outcome == "01":
            signers.append(signatures.Signed(signatures.FIRM, "演示负责人", "现场负责人", STROKES))
        for signed in signers:
            signatures.sign(session, who, visit.id, signed, version=visit.version_id)
        visits.record(session, who, visit.id, version=visit.version_id, entry=entry, submit=True)


def approve(database: Database, leader: Actor, chosen: Sequence[int], day: date) -> None:
    """The leader accepts these records on a day."""
    with clock.at(clock.local(day, 10)), database.write(leader) as session:
        for visit_id in chosen:
            visits.approve(session, leader, visit_id, version=visits.get(session, leader, visit_id).version_id)


def publish(database: Database, publisher: Actor, chosen: Sequence[int], day: date) -> None:
    """These results go to the board together, all or none."""
    with clock.at(clock.local(day, 15)), database.write(publisher) as session:
        visits.publish_many(session, publisher, [(visit_id, visits.get(session, publisher, visit_id).version_id) for visit_id in chosen])


def correct(database: Database, leader: Actor, visit_id: int, entry: VisitEntry, day: date, reason: str) -> None:
    """A published record is corrected: a new version beside the old."""
    with clock.at(clock.local(day, 11)), database.write(leader) as session:
        visits.correct(session, leader, visit_id, version=visits.get(session, leader, visit_id).version_id, entry=entry, reason=reason)
