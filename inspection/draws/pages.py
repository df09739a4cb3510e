"""The draw on screen: plan, freeze, commit, reveal by two people, list, void."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import clock, home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import ROLE_LABELS
from inspection.auth.roles import Permission as P
from inspection.draws import catalogue, documents, planner, rules, service
from inspection.draws.coverage import pages as coverage
from inspection.draws.deposits import pages as deposits
from inspection.draws.forms import ROWS, PromiseForm, RevealForm
from inspection.draws.frame_list import word_of
from inspection.draws.framing import pages as framing
from inspection.draws.framing import rehearsal
from inspection.draws.models import Draw, Selection, VoidRequest
from inspection.draws.overview import overview
from inspection.draws.schemas import ConfigurationIn, ReasonIn
from inspection.draws.tasks import pages as tasks
from inspection.forms import Form, button
from inspection.i18n import N_, _, show_moment
from inspection.jobs.models import Job
from inspection.listing import Column, download, exported, listing
from inspection.registers.models import Enterprise
from inspection.web import actor, reading, settings, wanted_version, writing
from sampling.seed import LEAST_BITS

bp = Blueprint("draws", __name__, url_prefix="/draws")
blueprints = [bp, coverage.bp, deposits.bp, framing.bp, rehearsal.bp, tasks.bp]

COLUMNS = (
    Column("number", N_("编号"), lambda d: d.number, Draw.number),
    Column("title", N_("名称"), lambda d: d.title, Draw.title),
    Column("state", N_("状态"), lambda d: _(rules.STATES[d.state]), Draw.state),
    Column("created", N_("建立时间"), lambda d: show_moment(d.created_at), Draw.created_at),
)


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """Commitments that wait for this person's entry, and void requests to decide."""
    found = []
    if who.can(P.DRAW_REVEAL) or who.can(P.DRAW_WITNESS):
        due = service.to_enter(session, who)
        late = any(draw.commitment is not None and draw.commitment.reveal_by < clock.now() for draw in due)
        found.append(home.Task(N_("待揭示的抽取"), len(due), url_for("draws.index", state="committed"), late=late))
    if who.can(P.DRAW_APPROVE):
        asked = service.open_requests().where(VoidRequest.requested_by != who.id).with_only_columns(VoidRequest.draw_id)
        n = session.scalar(select(func.count()).select_from(Draw).where(Draw.state != "void", Draw.id.in_(asked))) or 0
        found.append(home.Task(N_("待批准的作废申请"), n, url_for("draws.index", asked=1)))
    return found


@bp.get("")
@requires(P.DRAW_READ)
def index() -> str | Response:
    query = service.listing()
    if (state := request.args.get("state", "")) in rules.STATES:
        query = query.where(Draw.state == state)
    if request.args.get("asked"):
        query = query.where(Draw.state != "void", Draw.id.in_(service.open_requests().with_only_columns(VoidRequest.draw_id)))
    with reading() as session:
        listed = listing(session, query, COLUMNS, search=[Draw.number, Draw.title], default="-number", tie=Draw.id)
        return exported(listed, _("双随机抽取")) or render_template("draws/index.html", listed=listed, states=rules.STATES)


@bp.route("/new", methods=["GET", "POST"])
@requires(P.DRAW_PREPARE)
def new() -> BaseResponse | tuple[str, int]:
    form = Form(ConfigurationIn(), planner.proposed())
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as session:
                draw = service.create(session, actor(), given, authority=settings().office_name)
            flash(_("抽取方案已建立，请核对底册后冻结。"), "success")
            return redirect(url_for("draws.show", draw_id=draw.id), 303)
    return planner.show(form, draw=None)


@bp.route("/<int:draw_id>/edit", methods=["GET", "POST"])
@requires(P.DRAW_PREPARE)
def edit(draw_id: int) -> BaseResponse | tuple[str, int]:
    with reading() as session:
        draw = service.get(session, draw_id)
        given = service.configuration_of(draw)
    form = Form(ConfigurationIn(), planner.values(given))
    if form.posted:
        with form.trying():
            with writing() as write:
                service.configure(write, actor(), draw_id, form.data(), version=wanted_version())
            flash(_("方案已修改。"), "success")
            return redirect(url_for("draws.show", draw_id=draw_id), 303)
    return planner.show(form, draw=draw)


@bp.get("/<int:draw_id>")
@requires(P.DRAW_READ)
def show(draw_id: int) -> str | tuple[str, int]:
    return _show(draw_id)


def _show(draw_id: int, form: Form | None = None) -> tuple[str, int]:
    with reading() as session:
        draw = service.get(session, draw_id)
        page = render_template("draws/show.html", form=form, roles=ROLE_LABELS, **overview(session, actor(), draw, settings().draw_key))
    return page, form.status if form else 200


@bp.post("/<int:draw_id>/freeze")
@requires(P.DRAW_PREPARE)
def freeze(draw_id: int) -> BaseResponse | tuple[str, int]:
    form = button()
    with form.trying():
        with writing() as session:
            done = service.freeze_or_ask(session, actor(), draw_id, version=wanted_version())
        if isinstance(done, Job):
            return redirect(url_for("jobs.show", job_id=done.id), 303)
        flash(_("底册已冻结，摘要见下。此后任何改动都会被发现。"), "success")
        return redirect(url_for("draws.show", draw_id=draw_id), 303)
    return _show(draw_id, form)


@bp.route("/<int:draw_id>/commit", methods=["GET", "POST"])
@requires(P.DRAW_COMMIT)
def commit(draw_id: int) -> BaseResponse | tuple[str, int]:
    with reading() as session:
        draw, sources = service.get(session, draw_id), catalogue.known(session)
    form = PromiseForm(sources)
    if form.posted:
        with form.trying():
            promise = form.data()
            with reading() as session:
                kept = service.frozen(session, draw_id)
            with writing() as write:
                service.commit(write, actor(), draw_id, promise, version=wanted_version(), draw_key=settings().draw_key, kept=kept)
            flash(_("承诺已作出并即时公布。请马上打印承诺公告张贴、留存，并打印密值托管件。"), "success")
            return redirect(url_for("draws.show", draw_id=draw_id), 303)
    return form.render("draws/commit.html", draw=draw, sources=sources, rows=ROWS, least=LEAST_BITS)


@bp.route("/<int:draw_id>/reveal", methods=["GET", "POST"])
@requires(P.DRAW_REVEAL, P.DRAW_WITNESS)
def reveal(draw_id: int) -> BaseResponse | tuple[str, int]:
    with reading() as session:
        draw = service.get(session, draw_id)
        sources = service.sources_of(draw)
    form = RevealForm(len(sources))
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as write:
                found = service.enter_value(write, actor(), draw_id, **given, draw_key=settings().draw_key)
            if found.state == "mismatch":
                flash(_("两人录入的公开数不同，本轮作废，请两人重新录入。"), "danger")
            elif found.state == "waiting":
                flash(_("已录入，等待另一人录入同样的公开数。"), "info")
            elif found.job is not None:
                return redirect(url_for("jobs.show", job_id=found.job.id), 303)
            else:
                flash(_("抽取已揭示。"), "success")
            return redirect(url_for("draws.show", draw_id=draw_id), 303)
    return form.render("draws/reveal.html", draw=draw, commitment=draw.commitment, sources=sources)


@bp.get("/<int:draw_id>/ceremony")
@requires(P.DRAW_READ)
def ceremony(draw_id: int) -> str:
    """Wall screen: large type for the room, without navigation."""
    with reading() as session:
        shown = service.wall(session, actor(), service.get(session, draw_id))
        return render_template("draws/ceremony.html", wall=shown, states=rules.STATES)


def _opened(draw_id: int) -> None:
    """Whoever may not see the list yet is refused; whoever sees it under embargo is noted."""
    with reading() as session:
        draw = service.get(session, draw_id)
        service.check_list(session, actor(), draw)
        secret = service.under_embargo(session, draw)
    if secret:
        with writing() as write:
            service.note_opening(write, actor(), draw, request.endpoint or "")


SELECTION_COLUMNS = (
    Column("stratum", N_("层"), lambda r: word_of(r[0].stratum), Selection.stratum),
    Column("rank", N_("位次"), lambda r: r[0].rank, Selection.rank, numeric=True),
    Column("code", N_("统一社会信用代码"), lambda r: r[0].unit_code, Selection.unit_code),
    Column("name", N_("名称"), lambda r: r[1] or "", Enterprise.name),
    Column("ticket", N_("签号"), lambda r: r[0].ticket[:16], Selection.ticket),
)


@bp.get("/<int:draw_id>/selection")
@requires(P.DRAW_READ)
def selection(draw_id: int) -> str | Response:
    role = "reserve" if request.args.get("role") == "reserve" else "selected"
    _opened(draw_id)
    with reading() as session:
        draw = service.get(session, draw_id)
        listed = listing(
            session, service.selection(draw_id, role), SELECTION_COLUMNS, search=[Selection.unit_code, Enterprise.name], default="stratum", tie=Selection.rank
        )
        if role == "selected":
            teams = service.team_words(session, draw_id, [row[0].unit_code for row in listed.rows])
            team = Column("team", N_("检查组"), lambda r: "、".join(teams.get(r[0].unit_code, ())))
            listed.columns = (*SELECTION_COLUMNS[:-1], team, SELECTION_COLUMNS[-1])
        return exported(listed, f"{draw.number}-{role}") or render_template("draws/selection.html", draw=draw, listed=listed, role=role)


@bp.get("/<int:draw_id>/bundle.zip")
@requires(P.DRAW_READ)
def bundle(draw_id: int) -> Response:
    _opened(draw_id)
    with reading() as session:
        draw = service.get(session, draw_id)
        return download(service.opened(session, draw, settings().draw_key)[1], f"draw-{draw.number}.zip", "application/zip")


@bp.get("/<int:draw_id>/commitment.pdf")
@requires(P.DRAW_READ)
def commitment_pdf(draw_id: int) -> Response:
    with reading() as session:
        draw = service.get(session, draw_id)
        return download(documents.commitment(session, draw, settings()), f"承诺公告-{draw.number}.pdf", "application/pdf", inline=True)


@bp.get("/<int:draw_id>/certificate.pdf")
@requires(P.DRAW_READ)
def certificate_pdf(draw_id: int) -> Response:
    _opened(draw_id)
    with reading() as session:
        draw = service.get(session, draw_id)
        return download(documents.certificate(session, draw, settings()), f"抽取证书-{draw.number}.pdf", "application/pdf", inline=True)


@bp.post("/<int:draw_id>/publish")
@requires(P.DRAW_COMMIT)
def publish(draw_id: int) -> BaseResponse | tuple[str, int]:
    form = button()
    with form.trying():
        with reading() as session:
            taken = service.ready(session, service.get(session, draw_id), settings().draw_key)
        with writing() as session:
            service.publish(session, actor(), draw_id, version=wanted_version(), draw_key=settings().draw_key, taken=taken)
        flash(_("抽取结果已公布。"), "success")
        return redirect(url_for("draws.show", draw_id=draw_id), 303)
    return _show(draw_id, form)


@bp.post("/<int:draw_id>/void-request")
@requires(P.DRAW_VOID)
def request_void(draw_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(ReasonIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.request_void(session, actor(), draw_id, reason=given["reason"])
        flash(_("作废申请已提交，须由另一人批准。"), "info")
        return redirect(url_for("draws.show", draw_id=draw_id), 303)
    return _show(draw_id, form)


@bp.post("/<int:draw_id>/void")
@requires(P.DRAW_APPROVE)
def approve_void(draw_id: int) -> BaseResponse | tuple[str, int]:
    form = button()
    with form.trying():
        with writing() as session:
            service.approve_void(session, actor(), draw_id, version=wanted_version())
        flash(_("该次抽取已公开作废。"), "warning")
        return redirect(url_for("draws.show", draw_id=draw_id), 303)
    return _show(draw_id, form)


@bp.post("/<int:draw_id>/void-refusal")
@requires(P.DRAW_APPROVE, P.DRAW_VOID)
def refuse_void(draw_id: int) -> BaseResponse | tuple[str, int]:
    """Refused by the second person, or withdrawn by who asked."""
    form = Form(ReasonIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.refuse_void(session, actor(), draw_id, reason=given["reason"])
        flash(_("作废申请已了结，该次抽取照常。"), "info")
        return redirect(url_for("draws.show", draw_id=draw_id), 303)
    return _show(draw_id, form)
