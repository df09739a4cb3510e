"""A plausible body for every route, made from the schema that the route itself loads, and what is wrong with an answer."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request
from marshmallow import fields, validate

from inspection import schema_base, tables
from inspection.schema_base import Day, ExactDecimal, Moment, Number, Schema, Text
from tests import pace
from tests.architecture.matrix import Row
from tests.architecture.office import House
from tests.inspection.web.town import IDS, WORDS
from tests.people import Browser

CHINESE = re.compile("[\u4e00-\u9fff]")
SCHEMAS: dict[str, Schema] = {}  # endpoint → the schema it loads


@contextmanager
def learning() -> Iterator[None]:
    """While this lasts, every route that reads a body shows its schema."""
    load = schema_base.Schema.load

    def noted(self: Schema, *args: Any, **kwargs: Any) -> Any:
        SCHEMAS.setdefault(str(request.endpoint), self)
        return load(self, *args, **kwargs)

    schema_base.Schema.load = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        schema_base.Schema.load = load  # type: ignore[method-assign]


def plausible(field: fields.Field[Any], name: str = "") -> Any:
    """A value the field would take."""
    choices = next((rule.choices for rule in field.validators if isinstance(rule, validate.OneOf)), None)
    match field:
        case fields.List():
            return [plausible(field.inner, name)]
        case fields.Nested():
            return {key: plausible(inner, key) for key, inner in field.schema.fields.items()}
        case fields.Dict():
            return {"320902": "1"}
        case fields.Boolean():
            return True
        case Number():
            return max(field.least, min(2026, field.most)) if "year" in name else max(field.least, 1)
        case ExactDecimal():
            return "1"
        case Day():
            return "2026-11-12"
        case Moment():
            return "2026-11-12T09:00:00+08:00"
        case _:
            return next(iter(choices)) if choices else WORDS.get(name, "320902" if "region" in name else "甲乙丙")


def body(schema: Schema | None) -> dict[str, Any]:
    """A plausible body."""
    return {} if schema is None else {name: plausible(field, name) for name, field in schema.fields.items() if not field.dump_only}


def free(schema: Schema | None) -> list[str]:
    """The fields into which anybody may write a text of his own."""
    if schema is None:
        return []
    return [
        name for name, field in schema.fields.items()
        if isinstance(field, Text) or (isinstance(field, fields.List) and isinstance(field.inner, Text)) or type(field) is fields.String
    ]  # fmt: skip


class Caller:
    """Calls one route as the role the table permits, on a row that exists."""

    def __init__(self, house: House, row: Row, ids: dict[str, list[int]]) -> None:
        self.house, self.row = house, row
        self.rule = next(rule for rule in house.app.url_map.iter_rules() if rule.rule == row.path and row.method in rule.methods)
        self.endpoint = self.rule.endpoint
        self.browser = house.signed_in(sorted(row.roles)[0]) if not row.public else self._anonymous()
        self._turn = {name: itertools.cycle(ids.get(name, [1])) for name in self.rule.arguments}

    def _anonymous(self) -> Browser:
        browser = Browser(self.house.app)
        browser.get("/account/sign-in")
        return browser

    def address(self) -> tuple[str, str]:
        """The path of a row that exists, and its version."""
        values = {name: WORDS[name] if name in WORDS else next(turn) for name, turn in self._turn.items()}
        path = str(self.house.app.url_map.bind("localhost").build(self.endpoint, values, method=self.row.method))
        return path, next((self._version(IDS[name], number) for name, number in values.items() if name in IDS), "1")

    def _version(self, table: str, number: Any) -> str:
        from sqlalchemy import select

        source = tables.metadata().tables[table]
        if "version_id" not in source.c:
            return "1"
        with self.house.database.read() as session:
            return str(session.scalar(select(source.c.version_id).where(source.c.id == number)) or 1)

    def send(self, given: Any) -> Any:
        """The body as JSON or as a form."""
        path, version = self.address()
        if self.row.is_api:
            return self._sent(path, json.dumps(given).encode(), "application/json", version)
        data = {"version": version, "csrf_token": self.browser.token}
        data |= {name: value for name, value in _flat(given).items() if value is not None}
        return self.browser.client.open(path, method=self.row.method, data=data)

    def raw(self, content: bytes, kind: str) -> Any:
        """A whole body as it is."""
        path, version = self.address()
        return self._sent(path, content, kind, version)

    def _sent(self, path: str, content: bytes, kind: str, version: str) -> Any:
        head = {"X-CSRFToken": self.browser.token, "If-Match": version}
        return self.browser.client.open(path, method=self.row.method, data=content, content_type=kind, headers=head)


def _flat(given: dict[str, Any]) -> dict[str, Any]:
    """A form knows texts and lists of texts only; a surrogate cannot travel in one."""
    return {name: [_text(part) for part in value] if isinstance(value, list) else _text(value) for name, value in given.items()}


def _text(value: Any) -> Any:
    return "true" if value is True else None if value is None else str(value).encode("utf-8", "replace").decode()


def judged(house: House, caller: Caller, what: str, send: Any) -> str:
    """What is wrong with the answer to a bad request, or ''."""
    before, started = house.counts(), time.process_time()
    answer = send()
    seconds = time.process_time() - started
    where = f"{caller.row.method} {caller.row.path} ← {what}: {answer.status_code}"
    if answer.status_code >= 500 or answer.status_code == 401:
        return where
    if seconds > pace.SOON:
        return f"{where} after {seconds:.1f} s"
    if answer.status_code >= 400 and house.counts() != before:
        return f"{where}, and rows were left behind"
    if answer.status_code >= 400 and not CHINESE.search(answer.text):
        return f"{where}, not in Chinese"
    if answer.status_code == 422 and answer.is_json and answer.json["code"] == "invalid":
        silent = {name: words for name, words in answer.json.get("errors", {}).items() if not all(CHINESE.search(word) for word in words)}
        if silent or not answer.json.get("errors"):
            return f"{where}, fields without a Chinese reason: {silent}"
    return ""
