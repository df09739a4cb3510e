"""The secret on paper in two halves: printed by two people for two holders, returned when it was lost, and nothing else is taken."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from inspection import clock
from inspection.app import create_app
from inspection.audit import AuditEvent
from inspection.db import Database
from inspection.draws.deposits import keeping
from inspection.draws.models import Commitment, Draw
from sampling import frame
from tests.conftest import settings_for
from tests.inspection.draws.office import PREPARED, REVEALED, VALUE, Office
from tests.people import sign_in

NEW_KEY = "the-draw-key-after-the-old-one-was-lost-012345"


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return Office(sqlite_database)


def app_of(office: Office, folder: Path, **more: Any) -> Any:
    return create_app(settings_for(office.database, folder, **more), office.database)


def printed(office: Office, app: Any, login: str, draw: Draw, holder: str) -> str:
    """The half on the paper that this person printed, as its holder reads it."""
    with clock.at(PREPARED):
        answer = sign_in(app, login).post(f"/draws/{draw.id}/deposit", {"holder": holder})
    assert answer.status_code == 200 and answer.mimetype == "application/pdf", answer.text
    words = "".join(PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()).replace("　", " ")
    assert holder in words.replace("\n", "") and draw.number in words
    lines = [line.strip() for line in words.splitlines()]
    return " ".join(line for line in lines if len(line.split()) == 4 and all(len(group) == 4 for group in line.split()))


def test_a_secret_that_was_lost_comes_back_from_its_two_holders_and_the_draw_is_revealed(office: Office, tmp_path: Path) -> None:
    draw = office.committed()
    app = app_of(office, tmp_path)
    with clock.at(PREPARED):
        assert "未托管" in sign_in(app, "officer").get(f"/draws/{draw.id}").text
    first = printed(office, app, "officer", draw, "纪检 王某")
    with clock.at(PREPARED):
        same = sign_in(app, "leader").post(f"/draws/{draw.id}/deposit", {"holder": "纪检 王某"})
        assert same.status_code == 422 and "两份须由不同的人保管" in same.text
    second = printed(office, app, "leader", draw, "公证处 李某")
    assert printed(office, app, "leader", draw, "公证处 李某") == second, "a spoilt sheet is printed again, and counted"
    secret = keeping.joined(first.replace(" ", ""), second.replace(" ", ""))
    with office.database.read() as session:
        assert frame.digest(secret.encode()) == json.loads(session.get_one(Commitment, draw.id).content)["secret_digest"]
        assert [(d.part, d.copy) for d in keeping.deposits_of(session, draw.id)] == [(1, 1), (2, 1), (2, 2)]
        for half in (first, second):
            stored = "".join(str(row) for table in ("audit_events", "ledger", "secret_deposits") for row in session.execute(text(f"SELECT * FROM {table}")))
            assert half.replace(" ", "") not in stored, "kept nowhere but on the paper"
    with clock.at(REVEALED):
        intact = sign_in(app, "leader").post(f"/draws/{draw.id}/secret", {"first": first, "second": second})
        assert intact.status_code == 409 and "密值完好" in intact.text
    moved = app_of(office, tmp_path, draw_key=NEW_KEY)
    with clock.at(REVEALED):
        officer, leader = sign_in(moved, "officer"), sign_in(moved, "leader")
        assert "密值取不出来" in leader.get(f"/draws/{draw.id}").text
        short = leader.post(f"/draws/{draw.id}/secret", {"first": first[:-1], "second": second})
        assert short.status_code == 422 and "现有 63 位" in short.text
        wrong = leader.post(f"/draws/{draw.id}/secret", {"first": second, "second": second})
        assert wrong.status_code == 422 and "密值摘要不符" in wrong.text and second.split()[0] not in wrong.text
        assert leader.post(f"/draws/{draw.id}/secret", {"first": first, "second": second}).status_code == 303
        entry = {"public_value": VALUE, "again": VALUE, "witnesses": "公证员"}
        assert officer.post(f"/draws/{draw.id}/reveal", entry).status_code == 303
        assert leader.post(f"/draws/{draw.id}/reveal", entry).status_code == 303
    assert office.now(draw).state == "published"
    with office.database.read() as session:
        verbs = session.scalars(select(AuditEvent.verb).where(AuditEvent.object_id == draw.number)).all()
        assert verbs.count("draw.deposit") == 3 and verbs.count("draw.return_secret") == 1
