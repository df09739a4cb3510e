"""What the sign-in, the profile and the administration of accounts read and give."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from inspection.auth.roles import Role
from inspection.schema_base import Day, Moment, Number, Schema, Text, one_of, sized


class Password(fields.String):
    """A password: taken as it is, only bounded."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        return text[:1000]


class SignInIn(Schema):
    login = Text(required=True, longest=64)
    password = Password(required=True)
    code = Text(load_default="", longest=10)
    next = Text(load_default="/", longest=500)


class ConfirmIn(Schema):
    password = Password(required=True)
    code = Text(load_default="", longest=10)
    next = Text(load_default="/", longest=500)


class SetupIn(Schema):
    token = Text(required=True, longest=100)
    system_login = Text(required=True, longest=64)
    system_name = Text(required=True, longest=60)
    security_login = Text(required=True, longest=64)
    security_name = Text(required=True, longest=60)
    audit_login = Text(required=True, longest=64)
    audit_name = Text(required=True, longest=60)


class PasswordIn(Schema):
    old = Password(required=True)
    new = Password(required=True)
    again = Password(required=True)


class TotpIn(Schema):
    secret = Text(required=True, longest=64)
    code = Text(required=True, longest=10)


class TokenIn(Schema):
    name = Text(required=True, longest=100)
    scopes = fields.List(Text(longest=40), required=True, validate=sized(1, 60))
    expires_on = Day(required=True)


class AccountIn(Schema):
    login = Text(required=True, longest=64)
    name = Text(required=True, longest=60)


class GrantIn(Schema):
    roles = fields.List(Text(longest=20, validate=one_of(*(role.value for role in Role))), load_default=list)
    region_code = Text(load_default="", longest=12)
    lab_id = Number(load_default=None, allow_none=True, least=1)
    inspector_id = Number(load_default=None, allow_none=True, least=1)
    department = Text(load_default="", longest=64)


class AccountOut(Schema):
    id = fields.Integer()
    login = fields.String()
    name = fields.String()
    roles = fields.Function(lambda account: sorted(account.role_codes))
    region_code = fields.String()
    lab_id = fields.Integer(allow_none=True)
    inspector_id = fields.Integer(allow_none=True)
    disabled = fields.Function(lambda account: account.disabled_at is not None)
    version = fields.Integer(attribute="version_id")


class AccountMadeOut(Schema):
    id = fields.Integer(required=True)
    login = fields.String(required=True)
    one_time_password = fields.String(required=True, metadata={"description": "shown this once; to be changed at the first sign-in"})


class MeOut(Schema):
    id = fields.Integer()
    login = fields.String()
    name = fields.String()
    roles = fields.List(fields.String())
    permissions = fields.List(fields.String())
    region_code = fields.String()


class TokenOut(Schema):
    id = fields.Integer()
    name = fields.String()
    scopes = fields.List(fields.String())
    expires_on = fields.Date()
    revoked_at = Moment(allow_none=True)
