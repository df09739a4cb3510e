"""A flight inspection leaks nothing: two towns that differ in the firms drawn answer everybody alike, byte for byte, until the list is public.

Every GET route that the person may call, with the objects of the town in its places, as every role (and, where lists are cut by region, as
people of one township): status, headers, body, exports, papers. Two things are random by nature and the same in kind in both worlds: the form
token, and the seals of veiled events (SHA-256 over a salt) with the hashes chained onto them. Forms are blanked; each hash of the chain is
replaced by the number of its event, so that a hash which is missing, moved or of something else still shows. That the chain carries nothing
else of the secret is tested column by column.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from inspection import audit, clock, history, veils
from inspection.audit import AuditEvent
from inspection.auth.roles import Role
from inspection.draws import service as draws
from inspection.registers import service as registers
from tests.inspection.draws import worlds
from tests.inspection.draws.worlds import LATER, WATCHED, World

WATCHERS = ("", *(f"x-{role}" for role in Role), *(f"y-{role}" for role in worlds.SCOPED))
# stages whose pages hold nothing of draws or visits: once by whoever may open them, not by every role
QUIET = re.compile(r"^(calendar|rulebook|plans|samples|results|publications|aggregates|cases|followups|openapi|api_docs)|^registers\w*\.(?!enterprises?$|inspectors?$)")
SEARCHING = ("", "x-auditor", "x-case_officer", *(f"y-{role}" for role in worlds.SCOPED))  # who also searches and exports; the queries are those of the lists
OTHER_DOORS = re.compile(r"^(static|auth\.oidc|oidc|auth\.profile$)")  # the profile offers a new secret for the second factor each time
LISTS = ("/visits", "/draws", "/registers/enterprises", "/registers/inspectors", "/indicators/draws", "/public/draws", "/public/results")
# what the process counts about itself is one number for both worlds: they run in one process
OWN_METRICS = re.compile(rb"^(# .*|(hengjian_request|python_|process_)\S*.*)\n", re.MULTILINE)
PAPER_DIGEST = re.compile(r"内容摘要SHA-256[0-9a-f]{64}")  # of the paper's content, which names the head of the chain
TOKEN = re.compile(rb'(csrf[_-]token"(?: value| content)?="|"csrf(?:_token)?": ?")[^"]+')


@pytest.fixture(scope="module")
def pair(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, World]]:
    made = worlds.pair(migrated_sqlite, tmp_path_factory.mktemp("worlds"))
    yield made
    for world in made:
        world.database.dispose()


# --- which addresses ---------------------------------------------------------------------------------------------------


def values(pair: tuple[World, World], rule: Any) -> list[dict[str, Any]]:
    """What stands in the places of an address: the secret draw and the one in preparation, its visits, firms drawn here, there, nowhere."""
    ids = [world.alone_id for world in pair]
    many = {"draw_id": [1, 2], "visit_id": [1], "enterprise_id": ids, "kind": ["enterprises"], "subject": ["2026-001"], "region_code": ["330106"]}
    found: list[dict[str, Any]] = [{}]
    for name, converter in rule._converters.items():
        given = sorted(converter.items)[:1] if hasattr(converter, "items") else many.get(name, [1])
        found = [{**row, name: value} for row in found for value in given]
    return found


def may_call(world: World, login: str, endpoint: str) -> bool:
    """Whether the guard lets this person in; that it keeps the others out before anything is read is the route matrix's test."""
    guard = world.app.view_functions[endpoint]._guard
    return guard.public or (login != "" and any(world.people[login].can(permission) for permission in guard.permissions))


def first_of(world: World, endpoint: str) -> str:
    """The first watcher who may open a page."""
    return next((login for login in WATCHERS if may_call(world, login, endpoint)), "")


def wanted(world: World, login: str, endpoint: str) -> bool:
    """Whether this person asks for a page: public and quiet ones once, all others by everybody who may."""
    if endpoint == "home":
        return True
    public = world.app.view_functions[endpoint]._guard.public
    return may_call(world, login, endpoint) and (login == first_of(world, endpoint) or not (public or QUIET.match(endpoint)))


def addresses(pair: tuple[World, World], login: str) -> list[str]:
    """Every address this person is to open, with searches and exports of the lists."""
    adapter = pair[0].app.url_map.bind("localhost")
    paths = []
    for rule in sorted(pair[0].app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        if "GET" in rule.methods and not OTHER_DOORS.match(rule.endpoint) and wanted(pair[0], login, rule.endpoint):
            paths += [adapter.build(rule.endpoint, row, method="GET") for row in values(pair, rule)]
    asked = [world.alone for world in pair]
    for path in [path for path in LISTS if path in paths and login in SEARCHING]:
        paths += [f"{path}?q={asked[0]}", f"{path}?export=csv"]
    more = {
        "/visits": ["?draw=2026-001", "?sort=publish", f"?q={asked[1]}", "?export=xlsx"], "/registers/enterprises": ["?sort=-inspected"], "/public/why": [f"?draw=2026-001&code={code}" for code in asked],
        "/account/trail": ["?q=visit", "?q=2026-001", "?q=ZF-00", "?refused=1", "?size=200", "?sort=actor&size=200", "?export=csv", "?export=xlsx"],
    }
    return paths + [path + end for path, ends in more.items() if path in paths for end in ends]


# --- answers, made comparable ------------------------------------------------------------------------------------------


def names_of(world: World) -> dict[str, str]:
    """Hashes and seals of the chain, whole and by their first twelve digits → the event they belong to."""
    found = {}
    with world.database.read() as session:
        for seq, value, verb, detail in session.execute(select(AuditEvent.seq, AuditEvent.hash, AuditEvent.verb, AuditEvent.detail)):
            found[value] = f"hash-of-{seq:06d}"
            if verb == veils.VERB:
                found[json.loads(detail)["seal"]] = f"seal-of-{seq:06d}"
    return found | {value[:12]: name for value, name in found.items()}


def named(text: bytes, names: dict[str, str]) -> bytes:
    return re.sub(rb"[0-9a-f]{64}|(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])", lambda found: names.get(found[0].decode(), found[0].decode()).encode(), text)


def readable(answer: Any) -> bytes:
    """The bytes that carry the content: the text of a paper, the parts of a workbook, the body of everything else."""
    if answer.mimetype == "application/pdf":
        text = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages))
        return PAPER_DIGEST.sub("", text).encode()
    if answer.data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            return b"".join(name.encode() + archive.read(name) for name in archive.namelist())
    if answer.mimetype == "text/plain":
        return OWN_METRICS.sub(b"", answer.data)
    return TOKEN.sub(rb"\1", bytes(answer.data))


def comparable(answer: Any, names: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and content. Cookies carry the form token; the length of a paper follows the digits of its hash when packed."""
    packed = answer.mimetype == "application/pdf" or answer.data[:2] == b"PK" or answer.mimetype == "text/plain"
    left_out = {"set-cookie", "date", "expires"} | ({"content-length", "etag"} if packed else set())
    return answer.status_code, [row for row in answer.headers if row[0].lower() not in left_out], named(readable(answer), names)


# --- tests -------------------------------------------------------------------------------------------------------------


def test_other_firms_and_other_teams_are_drawn_in_the_two_worlds(pair: tuple[World, World]) -> None:
    assert {len(world.drawn) for world in pair} == {8} and set(pair[0].drawn) != set(pair[1].drawn)
    teams = [[[actor.login for actor in world.team(visit)] for visit in world.visits] for world in pair]
    assert teams[0] != teams[1]


def test_the_chain_carries_nothing_of_what_differs(pair: tuple[World, World]) -> None:
    rows = []
    for world in pair:
        with world.database.read() as session:
            assert audit.verify(session).ok
            events = session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
            kept = {veil.seq: veil for veil in veils.waiting(session, "2026-001")}
        open_ = []
        for event in events:
            row = {name: getattr(event, name) for name in audit.CHAINED if name not in ("previous", "request_id")}
            if event.verb == veils.VERB:
                hidden = kept.pop(event.seq)
                assert json.loads(row.pop("detail")) == {"seal": hashlib.sha256(hidden.content.encode()).hexdigest()}
                assert len(json.loads(hidden.content)["salt"]) == 64
            open_.append(row)
        assert not kept
        rows.append(open_)
    assert rows[0] == rows[1]
    hidden = [row for row in rows[0] if row["verb"] == veils.VERB]
    assert len(hidden) >= 15 and {row["actor_name"] for row in hidden} == {"（保密）"} and {row["object_id"] for row in hidden} == {"2026-001"}


@pytest.mark.parametrize("login", WATCHERS, ids=lambda login: login or "public")
def test_until_the_list_is_public_everybody_else_gets_the_same_bytes(pair: tuple[World, World], login: str) -> None:
    paths = addresses(pair, login)
    answers = []
    for world in pair:
        with clock.at(WATCHED):
            found = worlds.views(world, login, paths)
        names = names_of(world)
        answers.append({path: comparable(answer, names) for path, answer in found.items()})
    for path, one in answers[0].items():
        two = answers[1][path]
        assert one[:2] == two[:2], path
        at = next((i for i, (a, b) in enumerate(zip(one[2], two[2], strict=False)) if a != b), min(len(one[2]), len(two[2])))
        assert one[2] == two[2], (path, one[2][max(0, at - 200) : at + 80].decode(errors="replace"), two[2][at : at + 80].decode(errors="replace"))
        assert one[0] < 500, path
    assert len(answers[0]) == len(set(paths)) >= 5


@pytest.fixture(scope="module")
def published(pair: tuple[World, World]) -> tuple[World, World]:
    """Both worlds after the list became public by itself."""
    for world in pair:
        world.publish()
    return pair


def test_afterwards_the_same_pages_differ(published: tuple[World, World]) -> None:
    paths = ["/draws/1/selection", "/draws/1/bundle.zip", "/visits", "/registers/enterprises", "/account/trail?q=visit.approve", f"/public/why?draw=2026-001&code={published[0].alone}"]
    with clock.at(LATER):
        one, two = (worlds.views(world, "x-auditor", paths) for world in published)
    assert all(answer.status_code == 200 for answer in one.values())
    assert [path for path, answer in one.items() if answer.data == two[path].data] == []
    for world, shown in zip(published, (one, two), strict=True):
        assert all(code in shown["x-auditor /draws/1/selection"].text and code in shown["x-auditor /visits"].text for code in world.drawn)


def test_afterwards_the_trail_says_who_did_what_and_every_seal_can_be_computed_again(published: tuple[World, World]) -> None:
    for world in published:
        with world.database.read() as session:
            assert audit.verify(session).ok
            kept = veils.waiting(session, "2026-001")
            events = {event.seq: event for event in session.scalars(select(AuditEvent))}
        opened = [(json.loads(event.detail), event) for event in events.values() if '"veiled"' in event.detail]
        assert [detail["veiled"] for detail, _ in opened] == [veil.seq for veil in kept]
        for detail, event in opened:
            sealed, salt, seq = events[detail["veiled"]], detail.pop("salt"), detail.pop("veiled")
            hidden = {name: getattr(event, name) for name in veils.HIDDEN} | {"detail": audit.canonical(detail).decode(), "salt": salt}
            assert json.loads(sealed.detail)["seal"] == hashlib.sha256(audit.canonical(hidden)).hexdigest(), seq
            assert (event.at, event.outcome, event.request_id) == (sealed.at, sealed.outcome, sealed.request_id)
        said = {event.verb: event.actor_name for _, event in opened}
        first = world.team(world.visits[0])[0].name
        assert said["visit.approve"] == "测试leader" and said["refused.visits.record"] == first and said["draw.list"] == "测试leader"
        assert {"visit.submit", "visit.return", "visit.swap", "problem.close", "refusal.create"} <= set(said)


def test_afterwards_the_visits_count_for_the_firms_and_for_the_frames_of_other_draws(published: tuple[World, World]) -> None:
    for world in published:
        done = {world.visits[0].unit_code, world.visits[3].unit_code}
        with clock.at(LATER), world.database.read() as session:
            assert {code for code in world.drawn if registers.enterprise_by_code(session, code).inspections_this_year == 1} == done
            assert set(history.subjects(session, "visited", worlds.DAY)) == done
            assert draws.preview(session, draws.get(session, 2)).excluded == {"YEAR": 2}
