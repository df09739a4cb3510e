"""Forms of the promise and of the reveal: one row per public source, read by the same schemas as the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from marshmallow import ValidationError

from inspection import web
from inspection.draws.catalogue import Known
from inspection.draws.schemas import PromiseIn, RevealIn
from inspection.errors import Invalid
from inspection.forms import Form

ROWS = 6  # rows of the page; empty ones count for nothing, the API takes ten
CELLS = ("known", "name", "form", "pick", "max", "issue", "drawn_at")


class PromiseForm(Form):
    """Rows `known-0 issue-0 drawn_at-0 …`; a row chosen from the catalogue needs no more than its issue and its time."""

    def __init__(self, catalogue: Mapping[str, Known]) -> None:
        self.catalogue = catalogue
        super().__init__(PromiseIn())

    def data(self) -> Any:
        """The promise; what is wrong with a source is told at its row."""
        raw = super()._raw()
        rows = [n for n in range(ROWS) if any(f"{cell}-{n}" in raw for cell in ("known", "name", "issue", "drawn_at"))]
        given: dict[str, Any] = {name: raw[name] for name in ("reveal_not_before", "reveal_by") if name in raw}
        try:
            return self.schema.load({**given, "sources": [self._source(raw, n) for n in rows]})
        except ValidationError as error:
            found = {_at_row(name, rows): messages for name, messages in web.flat(error.messages).items()}
            raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=found, count=len(found)) from None

    def _source(self, raw: Mapping[str, Any], n: int) -> dict[str, Any]:
        typed = {cell: raw[f"{cell}-{n}"] for cell in CELLS if f"{cell}-{n}" in raw}
        chosen = self.catalogue.get(typed.pop("known", ""))
        return typed | chosen.members() if chosen else typed


def _at_row(name: str, rows: Sequence[int]) -> str:
    """`sources.1.issue` is the field `issue-3` when the second filled row is the fourth one of the page."""
    parts = name.split(".")
    if parts[0] != "sources":
        return name
    if len(parts) == 1:
        return "known-0"
    return f"{parts[2] if len(parts) > 2 else 'known'}-{rows[int(parts[1])]}"


class RevealForm(Form):
    """One value per public source, each typed twice: `value-0 again-0 …`, joined as the protocol writes them."""

    def __init__(self, n_sources: int) -> None:
        self.n_sources = n_sources
        super().__init__(RevealIn())

    def _raw(self) -> dict[str, Any]:
        """The page's fields, and the two joined values of the schema beside them."""
        raw = super()._raw()
        if "value-0" not in request.form:
            return raw
        joined = {name: "|".join(str(raw.get(f"{part}-{n}", "")) for n in range(self.n_sources)) for name, part in (("public_value", "value"), ("again", "again"))}
        return raw | joined

    def data(self) -> Any:
        """The entry; a second value that differs is told at its source."""
        raw = self._raw()
        unequal = {f"again-{n}": ["与第一次输入不同"] for n in range(self.n_sources) if _bare(raw, f"value-{n}") != _bare(raw, f"again-{n}")}
        if unequal:
            raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=unequal, count=len(unequal))
        try:
            return self.schema.load({name: raw[name] for name in ("public_value", "again", "witnesses") if name in raw})
        except ValidationError as error:
            found = web.flat(error.messages)
            raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=found, count=len(found)) from None


def _bare(raw: Mapping[str, Any], name: str) -> list[str]:
    return str(raw.get(name, "")).split()
