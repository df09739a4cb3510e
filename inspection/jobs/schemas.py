"""A job as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from inspection import clock
from inspection.jobs.models import Job
from inspection.jobs.service import STATES
from inspection.schema_base import Schema


class JobOut(Schema):
    """One background job of the caller."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(STATES)))
    done = fields.Integer(required=True)
    total = fields.Integer(required=True, metadata={"description": "0: not known yet"})
    percent = fields.Integer(required=True, allow_none=True, metadata={"description": "null: not known yet"})
    note = fields.String(required=True)
    cancel_requested = fields.Boolean(required=True)
    attempts = fields.Integer(required=True)
    result = fields.Dict(required=True)
    result_filename = fields.String(required=True)
    result_sha256 = fields.String(required=True)
    error_code = fields.String(required=True)
    error = fields.String(required=True)
    created_at = fields.String(required=True)
    started_at = fields.String(required=True, allow_none=True)
    finished_at = fields.String(required=True, allow_none=True)


class JobsIn(Schema):
    """Which part of the list."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, 1_000_000))


class JobsOut(Schema):
    """The caller's jobs, newest first."""

    jobs = fields.List(fields.Nested(JobOut), required=True)
    count = fields.Integer(required=True)


class WaitingOut(Schema):
    """A file too large to be worked on while the caller waits: a job does it; ask for the job until it has ended."""

    upload_id = fields.Integer(required=True)
    kind = fields.String(required=True)
    digest = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "open, applied"})
    n_rows = fields.Integer(required=True)
    job = fields.Nested(JobOut, required=True, allow_none=True, metadata={"description": "its result file holds the bad rows"})


def dump(job: Job) -> dict[str, Any]:
    """The job as `JobOut` holds it."""
    names = [name for name in JobOut().fields if not name.endswith("_at")]
    values = {name: getattr(job, name) for name in names}
    for name in ("created_at", "started_at", "finished_at"):
        moment = getattr(job, name)
        values[name] = clock.stamp(moment) if moment else None
    return values
