"""Pages of 规则库: every number of the law with its source and mark, its versions beside each other, a new version."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection import clock
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.forms import Form
from inspection.i18n import N_, _
from inspection.listing import Column, exported, listing
from inspection.rulebook import service
from inspection.rulebook.models import Rule
from inspection.rulebook.rules import STATES, UNITS, last_day, state_of
from inspection.rulebook.schemas import VersionIn
from inspection.web import actor, reading, wanted_version, writing

bp = Blueprint("rulebook", __name__, url_prefix="/rulebook")
VERIFIED, UNVERIFIED = N_("已核"), N_("待核")


def mark(row: Rule) -> str:
    """Whether the source was read, in words: on screen and in exports."""
    return _(VERIFIED if row.verified else UNVERIFIED)


def amount(row: Rule) -> str:
    """The number with its unit."""
    return f"{row.value} {_(UNITS[row.unit])}"


def _columns(ends: dict[int, date | None]) -> tuple[Column, ...]:
    today = clock.today()
    shown = (
        Column("action", N_("事项"), lambda r: r.action, Rule.action),
        Column("regime", N_("领域"), lambda r: r.regime, Rule.regime),
        Column("starts", N_("起算"), lambda r: r.starts, Rule.starts),
        Column("value", N_("数值"), amount),
        Column("source", N_("来源"), lambda r: r.source, Rule.source),
        Column("mark", N_("核实"), mark, Rule.verified),
        Column("from", N_("生效日期"), lambda r: r.valid_from, Rule.valid_from),
        Column("to", N_("失效日期"), lambda r: ends[r.id]),
        Column("state", N_("效力"), lambda r: _(STATES[state_of(r.valid_from, ends[r.id], today)])),
    )
    key = Column("key", N_("编码"), lambda r: r.key, Rule.key)  # on the page of the rule, and in exports
    return (*shown, key) if "export" in request.args else shown


def _ends(session: Session) -> dict[int, date | None]:
    """The last day of every version, by its number."""
    by_key: dict[str, list[Rule]] = defaultdict(list)
    for row in session.scalars(service.rules()):
        by_key[row.key].append(row)
    return {row.id: last_day(rows, row) for rows in by_key.values() for row in rows}


@bp.get("")
@requires(P.RULEBOOK_READ)
def index() -> str | Response:
    regime, only_now = request.args.get("regime", ""), request.args.get("state") == "now"
    with reading() as session:
        listed = listing(
            session, service.rules(regime=regime, on=clock.today() if only_now else None), _columns(_ends(session)),
            search=[Rule.action, Rule.starts, Rule.source, Rule.key, Rule.note], default="regime", tie=Rule.id,
        )  # fmt: skip
        regimes = service.regimes(session)
        return exported(listed, _("规则库")) or render_template(
            "rulebook/index.html", listed=listed, regimes=regimes, regime=regime, only_now=only_now
        )


@bp.route("/<int:rule_id>", methods=["GET"])
@requires(P.RULEBOOK_READ)
def show(rule_id: int) -> tuple[str, int]:
    return _show(rule_id, None)


@bp.post("/<int:rule_id>/versions")
@requires(P.RULEBOOK_WRITE)
def add_version(rule_id: int) -> Response | tuple[str, int]:
    form = Form(VersionIn())
    with form.trying():
        new = form.data()
        with writing() as session:
            row = service.add_version(session, actor(), rule_id, new, version=wanted_version())
        flash(_("新版本已登记，自 %(day)s 起生效。", day=row.valid_from.isoformat()), "success")
        return redirect(url_for("rulebook.show", rule_id=row.id), 303)
    return _show(rule_id, form)


@bp.post("/<int:rule_id>/withdraw")
@requires(P.RULEBOOK_WRITE)
def withdraw(rule_id: int) -> Response | tuple[str, int]:
    with writing() as session:
        row = service.withdraw_version(session, actor(), rule_id, version=wanted_version())
    flash(_("尚未生效的版本已撤回。"), "success")
    return redirect(url_for("rulebook.show", rule_id=row.id), 303)


def _show(rule_id: int, form: Form | None) -> tuple[str, int]:
    today = clock.today()
    with reading() as session:
        row = service.get(session, rule_id)
        versions = service.versions(session, row.key)
        newest = versions[-1]
        form = form or Form(VersionIn(), {"value": newest.value, "unit": newest.unit, "source": newest.source, "valid_from": today.isoformat()})
        told = [(v, last_day(versions, v), state_of(v.valid_from, last_day(versions, v), today)) for v in versions]
        return form.render(
            "rulebook/show.html", row=row, newest=newest, versions=told, amount=amount, mark=mark, states=STATES,
            units=[(unit, _(label)) for unit, label in UNITS.items()],
        )  # fmt: skip


@bp.get("/codes")
@requires(P.RULEBOOK_READ)
def codes() -> str:
    with reading() as session:
        lists = [(head, list(words)) for head, words in groupby(service.code_lists(session), key=lambda c: (c.list, c.version))]
    return render_template("rulebook/codes.html", lists=lists, mark=mark)
