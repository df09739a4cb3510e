"""Two languages: the source is Chinese, English comes from one .po file per stage, read once at the start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, redirect, request, session
from werkzeug.wrappers import Response

from inspection import clock
from inspection.auth.guard import public
from inspection.errors import DomainError, Said

FOLDER = Path(__file__).parent / "translations" / "en"
LANGUAGES = {"zh": "中文", "en": "English"}


@cache
def catalogue() -> dict[str, str]:
    """Chinese → English, all stages merged."""
    merged: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="en"):
                if message.id and message.string:
                    merged[str(message.id)] = str(message.string)
    return merged


def language() -> str:
    """Language of the present request; Chinese outside of one."""
    if not has_request_context():
        return "zh"
    if "language" not in g:
        chosen = session.get("language")
        g.language = chosen if chosen in LANGUAGES else "zh"
    return str(g.language)


def translate(template: str, params: dict[str, Any] | None = None) -> str:
    """The text in the language of the request, with its places filled in."""
    text = catalogue().get(template, template) if language() == "en" else template
    return text % params if params else text


def gettext(template: str, **params: Any) -> str:
    """`_()` of pages and templates."""
    return translate(template, params or None)


_ = gettext


def said(message: str) -> str:
    """A message under one field in the language of the request."""
    return translate(message.template, message.params) if isinstance(message, Said) else translate(message)


def refusal(error: DomainError) -> str:
    """What an error says, in the language of the request."""
    return translate(error.template, error.params)


def N_(template: str) -> str:
    """Mark a text for translation where it is written down, translate it where it is shown."""
    return template


# --- how values are shown ---------------------------------------------------------------------------------------------


def show_day(value: date | None) -> str:
    """2026-09-16, or — when there is none."""
    return value.isoformat() if value else "—"


def show_moment(value: datetime | None) -> str:
    """2026-09-16 09:02 in Asia/Shanghai."""
    return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else "—"


def show_instant(text: str) -> str:
    """The moment written in a public document (RFC 3339 text), as every page shows moments."""
    return show_moment(datetime.fromisoformat(text))


def show_number(value: int | Decimal | None) -> str:
    """12,345 with separators; — for unknown, never 0."""
    return "—" if value is None else f"{value:,}"


def show_percent(value: float | Decimal | None, decimals: int = 2) -> str:
    """A share 0–1 as a percentage, half rounded up."""
    if value is None:
        return "—"
    step = Decimal(1).scaleb(-decimals)
    return f"{(Decimal(str(value)) * 100).quantize(step, ROUND_HALF_UP)}%"


def choices(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """A coded list for a select, in the language of the page."""
    return [(code, gettext(label)) for code, label in words.items()]


def show_code(row: Any) -> str:
    """A word of a coded list of the rulebook in the language of the page."""
    return str(row.label_en or row.label if language() == "en" else row.label)


def coded(rows: Iterable[Any]) -> dict[str, str]:
    """The words of a coded list by code, in the language of the page."""
    return {row.code: show_code(row) for row in rows}


def init_app(app: Flask) -> None:
    """Install the language switch, the text function and the filters."""
    app.jinja_env.globals.update(_=gettext, language=language)
    app.jinja_env.filters.update(day=show_day, moment=show_moment, instant=show_instant, number=show_number, percent=show_percent, choices=choices, coded=show_code, refusal=refusal)

    @app.post("/language")
    @public
    def language_switch() -> Response:
        from inspection.web import local_path

        chosen = request.form.get("language", "")
        if chosen in LANGUAGES:
            session["language"] = chosen
        if request.form.get("theme") in ("large", "normal"):
            session["theme"] = "large" if request.form["theme"] == "large" else ""
        return redirect(local_path(request.form.get("next")), 303)
