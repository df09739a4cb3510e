"""HTML forms over the same schemas as the API: read, refuse with the field named, show again with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from flask import request
from marshmallow import ValidationError, fields
from werkzeug.datastructures import MultiDict

from inspection import web
from inspection.errors import Conflict, DomainError, Invalid, NotFound, Refused
from inspection.i18n import said
from inspection.schema_base import Schema

_OURS = frozenset({"csrf_token", "version"})


class Form:
    """One form on one page.

    Usage::

        form = Form(PlanIn(), {"year": 2027})
        if form.posted:
            with form.trying():
                with writing() as session:
                    plan = service.create(session, actor(), form.data())
                return redirect(…)
        return form.render("plans/new.html")
    """

    def __init__(self, schema: Schema, values: Mapping[str, Any] | None = None) -> None:
        self.schema = schema
        self.values: dict[str, Any] = dict(values or {})
        self.errors: dict[str, list[str]] = {}
        self.error: DomainError | None = None
        self.status = 200
        if self.posted:
            self.values = self._unsaid() | self._raw()

    @property
    def posted(self) -> bool:
        return request.method == "POST"

    def _unsaid(self) -> dict[str, Any]:
        """Values that a sent form leaves standing: a box unticked or a field emptied stays so when the form comes back."""
        return {name: value for name, value in self.values.items() if name not in self.schema.fields}

    def _sent(self) -> MultiDict[str, str]:
        return request.form

    def _raw(self) -> dict[str, Any]:
        """What was sent: lists where the schema has lists, empty texts left out."""
        lists = {name for name, kind in self.schema.fields.items() if isinstance(kind, fields.List)}
        raw: dict[str, Any] = {}
        sent = self._sent()
        for name in sent:
            if name in _OURS:
                continue
            given = sent.getlist(name)
            if name in lists:
                raw[name] = [text for text in given if text.strip()]
            elif given[0].strip():
                raw[name] = given[0]
            if name not in lists and len(given) > 1:
                raise Invalid("duplicate-key", "字段 %(name)s 出现了两次。请只保留一个。", name=web.ascii_safe(name))
        return raw

    def data(self) -> Any:
        """The validated values.

        Raises
        ------
        Invalid : with the messages per field.
        """
        try:
            return self.schema.load(self._raw())
        except ValidationError as error:
            found = web.flat(error.messages)
            raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=found, count=len(found)) from None

    def trying(self) -> _Trying:
        """Keep a refusal for the page instead of leaving the form; it is noted in the trail all the same."""
        return _Trying(self)

    def render(self, template: str, **context: Any) -> tuple[str, int]:
        """The page with the form in it; 422, 409 or 412 after a refusal."""
        from flask import render_template

        return render_template(template, form=self, **context), self.status


def button() -> Form:
    """A form that is one button: it carries nothing but the version that was read; a refusal is told on the page where it stands."""
    return Form(Schema())


class Query(Form):
    """A form that only asks: its values stand in the address; those not given are the proposed ones."""

    @property
    def posted(self) -> bool:
        return bool(request.args)

    def _unsaid(self) -> dict[str, Any]:
        return self.values

    def _sent(self) -> MultiDict[str, str]:
        return MultiDict((name, text) for name, text in request.args.items(multi=True) if name in self.schema.fields)

    def data(self) -> Any:
        """The validated values, proposed ones included."""
        try:
            return self.schema.load({name: text for name, text in self.values.items() if name in self.schema.fields})
        except ValidationError as error:
            found = web.flat(error.messages)
            raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=found, count=len(found)) from None


class _Trying:
    """The body of a form's work: a refusal ends it and stays with the form."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if not isinstance(error, Invalid | Refused | Conflict | NotFound):
            return False
        web.note_refusal(error.code, error.status)
        self.form.error, self.form.status = error, error.status
        self.form.errors = {name: [said(message) for message in messages] for name, messages in error.fields.items()}
        return True
