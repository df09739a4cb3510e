"""The five ways a request can fail, and one shape for all of them.

Services raise these; the entry point turns them into an HTML page, an `application/problem+json` answer (RFC 9457) or an
exit code of the command line. The message template is Chinese and says what happened, why it matters and what to do;
parameters are kept apart so that it can be translated at the edge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Said(str):
    """A message under one field: Chinese as it stands, with its template and values kept apart for the translation at the edge."""

    template: str
    params: dict[str, Any]

    def __new__(cls, template: str, **params: Any) -> Said:
        made = super().__new__(cls, template % params)
        made.template, made.params = template, params
        return made


class DomainError(Exception):
    """Base of all errors a user may see.

    Parameters
    ----------
    code : stable kebab-case word, part of the API contract.
    template : Chinese message with ``%(name)s`` places.
    fields : per input field a list of messages (validation).
    changes : what somebody else changed meanwhile, as (label, yours, theirs).
    """

    status = 400
    title = "请求有误"
    exit_code = 2
    retry_after: int | None = None  # seconds after which the same may be tried again

    def __init__(
        self,
        code: str,
        template: str,
        *,
        fields: Mapping[str, Sequence[str]] | None = None,
        changes: Sequence[tuple[str, str, str]] = (),
        **params: Any,
    ) -> None:
        self.code = code
        self.template = template
        self.params = params
        self.fields = {name: list(messages) for name, messages in (fields or {}).items()}
        self.changes = tuple(changes)
        super().__init__(self.message)

    @property
    def message(self) -> str:
        return self.template % self.params if self.params else self.template


class NotFound(DomainError):
    """不存在: the thing is not there, or not there for you."""

    status, title, exit_code = 404, "没有找到", 3


class Invalid(DomainError):
    """输入有误: the input itself is wrong; `fields` names where."""

    status, title, exit_code = 422, "输入有误", 2


class Refused(DomainError):
    """不予办理: the input is well formed but a rule of the trade forbids it now."""

    status, title, exit_code = 409, "不予办理", 4


class Forbidden(DomainError):
    """无权办理: you may not do this."""

    status, title, exit_code = 403, "无权办理", 5


class Conflict(DomainError):
    """已被他人修改: somebody else changed it since you read it."""

    status, title, exit_code = 412, "内容已被他人修改", 6


class Unauthenticated(DomainError):
    """请先登录: nobody is signed in, or the fresh factor is too old (`step-up`)."""

    status, title, exit_code = 401, "请先登录", 5
