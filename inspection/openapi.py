"""The OpenAPI document: from the marshmallow schemas, and from what the routes themselves show – guard, version, key of a sending.

What a reader must know beside the schemas is read off the view (its guard, the functions it calls), so it cannot drift from
what the route does: who may call it, whether a token suffices, which headers it reads, what its errors look like.
"""

from __future__ import annotations

import inspect
import re
from threading import Lock
from types import CodeType
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_smorest import Api

from inspection import web
from inspection.schema_base import ExactDecimal, Moment, Problem

PROBLEM = "application/problem+json"
IF_MATCH = {
    "name": "If-Match", "in": "header", "required": True, "schema": {"type": "string", "examples": ['"3"']},
    "description": "读到的版本（回答中的 version）。别人先改过：412，changes 列出不同之处。the version that was read",
}  # fmt: skip
KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "pattern": "^[0-9A-Za-z-]{16,64}$"},
    "description": "同一键同一内容再来，得到第一次的回答；同一键另一内容：409。the same key and content get the first answer again",
}  # fmt: skip
DIGEST = {
    "name": "Content-Digest", "in": "header", "required": False, "schema": {"type": "string", "examples": ["sha-256=:…:"]},
    "description": "RFC 9530；与收到的内容不符：422。compared with what arrived",
}  # fmt: skip
READS = {"wanted_version": IF_MATCH, "once": KEY, "body_digest": DIGEST}  # function that a view calls → the header it reads
STEP_UP = "须本人在页面会话中刚刚验证过身份；接口令牌得到 403（step-up-required）。Not with a token: a fresh proof of identity is needed."


class Documented(Api):  # type: ignore[misc]
    """The JSON routes with their description, written when it is first asked for; errors are problem+json."""

    ERROR_SCHEMA = Problem

    def __init__(self, app: Flask) -> None:
        self._undescribed: list[web.ApiBlueprint] = []
        self._describing = Lock()
        self._document: dict[str, Any] = {}
        super().__init__(app, spec_kwargs={"marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_schema_name), "security": [{"token": []}]})
        self.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "description": "接口令牌，在“我的账户”中建立"})
        for field, kind in ((ExactDecimal, "decimal"), (Moment, "date-time")):
            self.register_field(field, "string", kind)

    def register_blueprint(self, blp: web.ApiBlueprint, **_: Any) -> None:
        """Routes at once, their description later: it costs every start of a process half as much again."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp)
        self._undescribed.append(blp)

    def described(self) -> dict[str, Any]:
        """The OpenAPI document."""
        with self._describing:
            if self._undescribed:
                while self._undescribed:
                    blp = self._undescribed.pop(0)
                    blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
                    self.spec.tag({"name": blp.name, "description": blp.description})
                self._document = _completed(self._app, dict(self.spec.to_dict()))
            return self._document


def _schema_name(schema: Any) -> str:
    """Name of a schema in the OpenAPI: its stage and itself, `plans.ReasonIn`; two stages may use the same word."""
    kind = schema if isinstance(schema, type) else type(schema)
    return f"{kind.__module__.split('.')[1]}.{kind.__name__}"


def _completed(app: Flask, document: dict[str, Any]) -> dict[str, Any]:
    """The document with what the views show of themselves."""
    for answer in document["components"]["responses"].values():
        answer["content"] = {PROBLEM: answer["content"].pop("application/json")}
    views = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict):
                _complete(operation, method.upper(), views[method.upper(), path])
    return document


def _complete(operation: dict[str, Any], method: str, view: Any) -> None:
    """Who may call it, which headers it reads, and a kind of content for every answer."""
    guard = view._guard
    if guard.public:
        operation["security"] = []
    else:
        operation["x-permissions"] = sorted(permission.value for permission in guard.permissions)
    if guard.step_up and method not in web.SAFE:
        operation["description"] = "\n\n".join(filter(None, (operation.get("description", ""), STEP_UP)))
    called = _called(inspect.unwrap(view).__code__)
    operation["parameters"] = [*operation.get("parameters", ()), *(header for name, header in READS.items() if name in called)]
    if "wanted_version" in called:
        operation["responses"]["412"] = {"$ref": "#/components/responses/DEFAULT_ERROR"}
    for status, answer in operation["responses"].items():
        if status.startswith("2") and "content" not in answer:
            answer["content"] = {"application/json": {"schema": {}}}


def _called(code: CodeType) -> set[str]:
    """Names that a function uses, those of its lambdas included."""
    return set(code.co_names).union(*(_called(inner) for inner in code.co_consts if isinstance(inner, CodeType)))
