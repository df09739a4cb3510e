"""The calendar as JSON and in forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from inspection import clock
from inspection.calendar.rules import KINDS, UNITS, Calendar, Special, add_hours
from inspection.schema_base import Day, Number, Schema, Text, one_of, sized

MOST_UNITS = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A term to be counted: from when, how long; the time of day matters for hours only."""

    start: date
    length: int
    unit: str
    at: str = "00:00"


class DeadlineIn(Schema):
    """A term to be counted."""

    target = Wanted
    start = Day(required=True, metadata={"description": "day of the event; not counted"})
    length = Number(required=True, least=0, most=MOST_UNITS)
    unit = Text(required=True, validate=one_of(*UNITS))
    at = Text(
        load_default="00:00",
        validate=validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d$", error="应为时刻，例如 09:30"),
        metadata={"description": "time of day in Asia/Shanghai, for hours"},
    )


class DeadlineOut(Schema):
    """The end of a term."""

    start = fields.Date(required=True)
    length = fields.Integer(required=True)
    unit = fields.String(required=True)
    last_day = fields.Date(required=True)
    moment = fields.String(required=True, allow_none=True, metadata={"description": "for hours: when the term ends"})
    announced = fields.Boolean(required=True)
    mark = fields.String(required=True, metadata={"description": "must stand beside the day; empty when every year is announced"})


class DayIn(Schema):
    """A day that differs from the weekday rule."""

    day = Day(required=True)
    kind = Text(required=True, validate=one_of(*KINDS))
    name = Text(load_default="", longest=60)


class YearIn(Schema):
    """The arrangement of a year."""

    source = Text(required=True, longest=300)
    days = fields.List(fields.Nested(DayIn), required=True, validate=sized(1, 120))


class DayOut(Schema):
    day = fields.Date(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)


class YearHeadOut(Schema):
    """A year: `announced` false means that its days are judged by the weekday rule and marked."""

    year = fields.Integer(required=True)
    announced = fields.Boolean(required=True)
    source = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "for If-Match; 0: not announced"})


class YearOut(YearHeadOut):
    """A year with its special days."""

    days = fields.List(fields.Nested(DayOut), required=True)


class YearsOut(Schema):
    """The announced years, newest first, without their days."""

    years = fields.List(fields.Nested(YearHeadOut), required=True)


class ConfirmIn(Schema):
    """Confirmation of an imported year."""

    source = Text(required=True, longest=300)


class UploadIn(Schema):
    """The year that a file is for."""

    year = Number(required=True, least=1990, most=2100)


def counted(calendar: Calendar, wanted: Wanted) -> dict[str, Any]:
    """The end of the wanted term, with its mark, as `DeadlineOut` holds it."""
    moment: datetime | None = None
    if wanted.unit == "hour":
        begin = datetime.combine(wanted.start, time.fromisoformat(wanted.at), clock.SHANGHAI)
        moment = add_hours(begin, wanted.length)
        day, announced, mark = clock.day_of(moment), True, ""  # hours run through holidays: nothing is assumed
    else:
        term = calendar.add(wanted.start, wanted.length, wanted.unit)  # type: ignore[arg-type]
        day, announced, mark = term.day, term.announced, term.mark
    return {
        "start": wanted.start, "length": wanted.length, "unit": wanted.unit, "last_day": day,
        "moment": clock.stamp(moment) if moment else None, "announced": announced, "mark": mark,
    }  # fmt: skip


def special_of(days: list[dict[str, Any]]) -> dict[date, Special]:
    """Days of `YearIn` as the service takes them.

    Raises
    ------
    ValidationError : the same day twice.
    """
    found = {given["day"]: (given["kind"], given["name"]) for given in days}
    if len(found) != len(days):
        raise ma.ValidationError({"days": ["同一天出现了两次"]})
    return found
