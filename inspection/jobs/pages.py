"""The pages of the signed-in person's own background jobs."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, flash, jsonify, redirect, render_template, send_file, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from inspection import web
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.i18n import gettext as _
from inspection.i18n import show_moment
from inspection.jobs import files, queue, registry, service
from inspection.jobs.models import Job
from inspection.jobs.schemas import dump
from inspection.listing import Column, exported, listing
from inspection.web import reading, writing

bp = Blueprint("jobs", __name__, url_prefix="/jobs")
COLUMNS = (
    Column("id", "编号", lambda job: job.id, Job.id, numeric=True),
    Column("title", "任务", lambda job: job.title, Job.title),
    Column("state", "状态", lambda job: _(service.STATES[job.state]), Job.state),
    Column("percent", "进度", lambda job: "—" if job.percent is None else f"{job.percent}%", numeric=True),
    Column("created", "发起时间", lambda job: show_moment(job.created_at), Job.created_at),
    Column("finished", "结束时间", lambda job: show_moment(job.finished_at), Job.finished_at),
)


def init_app(app: Flask) -> None:
    """Committed jobs of this process wake the workers."""
    carried = app.extensions["hengjian"]
    queue.attach(carried.database, carried.settings)


@bp.get("")
@requires(P.JOB_READ)
def index() -> str | Response:
    mine = select(Job).where(Job.owner_id == web.actor().id)
    with reading() as session:
        found = listing(session, mine, COLUMNS, search=(Job.title,), default="-id", tie=Job.id)
        return exported(found, "jobs") or render_template("jobs/index.html", listing=found)


@bp.get("/<int:job_id>")
@requires(P.JOB_READ)
def show(job_id: int) -> str:
    with reading() as session:
        job = service.load(session, web.actor(), job_id)
        return render_template("jobs/show.html", job=job, states=service.STATES, page=_page_of(job))


def _page_of(job: Job) -> str:
    """Where the file or the draw lies that the job works on; "" when it works on none."""
    kind = registry.kind_of(job.kind)
    return url_for(kind.page, **{kind.key: job.params[kind.key]}) if kind.page else ""


@bp.get("/<int:job_id>/progress")
@requires(P.JOB_READ)
def progress(job_id: int) -> Response:
    with reading() as session:
        values = dump(service.load(session, web.actor(), job_id))
    return jsonify({name: values[name] for name in ("state", "done", "total", "percent", "note")})


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
