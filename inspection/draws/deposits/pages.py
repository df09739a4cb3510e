"""The secret on paper: a half printed for its holder, both halves typed when the secret was lost."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, flash, redirect, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as BaseResponse

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws import documents, service
from inspection.draws.deposits import keeping
from inspection.errors import Said
from inspection.forms import Form
from inspection.i18n import _
from inspection.listing import download
from inspection.schema_base import Schema, Text
from inspection.web import actor, reading, settings, writing

bp = Blueprint("deposits", __name__, url_prefix="/draws")


class HolderIn(Schema):
    holder = Text(required=True, longest=100)


class Half(Text):
    """Sixty-four hexadecimal digits as they stand on the paper; blanks between the groups do not matter."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        digits = re.sub(r"\s", "", super()._deserialize(value, attr, data, **kwargs)).lower()
        if not re.fullmatch(r"[0-9a-f]{64}", digits):
            raise ValidationError(Said("应为 64 位十六进制数字（现有 %(n)s 位），照托管件录入，空格可有可无", n=len(digits)))
        return digits


class HalvesIn(Schema):
    first = Half(required=True, longest=120)
    second = Half(required=True, longest=120)


@bp.route("/<int:draw_id>/deposit", methods=["GET", "POST"])
@requires(P.DRAW_COMMIT, P.DRAW_WITNESS)
def deposit(draw_id: int) -> Response | tuple[str, int]:
    with reading() as session:
        draw, given = service.get(session, draw_id), keeping.deposits_of(session, draw_id)
    form = Form(HolderIn())
    if form.posted:
        with form.trying():
            holder = form.data()["holder"]
            with writing() as write:
                made, half = keeping.deposit(write, actor(), draw_id, holder=holder, draw_key=settings().draw_key)
                paper = documents.secret_half(write, draw, made, half, settings())
            return download(paper, f"密值托管-{draw.number}-{made.part}.pdf", "application/pdf")
    return form.render("draws/deposit.html", draw=draw, given=given, part=keeping.part_of(actor()))


@bp.route("/<int:draw_id>/secret", methods=["GET", "POST"])
@requires(P.DRAW_REVEAL, P.DRAW_WITNESS)
def give_back(draw_id: int) -> BaseResponse | tuple[str, int]:
    with reading() as session:
        draw = service.get(session, draw_id)
    form = Form(HalvesIn())
    if form.posted:
        with form.trying():
            halves = form.data()
            with writing() as write:
                keeping.give_back(write, actor(), draw_id, **halves, draw_key=settings().draw_key)
            flash(_("密值已交回并与承诺核对一致，可以揭示。"), "success")
            return redirect(url_for("draws.show", draw_id=draw_id), 303)
        form.values = {}  # halves are not sent back to the screen
    return form.render("draws/secret.html", draw=draw)
