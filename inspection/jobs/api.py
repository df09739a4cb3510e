"""JSON routes of the caller's background jobs."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

from flask import Response, send_file

from inspection import web
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.jobs import files, service
from inspection.jobs.schemas import JobOut, JobsIn, JobsOut, dump
from inspection.web import A_FILE, ApiBlueprint, reading, writing

bp = ApiBlueprint("jobs_api", __name__, url_prefix="/api/v1/jobs", description="后台任务 background jobs")


@bp.get("")
@bp.arguments(JobsIn, location="query")
@bp.response(200, JobsOut)
@requires(P.JOB_READ)
def index(wanted: dict[str, Any]) -> dict[str, Any]:
    """本人的后台任务."""
    with reading() as session:
        jobs, count = service.own(session, web.actor(), **wanted)
        return {"jobs": [dump(job) for job in jobs], "count": count}


@bp.get("/<int:job_id>")
@bp.response(200, JobOut)
@requires(P.JOB_READ)
def show(job_id: int) -> dict[str, Any]:
    """一个任务的进度与结果."""
    with reading() as session:
        return dump(service.load(session, web.actor(), job_id))


@bp.post("/<int:job_id>/cancel")
@bp.response(200, JobOut)
@requires(P.JOB_READ)
def cancel(job_id: int) -> dict[str, Any]:
    """取消任务；已保存的部分保留."""
    with writing() as session:
        return dump(service.cancel(session, web.actor(), job_id))


@bp.get("/<int:job_id>/result")
@bp.response(200, A_FILE, content_type="application/octet-stream")
@requires(P.JOB_READ)
def result(job_id: int) -> Response:
    """下载结果文件，只限发起人；文件名在 Content-Disposition."""
    with reading() as session:
        job = service.load(session, web.actor(), job_id)
    path = files.open_result(web.settings(), job)
    return send_file(path.absolute(), as_attachment=True, download_name=job.result_filename)
