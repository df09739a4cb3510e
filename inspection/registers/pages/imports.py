"""Pages of imports: template, upload, preview, error workbook, confirmation."""

from __future__ import annotations

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import N_, _
from inspection.jobs import importing as background
from inspection.jobs.models import Job
from inspection.jobs.service import STATES as JOB_STATES
from inspection.listing import download
from inspection.registers import service
from inspection.registers.imports import KINDS, kind_of
from inspection.registers.jobs import APPLY, CHECK
from inspection.registers.pages.blueprint import bp
from inspection.registers.schemas import ApplyIn
from inspection.uploads import Upload
from inspection.web import actor, reading, writing

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200  # bad rows on the page; the error workbook has all of them
STATES = {"open": N_("待确认"), "applied": N_("已导入"), "cancelled": N_("已取消")}
# where the imported rows are then seen
PAGES = {
    "enterprises": "registers.enterprises", "licences": "registers.enterprises", "inspectors": "registers.inspectors",
    "conflicts": "registers.inspectors", "outside_checks": "registers.outside", "departments": "registers.inspectors", "laboratories": "registers.laboratories",
    "scopes": "registers.laboratories", "capacities": "registers.laboratories", "regions": "registers.regions",
    "populations": "registers.regions", "check_items": "registers.matters", "product_categories": "registers.products",
    "test_items": "registers.products", "limits": "registers.products",
}  # fmt: skip


@bp.get("/imports")
@requires(P.REGISTER_WRITE)
def imports() -> str:
    with reading() as session:
        recent = [(kept, service.kind_of_upload(kept)) for kept in service.recent(session, actor())]
    return render_template("registers/imports.html", kinds=KINDS.values(), recent=recent, states=STATES)


@bp.route("/imports/<kind>", methods=["GET", "POST"])
@requires(P.REGISTER_WRITE)
def import_kind(kind: str) -> Response | tuple[str, int]:
    wanted = kind_of(kind)
    form = Form(ApplyIn())
    if form.posted:
        with form.trying():
            sent = request.files.get("file")
            if sent is None or not sent.filename:
                raise Invalid("file-missing", "没有收到文件。请选择文件后再上传。", fields={"file": ["请选择文件"]})
            with writing() as session:
                kept = service.keep_upload(session, actor(), kind, filename=sent.filename, content=sent.read())
                if background.is_large(kept):
                    return _at(background.ask(session, actor(), CHECK, kept))
            return redirect(url_for("registers.import_preview", upload_id=kept.id), 303)
    return form.render("registers/import_upload.html", kind=wanted, page=PAGES[kind])


@bp.get("/imports/<kind>/template")
@requires(P.REGISTER_WRITE)
def import_template(kind: str) -> FileResponse:
    wanted = kind_of(kind)
    return download(wanted.template(), f"{wanted.title}模板.xlsx", XLSX)


@bp.get("/imports/files/<int:upload_id>")
@requires(P.REGISTER_WRITE)
def import_preview(upload_id: int) -> tuple[str, int]:
    return _preview(upload_id, Form(ApplyIn()))


def _preview(upload_id: int, form: Form) -> tuple[str, int]:
    with reading() as session:
        kept = service.upload(session, actor(), upload_id)
        if background.is_large(kept):
            return _large(session, kept, form)
        done = service.preview(session, actor(), upload_id)
    return form.render(
        "registers/import_preview.html", kept=kept, done=done, bad=done.preview.problems[:SHOWN], states=STATES, page=PAGES[done.kind.key]
    )


def _at(job: Job) -> Response:
    """To the page of the job, with its bar."""
    return redirect(url_for("jobs.show", job_id=job.id), 303)


def _large(session: Session, kept: Upload, form: Form) -> tuple[str, int]:
    """A file that is worked on in the background: what its jobs found, and the next step."""
    kind = service.kind_of_upload(kept)
    return form.render(
        "jobs/file.html", title=_("预览：%(what)s", what=_(kind.title)), kept=kept, states=JOB_STATES,
        checked=background.last(session, actor(), CHECK, kept), applied=background.last(session, actor(), APPLY, kept),
        back=url_for("registers.import_kind", kind=kind.key), check_url=url_for("registers.import_check", upload_id=kept.id),
        apply_url=url_for("registers.import_apply", upload_id=kept.id), choice="all_or_nothing",
        choices=(("true", N_("全部正确才导入")), ("false", N_("只导入正确的行"))),
    )  # fmt: skip


@bp.post("/imports/files/<int:upload_id>/check")
@requires(P.REGISTER_WRITE)
def import_check(upload_id: int) -> Response:
    with writing() as session:
        return _at(background.ask(session, actor(), CHECK, service.upload(session, actor(), upload_id)))


@bp.post("/imports/files/<int:upload_id>/apply")
@requires(P.REGISTER_WRITE)
def import_apply(upload_id: int) -> Response | tuple[str, int]:
    form = Form(ApplyIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            kept = service.upload(session, actor(), upload_id)
            if background.is_large(kept):
                return _at(background.ask(session, actor(), APPLY, kept, **given))
            done = service.apply_import(session, actor(), upload_id, **given)
        flash(
            _("导入完成：新增 %(new)s 条，更改 %(changed)s 条，相同 %(same)s 条，未导入 %(bad)s 行。",
              new=done.n_new, changed=done.n_changed, same=done.n_unchanged, bad=done.n_bad),
            "success",
        )  # fmt: skip
        return redirect(url_for("registers.import_preview", upload_id=upload_id), 303)
    return _preview(upload_id, form)


@bp.get("/imports/files/<int:upload_id>/errors")
@requires(P.REGISTER_WRITE)
def import_errors(upload_id: int) -> FileResponse:
    with reading() as session:
        background.refuse_large(service.upload(session, actor(), upload_id))
        name, data = service.error_workbook(session, actor(), upload_id)
    return download(data, name, XLSX)
