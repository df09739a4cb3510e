"""The form of a record: items by number, the helper 全选无, what is offered, and the Chinese name of every field."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from inspection import clock
from inspection.forms import Form
from inspection.i18n import _, show_code
from inspection.rulebook.models import Code
from inspection.schema_base import Schema
from inspection.visits import frozen, rules, words
from inspection.visits.arrival import service as arrivals
from inspection.visits.assignments import owners_of
from inspection.visits.models import Visit, VisitRecord

_ITEM = re.compile(r"items\.(\d{1,4})\.(position|found|problem|measure|not_checked_reason)", re.ASCII)
STEPS = ("draft", "submit", "none")


class RecordForm(Form):
    """A record in a form: `items.N.found` and so on become the list of the schema; `step` says which button was pressed."""

    def __init__(self, schema: Schema, visit: Visit) -> None:
        self.step = "draft"
        super().__init__(schema, {} if request.method == "POST" else values_of(visit))

    def item(self, position: int) -> dict[str, Any]:
        """What stands in the form for one item."""
        return next((item for item in self.values.get("items", ()) if str(item.get("position")) == str(position)), {})

    def _raw(self) -> dict[str, Any]:
        raw = super()._raw()
        step = raw.pop("step", "draft")
        self.step = step if step in STEPS else "draft"
        items: dict[int, dict[str, Any]] = {}
        for name in [name for name in raw if _ITEM.fullmatch(name)]:
            number, part = name.split(".")[1:]
            items.setdefault(int(number), {})[part] = raw.pop(name)
        raw["items"] = [items[number] for number in sorted(items)]
        if self.step == "none":
            for item in raw["items"]:
                if not item.get("found") and not item.get("not_checked_reason"):
                    item["found"] = "none"
        return raw


def values_of(visit: Visit) -> dict[str, Any]:
    """The record as a form shows it."""
    kept = frozen.content(visit)
    shown = {name: _shown(kept[name]) for name in frozen.PLAIN}
    return {**shown, "methods": kept["methods"], "results": [row["code"] for row in kept["results"]], "items": kept["items"]}


def prefill(session: Session, form: RecordForm, visit: Visit) -> None:
    """Day and hours from the check-ins, where the record leaves them open."""
    known = arrivals.hours(session, visit)
    if form.posted or known.begun is None:
        return
    for name, value in (("visited_on", clock.day_of(known.begun)), ("started_at", known.begun), ("ended_at", known.ended)):
        form.values[name] = form.values.get(name) or _shown(value)


def _shown(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
        case date():
            return value.isoformat()
        case None:
            return ""
        case _:
            return value


def choices(session: Session, visit: Visit) -> dict[str, Any]:
    """The words that may be chosen, unverified lists marked."""
    on = visit.visited_on or clock.today()
    offered = {name: [(row.code, marked(row)) for row in words.codes(session, name, on)] for name in words.LISTS}
    items = {item.position: item.name for item in visit.items}
    return {"offered": offered, "today": clock.today(), "methods": [(method, _(method)) for method in rules.METHODS], "names": items, "owners": owners_of(session, visit)}


def marked(row: Code) -> str:
    """A word of a list in the language of the page; one without a verified source says so."""
    return show_code(row) if row.verified else _("%(label)s（待核）", label=show_code(row))


def labels(visit: Visit | None = None) -> dict[str, str]:
    """Field → name in Chinese (or English), for the summary of what is wrong."""
    named = {name: _(label) for name, label in frozen.LABELS.items()}
    named |= {"members": _("检查人员"), "reason": _("理由"), "items": _("检查事项"), "evidence": _("复查证据"), "rechecked_on": _("复查日期"), "contacts": _("联系经过"), "signatures": _("签字")}
    for index, item in enumerate(visit.items if visit else ()):
        named[f"items.{index}"] = _("第 %(n)s 项 %(item)s", n=item.position, item=item.name)
    return named


def typed(records: Sequence[VisitRecord]) -> list[tuple[VisitRecord, dict[str, Any]]]:
    """Every kept version with its content."""
    return [(record, json.loads(record.content)) for record in records]
