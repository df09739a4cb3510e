"""The pages of the signed-in person's own background jobs."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from inspection import web
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.i18n import gettext as _
from inspection.jobs import files, queue, service
from inspection.jobs.schemas import dump
from inspection.web import reading, writing

bp = Blueprint("jobs", __name__, url_prefix="/jobs")
PAGE = 30


def init_app(app: Flask) -> None:
    """Committed jobs of this process wake the workers."""
    carried = app.extensions["hengjian"]
    queue.attach(carried.database, carried.settings)


@bp.get("")
@requires(P.JOB_READ)
def index() -> str:
    page = max(1, min(request.args.get("page", 1, type=int), 10_000))
    with reading() as session:
        jobs, count = service.own(session, web.actor(), limit=PAGE, offset=(page - 1) * PAGE)
        return render_template("jobs/index.html", jobs=jobs, count=count, page=page, pages=-(-count // PAGE), states=service.STATES)


@bp.get("/<int:job_id>")
@requires(P.JOB_READ)
def show(job_id: int) -> str:
    with reading() as session:
        job = service.load(session, web.actor(), job_id)
        return render_template("jobs/show.html", job=job, states=service.STATES)


@bp.get("/<int:job_id>/progress")
@requires(P.JOB_READ)
def progress(job_id: int) -> Response:
    with reading() as session:
        job = service.load(session, web.actor(), job_id)
        body = {name: value for name, value in dump(job).items() if name in {"state", "done", "total", "percent", "note"}}
    return jsonify({**body, "label": _(service.STATES[body["state"]]), "finished": job.finished})


@bp.post("/<int:job_id>/cancel")
@requires(P.JOB_READ)
def cancel(job_id: int) -> BaseResponse:
    with writing() as session:
        job = service.cancel(session, web.actor(), job_id)
    flash(_("任务已取消。") if job.finished else _("已请求取消，任务将在当前一步完成后停止。"), "success")
    return redirect(url_for("jobs.show", job_id=job_id), 303)


@bp.get("/<int:job_id>/result")
@requires(P.JOB_READ)
def download(job_id: int) -> Response:
    with reading() as session:
        job = service.load(session, web.actor(), job_id)
    path = files.open_result(web.settings(), job)
    return send_file(path.absolute(), as_attachment=True, download_name=job.result_filename)
