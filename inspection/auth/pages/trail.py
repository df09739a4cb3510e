"""The audit trail on screen."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from inspection import audit, verbs
from inspection.audit import AuditEvent
from inspection.auth.guard import requires
from inspection.auth.pages.blueprint import bp
from inspection.auth.roles import Permission as P
from inspection.errors import Refused
from inspection.i18n import N_, _, language
from inspection.listing import Column, exported, listing
from inspection.web import actor, reading, writing

TRAIL_COLUMNS = (
    Column("seq", N_("序号"), lambda e: e.seq, AuditEvent.seq, numeric=True),
    Column("at", N_("时间"), lambda e: e.at[:19].replace("T", " "), AuditEvent.at),
    Column("actor", N_("操作人"), lambda e: e.actor_name, AuditEvent.actor_name),
    Column("verb", N_("操作"), lambda e: verbs.label(e.verb) if language() == "zh" else e.verb, AuditEvent.verb),
    Column("outcome", N_("结果"), lambda e: _("完成") if e.outcome == "ok" else _("拒绝"), AuditEvent.outcome),
    Column("object", N_("对象"), lambda e: f"{e.object_kind} {e.object_id}", AuditEvent.object_id),
    Column("address", N_("地址"), lambda e: e.address),
    Column("detail", N_("说明"), lambda e: e.detail if e.detail != "{}" else ""),
    Column("hash", N_("哈希"), lambda e: e.hash[:12]),
)


@bp.get("/trail")
@requires(P.AUDIT_READ)
def trail() -> str | Response:
    query = select(AuditEvent)
    if who := request.args.get("actor", "").strip()[:100]:
        query = query.where(AuditEvent.actor_name == who)
    if request.args.get("refused"):
        query = query.where(AuditEvent.outcome == "refused")
    search = [AuditEvent.verb, AuditEvent.object_id, AuditEvent.actor_name, AuditEvent.detail]
    with reading() as read:
        listed = listing(read, query, TRAIL_COLUMNS, search=search, default="-seq", tie=AuditEvent.seq)
        head = audit.head(read)
    if request.args.get("export"):
        with writing() as write:
            audit.record(write, actor(), "audit.export", "audit", head[0], rows=listed.total)
    return exported(listed, _("审计")) or render_template("auth/trail.html", listed=listed, head=head)


@bp.post("/trail/verify")
@requires(P.AUDIT_VERIFY)
def verify_trail() -> Response:
    with reading() as read:
        found = audit.verify(read)
    with writing() as write:
        audit.record(write, actor(), "audit.verify", "audit", found.events, result="ok" if found.ok else found.reason)
    if not found.ok:
        raise Refused("chain-broken", "审计链在第 %(n)s 号事件处断裂：%(why)s。请立即保全数据库并报告。", n=found.broken_at, why=found.reason)
    flash(_("审计链完整：%(n)s 条事件，链首 %(head)s。", n=found.events, head=found.head[:12]), "success")
    return redirect(url_for("auth.trail"), 303)
