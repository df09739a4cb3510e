"""JSON of the four public boards: the cells by their keys, and which published fact they come from."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from inspection.portal.lines import COLUMNS, Line
from inspection.schema_base import Moment, Number, Schema, Text

MOST = 200
MARKS = "standing: 现行；corrected: 更正后的版本；withdrawn: 已撤回"


class QueryIn(Schema):
    """What to look for; names are found by any two or more neighbouring characters, codes as a whole."""

    q = Text(load_default="", longest=100)
    department = Text(load_default="", longest=100)
    item = Text(load_default="", longest=100)
    draw = Text(load_default="", longest=100)
    first = Text(load_default="", longest=10, data_key="from")
    last = Text(load_default="", longest=10, data_key="to")
    after = Number(load_default=0, metadata={"description": "`next` of the part before; 0: from the newest on"})
    limit = Number(load_default=50, least=1, most=MOST)


class ListIn(Schema):
    q = Text(load_default="", longest=100)
    department = Text(load_default="", longest=100)


class ItemCells(Schema):
    name = fields.String()
    basis = fields.String()
    subject = fields.String()
    objects = fields.String()
    ratio = fields.String()
    frequency = fields.String()
    method = fields.String()
    content = fields.String()
    remark = fields.String()


class PlanCells(Schema):
    plan_code = fields.String()
    plan_title = fields.String()
    task_code = fields.String()
    task_title = fields.String()
    check_type = fields.String()
    matters = fields.String()
    objects = fields.String()
    period_from = fields.String()
    period_to = fields.String()


class TaskCells(PlanCells):
    authority = fields.String()
    n_objects = fields.Integer(allow_none=True, metadata={"description": "null: not known"})


class ResultCells(Schema):
    name = fields.String()
    unit_code = fields.String()
    authority = fields.String()
    visited_on = fields.String(allow_none=True)
    result = fields.String()


class FactOut(Schema):
    id = fields.Integer(required=True)
    subject = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": MARKS})
    version = fields.Integer(allow_none=True)
    published_at = Moment()
    digest = fields.String(metadata={"description": "SHA-256 of the published content"})


class ItemLineOut(FactOut):
    cells = fields.Nested(ItemCells)


class PlanLineOut(FactOut):
    cells = fields.Nested(PlanCells)


class TaskLineOut(FactOut):
    cells = fields.Nested(TaskCells)


class ResultLineOut(FactOut):
    draw = fields.String(metadata={"description": "number of the draw that selected the firm; empty: chosen by purpose, says nothing of the others"})
    cells = fields.Nested(ResultCells)


class _Lines(Schema):
    total = fields.Integer(required=True, metadata={"description": "how many published facts are wanted in all"})
    next = fields.Integer(allow_none=True, metadata={"description": "null: nothing follows"})


class ItemLinesOut(_Lines):
    items = fields.List(fields.Nested(ItemLineOut))


class PlanLinesOut(_Lines):
    items = fields.List(fields.Nested(PlanLineOut))


class TaskLinesOut(_Lines):
    items = fields.List(fields.Nested(TaskLineOut))


class ResultLinesOut(_Lines):
    items = fields.List(fields.Nested(ResultLineOut))


LINE: dict[str, type[FactOut]] = {"items": ItemLineOut, "plan": PlanLineOut, "task": TaskLineOut, "results": ResultLineOut}


def record(board: str, line: Line) -> dict[str, Any]:
    """A line as the schemas read it."""
    cells = {column.key: column.cell(line) for column in COLUMNS[board] if column.key != "number"}
    fact = line.fact
    return {
        "id": fact.id, "subject": fact.subject, "state": line.state or "standing", "version": line.version, "published_at": fact.at,
        "digest": fact.digest, "draw": line.content.get("draw", ""), "cells": cells,
    }  # fmt: skip
