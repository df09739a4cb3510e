"""Whatever is posted: never a 5xx, an answer within a second, the field named in Chinese, nothing left behind.

The short form deals the corpus out over the routes, so that every entry is tried somewhere and every route gets a dozen;
the full form (every entry × every route) runs with HENGJIAN_FULL_CORPUS=1, in parts of a few routes each, so that no test
runs into the limit of the run and a fault names itself soon.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inspection.plans.models import Plan
from tests.architecture.matrix import Row, rows
from tests.architecture.office import House
from tests.inspection.web import corpus
from tests.inspection.web.bodies import SCHEMAS, Caller, body, free, judged, learning
from tests.inspection.web.town import build, places, town

pytestmark = pytest.mark.slow
FULL = os.environ.get("HENGJIAN_FULL_CORPUS") == "1"
PARTS = 32 if FULL else 1
in_parts = pytest.mark.parametrize("part", range(PARTS))
UNSAFE = [row for row in rows() if row.unsafe]
READING = [row for row in rows() if not row.unsafe and row.path != "/static/<path:filename>"]
# they end sessions or take the account away from the test itself
ELSEWHERE = {"/account/sign-out", "/account/sessions/end"}


@pytest.fixture(scope="module")
def house(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = town(build(migrated_sqlite, tmp_path_factory.mktemp("county")), tmp_path_factory.mktemp("town"))
    with learning():
        yield made
    made.database.dispose()


@pytest.fixture(scope="module")
def callers(house: House) -> list[Caller]:
    """One per route, which has shown its schema by a first empty call."""
    ids = places(house)
    found = [Caller(house, row, ids) for row in UNSAFE if row.path not in ELSEWHERE]
    for caller in found:
        caller.send({})
    return found


def clean(faults: list[str]) -> None:
    found = [fault for fault in faults if fault]
    assert not found, f"{len(found)} faults:\n" + "\n".join(found[:60])


def dealt(things: dict[str, Any], callers: list[Caller], each: int) -> Iterator[tuple[Caller, str, Any]]:
    """`each` entries for every route in turn; every entry for every route in the full form."""
    turn = cycle(things.items())
    for caller in callers:
        for name, thing in things.items() if FULL else islice(turn, each):
            yield caller, name, thing


def test_the_same_step_twice_gives_the_same_table(house: House) -> None:
    """A second press of 分配 is neither an error nor another result."""
    with house.database.read() as session:
        plan = session.scalars(select(Plan).where(Plan.state == "draft")).first()
        assert plan is not None
        planner = house.signed_in("planner")
        seen = []
        for _press in range(2):
            with house.database.read() as fresh:
                version = fresh.get_one(Plan, plan.id).version_id
            assert planner.post(f"/plans/{plan.id}/allocate", {"version": str(version)}).status_code == 303
            with house.database.read() as fresh:
                seen.append([(c.region_code, c.class_code, c.n_batches, c.q1, c.q2, c.q3, c.q4) for c in fresh.get_one(Plan, plan.id).cells])
        assert sorted(seen[0]) == sorted(seen[1]) != []


def test_the_corpus_is_wide_and_the_routes_have_shown_their_fields(callers: list[Caller]) -> None:
    assert len(corpus.TEXTS) >= 200
    assert len(SCHEMAS) > 50
    assert sum(len(free(SCHEMAS.get(caller.endpoint))) for caller in callers) > 100


@in_parts
def test_texts_in_every_field_at_once(house: House, callers: list[Caller], part: int) -> None:
    writing = [caller for caller in callers if free(SCHEMAS.get(caller.endpoint))]
    faults = []
    for caller, name, text in dealt(corpus.TEXTS, writing[part::PARTS], 4):
        schema = SCHEMAS[caller.endpoint]
        given = body(schema) | {field: [text] if isinstance(body(schema)[field], list) else text for field in free(schema)}
        faults.append(judged(house, caller, name, lambda: caller.send(given)))  # noqa: B023
    clean(faults)


@in_parts
def test_texts_in_one_field_of_a_body_that_is_otherwise_right(house: House, callers: list[Caller], part: int) -> None:
    writing = [caller for caller in callers if free(SCHEMAS.get(caller.endpoint))]
    faults = []
    for place, (caller, name, text) in enumerate(dealt(dict(reversed(corpus.TEXTS.items())), writing[part::PARTS], 3)):
        schema = SCHEMAS[caller.endpoint]
        fields = free(schema)
        for field in fields if FULL else [fields[place % len(fields)]]:
            good = body(schema)
            given = good | {field: [text] if isinstance(good[field], list) else text}
            faults.append(judged(house, caller, f"{field}={name}", lambda: caller.send(given)))  # noqa: B023
    clean(faults)


@in_parts
def test_what_nobody_can_see_is_kept_nowhere(house: House, callers: list[Caller], part: int) -> None:
    faults = []
    writing = [caller for caller in callers if free(SCHEMAS.get(caller.endpoint)) and not caller.row.path.startswith(("/account/sign-in", "/account/confirm"))]
    for caller, name, text in dealt(corpus.UNPRINTABLE, writing[part::PARTS], 1):
        schema = SCHEMAS[caller.endpoint]
        field = free(schema)[0]
        good = body(schema)
        answer = caller.send(good | {field: [text] if isinstance(good[field], list) else text})
        if not 400 <= answer.status_code < 500:
            faults.append(f"{caller.row.method} {caller.row.path} took {name} in {field}: {answer.status_code}")
    clean(faults)


@in_parts
def test_values_of_the_wrong_kind_in_every_json_field(house: House, callers: list[Caller], part: int) -> None:
    faults = []
    reading = [caller for caller in callers if caller.row.is_api and SCHEMAS.get(caller.endpoint)]
    for caller, name, value in dealt(corpus.VALUES, reading[part::PARTS], 5):
        good = body(SCHEMAS[caller.endpoint])
        faults.append(judged(house, caller, f"all={name}", lambda: caller.send(dict.fromkeys(good, value))))  # noqa: B023
        for field in good if FULL else list(good)[:2]:
            faults.append(judged(house, caller, f"{field}={name}", lambda: caller.send(good | {field: value})))  # noqa: B023
    clean(faults)


@in_parts
def test_whole_bodies_that_are_no_bodies(house: House, callers: list[Caller], part: int) -> None:
    faults = [
        judged(house, caller, name, lambda: caller.raw(*thing))  # noqa: B023
        for caller, name, thing in dealt(corpus.BODIES, callers[part::PARTS], 4)
    ]
    clean(faults)


@in_parts
def test_forms_with_numbers_and_lists_in_the_wrong_places(house: House, callers: list[Caller], part: int) -> None:
    """Fields of a form that are no free text: numbers, days, choices, lists."""
    faults = []
    turn = cycle(corpus.TEXTS.items())
    for caller in callers[part::PARTS]:
        schema = SCHEMAS.get(caller.endpoint)
        for field in sorted(set(body(schema)) - set(free(schema))):
            for name, text in corpus.TEXTS.items() if FULL else islice(turn, 2):
                faults.append(judged(house, caller, f"{field}={name}", lambda: caller.send(body(schema) | {field: text})))  # noqa: B023
    clean(faults)


_paths = cycle(corpus.PATHS)


def spoilt(row: Row) -> list[str]:
    """Addresses of the row with something odd in every place."""
    if "<" not in row.path:
        return []
    parts = row.path.replace(">", "<").split("<")
    return ["".join(bad if place % 2 else part for place, part in enumerate(parts)) for bad in (corpus.PATHS if FULL else islice(_paths, 6))]


@in_parts
def test_odd_addresses(house: House, part: int) -> None:
    faults, turn = [], cycle(corpus.QUERIES)
    browsers = {role: house.signed_in(role) for role in house.people}
    for row in READING[part::PARTS]:
        client = browsers[sorted(row.roles)[0]].client
        paths = spoilt(row)
        plain = row.path if "<" not in row.path else ""
        paths += [f"{plain}?{query}" for query in (corpus.QUERIES if FULL else islice(turn, 7))] if plain else []
        for path in paths:
            answer = client.get(path)
            if answer.status_code >= 500 or answer.status_code == 401:
                faults.append(f"GET {path[:120]}: {answer.status_code}")
    clean(faults)


@in_parts
def test_odd_addresses_of_changes(house: House, part: int) -> None:
    faults = []
    browsers = {role: house.signed_in(role) for role in house.people}
    for row in UNSAFE[part::PARTS]:
        browser = browsers[sorted(row.roles)[0]]
        for path in spoilt(row):
            answer = browser.client.open(path, method=row.method, json={}, headers={"X-CSRFToken": browser.token})
            if answer.status_code >= 500 or answer.status_code < 300:
                faults.append(f"{row.method} {path[:120]}: {answer.status_code}")
    clean(faults)
