"""The JSON answer for a file that a job works on."""

from __future__ import annotations

from flask import Response, jsonify, url_for

from inspection.jobs.models import Job
from inspection.jobs.schemas import WaitingOut, dump
from inspection.uploads import Upload


def waiting(kept: Upload, job: Job | None, status: int = 202) -> Response:
    """As `WaitingOut` holds it; `Location` is where to ask how far the job is."""
    answer = jsonify(
        WaitingOut().dump(
            {"upload_id": kept.id, "kind": kept.kind.partition(".")[2], "digest": kept.digest, "state": kept.state, "n_rows": kept.n_rows,
             "job": dump(job) if job else None}
        )
    )  # fmt: skip
    answer.status_code = status
    if job is not None:
        answer.headers["Location"] = url_for("jobs_api.show", job_id=job.id)
    return answer
