"""The form of a draw's configuration: what it starts from, what it offers, how a stored configuration stands in it."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy import select

from inspection import clock
from inspection.draws import rates, rules, service, strata, words
from inspection.draws.schemas import SEAT_LABELS, SEATS
from inspection.draws.tasks import fitting
from inspection.forms import Form
from inspection.i18n import _, coded
from inspection.i18n import choices as worded
from inspection.plans.annual import service as annual
from inspection.registers import entries
from inspection.registers.models import Region
from inspection.rulebook import service as rulebook
from inspection.web import reading

PROPOSED: dict[str, Any] = {
    "reserve_percent": 10, "rates": "A 2/100\nB 6/100\nC 16/100\nD 32/100", "exclusions": ["CLOSED", "MOVED", "CAP", "YEAR", "OTHER"],
    "announced": "true", "seats": "other_unit", "stratify_by": "credit_class", "kind": "planned", "kinds": ["enterprise"],
}


def seats_key(given: rules.Configuration) -> str:
    """The choice of the form that stands for these seats."""
    return next((key for key, seats in SEATS.items() if seats == given.seats), "other_unit")


def values(given: rules.Configuration) -> dict[str, Any]:
    """A stored configuration as the form shows it."""
    until = given.embargo_until
    same = ("title", "region_code", "reserve_percent", "stratify_by", "kind", "keep_reason")
    listed = ("item_codes", "exclusions", "product_codes", *rules.FILTERS)
    empty = ("period_from", "period_to", "repeats_id", "supplements_id", "task_id", "scheme_id", "scheme_version")
    return {
        **{name: getattr(given, name) for name in same}, **{name: list(getattr(given, name)) for name in listed},
        **{name: getattr(given, name) or "" for name in empty},
        "rates": rates.lines(given.rates, given.sizes), "announced": str(given.announced).lower(), "avoid_own_station": str(given.avoid_own_station).lower(),
        "seats": seats_key(given),
        "embargo_until": until.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M") if until else "",
    }  # fmt: skip


def proposed() -> dict[str, Any]:
    """What a new form starts from: the usual rates, a saved frame, the task to be carried out, the void draw to be drawn again, …"""
    for name in ("task", "repeats", "supplements", "scheme"):
        given = request.args.get(name, "")
        if given.isascii() and given.isdigit() and len(given) < 10:
            return _from(name, int(given))
    return _everybody_left(kinds) if (kinds := request.args.getlist("licence_kinds")) else PROPOSED


def _everybody_left(licence_kinds: list[str]) -> dict[str, Any]:
    """All holders of these licences that were not inspected this year: a rate of 1/1, none in reserve."""
    return PROPOSED | {
        "title": _("%(year)s年获证企业全覆盖检查", year=clock.today().year), "region_code": request.args.get("region_code", "")[:12],
        "licence_kinds": [kind[:60] for kind in licence_kinds[: words.SHOWN]], "states": ["open"], "stratify_by": "none", "rates": f"{strata.ALL} 1/1", "reserve_percent": 0,
        "exclusions": ["MOVED", "CLOSED", "YEAR"],
    }  # fmt: skip


def _from(name: str, number: int) -> dict[str, Any]:
    with reading() as session:
        if name == "task":
            asked = values(fitting.configuration(session, annual.task(session, number)))
            return PROPOSED | {key: value for key, value in asked.items() if value not in ("", [])}
        if name == "scheme":
            scheme = service.scheme(session, number)
            content = service.newest(scheme)
            return PROPOSED | {k: v for k, v in values(service.applied(content, scheme.region_code)).items() if k not in ("title", "item_codes")}
        old = service.get(session, number)
        more = {"repeats_id": old.id} if name == "repeats" else {"repeats_id": "", "supplements_id": old.id, "embargo_until": ""}
        return values(service.configuration_of(old)) | more


def choices(form: Form) -> dict[str, Any]:
    """What can be ticked and selected, from the registers as they are."""
    with reading() as session:
        items = words.items(session, form.values.get("item_codes") or ())
        places = session.execute(select(Region.code, Region.name).where(Region.level != "township").order_by(Region.code)).all()
        reasons = coded(rulebook.codes(session, "draw.exclusion", clock.today()))
        offers = {name: words.offer(session, name) for name in words.COLUMNS}
    letters = [*((letter, letter) for letter in entries.CREDIT_CLASSES), (strata.UNCLASSED, _(strata.LABELS[strata.UNCLASSED]))]
    return {
        "offers": offers,
        **{name: [(word, word) for word in offer.with_ticked(form.values.get(name) or ())] for name, offer in offers.items()},
        "items": items,
        "places": [tuple(row) for row in places],
        "seats": worded(SEAT_LABELS),
        "exclusions": [(code, reasons.get(code, code)) for code in rules.EXCLUSIONS],
        "stratifiers": worded(strata.BY),
        "kinds": worded(entries.OBJECT_KINDS),
        "states": worded(entries.STATES),
        "letters": letters, "occasions": worded(rules.KINDS),
    }  # fmt: skip


def show(form: Form, **context: Any) -> tuple[str, int]:
    """The form with its choices; codes of products are typed in one line."""
    codes = form.values.get("product_codes")
    if isinstance(codes, list):
        form.values["product_codes"] = "、".join(codes)
    return form.render("draws/form.html", **context, **choices(form))
