"""签字 on screen: who has signed what, and the form to sign with a finger, a mouse or the keyboard."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import _
from inspection.visits import rules, service, signatures, strokes
from inspection.visits.evidence_schemas import SignatureIn
from inspection.visits.models import Visit
from inspection.visits.pages.blueprint import bp
from inspection.web import actor, strict_json, wanted_version, writing


class SignatureForm(Form):
    """The lines come as JSON in one field."""

    def _raw(self) -> dict[str, Any]:
        raw = super()._raw()
        if given := raw.get("strokes"):
            raw["strokes"] = strict_json(given[0].encode())
            if len(given) > 1 or not isinstance(raw["strokes"], list):
                raise Invalid("signature-incomplete", "签字没有保存，有 %(n)s 处需要改正。", fields={"strokes": ["签字数据不完整，请清除后重新签"]}, n=1)
        return raw


def shown(session: Session, visit: Visit) -> dict[str, Any]:
    """What the part of a page about signatures needs; nothing for who does not read visits."""
    if not actor().can(P.VISIT_READ):
        return {"signers": [], "may_sign": False, "drawing": strokes}
    open_ = visit.state in rules.OPEN and service.is_member(actor(), visit)
    return {"signers": signatures.standing(session, visit), "may_sign": open_, "drawing": strokes}


@bp.post("/<int:visit_id>/signatures")
@requires(P.VISIT_RECORD)
def sign(visit_id: int) -> BaseResponse:
    """A signature for the record at the version that was read."""
    given = SignatureForm(SignatureIn()).data()
    with writing() as session:
        row = signatures.sign(session, actor(), visit_id, given, version=wanted_version())
    flash(_("%(name)s 的签字已保存。", name=row.name), "success")
    return redirect(url_for("visits.record", visit_id=visit_id, _anchor="signatures"), 303)


